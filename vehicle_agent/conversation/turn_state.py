"""The states of a conversation. `after` is the whole of what may follow what.

idle -> planning -> carrying out -> asking -> answering -> idle
                 -> completing -> planning
                 -> cancelling -> cancelled -> idle
"""

import asyncio
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from state_machines import limits
from vehicle_agent.conversation.run import Run
from vehicle_agent.planning.planned import Planned
from vehicle_apis.codec import Incomplete


@dataclass(slots=True, eq=False)
class Work:
    """A run and what of it has been told: ``told``, ids of steps; ``asked``, the last question.

    ``turn``: the number of the turn in the conversation.
    """

    run: Run
    turn: int = 0
    told: set[int] = field(default_factory=set)
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A command the driver was asked to complete. ``text``: what was heard of it so far; ``put_s``: when that was."""

    text: str
    command: Incomplete
    put_s: float

    @property
    def until_s(self) -> float:
        return self.put_s + limits.QUESTION_LIFE_S


# --- states -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is under way or open."""


@dataclass(frozen=True, slots=True)
class Planning:
    """An utterance is being understood. ``begun``: what is carried out of it already."""

    task: asyncio.Task[Planned]
    begun: Work | None = None


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What was being understood was cancelled, and its turn has not returned yet. ``begun`` is being taken back."""

    begun: Work | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The same, and what had begun was taken back and told."""

    begun: Work


@dataclass(frozen=True, slots=True)
class CarryingOut:
    """A plan is carried out, is taken back, or was left behind by a turn that broke off."""

    work: Work


@dataclass(frozen=True, slots=True)
class Asking:
    """A turn has returned with a question; ``watcher`` tells what becomes of the work when nobody answers."""

    work: Work
    watcher: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class Answering:
    """A question was answered, and what waited for that goes on; ``watcher`` as before, should the turn break off."""

    work: Work
    watcher: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class Completing:
    """A command lacked something, and the driver was asked for it."""

    missing: Missing


TurnState: TypeAlias = Idle | Planning | Cancelling | Cancelled | CarryingOut | Asking | Answering | Completing


# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanningBegan:
    task: asyncio.Task[Planned]


@dataclass(frozen=True, slots=True)
class BegunEarly:
    """The first step that is carried out before the whole utterance is understood."""

    work: Work


@dataclass(frozen=True, slots=True)
class PlanningCancelled:
    """By the driver."""


@dataclass(frozen=True, slots=True)
class PlanningEnded:
    """Understood, not understood, failed or broken off."""


@dataclass(frozen=True, slots=True)
class WorkBegan:
    work: Work


@dataclass(frozen=True, slots=True)
class QuestionTold:
    """The first question of this work that a turn returns with."""

    watcher: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class NextQuestionTold:
    """A further one."""


@dataclass(frozen=True, slots=True)
class AnswerTaken:
    """A yes, a no, or one that came too late."""


@dataclass(frozen=True, slots=True)
class WorkDropped:
    """It is being taken back: there is nothing to watch any more."""


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """All of it is settled and told."""


@dataclass(frozen=True, slots=True)
class PieceMissed:
    """A command was not complete, and the driver is asked for the rest."""

    missing: Missing


@dataclass(frozen=True, slots=True)
class PieceDropped:
    """Nobody wants to know it any more."""


TurnEvent: TypeAlias = (
    PlanningBegan
    | BegunEarly
    | PlanningCancelled
    | PlanningEnded
    | WorkBegan
    | QuestionTold
    | NextQuestionTold
    | AnswerTaken
    | WorkDropped
    | WorkEnded
    | PieceMissed
    | PieceDropped
)


class NotInThisState(Exception):
    """An event that cannot come in this state: a defect of the agent."""


def after(state: TurnState, event: TurnEvent) -> TurnState:  # noqa: C901, PLR0911, PLR0912 - one case for each arrow
    """The state that ``event`` leads to. Raises NotInThisState."""
    match state, event:
        case ((Idle() | Completing()), PlanningBegan(task=task)):
            return Planning(task)
        case Planning(task=task, begun=None), BegunEarly(work=work):
            return Planning(task, work)
        case Planning(begun=begun), PlanningCancelled():
            return Cancelling(begun)
        case ((Cancelling() | Cancelled()), PlanningCancelled()):
            return state
        case ((Planning(begun=begun) | Cancelling(begun=begun)), PlanningEnded()):
            return Idle() if begun is None else CarryingOut(begun)
        case Cancelled(), PlanningEnded():
            return Idle()
        case ((Idle() | Completing()), WorkBegan(work=work)):
            return CarryingOut(work)
        case CarryingOut(work=work), QuestionTold(watcher=watcher):
            return Asking(work, watcher)
        case Answering(work=work, watcher=watcher), NextQuestionTold():
            return Asking(work, watcher)
        case ((Asking(work=work, watcher=watcher) | Answering(work=work, watcher=watcher)), AnswerTaken()):
            return Answering(work, watcher)
        case CarryingOut(), AnswerTaken():
            return state  # its question was never told: the turn had broken off
        case ((CarryingOut(work=work) | Asking(work=work) | Answering(work=work)), WorkDropped()):
            return CarryingOut(work)
        case ((Planning(begun=Work()) | Cancelling(begun=Work())), WorkDropped()):
            return state
        case ((CarryingOut() | Asking() | Answering()), WorkEnded()):
            return Idle()
        case Cancelling(begun=Work() as begun), WorkEnded():
            return Cancelled(begun)
        case Planning(task=task, begun=Work()), WorkEnded():
            return Planning(task)
        case Idle(), PieceMissed(missing=missing):
            return Completing(missing)
        case Completing(), PieceDropped():
            return Idle()
        case _:
            raise NotInThisState(f"{type(event).__name__} cannot come in the state {type(state).__name__}")


def work_of(state: TurnState) -> Work | None:
    """What is carried out, or is being taken back."""
    match state:
        case CarryingOut(work=work) | Asking(work=work) | Answering(work=work):
            return work
        case Planning(begun=begun) | Cancelling(begun=begun):
            return begun
        case Idle() | Cancelled() | Completing():
            return None
        case _:
            assert_never(state)


def begun_of(state: TurnState) -> Work | None:
    """What was carried out of an utterance that is cancelled."""
    return state.begun if isinstance(state, Cancelling | Cancelled) else None


def watcher_of(state: TurnState) -> asyncio.Task[None] | None:
    """Who tells what becomes of the work when nobody answers."""
    match state:
        case Asking(watcher=watcher) | Answering(watcher=watcher):
            return watcher
        case Idle() | Planning() | Cancelling() | Cancelled() | CarryingOut() | Completing():
            return None
        case _:
            assert_never(state)
