"""The mutants that may survive, each with the reason: `survivors.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from mutation.harness import Fate, Outcome
from mutation.mutants import Key

FILE: Final = Path(__file__).with_name("survivors.toml")
_TEXTS: Final = ("module", "where", "original", "mutated", "kind", "reason")


class Kind(Enum):
    EQUIVALENT = "equivalent"  # no input tells the two apart
    HARMLESS = "harmless"  # they differ where it does not matter, or only in speed


class SurvivorsError(Exception):
    """The file cannot be understood. The message says which entry to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    key: Key
    kind: Kind
    reason: str


def load(path: Path = FILE) -> dict[Key, Listed]:
    """Key -> entry. Raises SurvivorsError."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    except tomllib.TOMLDecodeError as e:
        raise SurvivorsError(f"{path.name}: {e}") from e
    out: dict[Key, Listed] = {}
    for number, entry in enumerate(entries, 1):
        listed = _listed(entry, f"{path.name}: entry {number}")
        if listed.key in out:
            raise SurvivorsError(f"{path.name}: entry {number} is there already: {listed.key}")
        out[listed.key] = listed
    return out


def _listed(entry: Mapping[str, object], at: str) -> Listed:
    texts = {name: str(entry.get(name, "")) for name in _TEXTS}
    nth = entry.get("nth", 1)
    empty = [name for name in _TEXTS if not texts[name].strip() and name != "mutated"]
    if empty or "mutated" not in entry:
        raise SurvivorsError(f"{at} lacks {', '.join(empty) or 'mutated'}")
    if unknown := entry.keys() - {*_TEXTS, "nth"}:
        raise SurvivorsError(f"{at} has the unknown key {', '.join(sorted(unknown))}")
    if texts["kind"] not in {k.value for k in Kind} or type(nth) is not int or nth < 1:
        raise SurvivorsError(f"{at}: kind is equivalent or harmless, nth a number from 1 on")
    key = Key(texts["module"], texts["where"], texts["original"], texts["mutated"], nth)
    return Listed(key=key, kind=Kind(texts["kind"]), reason=texts["reason"])


def complaints(
    outcomes: Iterable[Outcome], listed: Mapping[Key, Listed], existing: frozenset[Key], modules: frozenset[str]
) -> list[str]:
    """What is wrong, in sentences; empty when every survivor is listed and every entry that was tried survived.

    ``existing``: all mutants of ``modules``.
    """
    out = [f"listed, but the code has no such mutant: {key}" for key in listed if stale(key, existing, modules)]
    for outcome in outcomes:
        key = outcome.mutant.key
        if outcome.fate is Fate.SURVIVED and key not in listed:
            out.append(f"survived: {key}")
        elif outcome.fate is not Fate.SURVIVED and key in listed:
            out.append(f"listed, but a test kills it now: {key}")
    return out


def stale(key: Key, existing: frozenset[Key], modules: frozenset[str]) -> bool:
    return key.module in modules and key not in existing
