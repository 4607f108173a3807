"""What a conversation remembers: the last turns that did something, and what is open.

A conversation is the turns of one speaker while none comes more than a minute after the one before. Nothing here makes
anything pass the gate: it only decides what words mean.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Final

from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import Earlier, PastTurn, WantedPiece

EXPIRES_S: Final = 60.0
MAX_TURNS: Final = 2  # that the model sees
_KEPT: Final = 6  # so that an undo finds the command before


class Memory:
    """One speaker's conversation. ``now_s`` is monotonic seconds, of one clock for all calls.

    For every utterance `begin`, then `earlier` for the planner, then `understood`. What became of it is told by `did`
    before the next one; else it is taken as carried out.
    """

    def __init__(self) -> None:
        self._turns: list[PastTurn] = []
        self._wanted: WantedPiece | None = None
        self._number = 0
        self._last_s: float | None = None

    @property
    def number(self) -> int:
        """The number of the present turn; 0 before the first."""
        return self._number

    def begin(self, now_s: float, number: int | None = None) -> int:
        """A new turn; its number, which is the next one unless it is given."""
        if self._last_s is not None and now_s - self._last_s > EXPIRES_S:
            self.forget()
        self._last_s = now_s
        self._number = self._number + 1 if number is None else number
        return self._number

    def forget(self) -> None:
        """A new conversation."""
        self._turns = []
        self._wanted = None
        self._number = 0
        self._last_s = None

    def earlier(self, *, asked: bool = False) -> Earlier:
        """What was before the present turn. ``asked``: a yes/no question about the last plan is open."""
        turns = self._turns[-MAX_TURNS:]
        if asked and turns and not turns[-1].declined:
            before = [turn for turn in self._turns[:-1] if not turn.declined][-1:]
            return Earlier(turns=tuple(before), asked=turns[-1].plan)
        if turns and any(turn.declined for turn in turns[:-1]):
            turns = [turn for turn in self._turns if not turn.declined][-MAX_TURNS:]
        return Earlier(turns=tuple(turns), wanted=self._wanted)

    def understood(self, meaning: Utterance, words: str, *, asked: bool = False) -> None:
        """What the present turn means. ``words``: as they were heard; ``asked`` as for `earlier`."""
        before, self._wanted = self._wanted, None
        match meaning:
            case Incomplete(spec=spec, missing=missing):
                told = f"{before.words} {words}" if before is not None and before.function == spec.name else words
                self._wanted = WantedPiece(told, spec.name, missing)
            case Reply(answer=answer):
                if answer != "yes":
                    self._decline()
            case Plan() | Routed(plan=Plan()):
                plan = meaning.plan if isinstance(meaning, Routed) else meaning
                self._acted(plan, instead=asked)
            case Refusal():
                pass

    def did(self, number: int, done: AbstractSet[int]) -> None:
        """Only the steps with the ids ``done`` were carried out of turn ``number``: what was refused is no context."""
        self._turns = [turn for turn in map(partial(_kept, number, done), self._turns) if turn.plan.steps]

    def _acted(self, plan: Plan, *, instead: bool) -> None:
        if not plan.steps:
            return
        if instead and self._turns:
            self._turns.pop()  # it was asked about and never done
        undone = any(step.call.spec.takes_back for step in plan)
        if undone:
            while self._turns and self._turns[-1].declined:
                self._turns.pop()
            self._turns = self._turns[:-1]
        left = tuple(step for step in plan if not step.call.spec.takes_back)
        if left:
            self._turns = [*self._turns, PastTurn(self._number, Plan(left))][-_KEPT:]

    def _decline(self) -> None:
        if self._turns and not self._turns[-1].declined:
            self._turns[-1] = replace(self._turns[-1], declined=True)


def _kept(number: int, done: AbstractSet[int], turn: PastTurn) -> PastTurn:
    if turn.number != number or turn.declined:
        return turn
    steps = tuple(step for step in turn.plan if step.id in done and set(step.call.refs) <= done)
    return replace(turn, plan=Plan(tuple(replace(step, after=()) for step in steps)))
