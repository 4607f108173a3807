"""Counter and checksum per transmission: any message, any place, any byte order."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import can
import pytest
from cantools.database.can import Message, Signal
from cantools.database.conversion import LinearConversion
from e2e import crc
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from vehicle_apis.binding import CarBinding
from vehicle_apis.e2e import E2EError, E2EReceiver, E2EStatus, Profile1, Profile2
from vehicle_apis.transmission import (
    Algorithm,
    Rolling,
    TransmissionError,
    crc8_h2f,
    crc8_j1850,
    sum8,
    xor8,
)


def sawtooth(byte_order: str, start: int, length: int) -> list[int] | None:
    """The bits of a signal, counted here in another way than there: None when it leaves the message."""
    if byte_order == "little_endian":
        return list(range(start, start + length))
    # big endian: number the bits as they go over the wire, most significant first
    wire = start // 8 * 8 + 7 - start % 8
    return [n // 8 * 8 + 7 - n % 8 for n in range(wire, wire + length)]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A message and raw values for all its signals but counter and checksum."""

    message: Message
    values: dict[str, int]


@st.composite
def messages(draw: st.DrawFn, *, checksum_bits: st.SearchStrategy[int] = st.just(8)) -> Made:  # noqa: B008 - stateless
    """1 to 64 bytes; counter, checksum and other signals wherever they fit, some of them signed or multiplexed."""
    length = draw(st.integers(3, 8) | st.sampled_from([12, 64]))
    taken: set[int] = set()
    signals: list[Signal] = []
    values: dict[str, int] = {}
    wanted = [("Counter", draw(st.integers(1, 8))), ("Checksum", draw(checksum_bits))]
    wanted += [(f"S{n}", draw(st.integers(1, 16))) for n in range(draw(st.integers(0, 6)))]
    branches = draw(st.booleans())
    if branches:
        wanted.insert(2, ("Page", 2))
    for name, bits in wanted:
        order = draw(st.sampled_from(["little_endian", "big_endian"]))
        free = [
            start
            for start in range(length * 8)
            if (places := sawtooth(order, start, bits)) is not None
            and max(places) < length * 8
            and not taken & set(places)
        ]
        if not free:
            assume(name not in {"Counter", "Checksum"})
            continue
        start = draw(st.sampled_from(free))
        taken |= set(sawtooth(order, start, bits) or ())
        ids = None
        has_page = any(s.name == "Page" for s in signals)
        if has_page and name.startswith("S") and draw(st.booleans()):
            ids = [draw(st.integers(0, 3))]
        signed = name.startswith("S") and draw(st.booleans())
        signals.append(
            Signal(
                name,
                start,
                bits,
                byte_order=order,  # type: ignore[arg-type]
                is_signed=signed,
                conversion=LinearConversion(scale=1, offset=0, is_float=False),
                is_multiplexer=name == "Page",
                multiplexer_ids=ids,
                multiplexer_signal="Page" if ids else None,
            )
        )
        if name not in {"Counter", "Checksum"}:
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            values[name] = draw(st.integers(low, high))
    if branches and not any(s.multiplexer_ids for s in signals):
        # cantools wants a multiplexer to choose between something
        signals = [Signal(s.name, s.start, s.length, byte_order=s.byte_order, is_signed=s.is_signed) for s in signals]
    message = Message(0x123, "Any", length, signals, is_fd=length > 8)
    if any(s.multiplexer_ids for s in signals):
        ids_known = {i for s in signals for i in s.multiplexer_ids or ()}
        values["Page"] = min(ids_known)
        values = {
            s.name: values[s.name]
            for s in signals
            if s.name in values and (not s.multiplexer_ids or values["Page"] in s.multiplexer_ids)
        }
    return Made(message=message, values=values)


class Frame:
    """The part of a python-can message that matters."""

    def __init__(self, length: int, filling: int = 0) -> None:
        self.data = bytearray([filling]) * length


def independent(algorithm: Algorithm, data: bytes) -> int:
    """The same checksums, bit by bit."""
    if algorithm is sum8:
        total = 0
        for byte in data:
            total = (total + byte) % 256
        return total
    if algorithm is xor8:
        total = 0
        for byte in data:
            total ^= byte
        return total
    polynomial = 0x1D if algorithm is crc8_j1850 else 0x2F
    register = 0xFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register << 1) ^ polynomial if register & 0x80 else register << 1
            register &= 0xFF
    return register ^ 0xFF


def bits_of(message: Message, name: str) -> list[int]:
    signal = message.get_signal_by_name(name)
    return sawtooth(signal.byte_order, signal.start, signal.length) or []


@settings(max_examples=150)
@given(messages(), st.sampled_from([crc8_j1850, crc8_h2f, xor8, sum8]), st.data())
def test_any_message_counts_and_is_checked_and_keeps_its_signals(
    made: Made, algorithm: Algorithm, data: st.DataObject
) -> None:
    message = made.message
    most = 1 << message.get_signal_by_name("Counter").length
    modulus = data.draw(st.integers(2, most))
    rolling = Rolling(
        message,
        modulus=modulus,
        checksum="Checksum",
        algorithm=algorithm,
        values=lambda: made.values,
    )
    event("multiplexed" if message.is_multiplexed() else "plain")
    frame = Frame(message.length)
    checksum_bytes = {b // 8 for b in bits_of(message, "Checksum")}
    for n in range(modulus + 2):
        rolling(frame)
        sent = bytes(frame.data)
        decoded = message.decode(sent, decode_choices=False)
        assert isinstance(decoded, dict)
        assert decoded["Counter"] == rolling.counter_of(sent) == n % modulus
        assert {name: decoded[name] for name in made.values} == made.values
        assert rolling.is_intact(sent)
        if len(checksum_bytes) == 1:  # it fills one byte
            others = bytes(b for i, b in enumerate(sent) if i not in checksum_bytes)
        else:
            cleared = bytearray(sent)
            for bit in bits_of(message, "Checksum"):
                cleared[bit // 8] &= ~(1 << bit % 8)
            others = bytes(cleared)
        assert decoded["Checksum"] == independent(algorithm, others)


@given(messages(checksum_bits=st.integers(1, 12)), st.data())
def test_without_values_every_other_bit_stays(made: Made, data: st.DataObject) -> None:
    message = made.message
    bits = message.get_signal_by_name("Checksum").length
    seen: list[int] = []

    def own(_message: Message, others: bytes, counter: int) -> int:
        seen.append(counter)
        return (sum(others) * 7 + counter) % (1 << bits)

    before = data.draw(st.binary(min_size=message.length, max_size=message.length))
    rolling = Rolling(message, checksum="Checksum", algorithm=own, first=1)
    frame = Frame(message.length)
    frame.data[:] = before
    rolling(frame)
    changed = {n for n in range(message.length * 8) if (before[n // 8] ^ frame.data[n // 8]) >> n % 8 & 1}
    assert changed <= set(bits_of(message, "Counter")) | set(bits_of(message, "Checksum"))
    assert seen == [1]


@given(messages(), st.data())
def test_any_flipped_bit_is_found_by_a_crc(made: Made, data: st.DataObject) -> None:
    message = made.message
    if message.length > 8:
        return
    rolling = Rolling(message, checksum="Checksum", algorithm=crc8_h2f, values=lambda: made.values)
    frame = Frame(message.length)
    rolling(frame)
    bit = data.draw(st.integers(0, message.length * 8 - 1))
    broken = bytearray(frame.data)
    broken[bit // 8] ^= 1 << bit % 8
    # a checksum that shares its bytes leaves gaps of zeros, through which two CRCs may be alike; one bit never is
    assert not rolling.is_intact(bytes(broken))


def test_check_values() -> None:
    message = Message(1, "M", 8, [])
    assert crc8_j1850(message, b"123456789", 0) == 0x4B == crc.calculate_crc8(b"123456789")
    assert crc8_h2f(message, b"123456789", 0) == 0xDF
    assert xor8(message, b"\x0f\xf0\x01", 0) == 0xFE
    assert sum8(message, b"\xff\x02", 0) == 1


@pytest.mark.parametrize("name", ["VehicleSpeed", "WheelSpeedAverage"])
def test_with_a_profile_an_autosar_receiver_is_content(binding: CarBinding, name: str) -> None:
    message, protection = binding.network.message(name), binding.network.protections[name]
    numbers = iter(range(10, 100))
    rolling = Rolling(
        message, checksum="Crc", algorithm=protection, values=lambda: {name: float(next(numbers))}, first=13
    )
    frame = can.Message(arbitration_id=message.frame_id, data=bytes(8))
    receiver = E2EReceiver(protection)
    states = []
    for _ in range(20):
        rolling(frame)
        states.append(receiver.receive(bytes(frame.data)))
    assert states == [E2EStatus.INITIAL, *[E2EStatus.OK] * 19]
    decoded = binding.network.decode(message, bytes(frame.data))
    assert decoded is not None
    assert decoded[name] == 29


def test_without_values_the_frame_may_be_changed_from_outside(binding: CarBinding) -> None:
    message = binding.network.message("Gear")
    frame = can.Message(arbitration_id=message.frame_id, data=binding.network.encode("Gear", {"Gear": "R"}))
    rolling = Rolling(message, checksum="Crc", algorithm=binding.network.protections["Gear"])
    rolling(frame)
    rolling(frame)
    decoded = binding.network.decode(message, bytes(frame.data))
    assert decoded is not None
    assert (decoded["Gear"], decoded["Counter"]) == ("R", 1)


def test_it_works_as_modifier_callback(binding: CarBinding) -> None:
    message = binding.network.message("Gear")
    with (
        can.Bus(interface="virtual", channel="rolling") as sending,
        can.Bus(interface="virtual", channel="rolling") as receiving,
    ):
        frame = can.Message(arbitration_id=message.frame_id, data=bytes(8), is_extended_id=False)
        rolling = Rolling(message, checksum="Crc", algorithm=binding.network.protections["Gear"])
        task = sending.send_periodic(frame, 0.002, modifier_callback=rolling)
        got = [receiving.recv(30) for _ in range(4)]
        task.stop()
        time.sleep(0.02)  # the task's thread looks once a cycle whether it is to end; the bus stays open until then
    counters = [m.data[1] & 0x0F for m in got if m is not None]
    assert counters == [0, 1, 2, 3]


def test_threads_share_one_counter() -> None:
    message = Message(1, "M", 4, [Signal("Counter", 0, 16), Signal("Checksum", 24, 8)])
    rolling = Rolling(message, checksum="Checksum", algorithm=crc8_j1850)
    sent: list[bytes] = []

    def work() -> None:
        frame = Frame(4)
        for _ in range(300):
            rolling(frame)
            sent.append(bytes(frame.data))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(rolling.counter_of(d) for d in sent) == list(range(1200))
    assert all(rolling.is_intact(d) for d in sent)


def test_a_call_that_fails_does_not_count() -> None:
    message = Message(1, "M", 2, [Signal("Counter", 0, 4), Signal("Speed", 8, 8, maximum=200, minimum=0)])
    speeds = iter([10, 500, 20])
    rolling = Rolling(message, values=lambda: {"Speed": next(speeds)})
    frame = Frame(2)
    rolling(frame)
    with pytest.raises(TransmissionError, match="M cannot be encoded"):
        rolling(frame)
    assert bytes(frame.data) == b"\x00\x0a"
    rolling(frame)
    assert bytes(frame.data) == b"\x01\x14"


def test_a_counter_with_offset_and_range_is_written_raw() -> None:
    conversion = LinearConversion(scale=1, offset=1, is_float=False)
    message = Message(1, "M", 1, [Signal("Counter", 0, 4, conversion=conversion, minimum=1, maximum=16)])
    rolling = Rolling(message, values=dict)
    frame = Frame(1)
    shown = []
    for _ in range(17):
        rolling(frame)
        decoded = message.decode(bytes(frame.data))
        assert isinstance(decoded, dict)
        shown.append(decoded["Counter"])
    assert shown == [*range(1, 17), 1]


def test_what_a_receiver_refuses() -> None:
    message = Message(1, "M", 2, [Signal("Counter", 0, 4), Signal("Checksum", 8, 8)])
    rolling = Rolling(message, modulus=15, checksum="Checksum", algorithm=sum8)
    frame = Frame(2)
    rolling(frame)
    assert rolling.is_intact(bytes(frame.data))
    assert not rolling.is_intact(b"\x0f\x0f")  # a counter that is never sent
    assert not rolling.is_intact(b"\x01\x02")
    assert not rolling.is_intact(b"\x00")


FLOAT = LinearConversion(scale=1, offset=0, is_float=True)
M = Message(
    1,
    "M",
    8,
    [
        Signal("Counter", 0, 4),
        Signal("Nibble", 4, 4),
        Signal("Checksum", 8, 8),
        Signal("Float", 16, 32, conversion=FLOAT),
        Signal("Page", 48, 4, is_multiplexer=True),
        Signal("Some", 56, 8, multiplexer_ids=[1], multiplexer_signal="Page"),
    ],
)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"counter": "Kounter"}, "no signal 'Kounter'"),
        ({"counter": "Float"}, "floating point"),
        ({"counter": "Some"}, "every frame"),
        ({"counter": "Page"}, "every frame"),
        ({"checksum": "Checksum"}, "both"),
        ({"algorithm": sum8}, "both"),
        ({"checksum": "Counter", "algorithm": sum8}, "at once"),
        ({"modulus": 17}, "4 bits and cannot count to 17"),
        ({"modulus": 1}, "cannot count to 1"),
        ({"checksum": "Nibble", "algorithm": sum8}, "its algorithm needs 8"),
    ],
)
def test_what_does_not_fit_is_said(arguments: dict[str, Any], why: str) -> None:
    with pytest.raises(TransmissionError, match=why):
        Rolling(M, **arguments)


def test_a_profile_needs_its_layout(binding: CarBinding) -> None:
    with pytest.raises(E2EError):
        Rolling(M, checksum="Checksum", algorithm=Profile1(data_id=1))
    gear = binding.network.message("Gear")
    with pytest.raises(TransmissionError, match="counts to 15"):
        Rolling(gear, checksum="Crc", algorithm=Profile1(data_id=1), modulus=16)
    assert Rolling(gear, checksum="Crc", algorithm=Profile2(data_id_list=bytes(16))).modulus == 16


def test_a_checksum_that_is_too_large_and_a_frame_that_is_too_short_are_said() -> None:
    rolling = Rolling(M, checksum="Nibble", algorithm=lambda _m, _d, _c: 16)
    with pytest.raises(TransmissionError, match="cannot hold the checksum 0x10"):
        rolling(Frame(8))
    with pytest.raises(TransmissionError, match="the frame has 7"):
        rolling(Frame(7))


def test_the_example_of_the_documentation_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[3] / "docs" / "transmission.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in text.split("```python\n")[1:]]
    run: Callable[..., None] = exec
    run(compile("\n".join(blocks), "transmission.md", "exec"), {"__name__": "example"})
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in shown] == [["counter", str(n)] for n in range(6)]
    assert all(line.endswith("intact") for line in shown)
