"""Motors under way: which run, and stopping them all at once.

What this agent began is remembered from the send until the car shows that it is over, whether or not anybody still
waits for it. What the car shows to run is stopped as well, whoever began it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Final

from vehicle_agent.backends.base import StoppedMotion
from vehicle_agent.backends.can.actions import CommandAction, stop_action
from vehicle_agent.backends.can.requests import Requests
from vehicle_agent.errors import BackendError
from vehicle_apis.binding import Command, CommandFunction
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue

LONGEST_S: Final = 60.0  # a motion that nothing was heard of is over by then; no motor of a car takes longer
SHOWN_AFTER_S: Final = 1.0  # from the send until the status shows that the motor runs
ATTEMPTS: Final = 3
PAUSE_S: Final = 0.1
STILL_AFTER_S: Final = 0.5
_KEPT: Final = 32


class CanMotions:
    """The `Stopper` of a CAN backend."""

    def __init__(self, requests: Requests, catalogue: Catalogue) -> None:
        self._requests = requests
        self._catalogue = catalogue
        self._begun: list[CommandAction] = []

    def began(self, action: CommandAction) -> None:
        """``action`` has just been handed over."""
        self._begun = [*(a for a in self._begun if a is not action), action][-_KEPT:]

    def ended(self, action: CommandAction) -> None:
        self._begun = [a for a in self._begun if a is not action]

    async def stop_motion(self, call: Call) -> None:
        """Stops at once what ``call`` began, as its binding says. Does nothing when there is no such stop.

        It needs no permit, because it only takes away. Raises Unavailable or NotConfirmed.
        """
        binding = self._requests.binding
        function = binding.function(call.name) if call.name in binding else None
        if not isinstance(function, CommandFunction):
            return
        command = function.stop(call)
        if command is None:
            return
        action = stop_action(self._requests, function, (command,), call)
        action.hand_over(only_takes_away=True)
        for other in self._requests.pending:
            if other is not action and other.is_ended_by(command):
                other.stopped()
        await action.accepted()

    async def close_camera(self) -> None:
        """Takes the camera picture away, whichever it is. Raises Unavailable or NotConfirmed."""
        await self.stop_motion(self._catalogue.call("show_camera", view="front"))

    def recall(self) -> None:
        """The driving state got worse: commands that are not on the bus yet are dropped, stops are not."""
        self._requests.link.recall()

    @property
    def under_way(self) -> bool:
        self._forget_what_is_over()
        return bool(self._begun) or bool(self._shown())

    def stop(self) -> tuple[Coroutine[None, None, StoppedMotion], ...]:
        self._forget_what_is_over()
        stopping = [self._stop_of(action) for action in self._begun]
        stopping += [_Stop(self._requests, function, command) for function, command in self._shown()]
        for one in stopping:
            one.hand_over()
        return tuple(one.outcome() for one in stopping)

    def _stop_of(self, action: CommandAction) -> "_Stop":
        command = action.function.stop(action.call)
        if command is None:
            raise ValueError(f"{action.call} cannot be stopped")
        return _Stop(self._requests, action.function, command, action, self.ended)

    def _shown(self) -> list[tuple[CommandFunction, Command]]:
        """Stops of what the car shows to run and a stop of what was begun here would not end."""
        read, found = self._requests.store.read, []
        stopped: set[tuple[str, str]] = set()
        for function in self._requests.binding.motors:
            begun = [a.exchange.targets for a in self._begun if a.function.command == function.command]
            if begun and not function.activity.tells_motors_apart:
                continue
            for target, command in function.stops_of_what_moves(read):
                if any(not targets or target in targets for targets in begun):
                    continue
                if (function.command, target) not in stopped:  # two functions may drive one motor
                    stopped.add((function.command, target))
                    found.append((function, command))
        return found

    def _forget_what_is_over(self) -> None:
        self._begun = [action for action in self._begun if self._runs(action)]

    def _runs(self, action: CommandAction) -> bool:
        if action.is_awaited:
            return True
        shown = action.function.activity.moves(action.exchange.targets, self._requests.store.read)
        age_s = self._requests.clock() - action.sent_s
        if shown is not None:
            return shown or (age_s <= SHOWN_AFTER_S and not action.is_over)
        return not action.is_over and age_s <= LONGEST_S


class _Stop:
    """One stop, tried a few times; ``ended`` hears when it has worked."""

    def __init__(
        self,
        requests: Requests,
        function: CommandFunction,
        command: Command,
        begun: CommandAction | None = None,
        ended: Callable[[CommandAction], None] = lambda _action: None,
    ) -> None:
        self.commands = (command,)
        self._requests = requests
        self._function = function
        self._begun = begun
        self._ended = ended
        self._problem: BackendError | None = None
        self._action: CommandAction | None = None

    def hand_over(self) -> None:
        call = self._function.some_call() if self._begun is None else self._begun.call
        self._action = stop_action(self._requests, self._function, self.commands, call)
        try:
            self._action.hand_over(only_takes_away=True)
        except BackendError as e:
            self._action, self._problem = None, e

    async def outcome(self) -> StoppedMotion:
        for attempt in range(1, ATTEMPTS + 1):
            if attempt > 1:
                await asyncio.sleep(PAUSE_S)
                self.hand_over()
            if self._action is None:
                continue
            try:
                await self._action.accepted()
            except BackendError as e:
                self._problem = e
            else:
                await self._standing_still()
                return self._stopped()
        return self._told(f"I could not stop it: {self._problem}", failed=True)

    async def _standing_still(self) -> None:
        """Waits until the car shows where it stands: the answer to the stop may come before that."""
        if self._begun is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STILL_AFTER_S):
                while self._function.activity.moves(self._begun.exchange.targets, self._requests.store.read):
                    await self._requests.reception.next_frame(self._function.status)

    def _stopped(self) -> StoppedMotion:
        begun = self._begun
        if begun is None:
            unit = self._requests.binding.ecu(self._function.status)
            return self._told(f"the {unit} has stopped what was moving", failed=False)
        self._ended(begun)
        begun.stopped()
        return self._told(self._function.stopped(begun.exchange, self._requests.store.read), failed=False)

    def _told(self, text: str, *, failed: bool) -> StoppedMotion:
        text = ". ".join(part[:1].upper() + part[1:] for part in text.rstrip(".").split(". ")) + "."
        call = None if self._begun is None else self._begun.call
        what = str(call) if call is not None else self._requests.binding.ecu(self._function.status)
        return StoppedMotion(what=what, text=text, call=call, sending=self._begun, failed=failed)
