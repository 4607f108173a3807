"""A recorded drive judged again."""

import json
from pathlib import Path

import pytest
from support.car import DRIVING, FAST, PARKED, STANDSTILL
from support.fakes import Shell, call, plan

from state_machines.dialogue import Accepted
from vehicle_agent.errors import ConfigError
from vehicle_agent.events import Judged
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.journal_files import files_of
from vehicle_agent.record.rejudge import judgement_event, rejudge

Line = dict[str, object]


async def record(path: Path, *, words: bool = True, max_bytes: int = 1_000_000) -> list[Judged]:
    shell, journal = Shell(), Journal(path, max_bytes=max_bytes, keep=100)
    for signals, wanted in (
        (PARKED, call("play_video", title="secret film")),
        (DRIVING, call("play_video", title="secret film")),
        (DRIVING, call("control_window", position=20)),
        (FAST, call("control_window", position=20)),
        (STANDSTILL, call("open_app", app="Netflix")),
        (STANDSTILL, call("open_app", app="secret chat")),
        (STANDSTILL, call("dial_number", number="911")),
        (STANDSTILL, call("dial_number", number="5550142")),
        (STANDSTILL, call("undo_last_action")),
    ):
        shell.drive(signals)
        shell.history.remember((call("send_text_message", recipient="mum", message="secret words"),))
        run = shell.executor.start(plan(wanted))
        progress = await run.progress()
        if progress.question is not None:
            answer = shell.executor.dialogue.answer(progress.question.id, yes=True)
            assert isinstance(answer, Accepted)
            run.answered(answer)
            await run.progress()
        await run.cancel()
    for judgement in shell.judgements:
        journal.write("judgement", **judgement_event(judgement, words=words))
    journal.write("state", old="parked", new="driving")
    journal.close()
    return shell.judgements


def lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def rewrite(path: Path, events: list[Line]) -> None:
    path.write_text("".join(json.dumps(e) + "\n" for e in events))


@pytest.mark.parametrize("words", [True, False])
async def test_a_drive_judged_again_by_the_same_rules_differs_in_nothing(tmp_path: Path, words: bool) -> None:
    judgements = await record(tmp_path / "j", words=words)
    report = rejudge(tmp_path / "j")
    assert report["differences"] == []
    assert report["judged"] == len(judgements)
    assert report["binding"] == sum(j.binding for j in judgements) > 3
    assert any(j.confirmed for j in judgements)
    for verdict in ("allow", "confirm", "deny"):
        count = sum(j.decision == verdict for j in judgements)
        assert report["verdicts"][verdict] == {"then": count, "now": count}
    text = (tmp_path / "j").read_text()
    for word in ("secret", "5550142", "mum"):
        assert (word in text) == words
    assert "netflix" in text.lower()  # a name that the rules know is no free text
    assert '"911"' in text


async def test_the_rotated_files_are_judged_too(tmp_path: Path) -> None:
    judgements = await record(tmp_path / "j", max_bytes=2000)
    assert len(files_of(tmp_path / "j")) > 3
    assert rejudge(tmp_path / "j")["judged"] == len(judgements)
    assert rejudge(tmp_path / "j")["lost"] == 0


async def test_changed_verdicts_show_with_their_moment(tmp_path: Path) -> None:
    await record(tmp_path / "j")
    events = lines(tmp_path / "j")
    events[0]["decision"] = "deny"
    assert events[1]["binding"]
    events[1]["decision"] = "confirm"
    rewrite(tmp_path / "j", events)
    report = rejudge(tmp_path / "j")
    first, second = report["differences"]
    assert "while parked, when planned: was deny, now allow" in first
    assert "while parked, at sending: was confirm, now allow" in second
    assert report["verdicts"]["allow"]["now"] == report["verdicts"]["allow"]["then"] + 2


async def test_a_yes_counts_for_the_binding_judgement_alone(tmp_path: Path) -> None:
    await record(tmp_path / "j")
    events = lines(tmp_path / "j")
    confirmed = next(e for e in events if e.get("confirmed"))
    assert (confirmed["binding"], confirmed["decision"]) == (True, "allow")
    rewrite(tmp_path / "j", [{**confirmed, "confirmed": False}])
    assert ["was allow, now confirm" in d for d in rejudge(tmp_path / "j")["differences"]] == [True]
    rewrite(tmp_path / "j", [{**confirmed, "binding": False}])
    assert ["was allow, now confirm" in d for d in rejudge(tmp_path / "j")["differences"]] == [True]
    rewrite(tmp_path / "j", [{**confirmed, "decision": "confirm"}])  # the yes came too late
    assert rejudge(tmp_path / "j")["differences"] == []
    del confirmed["confirmed"]  # recorded before that was noted
    rewrite(tmp_path / "j", [confirmed])
    assert rejudge(tmp_path / "j")["differences"] == []


async def test_what_is_missing_is_counted(tmp_path: Path) -> None:
    judgements = await record(tmp_path / "j")
    events = lines(tmp_path / "j")
    rewrite(tmp_path / "j", [*events[:2], *events[4:]])
    with (tmp_path / "j").open("a") as file:
        file.write('{"t": 9')
    report = rejudge(tmp_path / "j")
    assert (report["judged"], report["lost"], report["cut_off"]) == (len(judgements) - 2, 2, 1)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"name": "fly", "arguments": {}},
        {"name": "get_time", "arguments": 3},
        {"name": "get_time", "arguments": {}, "state": "parked"},
        {"name": "get_time", "arguments": {}, "state": "upside down", "signals": {"speed_kmh": [None, None]}},
        {"name": "get_time", "arguments": {}, "state": "parked", "signals": {"speed_kmh": [None]}},
        {"name": "get_time", "arguments": {}, "state": "parked", "signals": {"speed_kmh": [None, None], "x": None}},
        {"name": "get_time", "arguments": {}, "state": "parked", "signals": {"speed_kmh": [None, None]}},
    ],
)
def test_a_judgement_that_cannot_be_read_is_one_sentence(tmp_path: Path, broken: dict[str, object]) -> None:
    (tmp_path / "j").write_text(json.dumps({"t": 1, "kind": "judgement", **broken}) + "\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        rejudge(tmp_path / "j")
