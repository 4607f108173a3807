"""Calls that are judged as what they will do."""

from dataclasses import dataclass
from typing import Final

from state_machines.telephone import is_emergency
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the head unit is doing, as far as a verdict depends on it.

    ``video_title``: what is the playback source and shows a picture, or may; None when it is known to be sound alone.
    ``is_said``: the player says that it is a video, rather than nothing. ``undo``: the inverse calls of the last
    action, empty when there is nothing to undo. ``number``: what the call would dial or write to, as the phone book or
    the configuration holds it; None when it was not looked up. ``emergency_numbers``: those of the telephone's own,
    besides the known ones.
    """

    video_title: str | None = None
    is_said: bool = True
    undo: tuple[Call, ...] = ()
    number: str | None = None
    emergency_numbers: frozenset[str] = frozenset()


NOTHING_SPECIAL: Final = Context()


def number_of(call: Call, context: Context) -> str | None:
    """The telephone number that ``call`` would reach; None when it reaches none, or it is not known."""
    telephone = call.spec.telephone
    if telephone is None:
        return None
    return context.number if telephone.is_stored else f"{call.arguments[telephone.number]}"


def needs_number(call: Call) -> bool:
    """Whether it may be sent only when the number it reaches was there to be judged."""
    telephone = call.spec.telephone
    return telephone is not None and telephone.is_stored


def resumes(call: Call) -> bool:
    """Whether it makes the player go on with what it has."""
    return any(call.arguments[key] in values for key, values in call.spec.resumes.items())


def expand(call: Call, context: Context, catalogue: Catalogue) -> tuple[Call, ...]:
    """The calls whose rules decide about ``call``: itself, unless it stands for others."""
    if call.spec.takes_back:
        return tuple(
            inner
            for inverse in context.undo
            if not inverse.spec.takes_back  # an undo of an undo has no inverse; never recurse
            for inner in expand(inverse, context, catalogue)
        ) or (call,)
    if context.video_title is not None and resumes(call):
        # not the player's title: it comes from outside, may be no valid argument, and no rule asks for it
        return (catalogue.call("play_video", title="video"),)
    telephone = call.spec.telephone
    if telephone is not None and telephone.dials:
        number = number_of(call, context)
        if number is not None and is_emergency(number, context.emergency_numbers):
            return (catalogue.call("make_emergency_call"),)
    return (call,)
