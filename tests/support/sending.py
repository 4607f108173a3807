"""The simulated car's frames without a bus and in no time: what is sent, and when."""

from typing import NamedTuple

from simulators.car import parse_fault
from simulators.car.model import CarModel
from simulators.car.transmitter import Frame, Transmitter
from simulators.car.wiring import Wiring
from vehicle_apis.e2e import E2EReceiver, E2EStatus
from vehicle_apis.params import Scalar

START_S = 100.0


class Sent(NamedTuple):
    time_s: float
    frame: Frame


class Sending:
    """A car whose frames are fetched by hand; ``now_s`` goes from one due time to the next."""

    def __init__(self, wiring: Wiring, *, seed: int = 0) -> None:
        self.wiring = wiring
        self.model = CarModel(wiring)
        self.transmitter = Transmitter(self.model, START_S, seed=seed)
        self.now_s = START_S

    def inject(self, words: str) -> None:
        self.transmitter.inject(parse_fault(words), self.now_s)

    def run(self, seconds: float) -> list[Sent]:
        """Every frame of the next ``seconds``."""
        end_s = self.now_s + seconds
        sent: list[Sent] = []
        while (due_s := self.transmitter.next_due_s()) < end_s:
            self.now_s = max(self.now_s, due_s)
            sent += [Sent(self.now_s, frame) for frame in self.transmitter.due(self.now_s)]
        self.now_s = end_s
        return sent

    def frames(self, message: str, seconds: float) -> list[bytes]:
        """The data of one message's frames."""
        return [frame.data for _, frame in self.only(message, self.run(seconds))]

    def only(self, message: str, sent: list[Sent]) -> list[Sent]:
        frame_id = self.wiring.network.message(message).frame_id
        return [s for s in sent if s.frame.frame_id == frame_id]

    def signals(self, message: str, seconds: float, signal: str) -> list[Scalar]:
        """What a receiver without any check reads of one signal."""
        network = self.wiring.network
        decoded = [network.decode(network.message(message), data) for data in self.frames(message, seconds)]
        return [values[signal] for values in decoded if values is not None]

    def statuses(self, message: str, frames: list[bytes]) -> list[E2EStatus]:
        """What a receiver that saw a good frame before makes of these."""
        receiver = E2EReceiver(self.wiring.network.protections[message])
        return [receiver.receive(data) for data in frames][1:]
