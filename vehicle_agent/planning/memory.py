"""What a conversation remembers: the last turns that did something, and what is open.

A conversation is the turns of one speaker while none comes more than a minute after the one before. Nothing here makes
anything pass the gate: it only decides what words mean.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import Earlier, PastTurn, WantedPiece

EXPIRES_S: Final = 60.0
MAX_TURNS: Final = 2  # that the model sees
_KEPT: Final = 6  # so that an undo finds the command before


class Memory:
    """One speaker's conversation. ``now_s`` is monotonic seconds, of one clock for all calls.

    For every utterance `begin`, then `earlier` for the planner, then `understood`, by which a plan is taken as carried
    out. Who carries plans out tells `wants` of the utterance instead, `came_about` of the plan when it has ended, and
    takes `meanwhile` for `earlier` as long as it has not.
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

    def goes_on(self, now_s: float) -> None:
        """The exchange of the present turn has lasted until now: an answer came, or what was asked for was done."""
        if self._last_s is not None:
            self._last_s = max(self._last_s, now_s)

    def forget(self) -> None:
        """A new conversation."""
        self._turns = []
        self._wanted = None
        self._number = 0
        self._last_s = None

    @property
    def turns(self) -> tuple[PastTurn, ...]:
        """Those that did something, the last of them."""
        return tuple(self._turns)

    def restore(self, now_s: float, number: int, turns: Sequence[PastTurn], wanted: WantedPiece | None) -> None:
        """Goes on with a conversation that was put away after turn ``number``."""
        self._turns = list(turns)[-_KEPT:]
        self._wanted = wanted
        self._number = number
        self._last_s = now_s

    def earlier(self, *, asked: bool = False) -> Earlier:
        """What was before the present turn. ``asked``: a yes/no question about the last plan is open."""
        if asked and self._turns and not self._turns[-1].declined:
            return Earlier(turns=_acting(self._turns[:-1], 1), asked=self._turns[-1].plan)
        return Earlier(turns=_seen(self._turns), wanted=self._wanted)

    def meanwhile(self, number: int, done: Plan, declined: Plan, asked: Plan) -> Earlier:
        """The same while turn ``number`` has not ended: ``done`` and ``declined`` as for `came_about`.

        ``asked``: what of it waits for the answer to an open question; empty where nobody has heard that.
        """
        turns = turns_after(self._turns, number, done, declined)
        if asked.steps:
            return Earlier(turns=_acting(turns, 1), asked=asked)
        return Earlier(turns=_seen(turns), wanted=self._wanted)

    def understood(self, meaning: Utterance, words: str, *, asked: bool = False) -> None:
        """What the present turn means. ``words``: as they were heard; ``asked`` as for `earlier`."""
        self.wants(meaning, words)
        match meaning:
            case Reply(answer=answer):
                if answer != "yes":
                    self._decline()
            case Plan() | Routed(plan=Plan()):
                plan = meaning.plan if isinstance(meaning, Routed) else meaning
                if asked and plan.steps and self._turns and not self._turns[-1].declined:
                    self._turns.pop()  # it was asked about and never done
                self.came_about(self._number, plan)
            case Incomplete() | Refusal():
                pass

    def wants(self, meaning: Utterance, words: str) -> None:
        """Whether the present turn lacks a piece, which the next one may bring."""
        before, self._wanted = self._wanted, None
        if isinstance(meaning, Incomplete):
            name = meaning.spec.name
            if before is not None and before.function == name and not words.startswith(before.words):
                words = f"{before.words} {words}"
            self._wanted = WantedPiece(words, name, meaning.missing)

    def came_about(self, number: int, done: Plan, declined: Plan = Plan()) -> None:  # noqa: B008 - frozen
        """``done`` was carried out of turn ``number``; ``declined`` was asked about and not wanted.

        Anything else of it, what was refused or failed, is no context.
        """
        self._turns = turns_after(self._turns, number, done, declined)

    def _decline(self) -> None:
        if self._turns and not self._turns[-1].declined:
            self._turns[-1] = replace(self._turns[-1], declined=True)


def turns_after(turns: Sequence[PastTurn], number: int, done: Plan, declined: Plan) -> list[PastTurn]:
    """``turns`` with what came about of turn ``number``."""
    after = list(turns)
    if any(step.call.spec.takes_back for step in done):
        while after and after[-1].declined:
            after.pop()
        after = after[:-1]
    left = tuple(step for step in done if not step.call.spec.takes_back)
    if left:
        after.append(PastTurn(number, Plan(left)))
    if declined.steps:
        after.append(PastTurn(number, declined, declined=True))
    return after[-_KEPT:]


def _acting(turns: Sequence[PastTurn], most: int) -> tuple[PastTurn, ...]:
    return tuple([turn for turn in turns if not turn.declined][-most:])


def _seen(turns: Sequence[PastTurn]) -> tuple[PastTurn, ...]:
    """What the model sees: a declined turn only where it is the last."""
    return (*_acting(turns[:-1], MAX_TURNS), *turns[-1:])[-MAX_TURNS:]
