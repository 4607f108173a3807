"""What speech does to a sentence: politeness, hesitation, corrections, misheard words, several wishes in a breath."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from models.data.lines import Line, RawCall
from models.data.phonetics import Confusions
from models.data.slots import CORRECTIONS
from models.paths import MISHEARD

_IMPERATIVE_WORDS = (
    "set turn put open close shut switch make play call ring dial text send find take show start stop add give get "
    "bring lock unlock raise lower increase decrease reduce drop crank bump adjust move tell read navigate drive "
    "guide route change select tune skip pause resume mute unmute activate deactivate enable disable warm cool heat "
    "roll wind crack fold unfold tilt dim brighten connect pair load save recall store remind wake cancel clear wipe "
    "wash spray defrost boost lift slide pop check avoid zoom hang answer reject shuffle repeat launch "
    "direct"
)
_IMPERATIVES = frozenset(_IMPERATIVE_WORDS.split())
_ASKS = (
    "could you", "can you", "would you", "will you", "please", "can you please", "could you please", "i want you to",
    "i'd like you to", "go ahead and", "just", "quickly", "would you mind and", "i need you to", "do me a favor and",
    "be so kind and", "why don't you", "you can", "let's", "now", "then", "for me please",
)  # fmt: skip
_OPENERS = (
    "um", "uh", "er", "so", "hey", "okay", "ok", "right", "alright", "well", "oh", "hey car", "hello car",
    "car", "listen",
    "yes", "yeah", "hi", "hmm", "ah", "and", "actually", "excuse me", "sorry", "please", "okay car", "hey there",
)  # fmt: skip
_CLOSERS = (
    "please", "please", "thanks", "thank you", "for me", "now", "right now", "okay", "will you", "would you",
    "if you can",
    "if you don't mind", "quickly", "mate", "buddy", "car", "cheers", "when you get a chance", "if possible", "then",
)  # fmt: skip
SAFE_CLOSERS = ("please", "thanks", "thank you")
_HESITATIONS = ("um", "uh", "er", "erm", "like", "you know")
_JOINTS = (
    " and ", " and ", " and ", " and then ", " then ", " and also ", " also ", " plus ", " after that ",
    " and after that ",
    " and please ", " oh and ", " as well as that ", " and while you're at it ", " afterwards ", " next ", " ",
)  # fmt: skip
_SWALLOWED = frozenset(["the", "a", "an", "to", "at", "is", "for", "please", "me", "can", "you"])
MISHEARD_RATE = 0.11
_OPEN_ENDED = {"message", "text"}
_COPIED = {*_OPEN_ENDED, "query", "title", "station", "name", "device", "destination", "place", "app", "label",
           "location", "recipient", "sender"}  # fmt: skip
_OPPOSITES = (
    ("driver", "passenger"), ("left", "right"), ("front", "rear"), ("up", "down"), ("on", "off"), ("open", "close"),
    ("lock", "unlock"), ("fold", "unfold"), ("tolls", "ferries"), ("bass", "treble"), ("today", "tomorrow"),
)  # fmt: skip


@cache
def _misheard() -> Mapping[str, Sequence[str]]:
    rows = MISHEARD.read_text(encoding="utf-8").splitlines()
    pairs = (row.split(": ", 1) for row in rows if row and not row.startswith("#"))
    return {word: others.split(", ") for word, others in pairs}


def _values(line: Line, keys: set[str]) -> list[str]:
    return [v for c in line.calls for k, v in c.arguments if k in keys and not v.startswith("$")]


def ends_open(line: Line) -> bool:
    """Whether the sentence ends in free wording, so that anything appended would belong to it."""
    return any(line.text.endswith(v) for v in _values(line, _OPEN_ENDED))


def ends_copied(line: Line) -> bool:
    return any(line.text.endswith(v) for v in _values(line, _COPIED))


def _free_positions(line: Line) -> list[int]:
    """Word positions outside of copied values."""
    words = line.text.split()
    taken = [False] * len(words)
    for value in _values(line, _COPIED):
        span = value.split()
        for i in range(len(words) - len(span) + 1):
            if words[i : i + len(span)] == span:
                taken[i : i + len(span)] = [True] * len(span)
    return [i for i, t in enumerate(taken) if not t]


def polite(line: Line, rng: Random) -> Line:
    """An opener, a request in front of an imperative, or a closer."""
    text = line.text
    roll = rng.random()
    if roll < 0.4 and text.split()[0] in _IMPERATIVES:
        text = f"{rng.choice(_ASKS)} {text}"
    elif roll < 0.65:
        text = f"{rng.choice(_OPENERS)} {text}"
    if (roll >= 0.65 or rng.random() < 0.15) and not ends_open(line):
        text = f"{text} {rng.choice(SAFE_CLOSERS if ends_copied(line) else _CLOSERS)}"
    return replace(line, text=text)


def hesitate(line: Line, rng: Random) -> Line:
    """A filler word, or a word said twice."""
    words = line.text.split()
    free = [i for i in _free_positions(line) if i > 0] or [0]
    at = rng.choice(free)
    words.insert(at, words[at] if rng.random() < 0.25 else rng.choice(_HESITATIONS))
    return replace(line, text=" ".join(words))


def correct(line: Line, rng: Random) -> Line:
    """The opposite word first, then the meant one."""
    words = line.text.split()
    if len(line.calls) != 1:
        return line
    values = {part for _, v in line.calls[0].arguments for part in v.split("_")}
    for pair in rng.sample(_OPPOSITES, len(_OPPOSITES)):
        for meant, other in (pair, pair[::-1]):
            if meant in values and words.count(meant) == 1 and other not in words:
                at = words.index(meant)
                words[at:at] = [other, *rng.choice(CORRECTIONS).split()]
                return replace(line, text=" ".join(words))
    return line


def mishear(line: Line, rng: Random, confusions: Confusions | None = None) -> Line:
    """One word as a recogniser may write it, never inside a copied value."""
    words = line.text.split()
    free = [i for i in _free_positions(line) if len(words[i]) > 1]
    known = [i for i in free if words[i] in _misheard()]
    if known and (confusions is None or rng.random() < 0.3):
        at = rng.choice(known)
        words[at] = rng.choice(_misheard()[words[at]])
    elif confusions and free:
        places = [i for i in free if confusions.of(words[i])]
        if places:
            at = rng.choice([*places, *(i for i in places if len(words[i]) > 3)])
            words[at] = confusions.pick(words[at], rng)
    return replace(line, text=" ".join(words))


def swallow(line: Line, rng: Random) -> Line:
    """A small word less, as in hurried speech or a noisy car."""
    words = line.text.split()
    small = [i for i in _free_positions(line) if words[i] in _SWALLOWED]
    if small and len(words) > 2:
        del words[rng.choice(small)]
    return replace(line, text=" ".join(words))


def speak(line: Line, rng: Random, confusions: Confusions | None = None) -> Line:
    """The line with, now and then, one or two of the above."""
    if rng.random() < 0.03:
        line = correct(line, rng)
    if rng.random() < 0.22:
        line = polite(line, rng)
    if rng.random() < 0.08:
        line = hesitate(line, rng)
    if rng.random() < 0.05:
        line = swallow(line, rng)
    if rng.random() < MISHEARD_RATE:
        line = mishear(line, rng, confusions)
        if rng.random() < 0.2 and len(line.text.split()) > 5:
            line = mishear(line, rng, confusions)
    return line


def _shift(call: RawCall, by: int) -> RawCall:
    return RawCall(call.name, tuple((k, f"${int(v[1:]) + by}" if v.startswith("$") else v) for k, v in call.arguments))


def can_lead(line: Line) -> bool:
    """Whether another wish may follow within the same sentence."""
    return bool(line.calls) and not ends_open(line) and len(line.text.split()) <= 12


def compound(lines: Sequence[Line], rng: Random) -> Line:
    """Several filled lines as one sentence; all but the last must be able to lead."""
    text = ""
    calls: list[RawCall] = []
    for line in lines:
        if text:
            copied = any(text.endswith(v) for c in calls for k, v in c.arguments if k in _COPIED)
            text += rng.choice(_JOINTS[:-1] if copied else _JOINTS)
        text += re.sub(r"^(?:please|and|then) ", "", line.text) if text else line.text
        calls += _shifted(line.calls, len(calls))
    return Line(" ".join(text.split()), tuple(calls))


def _shifted(calls: Sequence[RawCall], by: int) -> list[RawCall]:
    return [_shift(call, by) for call in calls]
