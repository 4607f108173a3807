"""The simulated control unit of a pack, without bus and clock."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.packs import SEAT_PUMP

from simulators.car.ecu import Command, Request
from simulators.car.ecus.pack_ecu import DELAY_S
from simulators.car.model import CarModel
from simulators.car.wiring import Wiring, load_wiring
from simulators.errors import NetworkMismatch
from vehicle_apis.pack import ApiPack
from vehicle_apis.params import Scalar

SHORT_OF_S = DELAY_S - 0.001


@pytest.fixture(scope="module")
def pack() -> Iterator[ApiPack]:
    sys.path.insert(0, str(SEAT_PUMP))
    from seat_pump import PACK  # type: ignore[import-not-found]

    yield PACK
    sys.path.remove(str(SEAT_PUMP))
    del sys.modules["seat_pump"]


@pytest.fixture(scope="module")
def wiring(pack: ApiPack) -> Wiring:
    return load_wiring(packs=[pack])


@pytest.fixture
def model(wiring: Wiring) -> CarModel:
    return CarModel(wiring)


def send(model: CarModel, request_id: int = 7, **values: Scalar) -> Request:
    data = model.wiring.network.encode("LumbarCommand", {"RequestId": request_id, "TimeToLive": 500, **values})
    commanded = model.wiring.commanded[1376]
    command = Command(commanded.group, model.wiring.decode(commanded, data), commanded.name)
    return model.command(commanded.node, command)


def later(model: CarModel, seconds: float) -> None:
    model.step(seconds)
    model.refresh_requests()


def cushions(model: CarModel) -> tuple[object, object]:
    state = model.state()
    return state["driver_cushion"], state["passenger_cushion"]


def test_a_command_sets_what_its_function_reads_back_after_a_short_time(model: CarModel) -> None:
    request = send(model, Selector="pressure", CushionMask="driver", TargetPressure=200)
    assert (request.request_id, request.result) == (7, "accepted")
    later(model, SHORT_OF_S)
    assert (cushions(model), request.result) == ((0, 0), "accepted")
    later(model, 0.002)
    assert (cushions(model), request.result) == ((200, 0), "done")


def test_a_group_sets_all_its_members(model: CarModel) -> None:
    send(model, Selector="pressure", CushionMask="all", TargetPressure=100)
    later(model, DELAY_S)
    assert cushions(model) == (100, 100)
    send(model, 8, Selector="calibrate")
    later(model, DELAY_S)
    assert cushions(model) == (0, 0)


def test_a_newer_command_stops_the_one_under_way(model: CarModel) -> None:
    send(model, Selector="pressure", CushionMask="driver", TargetPressure=100)
    send(model, 8, Selector="pressure", CushionMask="all", TargetPressure=300)
    later(model, DELAY_S)
    assert cushions(model) == (300, 300)


@pytest.mark.parametrize("values", [{"Selector": 7}, {"Selector": "none"}, {"Selector": "pressure", "CushionMask": 0}])
def test_what_no_function_sends_changes_nothing(model: CarModel, values: dict[str, Scalar]) -> None:
    values = dict(values)
    if values["Selector"] == 7:  # beyond the DBC's range, as a broken sender might
        commanded = model.wiring.commanded[1376]
        request = model.command(
            commanded.node, Command(commanded.group, {"RequestId": 7, "Selector": 7.0}, commanded.name)
        )
    else:
        request = send(model, 7, **values)
    later(model, DELAY_S)
    if values["Selector"] != "pressure":
        assert (request.result, request.reason) == ("rejected", "out_of_range")
    assert cushions(model) == (0, 0)


def test_names_that_the_car_has_already_are_told_apart(model: CarModel) -> None:
    assert model.state()["rear_left_door"] == "closed"
    model.set("lumbar_status.rear_left_door", "open")
    assert model.values["LumbarStatus.RearLeftDoor"] == "open"
    assert model.values["RearLeftDoor"] == "closed"


def test_a_clash_and_a_missing_file_are_told(pack: ApiPack, tmp_path: Path) -> None:
    with pytest.raises(NetworkMismatch, match="clashes with LumbarCommand"):
        load_wiring(packs=[pack, pack])
    lost = ApiPack(name="lost", version="1", apis=pack.apis, dbc=tmp_path / "none.dbc", binding=pack.binding)
    with pytest.raises(NetworkMismatch, match=r"binding files: .*none\.dbc: the DBC cannot be read"):
        load_wiring(packs=[lost])
