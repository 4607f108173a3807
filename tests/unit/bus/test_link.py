"""The wire: queues, deadlines, failures."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import can
import pytest
from support.car import Clock
from support.fake_ecu import FakeEcus
from support.waiting import until

from vehicle_agent.backends.can import CanLink
from vehicle_agent.backends.can.bus import channel_of, open_bus
from vehicle_agent.backends.can.frames import Outgoing, Received
from vehicle_agent.backends.can.link import SEND_BOUND
from vehicle_agent.config import BusConfig
from vehicle_agent.errors import Unavailable
from vehicle_agent.events import Frame
from vehicle_apis.binding import CarBinding
from vehicle_apis.e2e import E2ESender

CONFIG = BusConfig(interface="virtual")


@pytest.fixture
def ecus(binding: CarBinding) -> FakeEcus:
    return FakeEcus(binding)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def link(ecus: FakeEcus, clock: Clock) -> AsyncIterator[CanLink]:
    link = CanLink(CONFIG, clock=clock, opener=ecus.opened)
    await link.start()
    yield link
    await link.stop()


class Fate:
    """What became of one frame."""

    def __init__(self) -> None:
        self.sent: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.dropped: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def frame(
        self,
        link: CanLink,
        *,
        life_s: float = 5,
        encode: Callable[[float], bytes] = lambda _ms: bytes(8),
        protection: E2ESender | None = None,
    ) -> Outgoing:
        return Outgoing(
            frame_id=0x210,
            is_extended=False,
            encode=encode,
            deadline_s=link.clock() + life_s,
            sent=lambda data, _time_s: self.sent.set_result(data),
            dropped=self.dropped.set_result,
            protection=protection,
        )


async def test_frames_arrive_in_order_in_the_event_loop(link: CanLink, ecus: FakeEcus) -> None:
    got: list[Received] = []
    threads = set()
    done = asyncio.Event()

    def take(frame: Received) -> None:
        got.append(frame)
        threads.add(threading.get_ident())
        if len(got) == 300:
            done.set()

    unsubscribe = link.subscribe(take)
    for number in range(300):
        ecus.emit("Odometer", Odometer=number)
    await asyncio.wait_for(done.wait(), 30)
    unsubscribe()
    assert [int.from_bytes(f.data[:3], "little") for f in got] == [n * 10 for n in range(300)]
    assert threads == {threading.get_ident()}
    assert link.counts["received"] == 300
    assert link.counts["overrun"] == 0


async def test_what_is_no_data_frame_is_ignored(link: CanLink, ecus: FakeEcus) -> None:
    link.subscribe(lambda frame: pytest.fail(f"{frame} came through"))
    for message in (
        can.Message(is_error_frame=True),
        can.Message(is_remote_frame=True),
        can.Message(is_fd=True, data=bytes(12)),
    ):
        ecus.emit_frame(message)
    await until(lambda: link.counts["ignored"] == 3)


async def test_one_failing_reader_costs_the_others_nothing(link: CanLink, ecus: FakeEcus) -> None:
    got = asyncio.Event()

    def fail(_frame: Received) -> None:
        raise RuntimeError("a defect")

    link.subscribe(fail)
    link.subscribe(lambda _frame: got.set())
    ecus.emit("Odometer", Odometer=1)
    await asyncio.wait_for(got.wait(), 30)


async def test_a_flood_drops_the_oldest(link: CanLink) -> None:
    for _ in range(3000):
        link._take(can.Message(arbitration_id=1))  # the event loop does not run meanwhile
    assert link.counts["overrun"] == 3000 - 2048


@pytest.mark.parametrize(
    ("stamp_s", "age_s"),
    [(5000.0, 0.0), (4999.4, 0.6), (5001.0, 0.0), (0.0, 0.0)],
    ids=["just now", "waited in the driver", "a wall clock set back", "no stamp"],
)
async def test_a_frame_is_as_old_as_its_stamp_says(clock: Clock, ecus: FakeEcus, stamp_s: float, age_s: float) -> None:
    link = CanLink(CONFIG, clock=clock, wall_clock=lambda: 5000.0, opener=ecus.opened)
    await link.start()
    got: asyncio.Queue[Received] = asyncio.Queue()
    link.subscribe(got.put_nowait)
    ecus.emit_frame(can.Message(arbitration_id=1, timestamp=stamp_s))
    frame = await asyncio.wait_for(got.get(), 30)
    assert clock() - frame.time_s == pytest.approx(age_s)
    await link.stop()


async def test_counters_follow_the_order_on_the_wire(link: CanLink, binding: CarBinding) -> None:
    sender = E2ESender(binding.network.protections["WindowCommand"])
    fates = [Fate() for _ in range(5)]
    for fate in fates:
        link.send(fate.frame(link, protection=sender))
    frames = [await asyncio.wait_for(f.sent, 30) for f in fates]
    assert [f[1] & 0x0F for f in frames] == [0, 1, 2, 3, 4]


async def test_the_life_that_is_left_goes_into_the_frame(link: CanLink) -> None:
    left: list[float] = []

    def encode(left_ms: float) -> bytes:
        left.append(left_ms)
        return bytes(8)

    fate = Fate()
    link.send(fate.frame(link, life_s=5, encode=encode))
    await asyncio.wait_for(fate.sent, 30)
    assert 0 < left[0] <= 5000


async def test_a_frame_past_its_time_is_dropped_and_told(link: CanLink, ecus: FakeEcus) -> None:
    fate = Fate()
    link.send(fate.frame(link, life_s=-0.001))
    assert "too long" in await asyncio.wait_for(fate.dropped, 30)
    assert ecus.commands == []
    assert link.counts["dropped"] == 1


async def test_bus_off_holds_a_frame_no_longer_than_its_life(link: CanLink, ecus: FakeEcus, clock: Clock) -> None:
    ecus.send_error = can.CanOperationError("bus off")
    fate = Fate()
    link.send(fate.frame(link, life_s=0.5))
    clock.advance(0.499)
    tried = link.counts["send_errors"]
    await until(lambda: link.counts["send_errors"] >= tried + 2)
    assert not fate.dropped.done()
    clock.advance(0.001)
    assert await asyncio.wait_for(fate.dropped, 30) == "bus off"
    ecus.send_error = None
    later = Fate()
    link.send(later.frame(link))
    await asyncio.wait_for(later.sent, 30)
    assert len(ecus.commands) == 1  # the frame of the bus-off time never came


async def test_a_short_disturbance_is_survived_with_the_same_counter(
    link: CanLink, ecus: FakeEcus, binding: CarBinding
) -> None:
    sender = E2ESender(binding.network.protections["WindowCommand"])
    ecus.send_error = can.CanOperationError("no buffer space")
    fate = Fate()
    link.send(fate.frame(link, protection=sender))
    await until(lambda: link.counts["send_errors"] > 0)
    ecus.send_error = None
    assert (await asyncio.wait_for(fate.sent, 30))[1] == 0
    after = Fate()
    link.send(after.frame(link, protection=sender))
    assert (await asyncio.wait_for(after.sent, 30))[1] == 1


async def test_a_frame_that_cannot_be_made_does_not_stop_the_others(link: CanLink) -> None:
    def defect(_left_ms: float) -> bytes:
        raise ValueError("no such signal")

    fate, later = Fate(), Fate()
    link.send(fate.frame(link, encode=defect))
    link.send(later.frame(link))
    assert await asyncio.wait_for(fate.dropped, 30) == "no such signal"
    await asyncio.wait_for(later.sent, 30)


async def test_the_sending_queue_is_bounded(link: CanLink, ecus: FakeEcus) -> None:
    ecus.send_error = can.CanOperationError("bus off")
    link.send(Fate().frame(link, life_s=60))
    await until(lambda: link.counts["send_errors"] > 0)  # the sending thread holds the first
    for _ in range(SEND_BOUND):
        link.send(Fate().frame(link, life_s=60))
    with pytest.raises(Unavailable, match="takes no frames"):
        link.send(Fate().frame(link, life_s=60))


async def test_closing_drops_what_waits(ecus: FakeEcus) -> None:
    link = CanLink(CONFIG, opener=ecus.opened)
    await link.start()
    ecus.send_error = can.CanOperationError("bus off")
    fates = [Fate() for _ in range(3)]
    for fate in fates:
        link.send(fate.frame(link, life_s=60))
    await link.stop()
    await link.stop()
    assert len(await asyncio.wait_for(asyncio.gather(*(f.dropped for f in fates)), 30)) == 3
    with pytest.raises(Unavailable, match="not open"):
        link.send(Fate().frame(link))


async def test_a_bus_that_only_fails_is_down(link: CanLink, ecus: FakeEcus) -> None:
    assert link.is_up
    ecus.read_error = can.CanOperationError("network is down")
    await until(lambda: not link.is_up)
    ecus.read_error = None
    ecus.emit("Odometer", Odometer=1)
    await until(lambda: link.is_up)


async def test_threads_end_with_the_link(ecus: FakeEcus) -> None:
    before = threading.active_count()
    link = CanLink(CONFIG, opener=ecus.opened)
    await link.start()
    await link.start()
    await link.stop()
    # asyncio keeps one worker of its own pool
    assert threading.active_count() <= before + 2
    assert not [t for t in threading.enumerate() if t.name == "CAN sender"]


def test_frame_records_become_json() -> None:
    record = Frame(frame_id=528, name="WindowCommand", data=b"\x01\xab", time_s=2.5, direction="sent")
    assert record.to_json(2.0) == {
        "id": 528,
        "name": "WindowCommand",
        "direction": "sent",
        "data": "01ab",
        "t_ms": 500.0,
    }


# --- opening --------------------------------------------------------------------------------------------------------


def test_default_channels() -> None:
    assert channel_of(BusConfig(interface="udp_multicast")) == "239.74.163.2"
    assert channel_of(BusConfig(interface="socketcan")) == "vcan0"
    assert channel_of(BusConfig(interface="virtual", channel="mine")) == "mine"


@pytest.mark.parametrize("channel", ["10.0.0.1", "vcan0", "example.org"])
def test_a_channel_that_is_no_multicast_group(channel: str) -> None:
    with pytest.raises(Unavailable, match=r"no multicast address.*Set bus\.channel to an address from 224"):
        open_bus(BusConfig(interface="udp_multicast", channel=channel))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(97, "Address family not supported by protocol"), r"not supported by protocol.*modprobe vcan"),
        (OSError(19, "No such device"), r"No such device.*ip link add can7 type vcan"),
        (can.CanInitializationError("no driver"), r"no driver.*modprobe"),
        (ImportError("no module"), r"no module"),
    ],
)
def test_a_bus_that_cannot_be_opened_names_the_remedy(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(**_options: object) -> can.BusABC:
        raise error

    monkeypatch.setattr(can, "Bus", fail)
    with pytest.raises(Unavailable, match=told):
        open_bus(BusConfig(interface="socketcan", channel="can7"))


async def test_a_link_that_cannot_be_opened_stays_closed() -> None:
    link = CanLink(BusConfig(interface="udp_multicast", channel="here"))
    with pytest.raises(Unavailable):
        await link.start()
    assert not link.is_up
    await link.stop()
