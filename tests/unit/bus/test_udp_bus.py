"""The UDP bus: one group is one bus, and what is no frame costs nothing but itself."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import can
import msgpack
import pytest
from can.interfaces.udp_multicast import UdpMulticastBus
from can.interfaces.udp_multicast.utils import pack_message
from hypothesis import given
from hypothesis import strategies as st
from support.buses import bus_config, free_port
from support.told import health_telling
from support.waiting import until

from simulators.bus import open_simulator_bus
from simulators.car import Car
from vehicle_agent.backends.can import CanBackend, CanLink
from vehicle_agent.backends.can.bus import open_bus
from vehicle_agent.backends.can.wire_watch import NOISE
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.service.bus_watch import watch_bus
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.udp_bus import GroupBus, frame_of

GROUPS = {"IPv4": ("239.74.163.2", "239.74.163.3"), "IPv6": ("ff15::7079:1", "ff15::7079:2")}
FRAME = can.Message(arbitration_id=0x123, is_extended_id=False, data=b"\x01\x02\x03")
GOOD = msgpack.unpackb(pack_message(FRAME))


def usable(group: str, port: int) -> GroupBus:
    try:
        return GroupBus(group, port)
    except can.CanInitializationError as e:
        pytest.skip(f"{group}: {e}")


# --- two groups -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", GROUPS)
def test_two_groups_on_one_port_are_two_buses(family: str) -> None:
    port = free_port()
    first, second = GROUPS[family]
    with usable(first, port) as a, GroupBus(first, port) as a_too, GroupBus(second, port) as b:
        for number in range(5):
            a_too.send(can.Message(arbitration_id=number, is_extended_id=False))
        assert [m.arbitration_id for _ in range(5) if (m := a.recv(2)) is not None] == [0, 1, 2, 3, 4]
        assert b.recv(0.3) is None
        b.send(FRAME)
        assert a.recv(0.3) is None


def test_agent_and_simulators_both_keep_to_their_group() -> None:
    config = bus_config("udp_multicast")
    other = "239.74.163.9"
    with (
        open_bus(config) as agent,
        open_simulator_bus(interface="udp_multicast", channel="239.74.163.2", port=config.port) as car,
        open_simulator_bus(interface="udp_multicast", channel=other, port=config.port) as foreign,
    ):
        foreign.send(FRAME)
        assert agent.recv(0.3) is None
        assert car.recv(0) is None
        assert foreign.recv(2) is not None  # a sender hears itself
        agent.send(FRAME)
        assert car.recv(2) is not None
        assert foreign.recv(0.3) is None


def test_a_datagram_to_the_port_alone_is_not_on_the_bus() -> None:
    """Anybody on the network could send one."""
    port = free_port()
    with usable("239.74.163.2", port) as bus, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(pack_message(FRAME), ("127.0.0.1", port))
        assert bus.recv(0.3) is None
        assert bus.unreadable == 0


def test_pythons_own_bus_understands_ours() -> None:
    port = free_port()
    with usable("239.74.163.2", port) as ours, UdpMulticastBus("239.74.163.2", port=port, hop_limit=0) as theirs:
        for sender, receiver in ((ours, theirs), (theirs, ours)):
            sender.send(FRAME)
            found = receiver.recv(2)
            assert found is not None
            assert found.equals(FRAME, timestamp_delta=None, check_channel=False)


def test_an_address_that_is_none_leaves_nothing_behind() -> None:
    with pytest.raises(can.CanInitializationError):
        GroupBus("10.1.2.3", free_port())


# --- what is no frame -------------------------------------------------------------------------------------------------


def with_(**fields: object) -> bytes:
    return bytes(msgpack.packb({**GOOD, **fields}, use_bin_type=True))


BAD = {
    "empty": b"",
    "text": b"hello",
    "a number": msgpack.packb(7),
    "a list": msgpack.packb([1] * 11),
    "an empty map": msgpack.packb({}),
    "other keys": msgpack.packb({str(n): n for n in range(11)}),
    "one key more": msgpack.packb({**GOOD, "more": 1}),
    "cut off": pack_message(FRAME)[:-3],
    "too much": pack_message(FRAME) + b"\x00",
    "huge": with_(data=bytes(5000)),
    "an identifier in words": with_(arbitration_id="123"),
    "an identifier with a fraction": with_(arbitration_id=1.5),
    "a negative identifier": with_(arbitration_id=-1),
    "a large identifier": with_(arbitration_id=0x800),
    "a large extended identifier": with_(arbitration_id=0x20000000, is_extended_id=True),
    "true as an identifier": with_(arbitration_id=True),
    "data in words": with_(data="abc"),
    "a number of gigabytes as data": with_(data=10**10),
    "nine bytes": with_(data=bytes(9), dlc=9),
    "another length": with_(dlc=8),
    "a length in words": with_(dlc="3"),
    "a flag that is none": with_(is_error_frame=0),
    "an FD length": with_(is_fd=True, data=bytes(9), dlc=9),
    "a remote frame that is an error frame": with_(is_remote_frame=True, is_error_frame=True),
    "a classic frame with the flags of FD": with_(bitrate_switch=True),
    "a remote frame with a large length": with_(is_remote_frame=True, dlc=99),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_frame_is_none(data: bytes) -> None:
    assert frame_of(data, 1.0) is None


@pytest.mark.parametrize("stamp", [float("nan"), float("inf"), -1.0, 1e300, None, "now"])
def test_the_senders_stamp_does_not_count(stamp: object) -> None:
    found = frame_of(with_(timestamp=stamp), 12.5)
    assert found is not None
    assert found.timestamp == 12.5


@given(st.binary(max_size=200) | st.builds(lambda d: b"\x8b" + d, st.binary(max_size=200)))
def test_no_datagram_breaks_anything(data: bytes) -> None:
    found = frame_of(data, 1.0)
    assert found is None or len(found.data) <= 64


@given(
    st.dictionaries(
        st.sampled_from(list(GOOD)), st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    )
)
def test_no_field_breaks_anything(fields: dict[str, object]) -> None:
    try:
        data = with_(**fields)
    except OverflowError:
        return
    found = frame_of(data, 1.0)
    assert found is None or found.timestamp == 1.0


def test_a_frame_between_bad_datagrams_is_found() -> None:
    port = free_port()
    with usable("239.74.163.2", port) as bus, udp() as send:
        for data in BAD.values():
            send(data, port)
        send(pack_message(FRAME), port)
        found = bus.recv(5)
        assert found is not None
        assert found.arbitration_id == 0x123
        assert bus.unreadable == len(BAD)
        assert abs(found.timestamp - time.time()) < 60


def test_a_flood_does_not_hold_up_whoever_wants_to_stop() -> None:
    port = free_port()
    with usable("239.74.163.2", port) as bus, flood(port, 3000):
        until_s = time.monotonic() + 5
        assert bus.recv(0.2) is None
        assert time.monotonic() < until_s


@contextmanager
def udp() -> Iterator[Callable[[bytes, int], object]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        yield lambda data, port: sender.sendto(data, ("239.74.163.2", port))


@contextmanager
def flood(port: int, per_s: int) -> Iterator[None]:
    """So many bad datagrams a second, at most for 20 s."""
    stop = threading.Event()

    def run() -> None:
        kinds = [data for data in BAD.values() if len(data) < 4000]
        began_s, sent = time.monotonic(), 0
        with udp() as send:
            while not stop.wait(0.005) and time.monotonic() - began_s < 20:
                while sent < (time.monotonic() - began_s) * per_s:
                    send(kinds[sent % len(kinds)], port)
                    sent += 1

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("per_s", [60, 1000])
async def test_the_car_is_seen_through_a_flood_which_is_told_once(per_s: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vehicle_agent.backends.can.wire_watch.NOISY_S", 0.5)
    config = bus_config("udp_multicast")
    told: list[str] = []
    health = health_telling(told.append)
    options = {"port": config.port}
    async with (
        Car("239.74.163.2", interface="udp_multicast", bus_options=options, opener=open_simulator_bus),
        CanBackend(load_catalogue(with_packs=False), Config(bus=config)) as backend,
    ):
        assert await backend.wait_for_signals(30)
        watching = asyncio.create_task(watch_bus(backend.link, health, every_s=0.02))
        with flood(config.port, per_s):
            await until(lambda: backend.link.counts["unreadable"] > 30)
            received = backend.link.counts["received"]
            await until(lambda: backend.link.counts["received"] > received + 100)
            assert backend.link.is_up
            assert backend.link.counts["read_errors"] == 0
            assert health.text == f"degraded: CAN bus: {NOISE}"
        await until(lambda: not health.text)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert told == [f"degraded: CAN bus: {NOISE}", ""]


# --- a bus that goes and comes back -----------------------------------------------------------------------------------


class Device(can.BusABC):
    """A network device that can be taken away; whoever opened it before hears nothing any more."""

    is_there = True
    opened = 0
    open_now = 0
    says_so = True

    def __init__(self) -> None:
        if not type(self).is_there:
            raise can.CanInitializationError("no such device")
        super().__init__("device0")
        type(self).opened += 1
        type(self).open_now += 1
        self._lost = self._told = False

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        del msg, timeout

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        time.sleep(min(timeout or 0, 0.005))
        if not type(self).is_there:
            self._lost = True
        if not self._lost:
            return FRAME, False
        if type(self).says_so and not self._told:
            self._told = True
            raise can.CanOperationError("the network is down")
        return None, False

    def shutdown(self) -> None:
        if not self._is_shutdown:
            type(self).open_now -= 1
        super().shutdown()


@pytest.fixture
def device() -> type[Device]:
    return type("Device", (Device,), {})


@pytest.mark.parametrize("says_so", [True, False])
async def test_a_bus_that_goes_is_told_within_two_seconds_and_opened_anew(
    says_so: bool, device: type[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that is taken away reports at most one error; then the old socket is silent for ever."""
    monkeypatch.setattr("vehicle_agent.backends.can.wire_watch.LONGEST_PAUSE_S", 0.5)
    device.says_so = says_so
    told: list[tuple[float, str]] = []
    health = health_telling(lambda text: told.append((time.monotonic(), text)))
    link = CanLink(BusConfig(interface="socketcan", channel="can9"), opener=lambda _config: device())
    await link.start()
    watching = asyncio.create_task(watch_bus(link, health))
    await until(lambda: link.counts["received"] > 10)
    assert health.text == ""
    gone_s = time.monotonic()
    device.is_there = False
    await until(lambda: bool(health.text), 30)
    assert told[0][0] - gone_s < 10  # 2 s, and time for a busy computer
    assert ("the network is down" in health.text) == says_so
    received = link.counts["received"]
    device.is_there = True
    await until(lambda: link.counts["received"] > received, 30)
    await until(lambda: not health.text, 30)
    assert link.counts["reopened"] >= 1
    assert device.open_now == 1
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await link.stop()
    assert device.open_now == 0
    assert len(told) == 2


async def test_a_bus_that_goes_twenty_times_leaves_nothing_behind(
    device: type[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LONGEST_PAUSE_S", "FIRST_PAUSE_S", "FAILING_S", "SILENT_S"):
        monkeypatch.setattr(f"vehicle_agent.backends.can.wire_watch.{name}", 0.02)
    link = CanLink(BusConfig(interface="socketcan", channel="can9"), opener=lambda _config: device())
    await link.start()
    for _ in range(20):
        received, reopened = link.counts["received"], link.counts["reopened"]
        device.is_there = False
        await asyncio.sleep(0.02)
        device.is_there = True
        await until(lambda: link.counts["reopened"] > reopened and link.counts["received"] > received, 30)  # noqa: B023
    assert device.open_now == 1
    await link.stop()
    assert device.open_now == 0
    assert not [t for t in threading.enumerate() if t.name in {"CAN reader", "CAN sender"}]
