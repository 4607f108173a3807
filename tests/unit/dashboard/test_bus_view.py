"""The bus, message by message."""

import pytest
from support.dashboard import heard

from simulators.car import Wiring
from simulators.dashboard.bus_view import MAX_UNKNOWN, BusView, catalogue, frame_name
from vehicle_apis.e2e import E2EStatus


def test_a_row_tells_how_often_when_how_regularly_and_how_well_protected() -> None:
    view = BusView()
    for n in range(5):
        view.hear(heard(time_s=10 + n * 0.05, e2e=E2EStatus.WRONG_CRC if n == 4 else E2EStatus.OK))
    assert view.rows()["Gear"] == [5, 10.2, 50.0, "wrong_crc", 1, "0102"]
    assert view.signals() == {"Gear": {"Gear": "P"}}  # counter and CRC are in the bytes


def test_bad_frames_are_counted_over_the_last_ten() -> None:
    view = BusView()
    for n in range(14):
        view.hear(heard(e2e=E2EStatus.WRONG_SEQUENCE if n < 7 else E2EStatus.OK))
    assert view.rows()["Gear"][4] == 3


def test_an_unprotected_or_undecodable_message_is_shown_all_the_same() -> None:
    view = BusView()
    view.hear(heard("CabinState", e2e=None, values={"CabinTemperature": 18}))
    view.hear(heard("CabinState", e2e=None, values=None, data=b""))
    assert view.rows()["CabinState"][3:] == ["", 0, ""]


def test_signals_follow_the_latest_frame() -> None:
    view = BusView()
    view.hear(heard(values={"Gear": "P"}))
    view.hear(heard(values={"Gear": "D"}))
    assert view.signals()["Gear"] == {"Gear": "D"}


def test_a_node_that_babbles_identifiers_does_not_grow_the_view() -> None:
    view = BusView()
    for frame_id in range(500):
        view.hear(heard("", frame_id=frame_id, e2e=None, values={}))
    assert len(view.rows()) == MAX_UNKNOWN


@pytest.mark.parametrize(("frame_id", "is_extended", "name"), [(0x7F, False, "0x07F"), (0x7F, True, "0x0000007F")])
def test_identifiers_of_11_and_29_bits_look_different(frame_id: int, is_extended: bool, name: str) -> None:
    assert frame_name(frame_id, is_extended=is_extended) == name


def test_the_catalogue_tells_what_the_dbc_says_of_every_message(wiring: Wiring) -> None:
    listed = {str(m["name"]): m for m in catalogue(wiring)}
    assert listed.keys() == wiring.network.messages.keys()
    assert (listed["VehicleSpeed"]["id"], listed["VehicleSpeed"]["cycle_ms"]) == ("0x100", 20)
    assert listed["VehicleSpeed"]["units"] == {"VehicleSpeed": "km/h"}
    assert listed["WindowCommand"]["command"] is True
    assert str(listed["Gear"]["e2e"]).startswith("profile")
    assert next(iter(listed)) == "VehicleSpeed"  # the lowest identifier, which wins arbitration
