"""Opening a bus for the simulators: what cannot be is told in one sentence with the remedy."""

import errno

import can
import pytest

from simulators.bus import open_simulator_bus
from simulators.errors import BusUnavailable

_REAL_BUS = can.Bus


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def bus(*_arguments: object, **_options: object) -> can.BusABC:
        raise error

    monkeypatch.setattr("can.Bus", bus)
    monkeypatch.setattr("simulators.bus.GroupBus", bus)


def told(interface: str, channel: str, **options: int) -> str:
    with pytest.raises(BusUnavailable) as failure:
        open_simulator_bus(interface=interface, channel=channel, **options)
    sentence = str(failure.value)
    assert sentence.startswith(f"the CAN bus {interface} {channel} cannot be opened (")
    assert "\n" not in sentence
    return sentence


def test_virtual_takes_the_options_of_python_can() -> None:
    only = [{"can_id": 0x100, "can_mask": 0x7FF, "extended": False}]
    with (
        open_simulator_bus(interface="virtual", channel="options") as speaker,
        open_simulator_bus(interface="virtual", channel="options", can_filters=only) as ear,
    ):
        for number in (0x101, 0x100):
            speaker.send(can.Message(arbitration_id=number, is_extended_id=False))
        heard = ear.recv(5)
        assert heard is not None
        assert heard.arbitration_id == 0x100


def test_options_of_udp_multicast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a computer without multicast: what the bus is told."""
    seen: list[tuple[object, ...]] = []
    only = [{"can_id": 0x100, "can_mask": 0x7FF, "extended": False}]

    def bus(*arguments: object, **options: object) -> can.BusABC:
        seen.append((*arguments, options))
        return _REAL_BUS(interface="virtual", channel="instead")

    monkeypatch.setattr("simulators.bus.GroupBus", bus)
    open_simulator_bus(interface="udp_multicast", channel="239.74.163.2", port=50000, can_filters=only).shutdown()
    assert seen == [("239.74.163.2", 50000, {"can_filters": only})]


@pytest.mark.parametrize("channel", ["192.168.1.1", "vcan0", "", "239.1"])
def test_udp_multicast_needs_a_group(channel: str) -> None:
    assert "take an address from 224.0.0.0 to 239.255.255.255" in told("udp_multicast", channel)


def test_udp_multicast_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, OSError(errno.ENODEV, "No such device"))
    assert "(No such device); allow multicast on a network interface" in told("udp_multicast", "239.74.163.2")


def test_a_kernel_without_socketcan(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol"))
    assert "this kernel has no SocketCAN: load it with `sudo modprobe can_raw vcan`" in told("socketcan", "vcan0")


def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, OSError(errno.ENODEV, "No such device"))
    sentence = told("socketcan", "vcan7")
    assert "`sudo ip link add vcan7 type vcan`, `sudo ip link set vcan7 up`" in sentence


def test_the_cause_below_python_cans_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    error = can.CanInitializationError("could not open")
    error.__cause__ = OSError(errno.EPERM, "Operation not permitted")
    failing(monkeypatch, error)
    assert "(Operation not permitted)" in told("socketcan", "can0")


def test_a_device_that_is_really_not_there() -> None:
    """The real thing, whatever this kernel has."""
    assert "sudo" in told("socketcan", "nosuchcan")


def test_an_unknown_interface() -> None:
    assert "virtual, udp_multicast and socketcan need no further driver" in told("carrier_pigeon", "coo")
