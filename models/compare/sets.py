"""Labelled sets as they are measured: which file is scored how, and what its lines are called together.

A folder stands for all of its sets. Files are known by their names, as the evaluation sets' README writes them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from models.compare.answers import evenly
from models.compare.errors import CompareError
from models.paths import TRANSCRIPTS
from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_agent.evaluation.scoring import Labelled, parse_line
from vehicle_agent.planning.model_file import sha256
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue, load_catalogue


class Kind(StrEnum):
    """How a set is scored: by its labels, or as speech at which nothing may be done or asked."""

    LABELLED = "labelled"
    CONVERSATIONS = "conversations"
    ROUTES = "routes"
    ABSENT = "absent"
    VOICES = "voices"


_TITLES: Final = {
    "dev": "Single sentences",
    "field": "Sentences that broke in the field",
    "conversations": "Conversations",
    "routes": "Requests for a specialist, and for nobody",
    "near-packs": "The car's own commands, close to an installable pack's",
    "absent": "Commands to equipment the car has not",
    "voices": "Coffee ordered by real voices, said to the car",
}
_MAKERS: Final = "sentences.jsonl"  # what a pack's makers wrote belongs to the pack, and is no test of anything


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalSet:
    """``files``: file name -> sha256; ``left_out``: lines that say nothing about what the set measures."""

    name: str
    title: str
    kind: Kind
    files: Mapping[str, str]
    labels: Sequence[Labelled]
    left_out: int = 0


def read_sets(places: Sequence[Path], quick: int | None = None) -> list[EvalSet]:
    """The sets of files and folders; files of one kind and name together are one. ``quick``: at most so many lines of
    each. Raises CompareError."""
    found: dict[str, EvalSet] = {}
    for path in _files(places):
        one = _read(path)
        before = found.get(one.name)
        if before is not None:
            one = replace(
                one,
                files={**before.files, **one.files},
                labels=[*before.labels, *one.labels],
                left_out=before.left_out + one.left_out,
            )
        found[one.name] = one
    order = list(_TITLES)
    sets = sorted(found.values(), key=lambda s: (order.index(s.name) if s.name in order else len(order), s.name))
    return sets if quick is None else [replace(s, labels=evenly(s.labels, quick)) for s in sets]


def _files(places: Sequence[Path]) -> Iterator[Path]:
    """Raises CompareError."""
    for place in places:
        if not place.is_dir():
            yield place
            continue
        files = [p for p in sorted(place.rglob("*.jsonl")) if p.name != _MAKERS]
        if not files:
            raise CompareError(f"{place} holds no labelled sets (*.jsonl)")
        yield from files


def _name(path: Path) -> tuple[str, Kind]:
    if path.name.endswith(".eval_builtin.jsonl"):
        return "near-packs", Kind.LABELLED
    if path.name.endswith(".eval.jsonl"):
        return "absent", Kind.ABSENT
    if path.name == "labels.jsonl":
        return "voices", Kind.VOICES
    kinds = {"conversations": Kind.CONVERSATIONS, "routes": Kind.ROUTES}
    return path.stem, kinds.get(path.stem, Kind.LABELLED)


def _read(path: Path) -> EvalSet:
    """Raises CompareError."""
    name, kind = _name(path)
    catalogue = load_catalogue(with_packs=False)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise CompareError(f"cannot read {path}: {getattr(e, 'strerror', None) or 'it is no UTF-8 text'}") from e
    labels: list[Labelled] = []
    left_out = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = _label(json.loads(line), kind, path, catalogue)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
            raise CompareError(f"{path}, line {number}: {e}") from e
        left_out += label is None
        labels += [] if label is None else [label]
    if not labels:
        raise CompareError(f"{path} holds no labelled lines")
    return EvalSet(
        name=name,
        title=_TITLES.get(name, name),
        kind=kind,
        files={path.name: sha256(path)},
        labels=labels,
        left_out=left_out,
    )


def _label(line: Mapping[str, object], kind: Kind, path: Path, catalogue: Catalogue) -> Labelled | None:
    """None for a line that cannot be scored as the set is. Raises TypeError, ValueError, KeyError."""
    match kind:
        case Kind.VOICES:
            text = transcripts().get(str(line["clip"]))
            return None if not text else _nothing(str(line["id"]), text, ("refuse",))
        case Kind.ABSENT:
            calls = line.get("calls", [])
            if not isinstance(line.get("text"), str) or not isinstance(calls, list):
                raise TypeError("a line needs `text` and a list `calls`")
            if any(call["name"] in catalogue for call in calls):
                return None  # partly a command to this car
            tags = line.get("tags", [])
            own = [t for t in map(str, tags if isinstance(tags, list) else []) if t in {"indirect", "asr_slip"}]
            pack = path.name.split(".")[0].replace("_", " ").removeprefix("va ")
            return _nothing(str(line.get("id", "")), str(line["text"]), ("refuse", pack, *own))
        case _:
            return parse_line(line, catalogue)


def _nothing(line_id: str, text: str, tags: tuple[str, ...]) -> Labelled:
    """Speech at which nothing may be done or asked."""
    return Labelled(id=line_id, spoken=SpokenLine(text=text), plan=Plan(), tags=tags)


@cache
def transcripts() -> Mapping[str, str]:
    """Recording -> what the project's own recogniser (Whisper base) made of it, written once so that the page does
    not need the recogniser. Raises CompareError."""
    try:
        document = json.loads(TRANSCRIPTS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise CompareError(f"cannot read the transcripts of the recordings in {TRANSCRIPTS}: {e}") from e
    return {str(clip): str(text) for clip, text in document.items()}
