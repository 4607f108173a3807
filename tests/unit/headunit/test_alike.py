"""One number in two forms."""

import pytest

from vehicle_agent.backends.dbus.alike import Alike, alike


@pytest.mark.parametrize(
    ("one", "other", "degree"),
    [
        ("5550123", "555 01-23", Alike.SAME),
        ("12", "12", Alike.SAME),
        ("+44 20 7946 0018", "0044 20 7946 0018", Alike.SAME),
        ("+12025550108", "12025550108", Alike.SAME),
        ("+44 (0) 20 7946 0018", "+442079460018", Alike.SAME),
        # the country's code in place of the trunk prefix
        ("+44 20 7946 0018", "020 7946 0018", Alike.COUNTRY),
        ("0044 20 7946 0018", "020 7946 0018", Alike.COUNTRY),
        ("+1 202 555 0108", "202 555 0108", Alike.COUNTRY),
        ("+39 06 1234567", "06 1234567", Alike.COUNTRY),
        ("+36 1 234 5678", "1 234 5678", Alike.COUNTRY),
        ("+7 495 123 4567", "8 495 123 4567", Alike.COUNTRY),
        ("+358 40 1234567", "040 1234567", Alike.COUNTRY),
        ("+49 123 4567", "0123 4567", Alike.COUNTRY),  # seven digits
        ("+49 12 3456", "012 3456", Alike.NO),  # six
        ("+44 8 495 123 4567", "9 495 123 4567", Alike.NO),
        ("+3581 40 1234567", "040 1234567", Alike.NO),  # four digits are no country
        # without the area code
        ("020 7946 0018", "7946 0018", Alike.LOCAL),
        ("+44 20 7946 0018", "7946 0018", Alike.LOCAL),
        ("2025550108", "5550108", Alike.LOCAL),  # seven digits
        ("2025550108", "550108", Alike.NO),  # six
        # two different ones
        ("+44 20 7946 0018", "+49 20 7946 0018", Alike.NO),
        ("020 7946 0018", "0161 7946 0018", Alike.NO),
        ("+44 161 7946 0018", "020 7946 0018", Alike.NO),
        ("+44 20 7946 0018", "020 7946 0019", Alike.NO),
        ("0108", "2025550108", Alike.NO),
        ("withheld", "withheld", Alike.NO),
        ("", "", Alike.NO),
        ("*21#", "*21#", Alike.NO),
    ],
)
def test_how_alike(one: str, other: str, degree: Alike) -> None:
    assert alike(one, other) is alike(other, one) is degree
