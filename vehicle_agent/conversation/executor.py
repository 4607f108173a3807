"""The executor: plans under way, every call judged twice, done only when the car shows it."""

import asyncio
from collections.abc import Iterable

from vehicle_agent.backends.base import Meant
from vehicle_agent.conversation.means import Means
from vehicle_agent.conversation.run import Run
from vehicle_agent.conversation.stops import Stops
from vehicle_agent.errors import BackendError
from vehicle_apis.call import Call, Plan, Step


class Executor(Means):
    """Begins plans, one `Run` each, and answers what may be asked before one begins."""

    @property
    def moves(self) -> bool:
        """Whether a motor runs that can be stopped."""
        return self.motions is not None and self.motions.under_way

    def stop_motions(self) -> Stops:
        """Stops every motor that runs: the commands are on their way when this returns."""
        return Stops(() if self.motions is None else self.motions.stop(), self.standing)

    def start(self, plan: Plan, *, doubt: str = "") -> Run:
        """Begins ``plan`` at once. Await `Run.progress` for what came of it.

        ``doubt``: a question about the whole plan; until it is answered with yes, nothing of it is done.
        """
        run = Run(self)
        run.complete(plan, doubt=doubt)
        return run

    def begin(self) -> Run:
        """A run whose plan is not known yet: `Run.begin` single steps, then `Run.complete`."""
        return Run(self)

    def would_allow(self, call: Call) -> bool:
        """Whether ``call`` would be carried out without a question, as things are now. No judgement that counts."""
        return self.gate.would_allow(call, self.world.signals(), self.world.context())

    def acts_unasked(self, meant: Iterable[Meant]) -> bool:
        """Whether any of the calls would change something without a question of its own, as far as can be told now."""
        signals = self.world.signals()
        for one in meant:
            call = one.call
            if call.spec.reads_only:
                continue
            # what a result will say, or what the head unit plays, is not known yet
            if call.uses_results or call.spec.resumes:
                return True
            if self.gate.would_allow(call, signals, self.reaching(one)):
                return True
        return False

    async def named(self, steps: Iterable[Step]) -> dict[int, Meant]:
        """What each step means, by its id; a step that means nothing the head unit knows is left out."""

        async def one(step: Step) -> Meant | None:
            try:
                return await self.meant(step.call)
            except BackendError:
                return None  # its step will fail with the sentence, having done nothing

        asked = list(steps)
        found = await asyncio.gather(*map(one, asked))
        return {step.id: meant for step, meant in zip(asked, found, strict=True) if meant is not None}
