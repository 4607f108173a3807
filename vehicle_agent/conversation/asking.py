"""The questions of one plan under way: in plan order, one at a time, and none when nobody listens any more."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from state_machines.dialogue import Accepted, Declined
from vehicle_agent.conversation.means import Means
from vehicle_agent.conversation.outcome import OpenQuestion
from vehicle_agent.conversation.steps import Steps
from vehicle_apis.call import Call, Plan

WHOLE_PLAN: Final = 0  # the "step" of a question about the plan as a whole; it is asked before any step's own
_LATER_S: Final = 0.01  # past the question's end, so that the dialogue's clock has passed it too

DriversAnswer: TypeAlias = Accepted | Declined | None
"""None: no answer came in time."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing is asked."""


@dataclass(frozen=True, slots=True)
class Open:
    """``answer`` gets the dialogue's answer."""

    question: OpenQuestion
    answer: asyncio.Future[DriversAnswer]


@dataclass(frozen=True, slots=True)
class Unheard:
    """A question was not answered in time: another one would only catch a late yes meant for that one."""


QuestionState: TypeAlias = Quiet | Open | Unheard


class Questions:
    """``wanting``: the ids of those that need an answer now, a change of which ``steps`` tell.

    ``answered`` hears whose question has its answer, at once: whoever asked goes on only in a later tick.
    """

    def __init__(
        self,
        means: Means,
        steps: Steps,
        *,
        wanting: Callable[[], set[int]],
        answered: Callable[[int, DriversAnswer], None],
    ) -> None:
        self._means = means
        self._steps = steps
        self._wanting = wanting
        self._answered = answered
        self.state: QuestionState = Quiet()

    @property
    def open(self) -> OpenQuestion | None:
        """The question that waits for its answer."""
        match self.state:
            case Open(question=question):
                return question
            case Quiet() | Unheard():
                return None
            case _:
                assert_never(self.state)

    async def ask(self, asker: int, text: str, subject: Call | Plan) -> DriversAnswer:
        """Waits for its turn, opens the question and waits for the answer. ``asker``: a step's id, or WHOLE_PLAN."""
        await self._steps.until(lambda: not any(other < asker for other in self._wanting()))
        async with self._means.question_turn:
            if isinstance(self.state, Unheard):
                self._answered(asker, None)
                return None
            return await self._put(asker, text, subject)

    def answer(self, answer: DriversAnswer) -> None:
        """The dialogue's answer to the open question; without one it changes nothing."""
        if isinstance(self.state, Open):
            self._close(self.state, answer)

    def withdraw(self) -> None:
        """Takes the open question back."""
        if isinstance(self.state, Open):
            self._means.dialogue.withdraw()
            self.state = Quiet()

    def _close(self, state: Open, answer: DriversAnswer) -> None:
        self.state = Unheard() if answer is None else Quiet()
        state.answer.set_result(answer)
        self._answered(state.question.step, answer)

    async def _put(self, asker: int, text: str, subject: Call | Plan) -> DriversAnswer:
        dialogue = self._means.dialogue
        question = dialogue.ask(text, subject)
        state = Open(
            question=OpenQuestion(id=question.id, text=question.text, step=asker),
            answer=asyncio.get_running_loop().create_future(),
        )
        self.state = state
        self._steps.tell()
        try:
            while True:
                try:
                    async with asyncio.timeout(dialogue.remaining_s + _LATER_S):
                        return await asyncio.shield(state.answer)
                except TimeoutError:
                    if state.answer.done():
                        return state.answer.result()
                    if dialogue.expire() is not None or dialogue.question is None:
                        self._close(state, None)
                        return None
        finally:
            if self.state is state:  # whoever asked was cancelled
                self.state = Quiet()
            self._steps.tell()
