"""Conversations written down as lines, planned turn by turn: each in the light of the planner's own plans before it.

Nothing is carried out, so every plan is taken as carried out, and what is asked is what the lines say is asked.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from vehicle_agent.conversation.bare_words import Bare, bare
from vehicle_agent.conversation.follow_up import follow_up
from vehicle_agent.conversation.planners import PlansText
from vehicle_agent.conversation.turn_state import Missing
from vehicle_agent.planning.memory import Memory
from vehicle_agent.planning.planned import Answer, Planned
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

_BARE: Final[dict[Bare | None, Answer]] = {Bare.YES: "yes", Bare.NO: "no", Bare.CANCEL: "cancel"}


class PlansEither(PlansText, Protocol):
    def plan(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        """`plan_async`, waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """``dialogue``: lines of one share a context, "" stands alone; ``turn``: its number there, None = the next one;
    ``asked``: a yes/no question about the turn before is open."""

    text: str
    dialogue: str = ""
    turn: int | None = None
    asked: bool = False


class Dialogues:
    """Plans lines in their order; one conversation after another."""

    def __init__(self, planner: PlansEither) -> None:
        self._planner = planner
        self._memory = Memory()
        self._dialogue = ""
        self._missing: Missing | None = None

    def plan(self, line: SpokenLine) -> Planned:
        """What ``line`` means after those of its dialogue that were planned before it."""
        if not line.dialogue:
            return self._planner.plan(line.text)
        if line.dialogue != self._dialogue:
            self._dialogue, self._missing = line.dialogue, None
            self._memory.forget()
        self._memory.begin(0.0, line.turn)
        earlier = self._memory.earlier(asked=line.asked)
        planned = self._planned(line, earlier)
        self._memory.understood(_meaning(planned), planned.heard, asked=line.asked)
        self._missing = None
        if isinstance(planned.utterance, Incomplete):
            self._missing = Missing(text=planned.heard, command=planned.utterance, put_s=0.0)
        return planned

    def _planned(self, line: SpokenLine, earlier: Earlier) -> Planned:
        answer = _BARE.get(bare(line.text)) if line.asked else None
        if answer is not None:
            return Planned(heard=line.text, utterance=Refusal(), answer=answer, confidence=1.0)
        if self._missing is not None:
            return asyncio.run(follow_up(self._planner, self._missing, line.text, earlier))
        return self._planner.plan(line.text, earlier)


def _meaning(planned: Planned) -> Utterance:
    if planned.answer is not None:
        return Reply(planned.answer)
    if planned.route is not None:
        return Routed(*planned.route, planned.plan)
    return planned.utterance
