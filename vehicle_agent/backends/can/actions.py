"""Actions: one call made ready, sent with a permit, confirmed by what the car then shows."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Final

from state_machines.permit import Permit
from vehicle_agent.backends.base import Observed
from vehicle_agent.backends.can.reception import Reception
from vehicle_agent.backends.can.requests import Requests
from vehicle_agent.errors import BackendError, NotConfirmed, Stopped, Unavailable
from vehicle_apis.binding import CodeReading, Command, CommandFunction, Exchange, ItemReading, NotReported
from vehicle_apis.call import Call
from vehicle_apis.params import Scalar

_DONE_GRACE_S: Final = 1.0  # how long read-back in other messages may lag behind the unit's "done"
_CODES_TIMEOUT_S: Final = 3.0


class CommandAction:
    """A command with read-back. `send` may be called again after a failure, with a new permit and new request ids.

    ``began`` hears of it each time it is handed over.
    """

    def __init__(
        self,
        requests: Requests,
        function: CommandFunction,
        exchange: Exchange,
        began: "Callable[[CommandAction], None] | None" = None,
    ) -> None:
        self.call: Call = exchange.call
        self.undo: tuple[Call, ...] = exchange.undo
        self._requests = requests
        self._began = began
        self._function = function
        self._exchange = exchange
        self._sent_s = 0.0
        self._waiting: set[int] = set()  # request ids that have not been accepted yet
        self._unfinished: set[int] = set()  # request ids whose "done" has not come yet
        self._failure: BackendError | None = None
        self._accepted = asyncio.Event()
        self._finished = asyncio.Event()
        self._grace: asyncio.TimerHandle | None = None

    @property
    def status(self) -> str:
        return self._exchange.status

    @property
    def function(self) -> CommandFunction:
        return self._function

    @property
    def exchange(self) -> Exchange:
        return self._exchange

    @property
    def sent_s(self) -> float:
        """When it was handed over, by the backend's clock."""
        return self._sent_s

    @property
    def is_over(self) -> bool:
        """Whether the car has shown that the command is done, or said that it will not be."""
        return self._finished.is_set()

    @property
    def is_awaited(self) -> bool:
        """Whether somebody still waits for what comes of it, and nothing has."""
        return self in self._requests.pending and not self.is_over

    @property
    def request_ids(self) -> set[int]:
        """Those whose answers are still awaited."""
        return self._waiting | self._unfinished

    def send(self, permit: Permit) -> None:
        permit.redeem(self.call, self._requests.clock())
        self.hand_over()

    def hand_over(self, *, only_takes_away: bool = False) -> None:
        """Puts the frames on their way. Only `send` and a standing stop may do so. Raises Unavailable."""
        requests = self._requests
        self._sent_s = requests.clock()
        self._failure = None
        self._accepted.clear()
        self._finished.clear()
        self._end_grace()
        self._waiting.clear()
        self._unfinished.clear()
        requests.watch(self)
        try:
            for command in self._exchange.commands:
                request_id = requests.transmit(command, self.status, self._dropped, only_takes_away=only_takes_away)
                self._waiting.add(request_id)
                self._unfinished.add(request_id)
        except Unavailable:
            requests.unwatch(self)
            raise
        if self._began is not None:
            self._began(self)

    async def outcome(self) -> Observed:
        requests, exchange = self._requests, self._exchange
        protocol = requests.binding.protocol
        try:
            waited_ms = (requests.clock() - self._sent_s) * 1000
            if not await self._within(self._accepted, protocol.accept_timeout_ms - waited_ms):
                raise NotConfirmed(requests.reception.silence(self.status), seen=self._seen())
            if not await self._within(self._finished, exchange.timeout_ms):
                raise NotConfirmed(self._too_late(), seen=self._seen())
            if self._failure is not None:
                raise self._failure
            text = self._function.sentence(exchange, requests.store.read)
            return Observed(text=text, values=self._seen())
        finally:
            requests.unwatch(self)
            self._end_grace()

    @property
    def is_accepted(self) -> bool:
        """Whether the unit has taken what was sent last, or refused it."""
        return self._accepted.is_set()

    async def accepted(self) -> None:
        """Waits only until the unit has taken the command. Raises NotConfirmed, Unavailable."""
        try:
            if not await self._within(self._accepted, self._requests.binding.protocol.accept_timeout_ms):
                raise NotConfirmed(self._requests.reception.silence(self.status))
            if self._failure is not None:
                raise self._failure
        finally:
            self._requests.unwatch(self)

    @staticmethod
    async def _within(event: asyncio.Event, limit_ms: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, limit_ms / 1000)):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True

    # --- what comes back --------------------------------------------------------------------------------------------

    def observe(self, message: str) -> bool:
        """Takes note of new values; whether they brought this action a step further."""
        if self._finished.is_set():
            return False
        answered = message == self.status and self._take_answer()
        if not self._accepted.is_set() or self._finished.is_set():
            return answered
        read = self._requests.store.read
        expectations = self._exchange.expectations
        reached = all(e.is_met_by(read(e.ref)) for e in expectations) if expectations else not self._unfinished
        if reached:
            self._finished.set()
        return answered or reached

    def _take_answer(self) -> bool:
        """Reads request id and result from the status; whether it told something new about one of our requests."""
        protocol = self._requests.binding.protocol
        values = self._requests.store.values(self.status) or {}
        request_id = values.get(protocol.request_id)
        if request_id not in self._unfinished and request_id not in self._waiting:
            return False
        ours = int(request_id)
        result = values.get(protocol.result)
        if result == protocol.rejected:
            reason = str(values.get(protocol.reason, "")) if protocol.reason is not None else ""
            why = f": {self._requests.binding.reason(reason)}" if reason not in {"", "none"} else ""
            self._fail(
                NotConfirmed(
                    f"The {self._requests.binding.ecu(self.status)} refused{why}.",
                    seen={**self._seen(), protocol.result: protocol.rejected, "reason": reason},
                    refused=True,
                )
            )
        elif result in {protocol.accepted, protocol.done}:
            if result == protocol.accepted and ours not in self._waiting:
                return False
            self._waiting.discard(ours)
            if result == protocol.done:
                self._unfinished.discard(ours)
            if not self._waiting and not self._accepted.is_set():
                self._accepted.set()
                answered_s = self._requests.store.last_s(self.status)
                self._requests.accepted_after((answered_s - self._sent_s) * 1000, self.call)
            if not self._unfinished and self._grace is None and self._exchange.expectations:
                self._grace = asyncio.get_running_loop().call_later(_DONE_GRACE_S, self._done_but_not_shown)
        return True

    def _end_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def _done_but_not_shown(self) -> None:
        if not self._finished.is_set():
            self._fail(NotConfirmed(self._too_late(), seen=self._seen()))

    def _dropped(self, why: str) -> None:
        """The frame never reached the bus."""
        name = self._requests.link.name
        self._fail(Unavailable(f"The command could not be put on the CAN bus {name} in time ({why}). Check the bus."))

    def stopped(self) -> None:
        """A standing rule or the driver has ended what this action began: it will not arrive any more."""
        self._fail(Stopped(seen=self._seen()))

    def is_ended_by(self, stop: Command) -> bool:
        """Whether ``stop`` ends what this action began."""
        return self._function.stop(self.call) == stop

    def _fail(self, failure: BackendError) -> None:
        if not self._finished.is_set():
            self._failure = failure
            self._accepted.set()
            self._finished.set()

    def _seen(self) -> Mapping[str, Scalar]:
        read = self._requests.store.read
        shown = {e.ref.signal: read(e.ref) for e in self._exchange.expectations}
        return {name: value for name, value in shown.items() if value is not None}

    def _too_late(self) -> str:
        ecu = self._requests.binding.ecu(self.status)
        if not self._requests.store.is_fresh(self.status):
            return f"The {ecu} does not answer any more."
        if self._function.sentence_shows_state and self._exchange.expectations:
            shown = self._function.sentence(self._exchange, self._requests.store.read)
            return f"The {ecu} accepted the command, but {shown}."
        return f"The {ecu} accepted the command but did not carry it out."


def stop_action(
    requests: Requests, function: CommandFunction, commands: tuple[Command, ...], call: Call
) -> CommandAction:
    """An action whose only effect is that something ends; hand it over as one that only takes away."""
    exchange = Exchange(
        call=call,
        arguments={},
        targets=(),
        commands=commands,
        expectations=(),
        status=function.status,
        timeout_ms=requests.binding.protocol.accept_timeout_ms,
    )
    return CommandAction(requests, function, exchange)


class ReadingAction:
    """Tells a value. Nothing is sent; the permit is used up all the same."""

    undo: tuple[Call, ...] = ()

    def __init__(self, reception: Reception, function: ItemReading, call: Call) -> None:
        self.call = call
        self._reception = reception
        self._function = function

    def send(self, permit: Permit) -> None:
        permit.redeem(self.call, self._reception.clock())

    async def outcome(self) -> Observed:
        try:
            text, values = self._function.tell(self.call, self._reception.store.read)
        except NotReported as e:
            raise Unavailable(self._reception.silence(e.ref.message)) from e
        return Observed(text=text, values=values, result=text)


class CodesAction:
    """Collects the stored trouble codes, which come one a frame."""

    undo: tuple[Call, ...] = ()

    def __init__(self, reception: Reception, function: CodeReading, call: Call) -> None:
        self.call = call
        self._reception = reception
        self._function = function

    def send(self, permit: Permit) -> None:
        permit.redeem(self.call, self._reception.clock())

    async def outcome(self) -> Observed:
        function = self._function
        frames: dict[int, Mapping[str, Scalar]] = {}
        try:
            async with asyncio.timeout(_CODES_TIMEOUT_S):
                async with aclosing(self._reception.frames_of(function.message)) as pages:
                    async for values in pages:
                        count = values[function.count.signal]
                        # a code that was added or cleared meanwhile starts the list anew
                        frames = {i: f for i, f in frames.items() if f[function.count.signal] == count}
                        frames[int(values[function.index.signal])] = values
                        codes = function.collected(frames)
                        if codes is not None:
                            text = function.tell(codes)
                            return Observed(text=text, values={"codes": " ".join(codes)}, result=text)
        except TimeoutError as e:
            raise Unavailable(self._reception.silence(function.message)) from e
        raise Unavailable(self._reception.silence(function.message))
