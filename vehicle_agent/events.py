"""What happens in the agent, as frozen events, and the one door at which to listen: `Events.subscribe`.

The journal's format is these classes: ``kind`` and the fields in their order are a line (docs/journal.md), and what of
a field is somebody's words is marked on it. A class whose ``kind`` is "" has no line.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeAlias, TypeVar, get_args, overload

from state_machines.expansion import Context
from vehicle_agent.backends.base import Observed
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Call
from vehicle_apis.codec import Incomplete
from vehicle_apis.params import Scalar
from vehicle_apis.signals import Signals

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How the journal keeps a field; one without a mark is kept as it is.

    ``private``: it holds words of the driver or of others; ``rest``: what of a private value is nobody's words and
    stays, None = nothing. ``key``: its name there, "" = its own; ``form``: its value there. ``aside``: it has no place
    there, whatever it holds. A value that is None is left out where ``optional``.
    """

    private: bool = False
    rest: Callable[[Any], object] | None = None
    key: str = ""
    form: Callable[[Any], object] | None = None
    aside: bool = False
    optional: bool = False


def _function(call: Call) -> str:
    return call.name


def _specialist(route: tuple[str, str]) -> str:
    return route[0]


def _rounded(digits: int) -> Callable[[float], float]:
    return lambda value: round(value, digits)


def _shown(observed: Observed | None) -> object:
    return None if observed is None else {"text": observed.text, "values": dict(observed.values)}


_T = TypeVar("_T")
Private: TypeAlias = Annotated[_T, Mark(private=True)]
Aside: TypeAlias = Annotated[_T, Mark(aside=True)]
"""For those who listen here, not for the journal."""
FunctionOnly: TypeAlias = Annotated[Call, Mark(private=True, rest=_function, form=str)]
"""A call of which the function's name is nobody's words."""


# --- the agent's life -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """``clock_s``: the agent's clock now, which the times of frames count by."""

    kind: ClassVar[str] = "start"
    version: str
    catalogue: str
    clock_s: Annotated[float, Mark(form=_rounded(6))]
    words: Private[bool]  # without words it says itself that there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    kind: ClassVar[str] = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    """The driving state that the gate judges by, in words."""

    kind: ClassVar[str] = "state"
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """A part does not work as it should. ``health``: all that is wrong now, as one text."""

    kind: ClassVar[str] = ""
    part: str
    why: str
    health: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A part works again. ``health``: what is still wrong, "" when all is well."""

    kind: ClassVar[str] = ""
    part: str
    health: str


# --- what is heard ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptHeard:
    """What a recogniser made of a sound; what is then done about it comes as an `Input`."""

    kind: ClassVar[str] = "transcript"
    text: Private[str]
    engine: str
    confidence: Annotated[float, Mark(form=_rounded(3))]
    rtf: Annotated[float, Mark(form=_rounded(3))]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSpeechHeard:
    """A sound with nothing to act on."""

    kind: ClassVar[str] = "no_speech"
    engine: str
    reason: Aside[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What was said or typed, as ``text``, or a ``call`` made without the model; the other one is None.

    ``turn``: the call's number in the conversation, a text's comes with its plan; ``arguments``: the call's.
    """

    kind: ClassVar[str] = "input"
    text: Annotated[str | None, Mark(private=True, optional=True)] = None
    call: Annotated[Call | None, Mark(private=True, rest=_function, form=str, optional=True)] = None
    turn: Annotated[int | None, Mark(optional=True)] = None
    arguments: Annotated[Mapping[str, Scalar] | None, Mark(private=True, optional=True)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """A call over D-Bus that is none; nothing was done."""

    kind: ClassVar[str] = "invalid"
    name: Private[str]
    error: Private[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Everything not sent yet was dropped. ``stopped``: what moved, if anything did."""

    kind: ClassVar[str] = "cancel"
    stopped: Annotated[tuple[str, ...] | None, Mark(private=True, optional=True)] = None  # a call's text may be in it


# --- a plan and what becomes of it ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """What an utterance was understood to mean, before any of it is carried out but the steps in ``begun``.

    ``turn``: its number in the conversation, which results are named by; ``waiting``: steps of the turn before that
    waited for an answer when it was said; ``asked``: it might be that answer, ``wanted``: or bring the piece that was
    asked for; ``route``: the specialist it is for; ``answer``: what it answers to the open question; ``clarify``: what
    it lacks; ``ms``: the model's time; ``planned``: the whole of it.
    """

    kind: ClassVar[str] = "plan"
    turn: int
    heard: Private[str]
    functions: tuple[str, ...]
    calls: Private[tuple[dict[str, object], ...]]
    ms: float
    confidence: Annotated[float, Mark(form=_rounded(4))]
    doubtful: bool
    begun: tuple[int, ...]
    route: Annotated[tuple[str, str] | None, Mark(private=True, rest=_specialist, form=list, optional=True)]
    answer: Annotated[str | None, Mark(optional=True)]
    clarify: Annotated[tuple[str, str] | None, Mark(optional=True)]
    waiting: tuple[int, ...]
    asked: bool
    wanted: bool
    planned: Aside[Planned]

    @classmethod
    def of(
        cls,
        planned: Planned,
        *,
        turn: int = 0,
        waiting: tuple[int, ...] = (),
        asked: bool = False,
        wanted: bool = False,
    ) -> Self:
        utterance = planned.utterance
        return cls(
            turn=turn,
            heard=planned.heard,
            functions=tuple(call.name for call in planned.plan.calls),
            calls=tuple(planned.plan.to_json()),
            ms=planned.model_ms,
            confidence=planned.confidence,
            doubtful=planned.doubtful,
            begun=planned.begun,
            route=planned.route,
            answer=planned.answer,
            clarify=(utterance.spec.name, utterance.missing) if isinstance(utterance, Incomplete) else None,
            waiting=waiting,
            asked=asked,
            wanted=wanted,
            planned=planned,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One answer of the gate with all it was based on. ``binding``: it was the one before sending.

    ``confirmed``: the driver's yes to exactly this call was there. An undo's calls all have the undo's ``step``.
    ``said``: the call in the driver's own words, where ``call`` has the names of the head unit instead.
    """

    kind: ClassVar[str] = "judgement"
    step: int = 0
    call: Private[Call]  # the journal replaces its free text, so that it can be judged again
    said: Annotated[Call | None, Mark(private=True, optional=True)] = None
    signals: Signals
    context: Private[Context]  # as for the call
    state: str
    decision: str
    rule: str
    binding: bool
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A command frame that is on the bus, or a status frame that brought one further. ``time_s``: the agent's clock."""

    kind: ClassVar[str] = "frame"
    direction: Literal["sent", "received"]
    frame_id: Annotated[int, Mark(key="id")]
    name: str
    data: Annotated[bytes, Mark(form=bytes.hex)]
    time_s: Annotated[float, Mark(key="at_s", form=_rounded(6))]

    def to_json(self, start_s: float) -> dict[str, object]:
        """As `ask` prints it; ``t_ms`` counts from ``start_s``."""
        return {
            "id": self.frame_id,
            "name": self.name,
            "direction": self.direction,
            "data": self.data.hex(),
            "t_ms": round((self.time_s - start_s) * 1000, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A step ended; the turn it belongs to may go on."""

    kind: ClassVar[str] = ""
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTold:
    """What became of a step, as a turn tells it, in the order of the plan. ``turn``: whose step it is."""

    kind: ClassVar[str] = "outcome"
    call: FunctionOnly
    id: int
    verdict: str
    rule: str
    reason: Private[str]
    status: Status
    observed: Annotated[Observed | None, Mark(private=True, form=_shown)]
    turn: int = 0

    @classmethod
    def of(cls, outcome: Outcome, *, turn: int = 0) -> Self:
        return cls(
            call=outcome.call,
            id=outcome.id,
            verdict=outcome.verdict,
            rule=outcome.rule,
            reason=outcome.reason,
            status=outcome.status,
            observed=outcome.observed,
            turn=turn,
        )


# --- questions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question was put. ``question``: its number; ``step`` 0: it is about the whole plan."""

    kind: ClassVar[str] = "question"
    question: int
    step: int
    text: Private[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """``taken``: what the dialogue made of it."""

    kind: ClassVar[str] = "answer"
    question: int
    yes: bool
    taken: str


# --- what nobody asked for --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRuleEnded:
    """What must not go on was ended. ``ended``: how."""

    kind: ClassVar[str] = "standing"
    call: FunctionOnly
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRuleFailed:
    """What must not go on could not be ended, and is tried again. ``error``: its type; ``failed``: its sentence."""

    kind: ClassVar[str] = "standing"
    call: FunctionOnly
    error: str
    failed: Private[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDue:
    """A timer, an alarm or a reminder."""

    kind: ClassVar[str] = "notice"
    text: Private[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the agent tells unasked: a notice, what a standing rule ended, a question that nobody answered."""

    kind: ClassVar[str] = ""
    text: str


Event: TypeAlias = (
    Started
    | Stopped
    | StateChanged
    | Degraded
    | Recovered
    | TranscriptHeard
    | NoSpeechHeard
    | Input
    | Invalid
    | Cancelled
    | PlanMade
    | Judged
    | Frame
    | Settled
    | OutcomeTold
    | Asked
    | Answered
    | StandingRuleEnded
    | StandingRuleFailed
    | NoticeDue
    | Said
)
KINDS: Final[tuple[type[Event], ...]] = get_args(Event)

_E = TypeVar("_E", bound=Event)
_F = TypeVar("_F", bound=Event)


class _Listener:
    """``failed``: kinds of events for which a defect has been logged."""

    __slots__ = ("call", "failed")

    def __init__(self, call: Callable[[Any], object]) -> None:
        self.call = call
        self.failed: set[type[Event]] = set()


class Events:
    """One agent's events. Belongs to the event loop: whoever learns of something in a thread of its own hands it over
    with ``call_soon_threadsafe`` and publishes there.

    A listener is called at once, in the order of the subscriptions, and must not block. It only hears: nothing that
    decides or enforces depends on it. Its defect is logged once for each kind and hinders nobody.
    """

    def __init__(self) -> None:
        self._listeners: dict[type[Event], tuple[_Listener, ...]] = {}

    @overload
    def subscribe(self, listener: Callable[[Event], object], *kinds: type[Event]) -> Callable[[], None]: ...
    @overload
    def subscribe(self, listener: Callable[[_E], object], kind: type[_E], /) -> Callable[[], None]: ...
    @overload
    def subscribe(
        self, listener: Callable[[_E | _F], object], kind: type[_E], other: type[_F], /
    ) -> Callable[[], None]: ...

    def subscribe(self, listener: Callable[[Any], object], *kinds: Any) -> Callable[[], None]:
        """``listener`` hears of ``kinds``, of every kind when none is named. Returns what ends it."""
        mine = _Listener(listener)
        wanted: tuple[type[Event], ...] = kinds or KINDS
        for kind in wanted:
            self._listeners[kind] = (*self._listeners.get(kind, ()), mine)

        def unsubscribe() -> None:
            for kind in wanted:
                self._listeners[kind] = tuple(one for one in self._listeners[kind] if one is not mine)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Never raises."""
        for listener in self._listeners.get(type(event), ()):
            try:
                listener.call(event)
            except Exception as e:  # noqa: BLE001 - a listener's defect must cost nobody else the event
                self._log_defect(listener, type(event), e)

    @staticmethod
    def _log_defect(listener: _Listener, kind: type[Event], defect: Exception) -> None:
        if kind not in listener.failed:
            listener.failed.add(kind)
            log.error("a listener failed to take %s; it hears of the next all the same", kind.__name__, exc_info=defect)
