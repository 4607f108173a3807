"""What a function's specification says of its dealings with other functions, and what is special about it."""

from enum import Enum

from pydantic import BaseModel, ConfigDict

from vehicle_apis.params import Scalar
from vehicle_apis.table import Table


class RunsAfter(BaseModel):
    """The function waits for every earlier call of ``function`` in its plan that has ``arguments``.

    ``needs_success``: it is left out when that call was not done.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    function: str
    arguments: Table[Scalar] = {}
    needs_success: bool = False


class Ending(Enum):
    """How an ongoing activity is ended."""

    PAUSE_AND_BLANK_VIDEO = "pause_and_blank_video"
    HOME_SCREEN = "home_screen"
    CLOSE_CAMERA = "close_camera"
    STOP_MOTION = "stop_motion"

    @property
    def is_of_a_picture(self) -> bool:
        """There is one of its kind at a time, and nobody sees its end coming."""
        return self is not Ending.STOP_MOTION


class Activity(BaseModel):
    """What the function begins goes on until ``ending``, at the latest when the car leaves the states that allow it.

    ``cars_own_in_reverse``: arguments of what the car itself shows in reverse gear; there it stays.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    ending: Ending
    cars_own_in_reverse: Table[Scalar] = {}


class Telephone(BaseModel):
    """The function reaches a telephone number, which is judged too.

    ``number``: the parameter that is the number; "" when the phone book or the configuration holds it. ``party``: who
    is reached, a template ("{name}"). ``dials``: it makes a call; else it writes, and no emergency call comes of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    number: str = ""
    party: str = ""
    dials: bool = True

    @property
    def is_stored(self) -> bool:
        """The number is no argument, so it has to be looked up before the call can be judged."""
        return not self.number


class Hearing(BaseModel):
    """How what was said is held against the planned call, without the model.

    ``inverted``: the words' direction is not the value's ("turn the sound off" mutes). ``ends``: number parameter ->
    the words of its least and of its greatest value. ``never_said_with``: words that a call of it alone cannot come of.
    ``duration``: the parameter whose minutes are taken from the words. ``timer_label``: the parameter that becomes the
    label when it was said with a duration in place of a clock time ("wake me in an hour"): then a timer is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    inverted: bool = False
    ends: Table[tuple[str, str]] = {}
    never_said_with: tuple[str, ...] = ()
    duration: str = ""
    timer_label: str = ""
