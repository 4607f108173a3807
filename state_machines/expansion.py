"""Calls that are judged as what they will do."""

from dataclasses import dataclass
from typing import Final

from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue

EMERGENCY_NUMBERS: Final = frozenset({"112", "911", "999"})
_RESUMING: Final = frozenset({"play", "restart", "next", "previous"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the head unit is doing, as far as a verdict depends on it.

    ``video_title``: what is the playback source and shows a picture, or may; None when it is known to be sound alone.
    ``is_said``: the player says that it is a video, rather than nothing. ``undo``: the inverse calls of the last
    action, empty when there is nothing to undo.
    """

    video_title: str | None = None
    is_said: bool = True
    undo: tuple[Call, ...] = ()


NOTHING_SPECIAL: Final = Context()


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
    if call.name == "dial_number" and call.arguments["number"] in EMERGENCY_NUMBERS:
        return (catalogue.call("make_emergency_call"),)
    return (call,)
