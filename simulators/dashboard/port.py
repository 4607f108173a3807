"""What the dashboard asks of an agent, and what it hears from it. It knows no agent beyond this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from simulators.errors import SimulatorError
from vehicle_apis.params import Scalar


class AgentRefused(SimulatorError, RuntimeError):
    """The agent could not even try: no model, a call it does not know. The message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """``call`` as text, ``after``: ids of the steps it waits for."""

    id: int
    call: str
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What an utterance means to the agent. ``why``: a sentence when there are no steps; ``note``: whom it is for, or
    what it answers, in a line."""

    steps: tuple[PlannedStep, ...]
    confidence: float | None = None
    model_ms: float | None = None
    doubtful: bool = False
    why: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One answer of the safety gate. ``binding``: it was the one at the moment of sending."""

    call: str
    decision: str
    rule: str
    state: str
    binding: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one step. ``confirmed_ms``: from sending to the car's confirmation, 0 when nothing was sent."""

    step: int
    call: str
    status: str
    verdict: str
    rule: str
    reason: str
    observed: str
    confirmed_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something nobody asked for: a timer, a video that ended, a question without an answer."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    """The driving state the gate judges by."""

    state: str


AgentEvent: TypeAlias = Planned | Judged | Settled | Said | StateChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """``remaining_s``: how long an answer still counts."""

    id: int
    text: str
    remaining_s: float


class AgentPort(Protocol):
    """An agent. Turns are the JSON document of `vehicle-agent ask`: outcomes, reply, question. All raise AgentRefused.

    Everything happens in the event loop; listeners are called in it and must not block.
    """

    @property
    def understands_text(self) -> bool:
        """False without a language model: it takes calls only."""

    def functions(self) -> Mapping[str, object]:
        """Function name -> JSON Schema of its arguments."""

    async def ask(self, text: str) -> Mapping[str, object]: ...

    async def call(self, name: str, arguments: Mapping[str, Scalar]) -> Mapping[str, object]: ...

    async def answer(self, question_id: int, *, yes: bool) -> Mapping[str, object]: ...

    async def cancel(self) -> Mapping[str, object]: ...

    async def undo(self) -> Mapping[str, object]: ...

    def state(self) -> str:
        """The driving state in a word."""

    def question(self) -> OpenQuestion | None: ...

    def subscribe(self, listener: Callable[[AgentEvent], None]) -> Callable[[], None]:
        """Returns what ends the subscription."""
