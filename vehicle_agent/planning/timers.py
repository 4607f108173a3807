"""A timer's minutes come from the words said, not from the model's digits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from num2words import num2words

from vehicle_agent.planning.durations import Duration, durations
from vehicle_apis.call import Call, Plan
from vehicle_apis.ref import Ref

_TIMER: Final = "set_timer"
_MINUTES: Final = "minutes"
_CUE: Final = re.compile(r"\b(?:timers?|countdown|count (?:me )?down|stopwatch|(?:remind|wake|alert) me in)\b")
_LONGEST_SAID: Final = 999
_CORRECTS: Final = frozenset({"no", "not", "sorry", "actually", "make", "mean", "meant", "rather", "scratch", "wait", "or"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """``plan`` with the minutes that were said. ``sure``: every timer has a duration of its own in the words.

    ``rest``: the words without the durations that were used.
    """

    plan: Plan
    sure: bool
    rest: tuple[str, ...]


def simpler(words: Sequence[str]) -> list[str]:
    """``words`` for the model: beside a timer a duration is said in whole minutes, which it copies reliably.

    `timed` puts the exact value in afterwards.
    """
    if not _CUE.search(" ".join(words)):
        return list(words)
    simple = list(words)
    for duration in reversed(durations(words)):
        whole = min(max(1, round(duration.minutes)), _LONGEST_SAID)
        unit = "minute" if whole == 1 or words[duration.end - 1] in {"second", "minute", "hour"} else "minutes"
        if duration.minutes != whole or words[duration.end - 1] not in {"minute", "minutes"}:
            simple[duration.start : duration.end] = [*num2words(whole).replace("-", " ").split(), unit]
    return simple


def timed(plan: Plan, words: Sequence[str]) -> Timed:
    """Raises InvalidCall when a duration that was said is out of range."""
    timers = [i for i, call in enumerate(plan.calls) if call.name == _TIMER]
    said = [d for d in durations(words) if not _in_a_text(plan, words[d.start : d.end])] if timers else []
    if not said:
        return Timed(plan=plan, sure=True, rest=tuple(words))
    wanted = _wanted(plan, timers, said, words)
    if wanted is None:
        return Timed(plan=plan, sure=False, rest=tuple(words))
    calls = list(plan.calls)
    for index, duration in zip(timers, wanted, strict=True):
        calls[index] = calls[index].with_arguments(**{_MINUTES: round(float(duration.minutes), 4)})
    used = {i for d in said for i in range(d.start, d.end)}
    rest = tuple(word for i, word in enumerate(words) if i not in used)
    return Timed(plan=Plan.of(*calls), sure=not any(d.listed for d in wanted), rest=rest)


def _wanted(
    plan: Plan, timers: Sequence[int], said: Sequence[Duration], words: Sequence[str]
) -> Sequence[Duration] | None:
    """One duration for each timer; None when they cannot be told apart."""
    if len(said) == len(timers):
        return said
    if len(timers) != 1:
        return None
    if all(set(words[a.end : b.start]) & _CORRECTS for a, b in zip(said, said[1:], strict=False)):
        return [said[-1]]  # "ten minutes no fifteen minutes"
    return None


def _in_a_text(plan: Plan, phrase: Sequence[str]) -> bool:
    """ "timer for ten minutes for the five minute walk": the walk is the timer's name."""
    text = " ".join(phrase)
    return any(f" {text} " in f" {value} " for call in plan.calls for value in _texts(call))


def _texts(call: Call) -> list[str]:
    return [value for value in call.arguments.values() if isinstance(value, str) and not isinstance(value, Ref)]
