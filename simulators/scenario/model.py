"""A scenario as data: steps in time, what happens in each, what is expected then."""

from typing import Annotated, Final, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, model_validator

from simulators.scenario.expectations import Expectation, Frame, NoFrame, from_mapping, parse_expectation

MAX_STEPS: Final = 2000
LONGEST_S: Final = 24 * 3600.0

Given: TypeAlias = bool | int | float | str


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _flat(value: object) -> object:
    """``expect`` as a mapping, a sentence or a list of both, made one list."""
    parts = value if isinstance(value, list) else [value]
    return [entry for part in parts for entry in (part.items() if isinstance(part, dict) else [part])]


def _expectation(entry: object) -> Expectation:
    if isinstance(entry, tuple):
        name, wanted = entry
        return from_mapping(str(name), wanted)
    return parse_expectation(str(entry))


Expected: TypeAlias = Annotated[SkipValidation[Expectation], BeforeValidator(_expectation)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ramp(_Table):
    """Numbers that are reached evenly within ``over`` seconds, as a car speeds up."""

    over_s: float = Field(alias="over", gt=0, le=3600, allow_inf_nan=False)
    to: dict[str, float] = Field(min_length=1)


class Send(_Table):
    """Frames of somebody who is not the car: an attacker, a wrong tool.

    ``message`` with ``values`` is encoded by the DBC; ``protect`` says whether CRC and counter are made to fit.
    ``id`` with ``data`` (hexadecimal) is sent as it is.
    """

    message: str = ""
    values: dict[str, Given] = {}
    protect: bool = False
    frame_id: int | None = Field(alias="id", default=None, ge=0, le=0x1FFFFFFF)
    data: str = Field(default="", pattern=r"^([0-9a-fA-F]{2}){0,8}$")
    times: int = Field(default=1, ge=1, le=100_000)
    every_s: float = Field(alias="every", default=0.02, ge=0.0002, le=60, allow_inf_nan=False)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.message) is (self.frame_id is not None):
            raise ValueError("give either `message` with `values` or `id` with `data`")
        return self


class Step(_Table):
    """What happens at one moment, in this order: faults end, values are set, ramps and faults begin, frames are sent,
    the driver speaks; then the expectations are watched, while the time goes on.
    """

    at_s: float = Field(alias="at", ge=0, le=LONGEST_S, allow_inf_nan=False)
    note: str = ""
    clear: bool | Annotated[tuple[str, ...], BeforeValidator(_as_list)] = False
    values: dict[str, Given] = Field(alias="set", default={})
    ramp: Ramp | None = None
    faults: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(alias="fault", default=())
    send: Send | None = None
    resend: str = ""  # a message whose last frame is sent once more, byte by byte
    say: str = Field(default="", max_length=1000)
    call: str = ""
    answer: bool | None = None
    cancel: bool = False
    undo: bool = False
    expect: Annotated[tuple[Expected, ...], BeforeValidator(_flat)] = ()
    within_s: float = Field(alias="within", default=0.5, ge=0, le=3600, allow_inf_nan=False)

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.model_fields_set - {"at_s", "within_s"}:
            raise ValueError("a step does something: set, ramp, fault, clear, send, say, call, answer, expect or note")
        spoken = [bool(self.say), bool(self.call), self.answer is not None, self.cancel, self.undo]
        if sum(spoken) > 1:
            raise ValueError("one step has one of say, call, answer, cancel and undo")
        return self

    @property
    def speaks(self) -> bool:
        return bool(self.say or self.call or self.answer is not None or self.cancel or self.undo)


class Scenario(_Table):
    """``start``: the car before anything begins. ``jitter``: each step but the first is moved by up to so many seconds
    by the seed. ``tags``: what it is about, for choosing. ``rules``: the safety rules it shows. ``residual``: the risk
    that is left and that it shows; what is sent unsafely is then told but does not fail it.
    """

    name: str = Field(min_length=1, max_length=200)
    about: str = ""
    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    residual: str = ""
    seed: int = Field(default=1, ge=0)
    jitter_s: float = Field(alias="jitter", default=0.0, ge=0, le=60, allow_inf_nan=False)
    start: dict[str, Given] = {}
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MAX_STEPS)

    @property
    def needs_agent(self) -> bool:
        """Somebody speaks, or what the agent sees or sends is expected."""
        return any(step.speaks or any(map(_about_agent, step.expect)) for step in self.steps)

    @property
    def needs_model(self) -> bool:
        return any(step.say for step in self.steps)

    @property
    def needs_head_unit(self) -> bool:
        return self.needs_agent or any(_name(e).startswith("headunit.") for step in self.steps for e in step.expect)


def _name(expected: Expectation) -> str:
    return expected.fact.name if expected.fact is not None else ""


def _about_agent(expected: Expectation) -> bool:
    # whether a command is sent or not says something only where somebody could send it
    command = isinstance(expected, Frame | NoFrame) and expected.message.endswith("Command")
    return command or _name(expected).startswith("agent.")
