"""What the simulated car sends and when, healthy and with every fault that strikes frames."""

from collections import Counter
from dataclasses import replace

import pytest
from support.sending import START_S, Sending

from simulators.car.ecu import Command
from simulators.car.wiring import Wiring
from simulators.errors import BadValue, UnknownName
from vehicle_apis.e2e import E2EStatus

OK = E2EStatus.OK


@pytest.fixture
def car(wiring: Wiring) -> Sending:
    return Sending(wiring)


# --- cycles -----------------------------------------------------------------------------------------------------------


def test_every_message_keeps_its_cycle(car: Sending) -> None:
    car.run(1)  # at the start, what is sent on change comes once more
    sent = car.run(60)
    for published in car.wiring.published:
        times_s = [time_s for time_s, _ in car.only(published.name, sent)]
        assert len(times_s) == round(60 / published.cycle_s)
        first = times_s[0]
        # multiples of the cycle, not sums of it
        assert all(abs(t - first - n * published.cycle_s) < 1e-9 for n, t in enumerate(times_s))


def test_next_due_is_when_the_next_frame_comes(car: Sending) -> None:
    car.run(1)
    for _ in range(200):
        due_s = car.transmitter.next_due_s()
        assert not car.transmitter.due(due_s - 0.0005)
        assert car.transmitter.due(due_s)


def test_missed_cycles_are_not_made_up_for(car: Sending) -> None:
    car.run(1)
    counts = Counter(frame.frame_id for frame in car.transmitter.due(START_S + 10.0101))
    assert set(counts.values()) == {1}
    car.now_s = START_S + 10.0101
    later = car.only("VehicleSpeed", car.run(0.1))
    assert [round(t - START_S, 6) for t, _ in later] == [10.02, 10.04, 10.06, 10.08, 10.1]


def test_a_change_is_sent_at_once_and_once(car: Sending) -> None:
    car.run(1)
    car.model.set("crash", "detected")
    now_s = car.now_s - 0.005  # nothing is due
    crash = car.wiring.network.message("Crash").frame_id
    assert crash in {frame.frame_id for frame in car.transmitter.due(now_s)}
    assert not car.transmitter.due(now_s + 0.001)


def test_unchanged_contents_are_coded_once(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    car = Sending(wiring)
    coded: Counter[str] = Counter()
    encode = car.transmitter._encode
    monkeypatch.setattr(car.transmitter, "_encode", lambda slot: (coded.update([slot.published.name]), encode(slot))[1])
    car.run(5)
    assert coded["VehicleSpeed"] == 1
    car.model.set("speed", 30)
    assert car.signals("VehicleSpeed", 1, "VehicleSpeed") == [30] * 50
    assert coded["VehicleSpeed"] == 2


def test_protected_frames_pass_the_check(car: Sending) -> None:
    sent = car.run(4)
    for name, protection in car.wiring.network.protections.items():
        if name not in car.wiring.network.commands:
            frames = [frame.data for _, frame in car.only(name, sent)]
            assert len(frames) > 2 * protection.modulus
            assert set(car.statuses(name, frames)) == {OK}


# --- faults of a message ----------------------------------------------------------------------------------------------


def test_silence(car: Sending) -> None:
    car.run(1)
    car.inject("silence Gear")
    assert not car.frames("Gear", 1)
    car.transmitter.clear()
    assert len(car.frames("Gear", 1)) == 20


def test_drop_loses_its_share(car: Sending) -> None:
    car.inject("drop VehicleSpeed 0.3")
    frames = car.frames("VehicleSpeed", 20)
    assert 600 < len(frames) < 800  # of 1000
    # they are lost on the way: the counter tells
    assert E2EStatus.SOME_LOST in car.statuses("VehicleSpeed", frames)


@pytest.mark.parametrize(("share", "left"), [("0", 50), ("1", 0)])
def test_drop_of_none_and_all(car: Sending, share: str, left: int) -> None:
    car.inject(f"drop VehicleSpeed {share}")
    assert len(car.frames("VehicleSpeed", 1)) == left


def test_delay_keeps_the_order(car: Sending) -> None:
    car.run(1)
    car.inject("delay VehicleSpeed 200")
    begin_s = car.now_s
    late = car.only("VehicleSpeed", car.run(2))
    assert late[0].time_s - begin_s == pytest.approx(0.2, abs=1e-6)
    assert len(late) == 90
    assert set(car.statuses("VehicleSpeed", [frame.data for _, frame in late])) == {OK}


def test_delay_shows_the_past(car: Sending) -> None:
    car.inject("delay VehicleSpeed 200")
    car.run(1)
    car.model.set("speed", 90)
    assert car.signals("VehicleSpeed", 0.39, "VehicleSpeed") == [0] * 10 + [90] * 10


def test_with_jitter_frames_overtake(car: Sending) -> None:
    car.inject("delay VehicleSpeed 50 jitter 100")
    frames = car.frames("VehicleSpeed", 5)
    assert 240 <= len(frames) <= 250
    assert {E2EStatus.WRONG_SEQUENCE, OK} <= set(car.statuses("VehicleSpeed", frames))


def test_delayed_frames_come_when_the_delay_is_cleared(car: Sending) -> None:
    car.inject("delay VehicleSpeed 500")
    car.run(0.31)
    car.transmitter.clear("delay VehicleSpeed")
    frames = car.frames("VehicleSpeed", 0.1)
    assert len(frames) == 16 + 5
    assert set(car.statuses("VehicleSpeed", frames)) == {OK}


def test_a_shorter_delay_lets_nothing_overtake(car: Sending) -> None:
    car.inject("delay VehicleSpeed 500")
    car.run(0.4)
    car.inject("delay VehicleSpeed 10")
    assert len(car.transmitter.faults) == 1
    assert set(car.statuses("VehicleSpeed", car.frames("VehicleSpeed", 2))) == {OK}


def test_freeze_holds_contents_while_counter_and_crc_go_on(car: Sending) -> None:
    car.model.set("speed", 30)
    car.run(1)
    car.inject("freeze VehicleSpeed")
    car.model.set("speed", 90)
    frames = car.frames("VehicleSpeed", 1)
    assert set(car.statuses("VehicleSpeed", frames)) == {OK}
    assert len({data[2:] for data in frames}) == 1
    assert set(car.signals("VehicleSpeed", 1, "VehicleSpeed")) == {30}
    car.transmitter.clear()
    assert set(car.signals("VehicleSpeed", 1, "VehicleSpeed")) == {90}


def test_a_frozen_message_does_not_tell_of_changes(car: Sending) -> None:
    car.run(1)
    car.inject("freeze Crash")
    car.model.set("crash", "detected")
    assert set(car.signals("Crash", 1, "Crash")) == {"none"}
    assert len(car.frames("Crash", 1)) == 10


def test_repeat_sends_each_frame_again(car: Sending) -> None:
    car.inject("repeat Gear 2")
    frames = car.frames("Gear", 1)
    assert len(frames) == 60
    assert all(frames[i] == frames[i + 1] == frames[i + 2] for i in range(0, 60, 3))
    assert len(set(frames[:30])) == 10


def test_corrupt_flips_a_few_bits(car: Sending) -> None:
    car.inject("freeze_counter Gear")
    (good,) = set(car.frames("Gear", 1))
    car.inject("corrupt Gear")
    frames = car.frames("Gear", 5)
    flips = [(int.from_bytes(good) ^ int.from_bytes(data)).bit_count() for data in frames]
    assert set(flips) == {1, 2, 3, 4}


def test_corrupt_some(car: Sending) -> None:
    car.inject("corrupt Gear 0.25")
    statuses = Counter(car.statuses("Gear", car.frames("Gear", 20)))
    assert 60 < statuses[E2EStatus.WRONG_CRC] < 140  # of 400
    assert statuses[OK] > 160


def test_corrupt_without_protection_changes_what_is_shown(car: Sending) -> None:
    before = set(car.frames("WindowStatus", 1))
    car.inject("corrupt WindowStatus")
    assert before.isdisjoint(car.frames("WindowStatus", 1))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("corrupt_crc Gear", E2EStatus.WRONG_CRC),
        ("freeze_counter Gear", E2EStatus.REPEATED),
        ("wrong_counter Gear", E2EStatus.WRONG_SEQUENCE),
    ],
)
def test_protection_faults(car: Sending, words: str, status: E2EStatus) -> None:
    before = car.frames("Gear", 1)
    car.inject(words)
    assert set(car.statuses("Gear", before + car.frames("Gear", 3))[19:]) == {status}
    car.transmitter.clear()
    assert set(car.statuses("Gear", car.frames("Gear", 1))) == {OK}


def test_a_control_units_name_strikes_all_its_messages(car: Sending) -> None:
    car.inject("drop Powertrain 1")
    names = {p.name for p in car.wiring.published if p.node == "Powertrain"}
    assert len(names) > 3
    sent = car.run(2)
    for published in car.wiring.published:
        assert bool(car.only(published.name, sent)) is (published.name not in names)


def test_a_control_units_name_strikes_its_protected_messages(car: Sending) -> None:
    car.inject("corrupt_crc Powertrain")
    sent = car.run(1)
    for name in ("VehicleSpeed", "Gear"):
        frames = [frame.data for _, frame in car.only(name, sent)]
        assert set(car.statuses(name, frames)) == {E2EStatus.WRONG_CRC}
    # what has no CRC cannot have a wrong one
    assert len({frame.data for _, frame in car.only("DriveModeStatus", sent)}) == 1


# --- faults of a signal -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message", "signal", "shown"),
    [
        ("out_of_range VehicleSpeed", "VehicleSpeed", "VehicleSpeed", 655.34),
        ("out_of_range VehicleSpeed 400", "VehicleSpeed", "VehicleSpeed", 400),
        ("out_of_range VehicleSpeed.VehicleSpeed 655.35", "VehicleSpeed", "VehicleSpeed", "invalid"),
        ("out_of_range Gear", "Gear", "Gear", 6),
        ("out_of_range Crash", "Crash", "Crash", 2),
        ("out_of_range DriverWindow", "WindowStatus", "DriverWindow", 127),
        ("out_of_range OutsideTemperature 87.5", "Environment", "OutsideTemperature", 87.5),
        ("stuck VehicleSpeed 77", "VehicleSpeed", "VehicleSpeed", 77),
        ("stuck VehicleSpeed invalid", "VehicleSpeed", "VehicleSpeed", "invalid"),
        ("stuck WindowStatus.Result rejected", "WindowStatus", "Result", "rejected"),
        ("stuck FuelLevel", "EnergyState", "FuelLevel", 71),
        ("offset VehicleSpeed 20", "VehicleSpeed", "VehicleSpeed", 50),
        ("offset VehicleSpeed -50", "VehicleSpeed", "VehicleSpeed", 0),
        ("speeds_apart 12", "WheelSpeedAverage", "WheelSpeedAverage", 42),
    ],
)
def test_faults_of_a_signal(car: Sending, words: str, message: str, signal: str, shown: object) -> None:
    car.model.set("speed", 30)
    before = set(car.signals(message, 1.5, signal))
    assert len(before) == 1
    assert before != {shown} or "FuelLevel" in words
    car.inject(words)
    if signal == "FuelLevel":
        car.model.set("fuel_level", 12)
    assert set(car.signals(message, 1.5, signal)) == {shown}
    if message in car.wiring.network.protections:  # sealed as it should be
        assert set(car.statuses(message, car.frames(message, 3))) == {OK}
    car.transmitter.clear()
    after = set(car.signals(message, 1.5, signal))
    assert after == ({12} if signal == "FuelLevel" else before)


def test_offsets_add_up(car: Sending) -> None:
    car.inject("speeds_apart 10")
    car.inject("offset WheelSpeedAverage 5")
    assert set(car.signals("WheelSpeedAverage", 1, "WheelSpeedAverage")) == {15}


# --- faults of a control unit -----------------------------------------------------------------------------------------


def test_unplug(car: Sending) -> None:
    car.run(1)
    car.inject("unplug Powertrain")
    sent = car.run(1)
    assert not car.only("Gear", sent)
    assert not car.only("VehicleSpeed", sent)
    assert len(car.only("WheelSpeedAverage", sent)) == 50
    assert not car.transmitter.hears("Powertrain")
    assert car.transmitter.hears("Windows")


def test_bus_off_ends_by_itself_and_the_counter_has_run_on(car: Sending) -> None:
    car.model.set("speed", 30)
    before = car.frames("VehicleSpeed", 1)
    car.inject("bus_off Powertrain 0.1")
    assert not car.transmitter.hears("Powertrain")
    assert not car.frames("VehicleSpeed", 0.1)
    after = car.frames("VehicleSpeed", 1)
    assert car.transmitter.faults == ()
    assert car.transmitter.hears("Powertrain")
    statuses = car.statuses("VehicleSpeed", before + after)[len(before) - 1 :]
    assert statuses[0] is E2EStatus.WRONG_SEQUENCE
    assert set(statuses[1:]) == {OK}
    assert set(car.signals("VehicleSpeed", 1, "VehicleSpeed")) == {30}


def _command(group: str, **args: str | float) -> Command:
    return Command(group, {"RequestId": 7, **args}, f"{group}Command")


def test_reset_forgets_what_commands_did_and_keeps_what_is(car: Sending) -> None:
    car.run(1)
    car.model.command("Windows", _command("Window", Selector="position", WindowMask=1, TargetPosition=100))
    car.model.command("Windows", _command("Window", Selector="lock", TargetLock="on"))
    car.model.command("Windows", _command("Window", Selector="position", WindowMask=2, TargetPosition=100))
    car.model.step(1)
    car.inject("reset Windows 0.5")
    assert not car.transmitter.hears("Windows")
    assert not car.frames("WindowStatus", 0.5)
    car.model.step(1)  # the motors have no power
    network = car.wiring.network
    (data, *_) = car.frames("WindowStatus", 0.3)
    values = network.decode(network.message("WindowStatus"), data)
    assert values is not None
    assert (values["RequestId"], values["Result"], values["WindowLock"]) == (0, "idle", "off")
    assert (values["DriverWindow"], values["PassengerWindow"]) == (25, 25)
    assert car.transmitter.hears("Windows")


def test_reset_begins_the_counters_anew_and_measurements_stay(car: Sending) -> None:
    car.model.set("speed", 30)
    car.model.set("gear", "D")
    car.run(1.01)
    car.inject("reset Powertrain 0.2")
    begin_s = car.now_s
    first = car.only("Gear", car.run(0.3))[0]
    assert first.time_s - begin_s == pytest.approx(0.2, abs=1e-6)
    assert first.frame.data[1] & 0x0F == 0
    assert set(car.signals("Gear", 1, "Gear")) == {"D"}
    assert set(car.signals("VehicleSpeed", 1, "VehicleSpeed")) == {30}


@pytest.mark.parametrize(
    ("ecu", "name", "value", "kept"),
    [
        ("Doors", "driver_door_lock", "locked", True),
        ("Closures", "trunk", "open", True),
        ("Mirrors", "left_mirror_fold", "folded", True),
        ("Gateway", "trouble_codes", "P0420", True),
        ("Climate", "cabin_temperature", 25, True),
        ("Climate", "fan_speed", 5, False),
        ("Powertrain", "drive_mode", "sport", False),
    ],
)
def test_what_a_reset_keeps(car: Sending, ecu: str, name: str, value: object, kept: bool) -> None:
    start = car.model.state()[name]
    car.model.set(name, value)
    car.inject(f"reset {ecu}")
    assert car.model.state()[name] == (value if kept else start)


def test_a_seats_memory_outlasts_a_reset(car: Sending) -> None:
    car.model.set("driver_seat_length", 120)
    car.model.command("Seats", _command("SeatPosition", Selector="save", Seat="driver", Slot=2))
    car.model.set("driver_seat_length", 200)
    car.inject("reset Seats")
    car.model.command("Seats", _command("SeatPosition", Selector="recall", Seat="driver", Slot=2))
    car.model.step(60)
    assert car.model.state()["driver_seat_length"] == 120


def test_a_jam_outlasts_a_reset(car: Sending) -> None:
    car.inject("jam driver_window")
    car.inject("reset Windows 0.1")
    car.run(0.2)
    car.model.command("Windows", _command("Window", Selector="position", WindowMask=1, TargetPosition=100))
    car.model.step(10)
    assert car.model.state()["driver_window"] == 0
    car.transmitter.clear("jam")
    car.model.command("Windows", _command("Window", Selector="position", WindowMask=1, TargetPosition=100))
    car.model.step(10)
    assert car.model.state()["driver_window"] == 100


# --- a babbling node --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "frame_id", "extended"),
    [("0x7ff", 0x7FF, False), ("1000", 1000, False), ("0x18ff50e5", 0x18FF50E5, True), ("WindowCommand", 528, False)],
)
def test_babble(car: Sending, frame: str, frame_id: int, extended: bool) -> None:
    car.inject(f"babble {frame} 500")
    babbled = [s.frame for s in car.run(2) if s.frame.frame_id == frame_id]
    assert 990 <= len(babbled) <= 1010
    assert {f.extended for f in babbled} == {extended}
    assert {len(f.data) for f in babbled} == {8}
    assert len({f.data for f in babbled}) > 900
    car.transmitter.clear("babble")
    assert not [s for s in car.run(1) if s.frame.frame_id == frame_id]


def test_a_babbling_node_does_not_make_up_for_long_pauses(car: Sending) -> None:
    car.inject("babble 0x7ff 1000")
    car.transmitter.due(START_S)
    assert len([f for f in car.transmitter.due(START_S + 60) if f.frame_id == 0x7FF]) <= 101


def test_garbage_of_a_known_message_fails_its_check(car: Sending) -> None:
    car.inject("silence Gear")
    car.inject("babble Gear 500")
    statuses = Counter(car.statuses("Gear", car.frames("Gear", 4)))
    assert statuses[E2EStatus.WRONG_CRC] > 1900  # a CRC of 8 bits lets one of 256 through


# --- all of them ------------------------------------------------------------------------------------------------------

ALL = [
    "drop Gear 0.5",
    "delay VehicleSpeed 30 jitter 50",
    "corrupt Crash 0.5",
    "wrong_counter Ignition",
    "babble 0x7ff 300",
]


def test_the_same_seed_gives_the_same_frames(wiring: Wiring) -> None:
    def drive(seed: int, faults: list[str]) -> Sending:
        car = Sending(wiring, seed=seed)
        for words in faults:
            car.inject(words)
        return car

    assert drive(1, ALL).run(3) == drive(1, ALL).run(3)
    assert drive(1, ALL).run(3) != drive(2, ALL).run(3)
    # each has randomness of its own: another fault changes nothing for it
    assert drive(1, ALL).frames("Gear", 3) == drive(1, ALL[:1]).frames("Gear", 3)


def test_each_can_be_cleared_alone(car: Sending) -> None:
    for words in ALL:
        car.inject(words)
    car.transmitter.clear("drop Gear 0.50")
    car.transmitter.clear("corrupt")
    assert [str(fault) for fault in car.transmitter.faults] == [ALL[1], ALL[3], ALL[4]]
    for wrong in ("drop Gear", "delay Gear", "wrong_counter Ignition now", "bab", ""):
        with pytest.raises(UnknownName, match="is at work; there are: 'delay VehicleSpeed 30 jitter 50'"):
            car.transmitter.clear(wrong)
    car.transmitter.clear(car.transmitter.faults[0])
    car.transmitter.clear()
    assert car.transmitter.faults == ()
    car.transmitter.clear()


def test_a_second_one_of_the_same_kind_replaces_the_first(car: Sending) -> None:
    car.inject("drop Gear 1")
    car.inject("drop Gear 0")
    assert [str(fault) for fault in car.transmitter.faults] == ["drop Gear 0"]
    assert len(car.frames("Gear", 1)) == 20


@pytest.mark.parametrize(
    "words",
    [
        "unplug Nobody",
        "reset Window",
        "bus_off Nobody",
        "ignore Nobody",
        "reject Windows busy",
        "silence Nothing",
        "drop Nothing 1",
        "freeze WindowCommand",
        "corrupt_crc WindowStatus",
        "wrong_counter Windows",
        "freeze_counter ValetCommand",
        "out_of_range Speed",
        "out_of_range Gear.Speed",
        "stuck WindowMask 1",
        "jam gear",
        "babble Nobody 10",
        "babble 0x20000000 10",
    ],
)
def test_it_needs_something_to_strike(car: Sending, words: str) -> None:
    with pytest.raises(UnknownName, match="there are: "):
        car.inject(words)
    assert car.transmitter.faults == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("out_of_range VehicleSpeed 1000", "the bits of VehicleSpeed hold 0 to 655.35, not 1000"),
        ("stuck Gear X", "no value 'X'"),
        ("stuck VehicleSpeed 1000", "does not fit signal VehicleSpeed"),
        ("stuck VehicleSpeed nan", "stuck: "),
        ("stuck VehicleSpeed inf", "stuck: "),
        ("offset Gear 1", "Gear is no number"),
        ("out_of_range Gear.Crc 1", "use corrupt_crc"),
    ],
)
def test_what_cannot_be_sent_is_refused(car: Sending, words: str, message: str) -> None:
    with pytest.raises(BadValue) as e:
        car.inject(words)
    assert message in str(e.value)
    assert car.transmitter.faults == ()


def test_thousands_of_frames_a_second(wiring: Wiring) -> None:
    cycle_s = len(wiring.published) / 4000
    car = Sending(replace(wiring, published=tuple(replace(p, cycle_s=cycle_s) for p in wiring.published)))
    car.run(1)
    assert len(car.run(10)) == pytest.approx(40_000, abs=len(wiring.published))
