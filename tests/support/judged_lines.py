"""Lines of the `judge` format, as the second reading of the specification has them, for the code under test."""

from safety_spec.oracle import reading
from safety_spec.questions import Line

from vehicle_apis.signals import Reading, Signals


def as_signals(line: Line) -> Signals:
    def read(key: str, index: int | None = None) -> Reading | None:
        seen = reading(line, key, index)
        return None if seen is None else Reading(value=seen.value, age_ms=seen.age_ms, valid=seen.valid)

    words = {key: read(key) for key in ("gear", "crash", "ignition", "ambient_light", "rain", "plugged_in")}
    return Signals(speed_kmh=(read("speed", 0), read("speed", 1)), **words)
