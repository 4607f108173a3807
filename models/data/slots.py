"""Filling a line's slots: the same words on both sides for free text, words and value for numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from models.data import words
from models.data.lines import SLOT, Line, RawCall
from models.data.words import Spoken
from models.paths import LEXICONS

Lexicons = Mapping[str, Sequence[str]]

CORRECTIONS = (
    "no", "no wait", "i mean", "sorry", "sorry i mean", "actually", "actually no", "er no make that", "no make it",
    "wait no", "scratch that", "uh no", "or rather", "no sorry", "hang on no", "i meant",
)  # fmt: skip
_CORRECTABLE = {"n", "time", "contact", "place", "city", "minutes", "app", "station"}
CORRECTION_RATE = 0.04
_ARTICLE = re.compile(r"^(?:the|a|an|my) (?=.)")
_DOUBLE_ARTICLE = re.compile(r"\b(the|a|my|our|her|his|your) (?:the|a|my) ")


@cache
def load_lexicons() -> Lexicons:
    """Kind -> entries, one text file each."""
    return {p.stem: tuple(p.read_text(encoding="utf-8").split("\n")[:-1]) for p in sorted(LEXICONS.glob("*.txt"))}


def sample(slot: str, lexicons: Lexicons, rng: Random) -> Spoken:
    """One filling of ``slot`` ("{n:16-30/0.5}")."""
    match = SLOT.fullmatch(slot)
    if match is None:
        raise ValueError(f"{slot!r} is no slot")
    kind, low, high, step = match.groups()
    match kind:
        case "n":
            return words.number(float(low), float(high), float(step or 1), rng)
        case "minutes":
            return words.duration(float(low), float(high), rng)
        case "time":
            return words.clock(rng)
        case "freq_fm":
            return words.frequency_fm(rng)
        case "freq_am":
            return words.frequency_am(rng)
        case "phone":
            return words.phone(rng)
    text = rng.choice(lexicons[kind])
    return Spoken(text, text)


def fill(line: Line, lexicons: Lexicons, rng: Random, *, correct: bool = True) -> Line:
    """The line with every slot filled; now and then a value is corrected while speaking."""
    fillings: dict[str, Spoken] = {}
    taken: set[str] = set()
    for match in SLOT.finditer(line.text):
        slot = match.group()
        if slot in fillings:
            continue
        filling = sample(slot, lexicons, rng)
        for _ in range(8):
            if filling.value not in taken:
                break
            filling = sample(slot, lexicons, rng)
        taken.add(filling.value)
        if correct and match.group(1) in _CORRECTABLE and rng.random() < CORRECTION_RATE:
            wrong = sample(slot, lexicons, rng)
            if wrong.value != filling.value:
                filling = Spoken(f"{wrong.words} {rng.choice(CORRECTIONS)} {filling.words}", filling.value)
        fillings[slot] = filling
    text = SLOT.sub(lambda m: fillings[m.group()].words, line.text)
    calls = tuple(
        RawCall(c.name, tuple((k, _value(k, SLOT.sub(lambda m: fillings[m.group()].value, v))) for k, v in c.arguments))
        for c in line.calls
    )
    route = line.route and (line.route[0], SLOT.sub(lambda m: _said(fillings, m), line.route[1]))
    return replace(line, text=_DOUBLE_ARTICLE.sub(r"\1 ", " ".join(text.split())), calls=calls, route=route)


def _said(fillings: Mapping[str, Spoken], slot: re.Match[str]) -> str:
    """The words of a slot; a query may hold a slot that its sentence lacks."""
    filling = fillings.get(slot.group())
    return "" if filling is None else filling.words


def bare_name(text: str) -> str:
    """A name as a label writes it: without a leading article."""
    return _ARTICLE.sub("", text)


def _value(parameter: str, value: str) -> str:
    """Names go without a leading article; the wording of messages and reminders is kept."""
    return value if parameter in ("message", "text") else bare_name(value)
