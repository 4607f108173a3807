from pathlib import Path

import pytest

from vehicle_apis.binding import BindingError, CarBinding, Network, SignalRef, to_raw
from vehicle_apis.binding.network import read_dbc
from vehicle_apis.binding.values import show
from vehicle_apis.params import Scalar


def test_the_dbc_fits_classic_can(binding: CarBinding) -> None:
    messages = binding.network.messages.values()
    assert all(m.length == 8 and not m.is_extended_frame and not m.is_fd for m in messages)
    assert len({m.frame_id for m in messages}) == len(messages)


def test_every_command_is_answered_and_protected(binding: CarBinding) -> None:
    commands = {n for n in binding.network.messages if n.endswith("Command")}
    assert commands == binding.network.commands
    for name in commands:
        assert name in binding.network.protections
        status = binding.network.message(name.removesuffix("Command") + "Status")
        assert {"RequestId", "Result", "Reason"} <= {s.name for s in status.signals}
        assert status.cycle_time == 200


def test_no_two_protections_share_a_data_id(binding: CarBinding) -> None:
    assert len(set(binding.network.protections.values())) == len(binding.network.protections)


def test_unnamed_signals_are_zero_on_the_wire(binding: CarBinding) -> None:
    assert binding.network.encode("ClimateCommand", {}) == bytes(8)


def test_golden_bytes(binding: CarBinding) -> None:
    window: dict[str, Scalar] = {
        "Selector": "position",
        "RequestId": 7,
        "TimeToLive": 500,
        "WindowMask": "all",
        "TargetPosition": 50,
    }
    assert binding.network.encode("WindowCommand", window).hex(" ") == "00 10 07 32 2f 03 00 00"
    assert binding.network.encode("VehicleSpeed", {"VehicleSpeed": 50.0}).hex(" ") == "00 00 88 13 00 00 00 00"
    status: dict[str, Scalar] = {"DriverTemperature": 21.5, "FanSpeed": 3, "ClimatePower": "on"}
    assert binding.network.encode("ClimateStatus", status).hex(" ") == "00 00 2b 00 00 03 20 00"


@pytest.mark.parametrize(
    ("message", "signal", "value", "raw"),
    [
        ("VehicleSpeed", "VehicleSpeed", 655.34, 65534),
        ("VehicleSpeed", "VehicleSpeed", "invalid", 65535),
        ("Environment", "OutsideTemperature", -40, 0),
        ("Environment", "OutsideTemperature", 20.5, 121),
        ("MirrorStatus", "LeftMirrorVertical", -12, -12),
        ("ClimateCommand", "ZoneMask", "all", 7),
        ("ClimateCommand", "ZoneMask", 5, 5),
    ],
)
def test_to_raw(binding: CarBinding, message: str, signal: str, value: str | float, raw: int) -> None:
    assert to_raw(binding.network.signal(SignalRef(message, signal)), value) == raw


@pytest.mark.parametrize(
    ("message", "signal", "value"),
    [
        ("VehicleSpeed", "VehicleSpeed", 656),
        ("VehicleSpeed", "VehicleSpeed", -0.1),
        ("WindowCommand", "TargetPosition", 101),
        ("ClimateCommand", "ZoneMask", "boot"),
        ("ClimateCommand", "ZoneMask", 8),
        ("MirrorStatus", "LeftMirrorVertical", 40),
    ],
)
def test_what_does_not_fit_is_an_error(binding: CarBinding, message: str, signal: str, value: str | float) -> None:
    with pytest.raises(BindingError, match=signal):
        to_raw(binding.network.signal(SignalRef(message, signal)), value)


def test_decode_gives_plain_values(binding: CarBinding) -> None:
    message = binding.network.message("VehicleSpeed")
    data = binding.network.encode("VehicleSpeed", {"VehicleSpeed": 0.29})
    assert binding.network.decode(message, data) == {"Crc": 0, "Counter": 0, "VehicleSpeed": 0.29}
    invalid = binding.network.encode("VehicleSpeed", {"VehicleSpeed": "invalid"})
    assert (binding.network.decode(message, invalid) or {})["VehicleSpeed"] == "invalid"
    assert binding.network.decode(message, bytes(7)) is None
    assert binding.network.decode(message, bytes(9)) is None


def test_names_are_found_and_ambiguity_is_told(binding: CarBinding) -> None:
    network = binding.network
    assert network.find("DriverWindow") == SignalRef("WindowStatus", "DriverWindow")
    assert network.find("WindowStatus.Result") == SignalRef("WindowStatus", "Result")
    assert network.find("Result", first_in="RoofStatus") == SignalRef("RoofStatus", "Result")
    with pytest.raises(BindingError, match="write it as"):
        network.find("Result")
    with pytest.raises(BindingError, match="no signal 'Sail'"):
        network.find("Sail")
    with pytest.raises(BindingError, match="no signal 'Sail'"):
        network.find("WindowStatus.Sail")
    with pytest.raises(BindingError, match="no message 'Mast'"):
        network.find("Mast.Sail")
    with pytest.raises(BindingError, match="no signal 'WindowMask'"):
        network.find("WindowMask")  # only in a command
    with pytest.raises(BindingError, match="no signal 'Sail'"):
        network.encode("WindowStatus", {"Sail": 1})


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b'BO_ 1 A: 8 X\n SG_ S : 60|8@1+ (1,0) [0|0] "" X\n', b"\xff\xfe"]
)
def test_a_broken_dbc_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.dbc"
    path.write_bytes(content)
    with pytest.raises(BindingError, match=r"broken\.dbc"):
        read_dbc(path)


def test_a_missing_dbc_is_named(tmp_path: Path) -> None:
    with pytest.raises(BindingError, match=r"none\.dbc: the DBC cannot be read: No such file"):
        read_dbc(tmp_path / "none.dbc")


def test_multiplexed_messages(tmp_path: Path) -> None:
    path = tmp_path / "mux.dbc"
    path.write_text(
        'VERSION ""\nBU_: A\nBO_ 16 Mux: 8 A\n SG_ Page M : 0|8@1+ (1,0) [0|255] "" A\n'
        ' SG_ First m0 : 8|8@1+ (1,0) [0|255] "" A\n SG_ Second m1 : 8|8@1+ (1,0) [0|255] "" A\n',
        encoding="utf-8",
    )
    network = Network(read_dbc(path).messages, {})
    data = network.encode("Mux", {"Page": 1, "Second": 9})
    assert data.hex() == "0109000000000000"
    assert network.decode(network.message("Mux"), data) == {"Page": 1, "Second": 9}
    assert network.decode(network.message("Mux"), b"\x07" + bytes(7)) is None


@pytest.mark.parametrize(("value", "text"), [(1, "1"), (1.0, "1"), (21.5, "21.5"), (0.25, "0.2"), ("on", "on")])
def test_spoken_numbers(value: str | float, text: str) -> None:
    assert show(value) == text
