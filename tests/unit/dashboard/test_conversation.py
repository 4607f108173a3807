"""Turns, as they build up from the agent's events."""

from typing import Any

from simulators.dashboard import Judged, Planned, PlannedStep, Settled
from simulators.dashboard.conversation import KEPT, Conversation


def _settled(step: int, call: str, status: str = "done", reason: str = "") -> Settled:
    return Settled(
        step=step,
        call=call,
        status=status,
        verdict="allow",
        rule="r[0]",
        reason=reason,
        observed="",
        confirmed_ms=12.0,
    )


def _planned(*calls: str) -> Planned:
    return Planned(steps=tuple(PlannedStep(id=n, call=c) for n, c in enumerate(calls, 1)), confidence=0.9, model_ms=80)


def _steps(talk: Conversation, turn: str) -> list[dict[str, Any]]:
    shown: Any = talk.to_json()[turn]
    return list(shown["steps"])


def test_a_turn_grows_from_text_to_plan_to_verdict_to_outcome() -> None:
    talk = Conversation()
    turn = talk.begin("fan to three and window down", spoken=True, now_s=100.0, at_s=5e9)
    talk.planned(_planned("set_fan_speed(level=3)", "control_window(position=100)"))
    assert [s["status"] for s in _steps(talk, "1")] == ["planned", "planned"]
    talk.judged(
        Judged(call="control_window(position=100)", decision="allow", rule="w[1]", state="parked", binding=True)
    )
    talk.settled(_settled(1, "set_fan_speed(level=3)"), now_s=100.25)
    first, second = _steps(talk, "1")
    assert (first["status"], first["settled_ms"], first["confirmed_ms"]) == ("done", 250, 12.0)
    assert (second["status"], second["verdict"], second["rule"]) == ("planned", "allow", "w[1]")
    talk.end(turn, {"reply": "Done.", "calls": [], "outcomes": []})
    shown: Any = talk.to_json()["1"]
    assert (shown["reply"], shown["busy"], shown["confidence"]) == ("Done.", False, 0.9)


def test_whom_an_utterance_is_for_is_one_line() -> None:
    talk = Conversation()
    talk.begin("why do the windows fog up", spoken=True, now_s=0, at_s=0)
    talk.planned(Planned(steps=(), why="nobody answers that", note="for the manual: why do windows fog up"))
    shown: Any = talk.to_json()["1"]
    assert (shown["note"], shown["steps"]) == ("for the manual: why do windows fog up", [])


def test_what_begins_before_its_plan_is_complete_is_shown_and_stays() -> None:
    talk = Conversation()
    talk.begin("both", spoken=True, now_s=0, at_s=0)
    talk.settled(_settled(1, "set_fan_speed(level=3)"), now_s=0.1)
    talk.planned(_planned("set_fan_speed(level=3)", "set_mute(state=on)"))
    assert [(s["id"], s["status"]) for s in _steps(talk, "1")] == [(1, "done"), (2, "planned")]


def test_a_question_that_nobody_answers_ends_its_own_turn_not_the_newest() -> None:
    talk = Conversation()
    asked = talk.begin("text mum", spoken=True, now_s=0, at_s=0)
    talk.planned(_planned("send_text_message(recipient=mum)"))
    pending = {
        "id": 1,
        "status": "pending",
        "verdict": "confirm",
        "rule": "s[0]",
        "reason": "Send it?",
        "observed": None,
    }
    talk.end(asked, {"reply": "Send it?", "calls": [], "outcomes": [pending]})
    talk.begin("what time is it", spoken=True, now_s=3, at_s=3)
    talk.planned(_planned("get_time()"))
    talk.settled(_settled(1, "send_text_message(recipient=mum)", "expired", reason="No answer came."), now_s=10)
    assert _steps(talk, "1")[0]["status"] == "expired"
    assert _steps(talk, "2")[0]["status"] == "planned"


def test_the_agents_answer_fills_in_what_no_event_told() -> None:
    talk = Conversation()
    turn = talk.begin("set_fan_speed(level=3)", spoken=False, now_s=0, at_s=0)
    talk.end(
        turn,
        {
            "reply": "The fan is at 3.",
            "calls": [{"id": 1, "name": "set_fan_speed", "arguments": {"level": 3}, "after": []}],
            "outcomes": [
                {"id": 1, "status": "done", "verdict": "allow", "rule": "f[0]", "reason": "", "observed": {"text": "3"}}
            ],
        },
    )
    (step,) = _steps(talk, "1")
    assert (step["call"], step["status"], step["rule"], step["observed"]) == (
        "set_fan_speed(level=3)",
        "done",
        "f[0]",
        "3",
    )


def test_only_the_last_turns_are_kept() -> None:
    talk = Conversation()
    for n in range(KEPT + 5):
        talk.begin(str(n), spoken=True, now_s=0, at_s=0)
    assert len(talk.to_json()) == KEPT
    assert str(KEPT + 5) in talk.to_json()
