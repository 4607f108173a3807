"""Rejects pairs whose label cannot come from their text: a wrong label costs more than a missing line.

`python -m models.data.verify` lists the writers' lines that are rejected. Precise rather than complete.
"""

import re
from collections.abc import Iterator
from random import Random

from models.data.lines import Line, read_lines
from models.data.slots import fill, load_lexicons
from models.paths import SENTENCES
from vehicle_agent.planning.number_words import CARDINALS

_FREE = {"query", "title", "name", "recipient", "message", "device", "app", "text", "label", "location", "sender",
         "destination", "place"}  # fmt: skip
_NUMBER_TEXT = "oh hundred thousand half quarter double triple noon midnight midday third"
# words that may stand for a number
_SCALE_TEXT = """
low lowest medium mid middle high highest max maximum full fully min minimum off on kill lot much crack bit all way
zero silent silence bottom top completely totally couple few one to too for won slightly first second last degree far
flat
"""
_NUMBER_WORDS = CARDINALS | frozenset(_NUMBER_TEXT.split())
_SCALE = frozenset(_SCALE_TEXT.split())
_ENDS = ("0", "7", "16", "30", "61", "86", "100", "200")  # "as cold as it gets"
_SWITCH = {
    "on": re.compile(r"\b(?:turn|switch) (?:it |that |them )?on\b"),
    "off": re.compile(r"\b(?:turn|switch) (?:it |that |them )?off\b"),
}
_OTHER = {"on": "off", "off": "on"}
# "turn the sound off" mutes: here the words' direction is not the label's
_REVERSED = frozenset({"set_mute", "set_do_not_disturb", "set_air_recirculation"})


def complaints(line: Line) -> Iterator[str]:
    """Reasons to reject a filled line."""
    padded = f" {line.text} "
    words = set(line.text.split())
    for call in line.calls:
        for key, value in call.arguments:
            reason = _complaint(key, value, padded, words)
            if reason:
                yield f"{call.name}.{key}: {reason}"
    if len(line.calls) == 1 and line.calls[0].name not in _REVERSED:
        state = dict(line.calls[0].arguments).get("state", "")
        other = _OTHER.get(state)
        if other and _SWITCH[other].search(line.text) and not _SWITCH[state].search(line.text):
            yield f"{line.calls[0].name}: says {other}, labelled {state}"


def _complaint(key: str, value: str, padded: str, words: set[str]) -> str:
    if value.startswith("$"):
        return ""
    if key in _FREE:
        return "" if _spoken(value, padded) else "free text is not a span of the text"
    if re.fullmatch(r"\d+:\d+", value):
        return "" if words & _NUMBER_WORDS else "a time nobody said"
    if re.fullmatch(r"[\d.]+", value):
        return "" if _numeric(value, words) else "a number nobody said"
    return ""


def _spoken(value: str, padded: str) -> bool:
    """A span of the text, "'s" allowed after it; spelled letters may be joined ("n p r" = "npr")."""
    if f" {value} " in padded or f" {value}'s " in padded or f" {value}s " in padded or f" {value}' " in padded:
        return True
    return value.replace(" ", "") in padded.replace(" ", "")


def _numeric(value: str, words: set[str]) -> bool:
    if words & _NUMBER_WORDS or value in _ENDS:
        return True
    return bool(words & _SCALE) or float(value) in (2.0, 3.0, 10.0, 50.0, 25.0, 30.0, 60.0, 20.0)


def main() -> None:
    rng = Random(1)
    bad = 0
    for line in read_lines(SENTENCES):
        for complaint in complaints(fill(line, load_lexicons(), rng, correct=False)):
            bad += 1
            print(f"{complaint}: {line.text} => {line.calls}")
    print(f"{bad} complaints")


if __name__ == "__main__":
    main()
