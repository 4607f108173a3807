"""Looking out for what nobody here knows of: on the head unit, and in the car's status frames."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.car import Clock
from support.fakes import call
from support.waiting import until

from state_machines import limits
from vehicle_agent.errors import NotConfirmed, Unavailable
from vehicle_agent.standing.lookout import CarLookout, HeadUnitLookout
from vehicle_apis.binding import CarBinding, default_binding_path, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.params import Scalar
from vehicle_apis.traits import Ending

VIDEO, APP = Ending.PAUSE_AND_BLANK_VIDEO, Ending.HOME_SCREEN
FILM = (call("play_video", title="video"),)
CATALOGUE = load_catalogue(with_packs=False)


# --- the head unit ----------------------------------------------------------------------------------------------------


class Unit:
    """``shows``: what the next looks find; an exception is raised."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "LOOK_EVERY_S", 0.001)
        monkeypatch.setattr(limits, "UNANSWERED_EVERY_S", 0.001)
        self.clock = Clock()
        self.shows: tuple[Call, ...] | Exception = ()
        self.looks = 0
        self.seen: list[tuple[Ending, tuple[Call, ...]]] = []
        self.lookout = HeadUnitLookout({VIDEO: self.probe, APP: self._nothing}, self.note, self.clock)

    async def probe(self) -> tuple[Call, ...]:
        self.looks += 1
        if isinstance(self.shows, Exception):
            raise self.shows
        return self.shows

    async def _nothing(self) -> tuple[Call, ...]:
        return ()

    def note(self, what: Ending, may_be: tuple[Call, ...]) -> None:
        if what is VIDEO:
            self.seen.append((what, may_be))

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        tasks = self.lookout.start()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def goes_on(self) -> bool:
        """Whether it looks again."""
        before = self.looks
        await asyncio.sleep(0.05)
        return self.looks > before


@pytest.fixture
def unit(monkeypatch: pytest.MonkeyPatch) -> Unit:
    return Unit(monkeypatch)


async def test_it_looks_when_it_is_told_to_and_for_fifteen_seconds(unit: Unit) -> None:
    async with unit.looking():
        assert not await unit.goes_on()
        unit.lookout.open_all()
        assert await unit.goes_on()
        assert unit.lookout.has_asked
        unit.clock.advance(15.0)
        assert await unit.goes_on()
        unit.clock.advance(0.001)
        await asyncio.sleep(0.02)
        assert not await unit.goes_on()
        unit.lookout.open(VIDEO)
        assert await unit.goes_on()
    assert {may_be for _, may_be in unit.seen} == {()}


@pytest.mark.parametrize("error", [NotConfirmed("no answer"), Unavailable("nobody there"), RuntimeError("a defect")])
async def test_a_look_without_an_answer_does_not_count(unit: Unit, error: Exception) -> None:
    unit.shows = error
    async with unit.looking():
        unit.lookout.open_all()
        for _ in range(5):
            unit.clock.advance(14.0)
            assert await unit.goes_on()
        assert (unit.seen, unit.lookout.has_asked) == ([], True)
        unit.shows = FILM
        await until(lambda: (VIDEO, FILM) in unit.seen)


async def test_after_an_ending_it_waits_until_that_can_have_worked(unit: Unit) -> None:
    unit.shows = FILM
    async with unit.looking():
        unit.lookout.open(VIDEO, after_s=0.3)
        assert not await unit.goes_on()
        unit.clock.advance(0.3)
        await until(lambda: bool(unit.seen))


async def test_what_was_ended_during_the_look_is_not_taken_for_shown_again(unit: Unit) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> tuple[Call, ...]:
        asked.set()
        await go_on.wait()
        return FILM

    unit.lookout = HeadUnitLookout({VIDEO: slow}, unit.note, unit.clock)
    async with unit.looking():
        unit.lookout.open(VIDEO)
        await asked.wait()
        unit.lookout.open(VIDEO, after_s=0.3)
        go_on.set()
        await asyncio.sleep(0.02)
        assert unit.seen == []


async def test_where_nothing_has_to_end_it_looks_rarely_until_that_changes(unit: Unit) -> None:
    at_leisure = True
    unit.lookout = HeadUnitLookout({VIDEO: unit.probe}, unit.note, unit.clock, at_leisure=lambda: at_leisure)
    async with unit.looking():
        unit.lookout.look_now()
        assert not await unit.goes_on()  # it was not told to look
        unit.lookout.open_all()
        await until(lambda: unit.looks == 1)
        assert not await unit.goes_on()
        at_leisure = False
        unit.lookout.look_now()
        assert await unit.goes_on()


async def test_a_defect_of_who_is_told_does_not_end_the_looking(unit: Unit, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_what: Ending, _may_be: tuple[Call, ...]) -> None:
        raise RuntimeError("a defect")

    unit.lookout = HeadUnitLookout({VIDEO: unit.probe}, broken, unit.clock)
    async with unit.looking():
        unit.lookout.open(VIDEO)
        await until(lambda: unit.looks > 2)
    assert any("could not be handled" in r.message for r in caplog.records)


# --- the car ----------------------------------------------------------------------------------------------------------


class Car:
    """``shown``: the signals that come; ``silent``: messages that do not."""

    def __init__(self, binding: CarBinding) -> None:
        self.clock = Clock()
        self.shown: dict[str, Scalar] = {
            "DriverSeatMoving": "no",
            "PassengerSeatMoving": "no",
            "Trunk": "closed",
            "MirrorsMoving": "no",
            "CameraView": "off",
        }
        self.silent: set[str] = set()
        self.begun: list[Call] = []
        self.seen: dict[str, tuple[Call, ...]] = {}
        self.told = 0
        self.lookout = CarLookout(
            binding,
            read=lambda ref: None if ref.message in self.silent else self.shown.get(ref.signal),
            is_fresh=lambda message: message not in self.silent,
            begun=lambda: tuple(self.begun),
            seen=self._seen,
            clock=self.clock,
        )

    def _seen(self, what: str, may_be: tuple[Call, ...]) -> None:
        self.told += 1
        self.seen[what] = may_be

    def look(self) -> set[str]:
        """The names of what is seen to go on."""
        self.lookout.look()
        return {c.name for may_be in self.seen.values() for c in may_be}


@pytest.fixture(scope="module")
def binding() -> CarBinding:
    return load_binding(CATALOGUE)


@pytest.fixture
def car(binding: CarBinding) -> Car:
    return Car(binding)


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        ({"DriverSeatMoving": "yes"}, {"adjust_seat_position", "recall_seat_memory"}),
        ({"Trunk": "opening"}, {"operate_trunk"}),
        ({"MirrorsMoving": "yes"}, {"fold_mirrors"}),
        ({"CameraView": "front"}, {"show_camera"}),
        ({}, set()),
    ],
)
def test_after_a_start_what_runs_is_seen(car: Car, shown: dict[str, Scalar], names: set[str]) -> None:
    car.shown |= shown
    assert car.look() == set()
    car.lookout.open_all()
    assert car.look() == names
    assert sum(bool(may_be) for may_be in car.seen.values()) == bool(names)


def test_a_motor_is_looked_at_until_it_has_been_still_for_a_second(car: Car) -> None:
    car.lookout.open_all()
    car.look()
    car.clock.advance(0.9)
    car.shown["Trunk"] = "opening"  # the former run's last command
    assert car.look() == {"operate_trunk"}
    car.clock.advance(5)
    assert car.look() == {"operate_trunk"}
    car.shown["Trunk"] = "open"
    assert car.look() == set()
    car.shown["Trunk"] = "closing"  # by hand
    car.clock.advance(1.1)
    assert car.look() == set()


def test_a_camera_picture_may_come_later(car: Car) -> None:
    car.lookout.open_all()
    car.look()
    car.clock.advance(14.9)
    car.shown["CameraView"] = "left"
    assert car.look() == {"show_camera"}
    car.shown["CameraView"] = "off"
    car.clock.advance(0.2)
    assert car.look() == set()
    car.shown["CameraView"] = "left"
    assert car.look() == set()


def test_a_silent_unit_is_waited_for(car: Car) -> None:
    car.silent.add("ClosureStatus")
    car.shown["Trunk"] = "opening"
    car.lookout.open_all()
    car.clock.advance(60)
    assert car.look() == set()
    assert car.lookout.shows(call("operate_trunk", action="open")) is None
    car.silent.clear()
    assert car.look() == {"operate_trunk"}
    assert car.lookout.shows(call("operate_trunk", action="open")) is True


def test_what_was_begun_here_is_no_discovery(car: Car) -> None:
    car.shown |= {"DriverSeatMoving": "yes", "PassengerSeatMoving": "yes"}
    car.begun.append(call("recall_seat_memory", slot=1, seat="passenger"))
    car.lookout.open_all()
    car.look()
    assert {c.arguments["seat"] for may_be in car.seen.values() for c in may_be} == {"driver"}


def test_after_an_ending_that_one_thing_is_looked_at_again(car: Car) -> None:
    seat = call("adjust_seat_position", direction="up")
    car.shown |= {"DriverSeatMoving": "yes", "PassengerSeatMoving": "yes"}
    car.lookout.open_again(seat)
    assert car.look() == set()  # the unit is given time to stop
    car.clock.advance(0.3)
    assert car.look() == {"adjust_seat_position", "recall_seat_memory"}
    assert {c.arguments["seat"] for may_be in car.seen.values() for c in may_be} == {"driver"}
    assert (car.lookout.shows(seat), car.lookout.shows(call("operate_trunk", action="open"))) == (True, False)
    car.lookout.open_again(call("play_video", title="x"))  # nothing of the car's


def test_nothing_open_costs_nothing(car: Car) -> None:
    car.lookout.look()
    assert car.told == 0


def edited(tmp_path: Path, *gone: str) -> CarBinding:
    lines = default_binding_path().read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not (line.startswith("under_way") and any(word in line for word in gone))]
    dbc = default_binding_path().with_name("vehicle.dbc").as_posix()
    path = tmp_path / "vehicle.toml"
    path.write_text("\n".join(kept).replace('dbc = "vehicle.dbc"', f'dbc = "{dbc}"'), encoding="utf-8")
    return load_binding(CATALOGUE, path)


def test_of_a_unit_that_does_not_tell_everything_may_run_for_as_long_as_it_takes(tmp_path: Path) -> None:
    car = Car(edited(tmp_path, "DriverSeatMoving", "Trunk"))
    car.lookout.open_all()
    names = {"adjust_seat_position", "recall_seat_memory", "operate_trunk"}
    assert car.look() == names
    assert len(car.seen) == 3 + 2  # two seats, the trunk; mirrors and camera tell that there is nothing
    told = car.told
    car.clock.advance(12.0)
    assert car.look() == names
    car.clock.advance(0.1)
    assert car.look() == names - {"operate_trunk"}
    car.clock.advance(3.0)
    assert car.look() == set()
    seat = call("adjust_seat_position", direction="up")
    assert car.lookout.shows(seat) is None
    car.seen.clear()
    car.lookout.open_again(seat)  # whether the stop worked, it does not tell either
    car.clock.advance(1)
    assert (car.look(), car.told > told) == (set(), True)


def test_one_stop_is_one_thing(car: Car) -> None:
    key: Callable[[Call], str] = car.lookout.key
    up, recall = call("adjust_seat_position", direction="up"), call("recall_seat_memory", slot=2)
    assert key(up) == key(recall)
    assert key(up) != key(call("adjust_seat_position", direction="up", seat="passenger"))
    assert key(call("show_camera", view="left")) == key(call("show_camera", view="front"))
    assert key(call("set_volume", level=3)) == str(call("set_volume", level=3))
