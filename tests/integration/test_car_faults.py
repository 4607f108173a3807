"""Faults that strike commands on their way to the simulated car, on an in-process CAN bus."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import can
import pytest
from support.waiting import until

from simulators.car import Car, Wiring, load_wiring
from vehicle_apis.e2e import E2ESender
from vehicle_apis.params import Scalar

_channels = itertools.count()


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    return load_wiring()


@pytest.fixture
def channel() -> str:
    return f"test-car-faults-{next(_channels)}"


@pytest.fixture
async def car(channel: str, wiring: Wiring) -> AsyncIterator[Car]:
    async with Car(channel, time_scale=20, wiring=wiring, seed=4) as car:
        yield car


class Agent:
    """Sends commands and keeps the answers."""

    def __init__(self, car: Car, channel: str) -> None:
        self._network = car.wiring.network
        self._bus = can.Bus(interface="virtual", channel=channel)
        self._senders: dict[str, E2ESender] = {}
        self.told: dict[str, list[dict[str, Scalar]]] = {}
        self._ids = itertools.count(1)
        self.shutdown = self._bus.shutdown

    def command(self, message: str, **values: Scalar) -> int:
        """The request's number."""
        number = next(self._ids)
        plain = self._network.encode(message, {"RequestId": number, "TimeToLive": 200, **values})
        sender = self._senders.setdefault(message, E2ESender(self._network.protections[message]))
        frame_id = self._network.message(message).frame_id
        self._bus.send(can.Message(arbitration_id=frame_id, data=sender.protect(plain), is_extended_id=False))
        return number

    def answers(self, status: str, number: int) -> list[tuple[Scalar, Scalar]]:
        while (message := self._bus.recv(0)) is not None:
            known = self._network.message_of(message.arbitration_id)
            assert known is not None
            values = self._network.decode(known, bytes(message.data))
            assert values is not None
            self.told.setdefault(known.name, []).append(values)
        seen = [a for a in self.told.get(status, []) if a["RequestId"] == number]
        return [(a["Result"], a["Reason"]) for a in seen]


@pytest.fixture
def agent(car: Car, channel: str) -> Iterator[Agent]:
    agent = Agent(car, channel)
    yield agent
    agent.shutdown()


async def answered(agent: Agent, number: int, status: str = "ValetStatus") -> tuple[Scalar, Scalar]:
    await until(lambda: bool(agent.answers(status, number)), 10)
    return agent.answers(status, number)[0]


@pytest.mark.parametrize(
    "fault", ["ignore Body", "bus_off Body 3600", "unplug Body", "silence ValetCommand", "drop ValetCommand 1"]
)
async def test_a_command_gets_no_answer(car: Car, agent: Agent, fault: str) -> None:
    car.inject(fault)
    lost = agent.command("ValetCommand", TargetState="on")
    other = agent.command("WindowCommand", Selector="lock", TargetLock="on")
    assert (await answered(agent, other, "WindowStatus"))[0] == "accepted"
    await asyncio.sleep(0.05)
    assert car.state()["valet_mode"] == "off"
    car.clear(fault)
    number = agent.command("ValetCommand", TargetState="on")
    assert (await answered(agent, number))[0] == "accepted"
    assert not agent.answers("ValetStatus", lost)


async def test_cyclic_frames_of_a_unit_that_ignores_commands_go_on(car: Car, agent: Agent) -> None:
    car.inject("ignore Body")
    await asyncio.sleep(0.05)
    agent.answers("ValetStatus", 0)
    agent.told.clear()
    await until(lambda: len(agent.answers("ValetStatus", 0)) >= 2)


async def test_commands_are_rejected_with_the_reason(car: Car, agent: Agent) -> None:
    car.inject("reject Valet locked")
    number = agent.command("ValetCommand", TargetState="on")
    assert await answered(agent, number) == ("rejected", "locked")
    assert car.state()["valet_mode"] == "off"
    car.clear("reject Valet")
    assert (await answered(agent, agent.command("ValetCommand", TargetState="on")))[0] == "accepted"


async def test_a_command_under_way_is_forgotten_by_a_reset(car: Car, agent: Agent) -> None:
    car.time_scale = 1
    number = agent.command("WindowCommand", Selector="position", WindowMask=1, TargetPosition=100)
    await answered(agent, number, "WindowStatus")
    car.inject("reset Windows 0.1")
    before = len(agent.answers("WindowStatus", number))
    await until(lambda: car.faults == ())
    await until(lambda: bool(agent.answers("WindowStatus", 0)))
    assert len(agent.answers("WindowStatus", number)) == before
    assert 0 <= float(car.state()["driver_window"]) < 100
    again = agent.command("WindowCommand", Selector="lock", TargetLock="on")
    assert (await answered(agent, again, "WindowStatus"))[0] == "accepted"


async def test_a_delayed_command_has_expired(car: Car, agent: Agent) -> None:
    car.inject("delay ValetCommand 400")
    number = agent.command("ValetCommand", TargetState="on")
    assert await answered(agent, number) == ("rejected", "expired")
    assert car.counts["expired"] == 1
    assert car.state()["valet_mode"] == "off"


async def test_a_repeated_command_is_carried_out_once(car: Car, agent: Agent) -> None:
    car.inject("repeat MirrorCommand 3")
    agent.command("MirrorCommand", Selector="tilt", Mirror=1, Direction="up")
    await until(lambda: car.counts["dropped_bad"] == 3)
    await until(lambda: car.state()["left_mirror_vertical"] == 2)


@pytest.mark.parametrize("fault", ["corrupt_crc ValetCommand", "corrupt ValetCommand"])
async def test_a_spoilt_command_is_not_carried_out(car: Car, agent: Agent, fault: str) -> None:
    car.inject(fault)
    for _ in range(5):
        agent.command("ValetCommand", TargetState="on")
    await until(lambda: car.counts["dropped_bad"] == 5)
    assert car.state()["valet_mode"] == "off"


async def test_a_babbling_node_reaches_others(car: Car, agent: Agent) -> None:
    del agent
    car.inject("babble 0x7ff 1000")
    sent = car.counts["sent"]
    await until(lambda: car.counts["sent"] > sent + 200)
