"""The check values of E2E profiles 1 and 2, bit by bit: from the specification, not from the code under test."""

from vehicle_apis.e2e import Profile1, Protection


def crc8(data: bytes, polynomial: int, value: int) -> int:
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & 0x80 else value << 1) & 0xFF
    return value


def check_value(protection: Protection, data: bytes) -> int:
    """What byte 0 of ``data`` must be."""
    if isinstance(protection, Profile1):
        low_high = protection.data_id.to_bytes(2, "little")
        return crc8(low_high + data[1:], 0x1D, 0x00)
    return crc8(data[1:] + protection.data_id_list[data[1] & 15 : (data[1] & 15) + 1], 0x2F, 0xFF) ^ 0xFF


def is_authentic(protection: Protection, data: bytes) -> bool:
    """Right length, right check value, a counter that the profile has."""
    if len(data) != protection.length_bytes:
        return False
    return data[0] == check_value(protection, data) and (data[1] & 15) < protection.modulus


def sealed(protection: Protection, data: bytes, counter: int) -> bytes:
    body = bytes((0, data[1] & 0xF0 | counter % protection.modulus)) + data[2:]
    return bytes((check_value(protection, body),)) + body[1:]
