"""What is said while measuring: fixed, so that figures of different days can be compared."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["single", "several", "nested", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """``function``: what a command of the whole way must carry out to count; ``calls``: how many it holds."""

    text: str
    kind: Kind = "single"
    function: str = ""
    calls: int = 1


def _all(kind: Kind, *texts: str) -> tuple[Said, ...]:
    return tuple(Said(text=text, kind=kind) for text in texts)


# The model alone: short and long, every domain, what the gate would deny too.
MODEL: Final = (
    *_all(
        "single",
        "could you bring the blower up to level four",
        "make it nineteen degrees on the passenger's side",
        "clear the fog off the back window",
        "warm the steering wheel please",
        "let some air in through the rear left window about a third",
        "shut the sunroof",
        "put the hazards on",
        "wipers to fast",
        "tune in ninety four point five",
        "a little quieter please",
        "skip this track",
        "ring aunt margaret on her mobile",
        "text oliver that i will be ten minutes late",
        "guide me to the botanical garden in leipzig",
        "how far can i still drive with this battery",
        "wake me at quarter past six in the morning",
        "dim the screen in the middle to thirty percent",
        "stop charging at eighty percent",
    ),
    *_all(
        "several",
        "roll all the windows up and put the air conditioning on",
        "heat my seat to level three and turn the fan down",
        "set the volume to forty percent then play something by miles davis",
        "switch the reading light on and lower the brightness",
        "lock the doors fold the mirrors and turn the headlights to automatic",
        "pause the music and call the office",
        "twenty one degrees for everyone recirculation off and the air to the feet",
        "open the trunk and start a timer for five minutes",
    ),
    *_all(
        "nested",
        "find a charging station nearby and drive me there",
        "look up where katharina lives and take me to her",
        "send felix a message with the time we arrive",
        "what will the weather be tomorrow and text it to grandma",
        "add the closest pharmacy as a stop",
        "tell sofia how much range is left in a message",
    ),
    *_all(
        "refused",
        "why do leaves turn yellow in autumn",
        "the neighbours bought a new caravan",
        "overtake that lorry for me",
        "sound the horn twice",
        "switch the lamp in my kitchen off",
        "i did not say anything about the windows",
        "what is the capital of mongolia",
        "how do i change a tyre",
    ),
)


def _to(function: str, *texts: str) -> tuple[Said, ...]:
    return tuple(Said(text=text, function=function) for text in texts)


# The whole way: each command changes what the one before it in its pair set, and is confirmed without any motion.
AT_ONCE: Final = (
    *_to("set_fan_speed", "set the fan to two"),
    *_to("set_volume", "set the volume to thirty percent"),
    *_to("set_cabin_light", "turn the cabin light on"),
    *_to("set_headlights", "headlights on"),
    *_to("set_seat_heating", "set my seat heating to three"),
    *_to("set_fan_speed", "set the fan to six"),
    *_to("set_volume", "set the volume to sixty percent"),
    *_to("set_cabin_light", "turn the cabin light off"),
    *_to("set_headlights", "set the headlights to auto"),
    *_to("set_seat_heating", "set my seat heating to one"),
)

# A motor has to move; how long it takes is the car's doing.
WITH_MOTION: Final = _to("control_window", "open my window a quarter", "close my window")


def _of(calls: int, *texts: str) -> tuple[Said, ...]:
    return tuple(Said(text=text, kind="several", calls=calls) for text in texts)


# Several things in one breath that do not wait for each other, for the time until the first one is sent.
IN_ONE_BREATH: Final = (
    *_of(
        3,
        "set the fan to three and turn the cabin light on and set the volume to twenty percent",
        "turn the air conditioning off and set my seat heating to two and turn the rear fog light on",
    ),
    *_of(
        4,
        "set the fan to five turn the cabin light off set the volume to fifty percent and turn the defroster on",
        "turn the air conditioning on set the passenger seat heating to one turn the rear fog light off "
        "and set the volume to forty percent",
    ),
    *_of(
        5,
        "turn the cabin light on set the fan to four set my seat heating to one turn the defroster off "
        "and set the volume to ten percent",
        "turn the air conditioning off and set the volume to thirty five percent and turn the steering wheel "
        "heating on and set the fan to one and turn the cabin light off",
    ),
)
