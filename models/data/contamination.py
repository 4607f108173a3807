"""Keeps training clear of the evaluation sets: no utterance equal to one of theirs, none that nearly is.

`python -m models.data.contamination` lists the writers' lines that are; `--remove` takes them out.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.data.talks import AGENT, DONE, PATTERN
from models.paths import SENTENCES, TRANSCRIPTS, eval_sets
from vehicle_agent.planning.normalise import Unhearable, normalise

THRESHOLD = 0.8
MIN_WORDS = 5  # shorter ones are only compared as a whole
RECORDINGS: Final = "labels.jsonl"  # lines of recordings hold no text


class Filter:
    """Knows the words of every utterance of the sets below ``place`` (a folder, or one file), and what was heard in the
    recordings among them; without any it lets everything pass."""

    def __init__(self, place: Path) -> None:
        files = [place] if place.is_file() else sorted(place.rglob("*.jsonl"))
        self.active = bool(files)
        self.dropped = 0
        rows = [row for file in files for row in file.read_text(encoding="utf-8").splitlines() if row.strip()]
        texts = sorted({_text(row) for row in rows} - {""})
        if any(file.name == RECORDINGS for file in files):
            texts = sorted({*texts, *json.loads(TRANSCRIPTS.read_text(encoding="utf-8")).values()})
        self._whole = set(texts)
        sets = [frozenset(t.split()) for t in texts if len(t.split()) >= MIN_WORDS]
        self._sizes = [len(s) for s in sets]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for i, words in enumerate(sets):
            for word in words:
                self._postings[word].append(i)

    def passes(self, text: str) -> bool:
        good = not self._close(text)
        self.dropped += not good
        return good

    def _close(self, text: str) -> bool:
        if text in self._whole:
            return True
        words = text.split()
        if len(words) < MIN_WORDS:
            return False
        own = set(words)
        shared: Counter[int] = Counter()
        # a set that shares 80 % must share one of the rarest 20 % + 1 of our words
        rare = sorted(own, key=lambda w: len(self._postings.get(w, ())))[: len(own) // 5 + 1]
        near = {i for w in rare for i in self._postings.get(w, ())}
        for word in own:
            shared.update(i for i in self._postings.get(word, ()) if i in near)
        return any(n >= THRESHOLD * (len(own) + self._sizes[i] - n) for i, n in shared.items())


def _text(row: str) -> str:
    """The utterance of one row of a set, as the planner would read it."""
    data = json.loads(row)
    text = str(data.get("utterance") or data.get("text") or data.get("transcript") or "")
    try:
        return normalise(text)
    except Unhearable:
        return ""


@dataclass(frozen=True, slots=True)
class Found:
    """A writer's line too close to an evaluation set; ``number`` counts the file's lines from 1."""

    path: Path
    number: int
    text: str


def too_close(folder: Path, guard: Filter) -> Iterator[Found]:
    """Every utterance below ``folder`` that ``guard`` does not pass: single lines, turns, invented functions' lines."""
    for path in sorted(folder.rglob("*.txt")):
        for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = said(row)
            if text and not guard.passes(text):
                yield Found(path, number, text)


_NO_UTTERANCE: Final = ("#", "fn ", AGENT, DONE)


def said(row: str) -> str:
    """The utterance of a row of any of the writers' files, "" where it holds none."""
    return "" if row.startswith(_NO_UTTERANCE) else row.partition(" => ")[0].strip()


def without(path: Path, numbers: Sequence[int]) -> str:
    """The file's text without the lines of these numbers; of a conversation what they did stays, as context."""
    rows = path.read_text(encoding="utf-8").splitlines()
    if not path.match(PATTERN):
        return "".join(f"{row}\n" for n, row in enumerate(rows, 1) if n not in numbers)
    blocks: list[list[tuple[int, str]]] = [[]]
    for n, row in enumerate(rows, 1):
        blocks[-1].append((n, row))
        if not row.strip():
            blocks.append([])
    return "".join(f"{row}\n" for block in blocks for row in _talk_without(block, set(numbers)))


def _talk_without(block: Sequence[tuple[int, str]], numbers: set[int]) -> Iterator[str]:
    """The rows of a conversation, those of ``numbers`` as things that happened."""
    kept: list[str] = []
    wanted = False  # a question for something missing is gone, and with it what its answer means
    for n, row in block:
        label = row.partition(" => ")[2].strip()
        if not said(row):
            kept.append(row)
        elif label.startswith("?") and (n in numbers or wanted):
            kept.append(f"{DONE} -")  # later turns keep their numbers
            wanted = True
        else:
            kept.append(f"{DONE} {label}" if n in numbers or wanted else row)
            wanted = False
    gap = kept[-1:] if kept and not kept[-1].strip() else []
    while kept and not said(kept[-1]) and not kept[-1].startswith("#"):
        kept.pop()  # nobody speaks after it
    yield from [*kept, *gap] if any(map(said, kept)) else ()


def main(argv: Sequence[str] | None = None) -> int:
    """0, 1 where lines were found and not removed, 2 without evaluation sets."""
    parser = argparse.ArgumentParser(prog="python -m models.data.contamination", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SENTENCES, help="default: the writers' files")
    parser.add_argument("--remove", action="store_true", help="rewrite the files without these lines")
    args = parser.parse_args(argv)
    guard = Filter(eval_sets())
    if not guard.active:
        print(f"no evaluation sets at {eval_sets()}", file=sys.stderr)
        return 2
    found = list(too_close(args.folder, guard))
    for line in found:
        print(f"{line.path}:{line.number}: {line.text}")
    print(f"{len(found)} lines too close to the evaluation sets")
    if not args.remove:
        return 1 if found else 0
    for path in sorted({line.path for line in found}):
        path.write_text(without(path, [line.number for line in found if line.path == path]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
