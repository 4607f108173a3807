"""Recorded drives as regression tests: each .log here is judged frame by frame and must give its .states.jsonl.

The .yaml beside a drive is the scenario it was recorded from (safety signals and ignition only). A drive gets a new
expectation, after a change that was meant, with `vehicle-agent sim replay DRIVE.log --judge --write-expect
DRIVE.states.jsonl`.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from simulators.recording import FORMATS, LogWriter, read_log
from simulators.workbench.recordings import received
from state_machines import limits
from state_machines.driving_state import DrivingState
from state_machines.rules import RULES
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.errors import ConfigError
from vehicle_agent.record.drives import Drive, differences, judge_drive, read_expectation, write_expectation
from vehicle_agent.record.drives.probes import probes
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue

HERE = Path(__file__).parent
DRIVES = sorted(HERE.glob("*.log"))
SPEED, WHEELS, GEAR = 0x100, 0x101, 0x102

Judge = Callable[[Iterable[Received]], Drive]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(with_packs=False)


@pytest.fixture(scope="module")
def binding(catalogue: Catalogue) -> CarBinding:
    return load_binding(catalogue)


@pytest.fixture(scope="module")
def judge(catalogue: Catalogue, binding: CarBinding) -> Judge:
    return lambda frames: judge_drive(frames, catalogue, binding)


def frames_of(log: Path) -> list[Received]:
    return list(received(log, Counter()))


def named(name: str) -> Path:
    return HERE / f"{name}.log"


@pytest.mark.parametrize("log", DRIVES, ids=lambda log: log.stem)
def test_a_recorded_drive_is_judged_as_expected(log: Path, judge: Judge) -> None:
    expected = read_expectation(log.with_suffix(".states.jsonl"))
    assert differences(expected, judge(frames_of(log))) == []


def test_every_drive_has_its_scenario_and_expectation() -> None:
    assert len(DRIVES) >= 5
    for log in DRIVES:
        assert log.with_suffix(".yaml").exists()
        assert log.with_suffix(".states.jsonl").exists()


def test_the_drives_show_every_state() -> None:
    seen = {change.new for log in DRIVES for change in read_expectation(log.with_suffix(".states.jsonl")).changes}
    assert seen == {state.word for state in DrivingState}


# --- what the drives show, said by hand -------------------------------------------------------------------------------


def test_three_bad_frames_make_the_state_unknown(judge: Judge) -> None:
    """The states of the file follow safety.yaml's limits, whatever the expectation beside it says."""
    drive = judge(frames_of(named("wrong_check_values_on_one_speed")))
    lost = next(c for c in drive.changes if c.new == "unknown")
    assert 2.0 < lost.at_s <= 2.1  # the third bad frame of 20 ms each, and whoever is heard next
    assert lost.because == "first speed invalid"
    assert drive.messages["VehicleSpeed"]["wrong_crc"] == 50


def test_a_silent_gear_is_unknown_after_its_age_limit(judge: Judge) -> None:
    drive = judge(frames_of(named("gear_falls_silent")))
    frames = frames_of(named("gear_falls_silent"))
    gears = [f.time_s - frames[0].time_s for f in frames if f.frame_id == GEAR]
    last_before = max(t for t in gears if t < 3)
    lost = next(c for c in drive.changes if c.new == "unknown")
    assert 0.5 < lost.at_s - last_before <= 0.5 + limits.GATE_TICK_S


def test_verdicts_go_with_the_state(judge: Judge) -> None:
    drive = judge(frames_of(named("parked_to_motorway_and_back")))
    asked = {v.state: v.of for v in drive.verdicts}
    assert asked["parked"]["play_video title=something"] == "allow"
    assert asked["driving"]["play_video title=something"] == "deny"
    assert asked["standstill"]["operate_trunk action=open"] == "confirm"
    assert asked["fast"]["control_window position=50"] == "confirm"
    assert asked["unknown"]["set_fan_speed level=0"] == "allow"


# --- the replay itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", sorted(set(FORMATS) - {".log"}))
def test_every_format_gives_the_same_drive(suffix: str, judge: Judge, tmp_path: Path) -> None:
    if suffix == ".mf4":
        pytest.importorskip("asammdf", reason="the extra [mf4] is not installed", exc_type=ImportError)
    log = named("gear_falls_silent")
    with LogWriter(tmp_path / f"drive{suffix}") as writer:
        for message in read_log(log):
            writer.write(message)
    assert differences(judge(frames_of(log)), judge(frames_of(tmp_path / f"drive{suffix}"))) == []


def test_the_start_of_the_clock_does_not_matter(judge: Judge) -> None:
    frames = frames_of(named("garbage_floods_the_speed"))
    moved = [replace(f, time_s=f.time_s - frames[0].time_s + 12345.0) for f in frames]
    assert differences(judge(frames), judge(moved)) == []


def test_a_long_silence_is_no_long_wait(judge: Judge) -> None:
    """Ten years between two frames: one unknown, no hang."""
    frames = frames_of(named("gear_falls_silent"))[:300]
    later = [replace(f, time_s=f.time_s + 3e8) for f in frames]
    changes = judge([*frames, *later]).changes
    assert [c.new for c in changes] == ["driving", "unknown", "driving"]
    assert changes[1].at_s < 4
    assert changes[2].at_s > 3e8


def test_foreign_frames_change_nothing(judge: Judge) -> None:
    frames = frames_of(named("parked_to_motorway_and_back"))
    foreign = [Received(0x7FF, b"\x01", f.time_s) for f in frames]
    mixed = [frame for pair in zip(frames, foreign, strict=True) for frame in pair]
    drive = judge(mixed)
    assert drive.changes == judge(frames).changes
    assert drive.messages["(unknown)"] == {"unknown": len(frames)}


# --- probes ---------------------------------------------------------------------------------------


def test_every_function_is_asked(catalogue: Catalogue) -> None:
    asked = [*probes(catalogue)]
    assert {call.name for _, call in asked} == {spec.name for spec in catalogue}
    assert len({text for text, _ in asked}) == len(asked)


def test_every_argument_a_rule_names_is_asked(catalogue: Catalogue) -> None:
    asked: dict[str, list[dict[str, object]]] = {}
    for _, call in probes(catalogue):
        asked.setdefault(call.name, []).append(dict(call.arguments))
    for name, rules in RULES.items():
        for rule in rules:
            for key, wanted in rule.args.items():
                if key == "app_kind" or (isinstance(wanted, str) and wanted.startswith("<")):
                    continue
                values = wanted if isinstance(wanted, tuple) else (wanted,)
                assert set(values) <= {arguments[key] for arguments in asked[name]}, (name, key)


# --- expectations ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drive(judge: Judge) -> Drive:
    return judge(frames_of(named("garbage_floods_the_speed")))


def test_an_expectation_is_read_as_it_was_written(drive: Drive, tmp_path: Path) -> None:
    write_expectation(tmp_path / "x.jsonl", drive)
    assert differences(read_expectation(tmp_path / "x.jsonl"), drive) == []
    assert differences(drive, read_expectation(tmp_path / "x.jsonl")) == []


def test_a_millisecond_is_no_difference_and_two_are(drive: Drive) -> None:
    first, *rest = drive.changes
    for late_s, count in ((0.001, 0), (-0.001, 0), (0.002, 1)):
        moved = replace(drive, changes=(replace(first, at_s=first.at_s + late_s), *rest))
        assert len(differences(drive, moved)) == count


def test_each_difference_is_told(drive: Drive) -> None:
    fewer = replace(drive, changes=drive.changes[:-1])
    assert any("seen none" in d for d in differences(drive, fewer))
    assert any("expected none" in d for d in differences(fewer, drive))
    last = drive.verdicts[-1]
    looser = replace(last, of={**last.of, "play_video title=something": "allow"})
    (told,) = differences(drive, replace(drive, verdicts=(*drive.verdicts[:-1], looser)))
    assert told.startswith("play_video title=something at ")
    assert told.endswith("while driving: expected deny, seen allow")
    gone = replace(last, of={k: v for k, v in last.of.items() if not k.startswith("play_video")})
    assert "seen not judged" in differences(drive, replace(drive, verdicts=(*drive.verdicts[:-1], gone)))[0]
    assert differences(replace(drive, verdicts=(*drive.verdicts[:-1], gone)), drive) == []  # a new function
    better = replace(drive, messages={**drive.messages, "VehicleSpeed": {"ok": 276}})
    assert "VehicleSpeed" in differences(drive, better)[0]
    assert "another recording" in differences(drive, replace(drive, frames=1))[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no expectation of version 1"),
        ('{"kind": "drive", "version": 2, "frames": 1, "seconds": 1}\n', "no expectation of version 1"),
        ("{\n", "line 1"),
        ("[]\n", "line 1"),
        ('{"kind": "drive", "version": 1, "frames": 1, "seconds": 1}\n{"kind": "dance"}\n', "line 2: .*'dance'"),
        ('{"kind": "state", "at_s": "soon", "old": "a", "new": "b", "by": "c", "because": "d"}\n', "line 1"),
        ("[" * 100_000, "line 1"),
    ],
)
def test_a_wrong_expectation_is_told(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told) as failure:
        read_expectation(tmp_path / "x.jsonl")
    assert "--write-expect makes one" in str(failure.value)


def test_a_missing_expectation_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_expectation(tmp_path / "x.jsonl")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_expectation(tmp_path / "no" / "x.jsonl", Drive(frames=0, seconds=0, changes=(), verdicts=(), messages={}))
