"""Calls that are judged as what they will do."""

from dataclasses import dataclass
from typing import Final

from state_machines.telephone import is_emergency
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue

# functions that dial a number which is no argument of theirs: the phone book or the configuration holds it
_DIALS_STORED: Final = frozenset({"call_contact", "call_roadside_assistance"})
_WRITES_TO_STORED: Final = frozenset({"send_text_message"})
_RESUMING: Final = frozenset({"play", "restart", "next", "previous"})


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
    if call.name == "dial_number":
        return f"{call.arguments['number']}"
    return context.number if call.name in _DIALS_STORED | _WRITES_TO_STORED else None


def needs_number(call: Call) -> bool:
    """Whether it may be sent only when the number it reaches was there to be judged."""
    return call.name in _DIALS_STORED | _WRITES_TO_STORED


def expand(call: Call, context: Context, catalogue: Catalogue) -> tuple[Call, ...]:
    """The calls whose rules decide about ``call``: itself, unless it stands for others."""
    if call.name == "undo_last_action":
        return tuple(
            inner
            for inverse in context.undo
            if inverse.name != call.name  # an undo of an undo has no inverse; never recurse
            for inner in expand(inverse, context, catalogue)
        ) or (call,)
    if call.name == "control_playback" and context.video_title is not None and call.arguments["action"] in _RESUMING:
        # not the player's title: it comes from outside, may be no valid argument, and no rule asks for it
        return (catalogue.call("play_video", title="video"),)
    number = number_of(call, context)
    if number is not None and call.name not in _WRITES_TO_STORED and is_emergency(number, context.emergency_numbers):
        return (catalogue.call("make_emergency_call"),)
    return (call,)
