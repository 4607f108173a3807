"""What a binding file (`vehicle.toml`) may say, key by key.

Names of messages and signals are those of the DBC. A signal is written ``Signal`` where that is unambiguous, else
``Message.Signal``. Values are words of the signal's value table or numbers in its unit.
"""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from vehicle_apis.numbers import plain_numbers
from vehicle_apis.signals import GATE_SIGNALS, SignalSpec

Value: TypeAlias = str | int | float
Spoken: TypeAlias = Annotated[str, Field(min_length=1)]
BackendName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Conversion: TypeAlias = Literal["none", "celsius", "kmh", "minute_of_day"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _plain_numbers(cls, given: object) -> object:
        return plain_numbers(given, {name: field.annotation for name, field in cls.model_fields.items()})


class ProtocolTable(_Table):
    """How commands are answered: signals that every command and status message has, and words of ``result``.

    ``allow_unprotected``: accept command messages and safety signals without end-to-end protection.
    """

    request_id: str = "RequestId"
    time_to_live: str = "TimeToLive"
    time_to_live_ms: int = Field(default=500, ge=10, le=2550)
    result: str = "Result"
    accepted: str = "accepted"
    rejected: str = "rejected"
    done: str = "done"
    reason: str | None = "Reason"
    crc: str = "Crc"
    counter: str = "Counter"
    accept_target_ms: int = Field(default=50, ge=1)
    accept_timeout_ms: int = Field(default=1000, ge=1)
    allow_unprotected: bool = False


class ProtectionTable(_Table):
    """End-to-end protection of one message: profile 1 with ``data_id``, profile 2 with 16 ids in ``data_id_list``."""

    profile: Literal[1, 2]
    data_id: int | None = None
    data_id_list: tuple[int, ...] = ()


class GateSignal(_Table):
    """The source of one signal of the safety gate. ``map``: value on the bus -> the gate's word; ``scale``: to km/h."""

    signal: str
    cycle_ms: int = Field(ge=1, le=1000)
    map: dict[str, str] = {}
    scale: float = Field(default=1, gt=0)


class _GateTable(_Table):
    """The source of each of the gate's signals, by its key; of one with several, all of them, each in its own message.

    What is left out counts as never received.
    """

    def of(self, spec: SignalSpec) -> tuple[GateSignal, ...]:
        """The sources of a signal in their order; () where the car has none."""
        given: GateSignal | tuple[GateSignal, ...] | None = getattr(self, spec.key)
        if given is None:
            return ()
        return given if isinstance(given, tuple) else (given,)


def _gate_key(spec: SignalSpec) -> tuple[object, object]:
    """Type and default of a signal's key, as pydantic takes them."""
    source = GateSignal if spec.sources == 1 else tuple[(GateSignal,) * spec.sources]  # type: ignore[misc]
    return (source, ...) if spec.is_required else (source | None, None)


if TYPE_CHECKING:
    GateTable: TypeAlias = _GateTable
else:  # a key for each signal of the list
    GateTable = create_model(
        "GateTable", __base__=_GateTable, **{spec.key: _gate_key(spec) for spec in GATE_SIGNALS.values()}
    )


class Absent(_Table):
    """What this car has not: a function, or a function with these arguments. ``sentence`` tells the driver."""

    function: str
    args: dict[str, Value] = {}
    sentence: str = Field(min_length=1)


def _signal_shorthand(value: object) -> object:
    return {"signal": value} if isinstance(value, str) else value


class ArgTable(_Table):
    """How an argument becomes the command signal ``signal``.

    ``map``: argument value -> signal value; ``convert``: celsius and kmh use the sibling argument `unit`; then
    ``scale`` and ``offset``: signal = argument * scale + offset. Without any, words and numbers are taken as they are.
    """

    signal: str
    map: dict[str, Value] = {}
    convert: Conversion = "none"
    scale: float = 1
    offset: float = 0


Arg: TypeAlias = Annotated[ArgTable, BeforeValidator(_signal_shorthand)]
SignalByTarget: TypeAlias = str | dict[str, str]  # one signal, or one per target


class TargetTable(_Table):
    """The argument ``arg`` names what is acted on. ``groups``: group value -> the single targets it stands for.

    ``split``: one frame for each single target instead of one frame with the group's value.
    """

    arg: str
    groups: dict[str, tuple[str, ...]] = {}
    split: bool = False


class ReadBack(_Table):
    """One thing the status must show: ``signal`` has the argument's value (``arg``, else the key of this table), or
    ``value`` (one of several when it is a list).

    ``map``, ``scale``, ``offset``: as for the argument, whose ``convert`` holds here too. ``when``/``unless``: only for
    calls with these arguments.
    """

    signal: SignalByTarget
    arg: str | None = None
    value: Value | tuple[Value, ...] | None = None
    tolerance: float = Field(default=0, ge=0)
    map: dict[str, Value] = {}
    scale: float = 1
    offset: float = 0
    when: dict[str, Value | tuple[Value, ...]] = {}
    unless: dict[str, Value | tuple[Value, ...]] = {}


class Keep(_Table):
    """An argument left at its default keeps the value of ``signal`` where that is above 0."""

    signal: str
    unless: dict[str, Value | tuple[Value, ...]] = {}


class Way(_Table):
    """One direction of a relative function. ``opposite``: the direction that takes it back."""

    sign: Literal[1, -1]
    state: SignalByTarget | None = None
    limits: tuple[float, float] | None = None
    fixed: dict[str, Value] = {}
    opposite: str | None = None


class RelativeUndo(_Table):
    """The absolute function, and its argument, that restores the value seen before."""

    function: str
    arg: str
    convert: Conversion = "none"


class Relative(_Table):
    """A function that changes something by an amount: sent as the absolute target reckoned from the present state.

    ``by``: the argument that names the direction; ``amount``: the argument with the amount, or ``step``: a fixed one,
    and with ``amount`` the grid that targets are rounded to. ``signal``: the command signal for the target; left out,
    the command is a single step and the target only checks the result. ``at_limit``: said when it can go no further.
    """

    by: str
    amount: str | None = None
    step: float | None = Field(default=None, gt=0)
    signal: str | None = None
    state: SignalByTarget | None = None
    limits: tuple[float, float] | None = None
    tolerance: float = Field(default=0, ge=0)
    ways: dict[str, Way] = Field(min_length=1)
    undo: RelativeUndo | None = None
    at_limit: str | None = None


class Moving(_Table):
    """How the status shows that a motor runs: ``signal`` has ``value`` (one of several when it is a list), or, for a
    bit mask, the bit that ``bits`` names for the target."""

    signal: SignalByTarget
    value: Value | tuple[Value, ...] | None = None
    bits: dict[str, int] = {}


class Stop(_Table):
    """The command that ends what the function began. ``args``: arguments that are sent along.

    ``moving``: a motor, and how its running shows; then it is stopped only while it runs. ``say`` and ``words``: as for
    the function, where it stands after the stop.
    """

    fixed: dict[str, Value]
    args: tuple[str, ...] = ()
    moving: Moving | None = None
    say: str | None = None
    words: dict[str, dict[str, str]] = {}


class UndoCase(_Table):
    """An inverse call when the state seen before was ``when`` (signal -> value, ">N" or "!value").

    ``args``: a value, or "$Signal" for what that signal showed. Other arguments are those of the call.
    """

    when: dict[str, Value] = {}
    args: dict[str, Value]


class UnderWay(_Table):
    """What the status shows while something goes on that a standing rule may have to end.

    ``when``: as for an inverse call (signal -> value, ">N" or "!value"). ``args``: what the function was called with
    then, a value or "$Signal"; arguments left out may have been any.
    """

    when: dict[str, Value] = Field(min_length=1)
    args: dict[str, Value] = {}


class Each(_Table):
    """Part of a listing: ``say`` when ``signal`` is ``is``, or is not ``not``; "{}" stands for its value."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    signal: str
    is_: Value | None = Field(default=None, alias="is")
    not_: Value | None = Field(default=None, alias="not")
    say: str


class Item(_Table):
    """One readable value: ``say`` with {Signal} placeholders, or the listing ``each``, ``none`` if nothing holds."""

    say: str | None = None
    each: tuple[Each, ...] = ()
    none: str | None = None


class Codes(_Table):
    """Stored trouble codes, sent one a frame in turn: ``code`` (SAE J2012, 16 bit) number ``index`` of ``count``."""

    count: str
    index: str
    code: str
    meanings: dict[str, str] = {}


class FunctionTable(_Table):
    """One function: a command with read-back, or a reading (``by`` + ``items``, or ``codes``).

    ``fixed``: signals that are always the same. ``timeout_ms``: from accepted until the state must be reached; longer
    where a motor moves. ``undo``: "auto" = from the read-backs. ``under_way``: how the status shows that it is being
    carried out, or what it shows is there. ``say``: what the driver hears, with {argument},
    {Signal} and {reached} (a relative function's target); ``words``: placeholder -> value -> phrase, "*" = any other
    value as {}.
    """

    command: str | None = None
    status: str | None = None
    timeout_ms: int = Field(default=1000, ge=10, le=120_000)
    fixed: dict[str, Value] = {}
    args: dict[str, Arg] = {}
    target: TargetTable | None = None
    keep: dict[str, Keep] = {}
    readback: dict[str, ReadBack] = {}
    relative: Relative | None = None
    stop: Stop | None = None
    under_way: tuple[UnderWay, ...] = ()
    undo: Literal["auto", "none"] | tuple[UndoCase, ...] = "auto"
    say: str | None = None
    words: dict[str, dict[str, str]] = {}
    by: str | None = None
    items: dict[str, Item] = {}
    codes: Codes | None = None


class BindingFile(_Table):
    """A whole file. A pack's file has neither ``gate`` nor ``protocol``; a car's own file has a ``gate``.

    ``route``: function -> name of the backend that carries it out in this car; for a function without an entry it is
    the ``backend`` of its specification.
    """

    version: Literal[1]
    name: str = ""
    dbc: str | None = None
    protocol: ProtocolTable | None = None
    ecus: dict[str, Spoken] = {}
    reasons: dict[str, Spoken] = {}
    gate: GateTable | None = None
    e2e: dict[str, ProtectionTable] = {}
    absent: tuple[Absent, ...] = ()
    route: dict[str, BackendName] = {}
    functions: dict[str, FunctionTable] = {}
