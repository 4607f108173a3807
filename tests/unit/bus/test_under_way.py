"""How the status shows that something goes on, whoever began it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vehicle_apis.binding import BindingError, CarBinding, SignalRef, load_binding
from vehicle_apis.binding.command import CommandFunction
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import Scalar

Edit = Callable[..., Path]


def function(binding: CarBinding, name: str) -> CommandFunction:
    found = binding.function(name)
    assert isinstance(found, CommandFunction)
    return found


def showing(**signals: Scalar) -> Callable[[SignalRef], Scalar | None]:
    return lambda ref: signals.get(ref.signal)


def arguments(found: tuple[tuple[object, ...], ...]) -> list[list[dict[str, object]]]:
    return [[dict(call.arguments) for call in may_be] for may_be in found]  # type: ignore[attr-defined]


def test_whatever_must_end_and_moves_or_shows_a_picture_is_told(binding: CarBinding) -> None:
    ending = [f for f in binding.functions_that_stop() if f.spec.ending is not None]  # windows may move on
    told = {f.spec.name for f in ending if f.activity.is_told}
    assert told == {"adjust_seat_position", "recall_seat_memory", "operate_trunk", "fold_mirrors", "show_camera"}
    # a mirror's tilting is told and stopped with its folding
    assert {f.spec.name for f in ending} - told == {"adjust_mirror"}


def test_a_seat_may_move_any_way(binding: CarBinding) -> None:
    seat = function(binding, "adjust_seat_position")
    assert seat.activity.under_way(showing(DriverSeatMoving="no", PassengerSeatMoving="no")) == ()
    assert seat.activity.under_way(showing()) == ()
    (may_be,) = arguments(seat.activity.under_way(showing(DriverSeatMoving="no", PassengerSeatMoving="yes")))
    assert {a["direction"] for a in may_be} == {"forward", "backward", "up", "down", "recline", "upright"}
    assert {(a["seat"], a["amount"]) for a in may_be} == {("passenger", 20)}
    assert len(seat.activity.under_way(showing(DriverSeatMoving="yes", PassengerSeatMoving="yes"))) == 2
    (recall,) = arguments(function(binding, "recall_seat_memory").activity.under_way(showing(DriverSeatMoving="yes")))
    assert recall == [{"slot": 1, "seat": "driver"}]


@pytest.mark.parametrize(
    ("name", "shown", "expected"),
    [
        ("operate_trunk", {"Trunk": "opening"}, [[{"action": "open"}]]),
        ("operate_trunk", {"Trunk": "closing"}, [[{"action": "close"}]]),
        ("operate_trunk", {"Trunk": "stopped"}, []),
        ("fold_mirrors", {"MirrorsMoving": "yes"}, [[{"action": "fold"}, {"action": "unfold"}]]),
        ("fold_mirrors", {"MirrorsMoving": "no"}, []),
        ("show_camera", {"CameraView": "left"}, [[{"view": "left"}]]),
        ("show_camera", {"CameraView": "off"}, []),
    ],
)
def test_what_the_status_tells(
    binding: CarBinding, name: str, shown: dict[str, Scalar], expected: list[list[dict[str, object]]]
) -> None:
    assert arguments(function(binding, name).activity.under_way(showing(**shown))) == expected


def test_a_view_we_do_not_know_may_be_any(binding: CarBinding) -> None:
    (may_be,) = arguments(function(binding, "show_camera").activity.under_way(showing(CameraView="trailer")))
    assert {a["view"] for a in may_be} == {"front", "rear", "left", "right", "surround"}


def test_everything_there_may_be(binding: CarBinding) -> None:
    per_seat = arguments(function(binding, "adjust_seat_position").activity.all_there_may_be())
    assert [{a["seat"] for a in may_be} for may_be in per_seat] == [{"driver"}, {"passenger"}]
    assert [len(may_be) for may_be in per_seat] == [6, 6]
    trunk = function(binding, "operate_trunk")
    assert arguments(trunk.activity.all_there_may_be()) == [[{"action": "open"}, {"action": "close"}]]
    assert trunk.timeout_ms == 12_000


def test_what_runs_is_told_and_stopped_whoever_began_it(binding: CarBinding) -> None:
    seat, roof = function(binding, "recall_seat_memory"), function(binding, "operate_sunroof")
    one_runs = showing(DriverSeatMoving="no", PassengerSeatMoving="yes", RoofMoving="yes")
    assert (seat.activity.moving_targets(one_runs), roof.activity.moving_targets(one_runs)) == (("passenger",), ("",))
    assert seat.activity.moves(("driver", "passenger"), one_runs) is True
    assert seat.activity.moves(("driver",), one_runs) is False
    assert seat.activity.moves(("driver",), showing()) is None
    assert [(one, stop.values) for one, stop in seat.stops_of_what_moves(one_runs)] == [
        ("passenger", {"Seat": "passenger", "Selector": "stop"})
    ]


def test_a_stop_of_a_foreign_motion_goes_without_the_arguments_nobody_here_knows(
    catalogue: Catalogue, edited: Edit
) -> None:
    old = 'stopped on its way", fixed = { Selector = "stop" }, args = ["seat"]'
    seat = function(
        load_binding(catalogue, edited((old, old.replace('"seat"', '"slot", "seat"')))), "recall_seat_memory"
    )
    ((_, stop),) = seat.stops_of_what_moves(showing(PassengerSeatMoving="yes"))
    assert stop.values == {"Seat": "passenger", "Selector": "stop"}
    own = seat.stop(catalogue.call("recall_seat_memory", slot=2, seat="passenger"))
    assert own is not None
    assert own.values == {"Slot": 2, "Seat": "passenger", "Selector": "stop"}


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ('under_way = [{ when = { Trunks = "opening" } }]', "Trunks"),
        ('under_way = [{ when = { Trunk = ">far" } }]', "no condition"),
        ('under_way = [{ when = { Trunk = "opening" }, args = { lid = "open" } }]', "no argument 'lid'"),
        ('under_way = [{ when = { Trunk = "opening" }, args = { action = "ajar" } }]', "must be one of open, close"),
        ('under_way = [{ when = { Trunk = "opening" }, args = { action = "$Lid" } }]', "Lid"),
        ("under_way = [{ when = {} }]", "at least 1 item"),
    ],
)
def test_mistakes_are_named(catalogue: Catalogue, edited: Edit, new: str, problem: str) -> None:
    old = 'under_way = [{ when = { Trunk = "opening" }, args = { action = "open" } }, { when = { Trunk = "closing" }, '
    with pytest.raises(BindingError, match="under_way") as caught:
        load_binding(catalogue, edited((old + 'args = { action = "close" } }]', new)))
    assert problem in str(caught.value)


def test_what_nothing_ends_is_not_asked_for(catalogue: Catalogue, edited: Edit) -> None:
    with pytest.raises(BindingError, match="nothing ends it"):
        load_binding(catalogue, edited(('stop = { fixed = { View = "off" } }\n', "")))
