"""Floods of other programs on a real message bus, shortly: what the car must end still ends, nothing is kept, and
callers are told by name. `vehicle-agent bench dbus` is the long version, with figures.
"""

from collections.abc import AsyncIterator

import pytest
from headunit_bench import needs_bus

from simulators.workbench.bench.dbus_flood import FLAT_MIB, LIMIT_S, Target, floods, target
from vehicle_agent.message_bus import BUSY, TOO_LONG

pytestmark = [needs_bus, pytest.mark.timeout(240)]

SECONDS = 2.0
MESSAGES = 1000
LARGE_BYTES = 30 << 20
GAP_S = 1.0  # systemd waits ten for the watchdog
STARVED = 3  # so often it may try again
OF_THE_BUS = "org.freedesktop.DBus.Error.LimitsExceeded"  # the bus itself refuses so many open calls

ANSWERS: dict[str, set[str]] = {
    "signals": set(),
    "signatures": set(),
    "asks_of_one": {"", BUSY, OF_THE_BUS},
    "asks_of_50": {"", BUSY, OF_THE_BUS},
    "asks_elsewhere": {"org.freedesktop.DBus.Error.UnknownMethod", OF_THE_BUS},
    "cancels": {"", BUSY, OF_THE_BUS},
    "large_ask": {TOO_LONG},
    "slow_asks": {"", BUSY},
}


@pytest.fixture
async def suffering() -> AsyncIterator[Target]:
    async with target() as made:
        yield made


@pytest.mark.parametrize("name", ANSWERS)
async def test_the_video_ends_while_others_send_what_they_can(name: str, suffering: Target) -> None:
    what = floods(suffering.names, SECONDS, MESSAGES, LARGE_BYTES)[name]
    for attempt in range(1, STARVED + 1):
        suffered = await suffering.suffer(name, what)
        print(suffered.figures())
        if (max(suffered.ended_s) <= LIMIT_S and suffered.largest_gap_s < GAP_S) or attempt == STARVED:
            break
    assert suffered.report.sent >= 3
    assert suffered.report.lost == 0
    assert max(suffered.ended_s) <= LIMIT_S
    assert suffered.largest_gap_s < GAP_S
    assert suffered.kept_mib < FLAT_MIB
    assert set(suffered.report.answers) <= ANSWERS[name]
    assert bool(suffered.report.answers) == bool(ANSWERS[name])
    if BUSY in ANSWERS[name] and name != "cancels":  # a hundred at once are as many as the bus lets through
        assert suffered.report.answers.get(BUSY, 0) >= 1
    # and afterwards all is as before
    assert suffering.health.text == ""
    assert await suffering.drive_off() < 5
