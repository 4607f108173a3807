"""`python -m mutation`, run in the folder tests/: the campaign, or a part of it. Exit status 1 means there is work."""

import argparse
import json
import random
import sys
from pathlib import Path

from mutation import plan
from mutation.harness import Fate, Harness, HarnessError, Outcome, warm_up
from mutation.mutants import Mutant, enums_of
from mutation.results import Memory, store, summary
from mutation.survivors import SurvivorsError, complaints, load


def main() -> int:
    options = _options()
    everything = plan.modules()
    names = {module.short for module in everything}
    if unknown := set(options.modules) - names:
        print(f"No such module: {', '.join(sorted(unknown))}. There are {', '.join(sorted(names))}.", file=sys.stderr)
        return 2
    enums = enums_of(everything)
    chosen = [m for m in everything if not options.modules or m.short in options.modules]
    existing = [mutant for module in chosen for mutant in module.mutants(enums)]
    mutants = [m for m in existing if options.match in str(m.key)]
    if options.sample:
        mutants = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
    if options.list:
        for mutant in mutants:
            print(f"{mutant.operator}: {mutant.key}")
        return 0
    try:
        listed = load()
        outcomes = _run(mutants, options)
    except (HarnessError, SurvivorsError) as e:
        print(f"mutation: {e}", file=sys.stderr)
        return 2
    wrong = complaints(
        outcomes, listed, frozenset(m.key for m in existing), frozenset(module.short for module in chosen)
    )
    for line in wrong:
        print(line)
    by_module = {m.short: summary([o for o in outcomes if o.mutant.module is m], listed) for m in chosen}
    print(json.dumps(by_module, indent=1))
    if options.write and len(mutants) == len(existing):
        store(by_module)
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="modules of state_machines (default: all)")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried at the same time (default: 1)")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only N mutants, drawn with --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--match", default="", metavar="TEXT", help="only mutants with TEXT in their key")
    parser.add_argument("--own-tests", action="store_true", help="ask only the module's own tests")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep the killed in FILE, do not try them again")
    parser.add_argument("--list", action="store_true", help="show the mutants, run nothing")
    parser.add_argument("--show", action="store_true", help="let the tests print")
    parser.add_argument("--write", action="store_true", help="store the result of whole modules in result.json")
    return parser.parse_args()


def _run(mutants: list[Mutant], options: argparse.Namespace) -> list[Outcome]:
    memory = Memory(options.resume) if options.resume is not None else None
    outcomes = memory.known(mutants) if memory is not None else []
    known = {outcome.mutant.key for outcome in outcomes}
    left = [mutant for mutant in mutants if mutant.key not in known]
    warm_up()
    plan.warm_up()
    stages_of = plan.own_stages_of if options.own_tests else plan.stages_of
    harness = Harness(plan.PACKAGE, stages_of, jobs=options.jobs, quiet=not options.show)
    harness.check_unchanged(list(dict.fromkeys(m.module for m in left)))
    for outcome in harness.run(left):
        outcomes.append(outcome)
        if memory is not None:
            memory.add(outcome)
        if outcome.fate is Fate.SURVIVED or len(outcomes) % 25 == 0:
            print(
                f"{len(outcomes)}/{len(mutants)} {outcome.fate.word}: {outcome.mutant.key}", file=sys.stderr, flush=True
            )
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
