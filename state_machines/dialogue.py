"""The dialogue: one open question at a time, ten seconds to answer it, each answer names its question.

Speech names none, so it counts only for a question that had been put before it began.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, SupportsIndex, TypeAlias, final

from transitions import Machine

from state_machines import limits
from vehicle_apis.call import Call, Plan


class ConfirmationRefused(Exception):
    """A confirmation was used twice, too late, or for another call."""


@final
class Confirmation:
    """A driver's yes to exactly one call, good once until it expires.

    A yes to a whole plan ("Did you mean ...?") is a yes to that plan alone: at the gate it confirms no call of it.
    """

    __slots__ = ("_call", "_expires_s", "_used")

    def __init__(self, call: Call | Plan, expires_s: float) -> None:
        self._call = call
        self._expires_s = expires_s
        self._used = False

    def redeem(self, call: Call | Plan, now_s: float) -> None:
        """Uses it up. Raises ConfirmationRefused."""
        if self._used:
            raise ConfirmationRefused("this confirmation was used already")
        self._used = True
        if call != self._call:
            raise ConfirmationRefused(f"the confirmation is for {_name(self._call)}, not for {_name(call)}")
        if now_s > self._expires_s:
            raise ConfirmationRefused("the confirmation has expired")

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """A copy would be a second use."""
        raise ConfirmationRefused("a confirmation cannot be copied or stored")


def _name(subject: Call | Plan) -> str:
    return "; ".join(map(str, subject.calls)) if isinstance(subject, Plan) else str(subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``id`` >= 1 names it in the answer; ``text`` is what is asked; ``call``, or a whole plan, waits for the yes."""

    id: int
    text: str
    call: Call | Plan


@dataclass(frozen=True, slots=True)
class Accepted:
    confirmation: Confirmation


@dataclass(frozen=True, slots=True)
class Declined:
    question: Question


@dataclass(frozen=True, slots=True)
class Expired:
    question: Question


@dataclass(frozen=True, slots=True)
class NoSuchQuestion:
    """Nothing is open, or the answer names another question."""

    id: int


Answer: TypeAlias = Accepted | Declined | Expired | NoSuchQuestion


class QuestionOpen(Exception):
    """A second question was asked while one is open."""


class Dialogue:
    """idle -> asking -> idle. Times are seconds of one monotonic clock."""

    state: str  # kept by transitions

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next_id = 1
        self._question: Question | None = None
        self._expires_s = 0.0
        self._put_s: float | None = None
        self._machine = Machine(model=self, states=["idle", "asking"], initial="idle", auto_transitions=False)
        self._machine.add_transition("open", "idle", "asking")
        self._machine.add_transition("close", "asking", "idle")

    @property
    def question(self) -> Question | None:
        """The open question, None when nothing is asked or the time is over."""
        return None if self._clock() > self._expires_s else self._question

    @property
    def remaining_s(self) -> float:
        return max(0.0, self._expires_s - self._clock()) if self._question is not None else 0.0

    def ask(self, text: str, call: Call | Plan) -> Question:
        """Opens a question. Raises QuestionOpen while another one is."""
        if self._question is not None:
            raise QuestionOpen(f"question {self._question.id} is still open")
        question = Question(id=self._next_id, text=text, call=call)
        self._next_id += 1
        self._question = question
        self._expires_s = self._clock() + limits.QUESTION_LIFE_S
        self._put_s = None
        self.trigger("open")  # type: ignore[attr-defined]  # added by transitions
        return question

    def spoken(self, question_id: int) -> None:
        """The question has been put to the driver: its ten seconds start now, once; an expired one stays expired."""
        question = self.question
        if question is not None and question.id == question_id and self._put_s is None:
            self._put_s = self._clock()
            self._expires_s = self._put_s + limits.QUESTION_LIFE_S

    def heard_by(self, began_s: float) -> Question | None:
        """The question that a bare yes or no answers which began to be spoken at ``began_s``.

        None unless one is open that had been put by then: nobody says yes to what has not been asked yet.
        """
        if self._put_s is None or not began_s >= self._put_s:
            return None
        return self.question

    def answer(self, question_id: int, *, yes: bool) -> Answer:
        """Closes the open question if ``question_id`` names it; every other answer changes nothing."""
        question = self._question
        if question is None or question.id != question_id:
            return NoSuchQuestion(question_id)
        now_s = self._clock()
        expired = now_s > self._expires_s
        self._close()
        if expired:
            return Expired(question)
        if not yes:
            return Declined(question)
        # a yes in the last moment still has to reach the gate
        return Accepted(Confirmation(question.call, max(self._expires_s, now_s + limits.CONFIRMATION_LIFE_S)))

    def expire(self) -> Question | None:
        """Closes and returns the open question if its time is over."""
        question = self._question
        if question is None or self._clock() <= self._expires_s:
            return None
        self._close()
        return question

    def withdraw(self) -> None:
        """Closes the open question without an answer (cancel, stop)."""
        if self._question is not None:
            self._close()

    def _close(self) -> None:
        self._question = None
        self.trigger("close")  # type: ignore[attr-defined]  # added by transitions
