"""One pass of training examples out of the writers' lines: slots anew, speech effects, compounds, balanced functions.

`python -m models.data.generate --out FILE --seed N` writes a pass as JSON lines; training draws passes itself.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

from models.data.augment import can_lead, compound, speak
from models.data.contamination import Filter
from models.data.example import Example, to_example
from models.data.lines import Line, read_lines
from models.data.meaning import FRAGILE, value_words
from models.data.phonetics import Confusions
from models.data.slots import Lexicons, fill, load_lexicons
from models.data.verify import complaints
from models.paths import SENTENCES, dev_set
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.errors import VehicleApiError

COMPOUND_SHARE = 0.18
MAX_REPEAT = 3
MAX_CALLS = 5


class Source:
    """Everything a pass is drawn from. Raises BadLine for malformed files."""

    def __init__(self, catalogue: Catalogue | None = None, *, guard: Filter | None = None) -> None:
        self.catalogue = catalogue or load_catalogue(with_packs=False)
        self.lexicons: Lexicons = load_lexicons()
        self.confusions = Confusions(value_words(self.catalogue), FRAGILE)
        self.guard = guard or Filter(dev_set())
        if not self.guard.active:
            print(f"note: no development set at {dev_set()}, the contamination filter is off")
        lines = list(read_lines(SENTENCES))
        self.train = [line for line in lines if not line.held_out]
        self.held_out = [line for line in lines if line.held_out]
        self.rejected: Counter[str] = Counter()

    def examples(self, seed: int) -> Iterator[Example]:
        """One shuffled pass; the same seed gives the same pass."""
        rng = Random(seed)
        chosen = list(balanced(self.train, rng))
        leads = [line for line in self.train if line.calls and can_lead(line)]
        lasts = [line for line in self.train if line.calls]
        for _ in range(round(len(chosen) * COMPOUND_SHARE)):
            example = self._compound(leads, lasts, rng)
            if example:
                yield example
            # singles in between, so that a part of a pass is mixed as well
            for line in _take(chosen, round(1 / COMPOUND_SHARE)):
                single = self.example(speak(fill(line, self.lexicons, rng), rng, self.confusions))
                if single:
                    yield single

    def held_out_examples(self, seed: int = 7) -> list[Example]:
        """The held-out lines, slots filled once, nothing else done to them."""
        rng = Random(seed)
        filled = (self.example(fill(line, self.lexicons, rng, correct=False)) for line in self.held_out)
        return [e for e in filled if e]

    def _compound(self, leads: Sequence[Line], lasts: Sequence[Line], rng: Random) -> Example | None:
        count = rng.choice([2, 2, 2, 3, 3, 4, 4, 5, 5])
        parts = [rng.choice(leads) for _ in range(count - 1)] + [rng.choice(lasts)]
        filled = [fill(part, self.lexicons, rng) for part in parts]
        if sum(len(p.calls) for p in filled) > MAX_CALLS or not all(can_lead(p) for p in filled[:-1]):
            return None
        return self.example(speak(compound(filled, rng), rng, self.confusions))

    def example(self, line: Line) -> Example | None:
        """The filled line's example; None, and counted, when it is inconsistent or too close to the evaluation."""
        for complaint in complaints(line):
            self.rejected[complaint] += 1
            return None
        try:
            example = to_example(line, self.catalogue)
        except VehicleApiError as e:
            self.rejected[str(e)[:60]] += 1
            return None
        return example if self.guard.passes(example.text) else None


def balanced(lines: Sequence[Line], rng: Random) -> Iterator[Line]:
    """All lines, those of rare functions up to MAX_REPEAT times, shuffled."""
    counts = Counter(line.topic for line in lines)
    usual = sorted(counts.values())[len(counts) // 2]
    chosen = []
    for line in lines:
        wanted = min(MAX_REPEAT, max(1.0, (usual / counts[line.topic]) ** 0.7))
        chosen += [line] * (int(wanted) + (rng.random() < wanted % 1))
    rng.shuffle(chosen)
    return iter(chosen)


def _take(chosen: list[Line], count: int) -> list[Line]:
    taken = chosen[-count:]
    del chosen[-count:]
    return taken


@cache
def _source() -> Source:
    return Source()


def examples(seed: int) -> list[Example]:
    """One pass over the training lines; the same seed gives the same pass."""
    return list(_source().examples(seed))


def heldout() -> list[Example]:
    """The fixed held-out examples (3 % of the writers' lines)."""
    return _source().held_out_examples()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    source = Source()
    count = 0
    with args.out.open("w", encoding="utf-8") as file:
        for example in source.examples(args.seed):
            file.write(json.dumps({"text": example.text, "pieces": example.pieces}) + "\n")
            count += 1
    print(f"{count} examples from {len(source.train)} lines; {source.guard.dropped} too close to the development set")
    for complaint, n in source.rejected.most_common(15):
        print(f"{n:6d} rejected: {complaint}")


if __name__ == "__main__":
    main()
