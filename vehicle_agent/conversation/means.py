"""What every plan under way shares: the gate, the dialogue, the standing rules, the world and the backends."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from state_machines.dialogue import Dialogue
from state_machines.expansion import Context
from state_machines.gate import Gate
from state_machines.standing import StandingRules
from vehicle_agent.backends.base import Backend, Meant, Motions, Names
from vehicle_agent.conversation.world_view import WorldView
from vehicle_agent.events import Events
from vehicle_apis.call import Call
from vehicle_apis.signals import Signals


class Means:
    """``backends`` by name; ``carried_by``: the name of the one that carries a call out in this car; ``motions``: the
    motors that run, None where nothing can be stopped.

    ``question_turn``: one question at a time, whichever plan it is of.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        dialogue: Dialogue,
        standing: StandingRules,
        world: WorldView,
        backends: Mapping[str, Backend],
        events: Events,
        carried_by: Callable[[Call], str] = lambda call: call.spec.backend,
        clock: Callable[[], float] = time.monotonic,
        motions: Motions | None = None,
    ) -> None:
        self.gate = gate
        self.dialogue = dialogue
        self.standing = standing
        self.world = world
        self.backends = backends
        self.carried_by = carried_by
        self.events = events
        self.clock = clock
        self.motions = motions
        self.question_turn = asyncio.Lock()
        self.is_closed = False  # from then on nothing is sent any more

    async def meant(self, call: Call) -> Meant:
        """The call with the names of the head unit in place of the driver's words. Raises BackendError."""
        backend = self.backends.get(self.carried_by(call))
        return await backend.meant(call) if isinstance(backend, Names) else Meant(call=call)

    def reaching(self, meant: Meant) -> Context:
        """What the head unit is doing, with the number that the call reaches."""
        return replace(self.world.context(), number=meant.number, emergency_numbers=meant.emergency_numbers)

    async def look(self, meant: Meant) -> tuple[Signals, Context]:
        """What a judgement of the call depends on, as of the moment this returns."""
        if meant.call.spec.resumes:
            await self.world.refresh()
        return self.world.signals(), self.reaching(meant)
