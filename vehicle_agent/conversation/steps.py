"""The steps of a plan under way, each in one of six states. `after` is the whole of what may follow what.

waiting -> judging -> asking -> answered -> sending -> settled
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from vehicle_agent.backends.base import Action
from vehicle_agent.conversation.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Waiting:
    """For the results of other steps, or for a yes to the whole plan."""


@dataclass(frozen=True, slots=True)
class Judging:
    """The gate is asked, and the head unit who or what is meant. ``sent``: an undo's calls before this one."""

    sent: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """It needs a yes: its question is open, or comes when those before it are answered."""

    sent: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The driver said yes or no, or nobody did in time."""

    sent: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """It is prepared, judged again, sent and waited for; ``sent``: all that was handed to the wire so far."""

    sent: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    outcome: Outcome


StepState: TypeAlias = Waiting | Judging | Asking | Answered | Sending | Settled


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Nothing has to be waited for any more; of an undo: the next of its calls has its turn."""


@dataclass(frozen=True, slots=True)
class NeedsYes:
    """The gate wants a question."""


@dataclass(frozen=True, slots=True)
class AnswerCame:
    """Also that none came in time."""


@dataclass(frozen=True, slots=True)
class MayGo:
    """Nothing speaks against it so far; the binding judgement is to come."""


@dataclass(frozen=True, slots=True)
class Sent:
    action: Action


@dataclass(frozen=True, slots=True)
class Settles:
    outcome: Outcome


StepEvent: TypeAlias = TakenUp | NeedsYes | AnswerCame | MayGo | Sent | Settles


class NotNow(Exception):
    """An event that cannot come in this state: a defect of the agent."""


def after(state: StepState, event: StepEvent) -> StepState:
    """The state that ``event`` leads to. Raises NotNow."""
    match state, event:
        case Settled(), _:
            pass
        case _, Settles(outcome=outcome):
            return Settled(outcome)
        case Waiting(), TakenUp():
            return Judging()
        case ((Judging(sent=sent) | Answered(sent=sent) | Sending(sent=sent)), TakenUp()):
            return Judging(sent)
        case Judging(sent=sent), NeedsYes():
            return Asking(sent)
        case Asking(sent=sent), AnswerCame():
            return Answered(sent)
        case ((Judging(sent=sent) | Answered(sent=sent)), MayGo()):
            return Sending(sent)
        case Sending(sent=sent), Sent(action=action):
            return Sending((*sent, action))
        case _:
            pass
    raise NotNow(f"{type(event).__name__} cannot come while a step is {type(state).__name__}")


def sent_by(state: StepState) -> tuple[Action, ...]:
    """What a step in this state has handed to the wire and does not know the end of."""
    match state:
        case Waiting() | Settled():
            return ()
        case Judging(sent=sent) | Asking(sent=sent) | Answered(sent=sent) | Sending(sent=sent):
            return sent
        case _:
            assert_never(state)


class Steps:
    """The states of one plan's steps, by their ids; whoever waits for a change hears of each."""

    def __init__(self) -> None:
        self._states: dict[int, StepState] = {}
        self._changed = asyncio.Event()

    def add(self, step_id: int) -> None:
        self._states[step_id] = Waiting()

    def __getitem__(self, step_id: int) -> StepState:
        return self._states[step_id]

    def move(self, step_id: int, event: StepEvent) -> None:
        """Raises NotNow."""
        self._states[step_id] = after(self._states[step_id], event)
        self._changed.set()

    def outcome(self, step_id: int) -> Outcome | None:
        """None as long as it is not settled."""
        state = self._states[step_id]
        return state.outcome if isinstance(state, Settled) else None

    @property
    def unsettled(self) -> set[int]:
        return {n for n, state in self._states.items() if not isinstance(state, Settled)}

    @property
    def asking(self) -> set[int]:
        """Those that need an answer before they can go on."""
        return {n for n, state in self._states.items() if isinstance(state, Asking)}

    async def settled(self, step_id: int) -> Outcome:
        """Waits for the step's outcome."""
        while (outcome := self.outcome(step_id)) is None:
            await self.change()
        return outcome

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits until ``is_so``, which is asked at every change."""
        while not is_so():
            await self.change()

    async def change(self) -> None:
        """Waits for the next one."""
        self._changed.clear()
        await self._changed.wait()

    def tell(self) -> None:
        """Something else has changed that steps wait for."""
        self._changed.set()
