"""Utterances that bypass the model: nothing but a yes, a no, a cancel or a stop.

Strictly the whole utterance. "Yes and open the window" or "no, send it to Bob instead" is none of these: whatever might
mean more than yes or no is an utterance like any other.
"""

import re
from enum import Enum
from typing import Final


class Bare(Enum):
    """``CANCEL`` drops what is open and stops what moves; ``STOP`` means something only while something moves."""

    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    STOP = "stop"


MAX_CHARS: Final = 80  # longer ones are never bare
_APOSTROPHES: Final = re.compile("['\u2019`]")
_BREAKS: Final = re.compile(r"[\W_]+")


def _any(*phrases: str) -> str:
    return f"(?:{'|'.join(phrases)})"


def _some(one: str) -> str:
    return f"{one}(?: {one})*"


_TAIL: Final = "(?: (?:please|now|then))?"
_THANKS: Final = "(?: (?:please|now|then|thanks|thank you))?"

_YES_WORD: Final = _any("yes", "yeah", "yep", "yup", "yea", "aye")
_SURE: Final = _any(
    _YES_WORD, "sure", "sure thing", "of course", "certainly", "definitely", "absolutely", "ok", "okay", "alright",
    "all right",
)  # fmt: skip
_DO_IT: Final = _any(
    "(?:please |just )?(?:do it|do that|go ahead|go on|go for it|send it|confirm|confirm it|proceed)", "please do",
    "confirmed", "affirmative", "correct", "exactly", "thats right", "thats correct", "i do", "i did", "im sure",
    "sounds good",
)  # fmt: skip
_YES: Final = re.compile(
    _any(
        "please",
        f"{_some(_SURE)}(?: {_DO_IT})*{_TAIL}",
        f"{_some(_DO_IT)}{_TAIL}",
        f"{_YES_WORD}(?: (?:{_SURE}|{_DO_IT}))*{_THANKS}",  # "ok thanks" ends a talk as often as it agrees
    )
)

_NO_WORD: Final = _any(
    "no", "nope", "nah", "naw", "negative", "no way", "absolutely not", "definitely not", "certainly not",
    "of course not",
)  # fmt: skip
_LEAVE_IT: Final = _any(
    "(?:please )?(?:dont|do not)(?: (?:do|send) (?:it|that|this))?", "dont bother",
    "(?:please )?leave (?:it|that|it be)", "leave (?:it|that) alone",
    "(?:id |i would )?rather not", "(?:id |i would )?better not", "not now", "not that",
    "not this time", "i dont want (?:it|that|to)", "never ?mind",
)  # fmt: skip
_NO: Final = re.compile(_any(f"{_some(_NO_WORD)}(?: {_LEAVE_IT})*{_THANKS}", f"{_some(_LEAVE_IT)}{_THANKS}"))

_MOVES: Final = _any(
    "windows?", "seats?", "seat ?back", "back ?rest", "trunk", "tailgate", "boot", "lid", "mirrors?", "sun ?roof",
    "roof", "shades?", "sun ?shades?", "blinds?", "flap", "(?:charge|charging) (?:port|flap)",
)  # fmt: skip
_WHICH: Final = _any(
    "the", "my", "that", "this", "all", "both", "drivers?", "passengers?", "rear", "back", "front", "left", "right",
    "side",
)  # fmt: skip
_HALT: Final = _any(
    "(?:stop|cancel|abort)(?: (?:it|that|this|everything|it all|all of it))?", "halt", "hold it",
    "stop (?:right )?there", "stop moving", "stop (?:the )?(?:motion|motor|movement)",
    f"(?:stop|halt)(?: (?:moving|opening|closing|lowering|raising))?(?: {_WHICH}){{0,4}} {_MOVES}",
    "forget (?:about )?(?:it|that)", "scrap (?:it|that)", "scratch that", "drop it",
)  # fmt: skip
_ENOUGH: Final = _any(
    "(?:(?:thats|that is|its|it is) )?(?:far |good )?enough", "that(?:ll| will) do", "whoa", "woah", "wait", "hold on",
    "not so far", "no (?:further|more)", "right there", "stop here", "freeze",
)  # fmt: skip
_FIRST: Final = "(?:(?:no|nope|ok|okay|please) )*"
_CANCEL: Final = re.compile(f"{_FIRST}{_some(_HALT)}{_THANKS}")
_STOP: Final = re.compile(f"{_FIRST}{_some(_any(_ENOUGH, _HALT))}{_THANKS}")


def bare(text: str) -> Bare | None:
    """What the whole utterance is, None when it is anything else."""
    if len(text) > MAX_CHARS:
        return None
    words = " ".join(_BREAKS.sub(" ", _APOSTROPHES.sub("", text.lower())).split())
    for kind, pattern in ((Bare.CANCEL, _CANCEL), (Bare.NO, _NO), (Bare.YES, _YES), (Bare.STOP, _STOP)):
        if pattern.fullmatch(words):
            return kind
    return None


def is_urgent(text: str) -> bool:
    """Whether it must not wait behind other utterances."""
    return bare(text) in {Bare.CANCEL, Bare.STOP}
