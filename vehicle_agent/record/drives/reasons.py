"""Why the car is taken to be in a driving state: what a tester wants to read next to it."""

from collections.abc import Iterator

from state_machines import limits
from state_machines.driving_state import DrivingState, crash_seen, is_fresh, is_number
from vehicle_apis.signals import Reading, Signals


def because(state: DrivingState, signals: Signals) -> str:
    """A few words on ``signals``. They explain the gate's state; they decide nothing."""
    if state is DrivingState.CRASHED:
        return "crash detected" if crash_seen(signals) else "a crash was detected before"
    if state is DrivingState.UNKNOWN:
        found = [*_unusable(signals)] or [*_implausible(signals)]
        return ", ".join(found) or f"not yet {limits.BETTER_AFTER_S:g} s of good signals"
    speeds = " and ".join(_number(r) for r in signals.speed_kmh if r is not None)
    gear = signals.gear.value if signals.gear is not None else "none"
    return f"gear {gear}, {speeds} km/h"


def _unusable(signals: Signals) -> Iterator[str]:
    readings = (
        ("gear", signals.gear, limits.GEAR_MAX_AGE_MS),
        ("first speed", signals.speed_kmh[0], limits.SPEED_MAX_AGE_MS),
        ("second speed", signals.speed_kmh[1], limits.SPEED_MAX_AGE_MS),
    )
    for name, reading, max_age_ms in readings:
        if reading is None:
            yield f"{name} never received"
        elif not reading.valid:
            yield f"{name} invalid"
        elif not is_fresh(reading, max_age_ms):
            yield f"{name} {reading.age_ms:.0f} ms old"


def _implausible(signals: Signals) -> Iterator[str]:
    speeds = [r.value for r in signals.speed_kmh if r is not None and is_number(r.value)]
    if len(speeds) < 2:
        yield "a speed is no number"
        return
    if not all(0 <= speed <= limits.SPEED_MAX_KMH for speed in speeds):
        yield f"speeds {speeds[0]:g} and {speeds[1]:g} km/h out of range"
    elif abs(speeds[0] - speeds[1]) > max(limits.SOURCES_APART_KMH, limits.SOURCES_APART_SHARE * max(speeds)):
        yield f"speeds {speeds[0]:g} and {speeds[1]:g} km/h do not agree"
    if signals.gear is not None and signals.gear.value == "P" and max(speeds) > limits.PARK_GEAR_MAX_SPEED_KMH:
        yield f"gear P at {max(speeds):g} km/h"


def _number(reading: Reading) -> str:
    return f"{reading.value:g}" if is_number(reading.value) else str(reading.value)
