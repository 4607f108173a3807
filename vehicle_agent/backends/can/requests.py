"""What goes out: commands with a request id that the unit's status echoes, and who waits for that."""

import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from vehicle_agent.backends.can.frames import Outgoing, Received
from vehicle_agent.backends.can.link import CanLink
from vehicle_agent.backends.can.reception import Reception
from vehicle_agent.events import Events, Frame
from vehicle_apis.binding import Command
from vehicle_apis.call import Call
from vehicle_apis.e2e import E2ESender

_LAST_REQUEST_ID: Final = 255
_KEPT_ACCEPT_TIMES: Final = 256

_log = logging.getLogger(__name__)


class Pending(Protocol):
    """A command that was handed over and whose answer is still awaited."""

    @property
    def request_ids(self) -> set[int]:
        """Those that the unit has yet to answer."""

    def observe(self, message: str) -> bool:
        """Takes note of new values of ``message``; whether they brought it a step further."""

    def is_ended_by(self, stop: Command) -> bool:
        """Whether ``stop`` ends what it began."""

    def stopped(self) -> None:
        """What it began has been ended: it will not arrive any more."""


class Requests:
    """The commands under way on one bus.

    ``rng`` chooses the first request id; ``events`` hear of every command sent and of every frame that brings one
    further. ``accept_ms``: the latest times from send to accepted.
    """

    def __init__(self, reception: Reception, link: CanLink, events: Events, rng: random.Random | None = None) -> None:
        self.reception = reception
        self.link = link
        self.binding = reception.binding
        self.store = reception.store
        self.clock = reception.clock
        self._events = events
        self.accept_ms: deque[float] = deque(maxlen=_KEPT_ACCEPT_TIMES)
        # a random start, so that a restarted agent does not repeat a frame of its predecessor
        self._request_id = (rng or random.Random()).randrange(_LAST_REQUEST_ID)  # noqa: S311 - no secret
        self._pending: list[Pending] = []
        network = self.binding.network
        self._senders = {
            name: E2ESender(network.protections[name]) for name in network.commands if name in network.protections
        }

    # --- who waits --------------------------------------------------------------------------------------------------

    @property
    def pending(self) -> tuple[Pending, ...]:
        return tuple(self._pending)

    def watch(self, command: Pending) -> None:
        if command not in self._pending:
            self._pending.append(command)

    def unwatch(self, command: Pending) -> None:
        if command in self._pending:
            self._pending.remove(command)

    def observe(self, message: str, frame: Received) -> None:
        """``frame`` has brought new values of ``message``."""
        about_a_command = [command.observe(message) for command in self.pending]
        if any(about_a_command):
            self._events.publish(
                Frame(frame_id=frame.frame_id, name=message, data=frame.data, time_s=frame.time_s, direction="received")
            )

    def accepted_after(self, elapsed_ms: float, call: Call) -> None:
        """Notes how long a control unit took to accept."""
        self.accept_ms.append(elapsed_ms)
        target_ms = self.binding.protocol.accept_target_ms
        if elapsed_ms > target_ms:
            _log.info("%s was accepted after %.0f ms, the target is %d ms", call.name, elapsed_ms, target_ms)

    # --- sending ----------------------------------------------------------------------------------------------------

    def transmit(
        self, command: Command, status: str, dropped: Callable[[str], None], *, only_takes_away: bool = False
    ) -> int:
        """Hands one command to the wire; its request id, which ``status`` will echo. Raises Unavailable."""
        network, protocol = self.binding.network, self.binding.protocol
        message = network.message(command.message)
        request_id = self._next_request_id(status)

        def encode(left_ms: float) -> bytes:
            # the frame's own time to live counts down from the send, its resolution is 10 ms
            life_ms = max(10.0, min(left_ms, float(protocol.time_to_live_ms)))
            values = {**command.values, protocol.request_id: request_id, protocol.time_to_live: life_ms}
            return network.encode(command.message, values)

        def sent(data: bytes, time_s: float) -> None:
            self._events.publish(
                Frame(frame_id=message.frame_id, name=message.name, data=data, time_s=time_s, direction="sent")
            )

        self.link.send(
            Outgoing(
                frame_id=message.frame_id,
                is_extended=message.is_extended_frame,
                encode=encode,
                deadline_s=self.clock() + protocol.time_to_live_ms / 1000,
                sent=sent,
                dropped=dropped,
                protection=self._senders.get(message.name),
                only_takes_away=only_takes_away,
            )
        )
        return request_id

    def _next_request_id(self, status: str) -> int:
        """An id that no request under way has and that the unit does not echo already, from a time before."""
        echoed = (self.store.values(status) or {}).get(self.binding.protocol.request_id)
        taken = {echoed}.union(*(command.request_ids for command in self._pending))
        for _ in range(_LAST_REQUEST_ID):
            self._request_id = self._request_id % _LAST_REQUEST_ID + 1
            if self._request_id not in taken:
                break
        return self._request_id
