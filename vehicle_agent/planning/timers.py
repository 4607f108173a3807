"""A timer's minutes come from the words said, not from the model's digits."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vehicle_agent.planning.durations import Duration, durations
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Utterance
from vehicle_apis.ref import Ref

_CUE: Final = re.compile(r"\b(?:timers?|countdown|count (?:me )?down|stopwatch|(?:remind|wake|alert) me in)\b")
_SINGULAR: Final = frozenset({"second", "minute", "hour"})
_CORRECTS: Final = frozenset(
    {"no", "not", "sorry", "actually", "make", "mean", "meant", "rather", "scratch", "wait", "or"}
)


_CLOCK: Final = frozenset(
    [
        "am",
        "pm",
        "m",
        "o'clock",
        "noon",
        "midnight",
        "midday",
        "morning",
        "afternoon",
        "evening",
        "night",
        "tonight",
        "tomorrow",
        "past",
        "at",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """``plan`` with the minutes that were said. ``sure``: every timer has a duration of its own in the words.

    ``rest``: the words without the durations that were used.
    """

    plan: Plan
    sure: bool
    rest: tuple[str, ...]


def simpler(words: Sequence[str]) -> list[str] | None:
    """``words`` with their one duration as "ten minutes", which the model knows best; None where that is no help.

    `timed` puts in what was said.
    """
    said = durations(words)
    if len(said) != 1 or not _CUE.search(" ".join(words)):
        return None
    (duration,) = said
    unit = "minute" if words[duration.end - 1] in _SINGULAR and duration.end < len(words) else "minutes"
    return [*words[: duration.start], "ten", unit, *words[duration.end :]]


def timed(plan: Plan, words: Sequence[str], catalogue: Catalogue) -> Timed:
    """Raises InvalidCall when a duration that was said is out of range."""
    calls = [_as_timer(plan.calls[0], words, catalogue)] if len(plan) == 1 else list(plan.calls)
    timers = [i for i, call in enumerate(calls) if call.spec.hearing.duration]
    said = [d for d in durations(words) if not _in_a_text(plan, words[d.start : d.end])] if timers else []
    if not said:
        return Timed(plan=plan, sure=True, rest=tuple(words))
    wanted = _wanted(timers, said, words)
    if wanted is None:
        return Timed(plan=plan, sure=False, rest=tuple(words))
    for index, duration in zip(timers, wanted, strict=True):
        call = calls[index]
        calls[index] = call.with_arguments(**{call.spec.hearing.duration: round(float(duration.minutes), 4)})
    used = {i for d in said for i in range(d.start, d.end)}
    rest = tuple(word for i, word in enumerate(words) if i not in used)
    return Timed(plan=Plan.of(*calls), sure=not any(d.listed for d in wanted), rest=rest)


def _as_timer(call: Call, words: Sequence[str], catalogue: Catalogue) -> Call:
    """ "remind me in an hour to ..." and "wake me in an hour" are timers: these words tell no clock time."""
    said = durations(words)
    label = call.spec.hearing.timer_label
    if not label or len(said) != 1 or said[0].start == 0 or words[said[0].start - 1] != "in":
        return call
    (duration,) = said
    others = {*words[: duration.start], *words[duration.end :]}
    text = str(call.arguments[label])
    clock = call.arguments["time"] != ""
    if (clock and others & _CLOCK) or _in_a_text(Plan.of(call), words[duration.start - 1 : duration.end]):
        return call
    return catalogue.call("set_timer", minutes=1, label=text)


def _wanted(timers: Sequence[int], said: Sequence[Duration], words: Sequence[str]) -> Sequence[Duration] | None:
    """One duration for each timer; None when they cannot be told apart."""
    if len(said) == len(timers):
        return said
    if len(timers) != 1:
        return None
    if all(set(words[a.end : b.start]) & _CORRECTS for a, b in itertools.pairwise(said)):
        return [said[-1]]  # "ten minutes no fifteen minutes"
    return None


def _in_a_text(plan: Plan, phrase: Sequence[str]) -> bool:
    """ "timer for ten minutes for the five minute walk": the walk is the timer's name."""
    text = " ".join(phrase)
    return any(f" {text} " in f" {value} " for call in plan.calls for value in _texts(call))


def _texts(call: Call) -> list[str]:
    return [value for value in call.arguments.values() if isinstance(value, str) and not isinstance(value, Ref)]


def is_plain_timer(meaning: Utterance) -> bool:
    """One timer without a name: nothing of it but its function is the model's own."""
    if not isinstance(meaning, Plan) or len(meaning) != 1:
        return False
    call = meaning.calls[0]
    return call.spoken_arguments().keys() == {call.spec.hearing.duration}
