import pytest
from e2e import crc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vehicle_apis.binding import CarBinding
from vehicle_apis.e2e import (
    E2EError,
    E2EReceiver,
    E2ESender,
    E2EStatus,
    Profile1,
    Profile2,
    Protection,
    check_layout,
    protect,
)

P1 = Profile1(data_id=0x123)
P2 = Profile2(data_id_list=bytes(range(1, 17)))
ZEROS = bytes(8)


def test_check_values_of_the_polynomials() -> None:
    assert crc.calculate_crc8(b"123456789") == 0x4B
    assert crc.calculate_crc8_h2f(b"123456789") == 0xDF


def test_profile_1_vectors() -> None:
    sender = E2ESender(P1)
    assert sender.protect(ZEROS) == bytes.fromhex("CC 00 00 00 00 00 00 00")
    assert sender.protect(ZEROS)[:2] == bytes.fromhex("91 01")


def test_profile_2_vectors() -> None:
    sender = E2ESender(P2)
    frames = [sender.protect(ZEROS) for _ in range(16)]
    assert frames[0] == bytes.fromhex("0E 00 00 00 00 00 00 00")
    crcs = "1B 98 31 0D 18 9B 65 08 1D 9E 37 0B 1E 9D CD 0E"
    assert [f[0] for f in (*frames[1:], sender.protect(ZEROS))] == list(bytes.fromhex(crcs))


@pytest.mark.parametrize(("protection", "last"), [(P1, 14), (P2, 15)])
def test_the_counter_wraps_after_its_last_value(protection: Protection, last: int) -> None:
    sender = E2ESender(protection, first_counter=last)
    assert [sender.protect(ZEROS)[1], sender.protect(ZEROS)[1]] == [last, 0]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(min_size=8, max_size=8), st.integers(0, 14), st.integers(0, 63))
def test_any_flipped_bit_is_found(data: bytes, counter: int, bit: int) -> None:
    for protection in (P1, P2):
        sealed = protect(protection, data, counter)
        assert protection.crc_is_right(sealed)
        broken = bytearray(sealed)
        broken[bit // 8] ^= 1 << bit % 8
        assert not protection.crc_is_right(bytes(broken))


def test_the_high_nibble_of_the_counter_byte_is_kept() -> None:
    assert protect(P1, b"\x00\xa0" + bytes(6), 3)[1] == 0xA3


def test_a_frame_of_another_message_does_not_pass() -> None:
    assert not Profile1(data_id=0x124).crc_is_right(protect(P1, ZEROS, 0))


def receive(protection: Protection, *counters: int, max_delta: int = 2) -> list[E2EStatus]:
    receiver = E2EReceiver(protection, max_delta_counter=max_delta)
    return [receiver.receive(protect(protection, ZEROS, c)) for c in counters]


@pytest.mark.parametrize("protection", [P1, P2])
def test_receiver_states(protection: Protection) -> None:
    last = protection.modulus - 1
    assert receive(protection, 5, 6, 6, 8, 9, 12, 13) == [
        E2EStatus.INITIAL,
        E2EStatus.OK,
        E2EStatus.REPEATED,
        E2EStatus.SOME_LOST,  # one missing: delta 2
        E2EStatus.OK,
        E2EStatus.WRONG_SEQUENCE,  # two missing: delta 3
        E2EStatus.OK,
    ]
    assert receive(protection, last, 0) == [E2EStatus.INITIAL, E2EStatus.OK]
    assert receive(protection, last, 1) == [E2EStatus.INITIAL, E2EStatus.SOME_LOST]
    assert receive(protection, last, 2) == [E2EStatus.INITIAL, E2EStatus.WRONG_SEQUENCE]
    assert receive(protection, 4, 3) == [E2EStatus.INITIAL, E2EStatus.WRONG_SEQUENCE]


def test_receiver_without_data_and_with_broken_data() -> None:
    receiver = E2EReceiver(P1)
    assert receiver.receive(None) is E2EStatus.NO_NEW_DATA
    assert receiver.receive(b"") is E2EStatus.WRONG_CRC
    assert receiver.receive(bytes(7)) is E2EStatus.WRONG_CRC
    assert receiver.receive(bytes(9)) is E2EStatus.WRONG_CRC
    assert receiver.receive(bytes(8)) is E2EStatus.WRONG_CRC
    assert receiver.counts[E2EStatus.WRONG_CRC] == 4


def test_a_broken_frame_does_not_move_the_counter() -> None:
    receiver = E2EReceiver(P1)
    receiver.receive(protect(P1, ZEROS, 3))
    receiver.receive(b"\xff" * 8)
    assert receiver.receive(protect(P1, ZEROS, 4)) is E2EStatus.OK


def test_counter_15_is_none_of_profile_1() -> None:
    frame = bytearray(b"\x00\x0f" + bytes(6))
    P1.seal(frame)
    receiver = E2EReceiver(P1)
    receiver.receive(protect(P1, ZEROS, 14))
    assert receiver.receive(bytes(frame)).is_bad


def test_what_counts_as_new_and_as_bad() -> None:
    assert {s for s in E2EStatus if s.is_new_data} == {E2EStatus.OK, E2EStatus.SOME_LOST}
    assert {s for s in E2EStatus if s.is_bad} == {E2EStatus.WRONG_CRC, E2EStatus.WRONG_SEQUENCE}


def test_event_driven_messages_may_jump_but_not_repeat() -> None:
    receiver = E2EReceiver(P1, event_driven=True)
    first, other = protect(P1, ZEROS, 7), protect(P1, b"\0\0\1" + bytes(5), 7)
    states = [receiver.receive(f) for f in (first, first, other, protect(P1, ZEROS, 2))]
    assert states == [E2EStatus.OK, E2EStatus.REPEATED, E2EStatus.OK, E2EStatus.OK]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Profile1(data_id=0x10000),
        lambda: Profile1(data_id=1, length_bytes=1),
        lambda: Profile1(data_id=1, length_bytes=9),
        lambda: Profile2(data_id_list=bytes(15)),
        lambda: protect(P1, bytes(7), 0),
        lambda: protect(P1, ZEROS, 15),
        lambda: protect(P2, ZEROS, 16),
    ],
)
def test_impossible_protections(make: object) -> None:
    with pytest.raises(E2EError):
        make()  # type: ignore[operator]


def test_layout_must_match(binding: CarBinding) -> None:
    with pytest.raises(E2EError, match="8 bytes"):
        check_layout(binding.network.message("Gear"), Profile1(data_id=1, length_bytes=4))
    with pytest.raises(E2EError, match="no signal"):
        check_layout(binding.network.message("DoorState"), P1)
    with pytest.raises(E2EError, match="4 bits from bit 8"):
        check_layout(binding.network.message("ClimateStatus"), P1, crc="RequestId", counter="FanSpeed")
