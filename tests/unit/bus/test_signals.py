"""SignalStore: what counts as received, age, validity; the limits restated by hand."""

import pytest
from support.car import Clock

from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import MessageHealth, SignalStore
from vehicle_apis.binding import CarBinding, SignalRef
from vehicle_apis.e2e import E2ESender, protect
from vehicle_apis.params import Scalar
from vehicle_apis.signals import Reading


class Car:
    """Feeds a store by hand."""

    def __init__(self, binding: CarBinding) -> None:
        self.binding = binding
        self.clock = Clock()
        self.store = SignalStore(binding, self.clock)
        self.senders = {name: E2ESender(p) for name, p in binding.network.protections.items()}

    def data(self, name: str, **values: Scalar) -> bytes:
        plain = self.binding.network.encode(name, values)
        return self.senders[name].protect(plain) if name in self.senders else plain

    def feed(self, name: str, data: bytes) -> str | None:
        frame_id = self.binding.network.message(name).frame_id
        return self.store.receive(Received(frame_id, data, self.clock.now_s))

    def send(self, name: str, **values: Scalar) -> str | None:
        return self.feed(name, self.data(name, **values))

    def reading(self, field: str) -> Reading | None:
        value = getattr(self.store.snapshot(self.clock.now_s), field)
        assert value is None or isinstance(value, Reading)
        return value

    @property
    def speeds(self) -> tuple[Reading | None, Reading | None]:
        return self.store.snapshot(self.clock.now_s).speed_kmh


@pytest.fixture
def car(binding: CarBinding) -> Car:
    return Car(binding)


def test_nothing_received_is_nothing_known(car: Car) -> None:
    signals = car.store.snapshot(car.clock.now_s)
    assert signals.speed_kmh == (None, None)
    assert (signals.gear, signals.crash, signals.rain) == (None, None, None)
    assert not car.store.is_fresh("ClimateStatus")
    assert car.store.read(SignalRef("ClimateStatus", "FanSpeed")) is None


def test_the_first_protected_frame_only_starts_the_counter(car: Car) -> None:
    assert car.send("Gear", Gear="D") is None
    assert car.reading("gear") is None
    assert car.send("Gear", Gear="D") == "Gear"
    assert car.reading("gear") == Reading("D")


def test_age_counts_from_arrival(car: Car) -> None:
    car.send("VehicleSpeed", VehicleSpeed=50)
    car.send("VehicleSpeed", VehicleSpeed=50)
    car.clock.advance(0.25)
    assert car.speeds == (Reading(50, age_ms=250), None)


def test_the_two_speeds_keep_their_places(car: Car) -> None:
    for _ in range(2):
        car.send("WheelSpeedAverage", WheelSpeedAverage=49.5)
    assert car.speeds == (None, Reading(49.5))


def test_a_repeated_counter_is_no_new_data_and_not_bad(car: Car) -> None:
    car.send("Gear", Gear="D")
    car.send("Gear", Gear="D")
    stuck = protect(car.binding.network.protections["Gear"], car.binding.network.encode("Gear", {"Gear": "P"}), 1)
    for _ in range(20):
        car.clock.advance(0.125)
        assert car.feed("Gear", stuck) is None
    assert car.reading("gear") == Reading("D", age_ms=2500, valid=True)
    assert car.store.counts["Gear", "repeated"] == 20


def test_a_broken_frame_counts_as_not_received(car: Car) -> None:
    car.send("Gear", Gear="D")
    car.send("Gear", Gear="D")
    car.clock.advance(0.125)
    broken = bytearray(car.data("Gear", Gear="P"))
    broken[2] ^= 1
    assert car.feed("Gear", bytes(broken)) is None
    assert car.reading("gear") == Reading("D", age_ms=125, valid=True)


def bad_frames(car: Car, n: int) -> None:
    for _ in range(n):
        car.feed("Gear", b"\xff" * 8)


@pytest.mark.parametrize(("n", "valid"), [(0, True), (2, True), (3, False), (4, False)])
def test_three_bad_of_the_last_ten_are_stale(car: Car, n: int, valid: bool) -> None:
    for _ in range(8):
        car.send("Gear", Gear="D")
    bad_frames(car, n)
    car.send("Gear", Gear="D")
    reading = car.reading("gear")
    assert reading is not None
    assert (reading.value, reading.valid) == ("D", valid)


def test_a_disturbed_signal_recovers_when_the_bad_ones_are_out_of_the_last_ten(car: Car) -> None:
    for _ in range(3):
        car.send("Gear", Gear="D")
    bad_frames(car, 3)
    for good in range(1, 10):
        car.send("Gear", Gear="D")
        reading = car.reading("gear")
        assert reading is not None
        assert reading.valid == (good >= 8), good  # the first of the three bad ones leaves with the eighth good one


def test_a_crash_is_told_by_one_good_frame_on_a_disturbed_bus(car: Car) -> None:
    car.send("Crash", Crash="none")
    for _ in range(5):
        car.feed("Crash", b"\xff" * 8)
    car.send("Crash", Crash="detected")
    assert car.reading("crash") == Reading("detected")


def test_an_invalid_word_is_an_invalid_reading(car: Car) -> None:
    for _ in range(2):
        car.send("VehicleSpeed", VehicleSpeed="invalid")
        car.send("Gear", Gear="invalid")
        car.send("Environment", AmbientLight="night", Rain="invalid")
    assert car.speeds[0] == Reading("invalid", valid=False)
    assert car.reading("gear") == Reading("invalid", valid=False)
    assert car.reading("ambient_light") == Reading("night")
    assert car.reading("rain") == Reading("invalid", valid=False)


def test_a_gap_of_two_counters_is_a_wrong_sequence_once(car: Car) -> None:
    car.send("Gear", Gear="D")
    car.send("Gear", Gear="D")
    car.data("Gear")
    assert car.send("Gear", Gear="D") == "Gear"  # one lost
    car.data("Gear")
    car.data("Gear")
    assert car.send("Gear", Gear="N") is None  # two lost
    assert car.send("Gear", Gear="N") == "Gear"


@pytest.mark.parametrize("length", [0, 1, 7, 9, 64])
@pytest.mark.parametrize("name", ["Gear", "WindowStatus"])
def test_wrong_lengths_never_raise(car: Car, name: str, length: int) -> None:
    assert car.feed(name, bytes(length)) is None
    assert car.store.counts[name, "wrong_length"] == 1


def test_unknown_frames_and_commands_are_passed_over(car: Car) -> None:
    assert car.store.receive(Received(0x7FF, b"", 0)) is None
    assert car.store.receive(Received(0x100, bytes(8), 0, is_extended=True)) is None
    assert car.feed("WindowCommand", bytes(8)) is None
    assert car.store.counts == {("", "unknown"): 2}


@pytest.mark.parametrize(("seconds", "fresh"), [(0.999, True), (1.0, True), (1.001, False)])
def test_a_unit_is_silent_after_a_second(car: Car, seconds: float, fresh: bool) -> None:
    car.clock.now_s = 0  # exact sums
    car.send("WindowStatus", DriverWindow=40)
    car.clock.advance(seconds)
    assert car.store.is_fresh("WindowStatus") == fresh
    assert car.store.read(SignalRef("WindowStatus", "DriverWindow")) == (40 if fresh else None)
    assert (car.store.values("WindowStatus") or {})["DriverWindow"] == 40


def test_a_slow_message_may_stay_away_for_five_of_its_cycles(car: Car) -> None:
    car.clock.now_s = 0
    car.send("TirePressures", FrontLeftTirePressure=2.4)
    car.clock.advance(5.0)
    assert car.store.is_fresh("TirePressures")
    car.clock.advance(0.1)
    assert not car.store.is_fresh("TirePressures")


def test_values_follow_changes_of_the_payload(car: Car) -> None:
    """Unchanged payloads are not decoded again; changed ones are, the counter's byte included."""
    for kmh in (10, 10, 20, 20, 10):
        car.send("VehicleSpeed", VehicleSpeed=kmh)
        if car.speeds[0] is not None:
            assert car.speeds[0].value == kmh


def test_repetitions_do_not_wash_bad_frames_out_of_the_last_ten(car: Car) -> None:
    for _ in range(3):
        car.send("Gear", Gear="D")
    bad_frames(car, 3)
    stuck = car.data("Gear", Gear="D")
    for _ in range(20):
        car.feed("Gear", stuck)  # the first of them is new, the others are repetitions
    assert car.reading("gear") == Reading("D", valid=False)
    valid = []
    for _ in range(8):
        car.send("Gear", Gear="D")
        reading = car.reading("gear")
        valid.append(reading is not None and reading.valid)
    assert valid == [False] * 6 + [True] * 2  # with the eighth good one, the stuck one's first frame included


def test_bad_frames_before_the_first_good_one_count(car: Car) -> None:
    bad_frames(car, 3)
    for _ in range(2):
        car.send("Gear", Gear="D")
    assert car.reading("gear") == Reading("D", valid=False)


def test_a_sequence_error_is_one_of_the_three(car: Car) -> None:
    for _ in range(2):
        car.send("VehicleSpeed", VehicleSpeed=50)
    for _ in range(3):
        for _ in range(3):
            car.data("VehicleSpeed", VehicleSpeed=50)  # lost on the way
        assert car.send("VehicleSpeed", VehicleSpeed=50) is None
    assert car.send("VehicleSpeed", VehicleSpeed=50) == "VehicleSpeed"
    assert car.speeds[0] == Reading(50, valid=False)


def test_an_unprotected_message_counts_from_its_first_frame(car: Car) -> None:
    assert car.send("WindowStatus", DriverWindow=40) == "WindowStatus"
    (health,) = [h for h in car.store.health(car.clock.now_s) if h.name == "WindowStatus"]
    assert (health.e2e, health.is_protected, health.last) == ("valid", False, "ok")


def test_the_view_for_people(car: Car) -> None:
    def gear() -> MessageHealth:
        (health,) = [h for h in car.store.health(car.clock.now_s) if h.name == "Gear"]
        return health

    assert gear() == MessageHealth(name="Gear", is_protected=True, age_s=None, e2e="nodata", last="", counts={})
    car.send("Gear", Gear="D")
    assert (gear().age_s, gear().e2e, gear().last) == (None, "init", "initial")
    car.send("Gear", Gear="D")
    car.clock.advance(0.25)
    bad_frames(car, 3)
    seen = gear()
    assert (seen.age_s, seen.e2e, seen.last) == (0.25, "invalid", "wrong_crc")
    assert seen.counts == {"initial": 1, "ok": 1, "wrong_crc": 3}
    assert {h.name for h in car.store.health(0)} == car.binding.read_messages()
