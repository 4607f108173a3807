"""The executor on fakes: order, results, retries, questions, changing states."""

import asyncio

import pytest
from support.car import CREEPING, DRIVING, FAST, STANDSTILL, UNKNOWN, RunningClock
from support.fakes import Shell, call, plan
from support.waiting import until

from state_machines.dialogue import Accepted, Declined
from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.conversation.outcome import Progress, Status
from vehicle_agent.conversation.run import Run
from vehicle_agent.errors import Impossible, NotConfirmed, Stopped, Unavailable
from vehicle_apis.call import Call
from vehicle_apis.ref import Ref

FIND = call("find_nearby", category="pharmacy")
GO = call("navigate_to", destination=Ref(1))
TEXT = call("send_text_message", recipient="mum", message="on my way")
ROADSIDE = call("call_roadside_assistance")
CHEMIST = Observed(text="Corner Chemist", result=Place(name="Corner Chemist", address="1 Main Street"))
WINDOW = call("control_window", position=50)


@pytest.fixture
async def shell() -> Shell:
    return Shell()


async def run(shell: Shell, *calls: Call, after: dict[int, tuple[int, ...]] | None = None) -> Progress:
    return await shell.executor.start(plan(*calls, after=after)).progress()


def statuses(progress: Progress) -> list[str]:
    return [o.status.value for o in progress.outcomes]


async def say(shell: Shell, under_way: Run, progress: Progress, *, yes: bool) -> Progress:
    assert progress.question is not None
    answer = shell.executor.dialogue.answer(progress.question.id, yes=yes)
    assert isinstance(answer, Accepted | Declined)
    under_way.answered(answer)
    return await under_way.progress()


async def test_independent_calls_run_at_once(shell: Shell) -> None:
    held = asyncio.Event()
    shell.backend.held = {"control_window": held, "set_cabin_light": held, "set_fan_speed": held}
    under_way = shell.executor.start(plan(WINDOW, call("set_cabin_light", state="on"), call("set_fan_speed", level=3)))
    await until(lambda: len(shell.backend.sent) == 3)
    held.set()
    assert statuses(await under_way.progress()) == ["done"] * 3
    assert shell.backend.most_under_way == 3


async def test_after_waits_for_the_outcome_not_only_for_the_send(shell: Shell) -> None:
    held = shell.backend.held["set_fan_speed"] = asyncio.Event()
    under_way = shell.executor.start(
        plan(call("set_fan_speed", level=3), call("adjust_fan_speed", direction="up"), after={2: (1,)})
    )
    for _ in range(20):
        await asyncio.sleep(0)
    assert shell.backend.names == ["set_fan_speed"]
    held.set()
    await under_way.progress()
    assert shell.backend.names == ["set_fan_speed", "adjust_fan_speed"]


async def test_a_place_fills_its_reference_with_name_and_address(shell: Shell) -> None:
    shell.backend.results["find_nearby"] = CHEMIST
    progress = await run(shell, FIND, GO)
    assert statuses(progress) == ["done", "done"]
    assert shell.backend.sent[1].arguments["destination"] == "Corner Chemist, 1 Main Street"
    assert progress.outcomes[1].call == shell.backend.sent[1]


async def test_a_text_fills_its_reference_and_the_question_names_it(shell: Shell) -> None:
    shell.backend.results["get_eta"] = Observed(text="eta", result="you arrive at 5 pm")
    message = call("send_text_message", recipient="mum", message=Ref(1))
    under_way = shell.executor.start(plan(call("get_eta"), message))
    progress = await under_way.progress()
    assert progress.question is not None
    assert "you arrive at 5 pm" in progress.question.text
    progress = await say(shell, under_way, progress, yes=True)
    assert statuses(progress) == ["done", "done"]
    assert shell.backend.sent[-1].arguments["message"] == "you arrive at 5 pm"


async def test_a_result_longer_than_a_text_may_be_is_cut(shell: Shell) -> None:
    shell.backend.results["get_news"] = Observed(text="news", result="word " * 400)
    under_way = shell.executor.start(plan(call("get_news"), TEXT.with_arguments(message=Ref(1))))
    progress = await under_way.progress()
    assert progress.question is not None
    assert len(str((await say(shell, under_way, progress, yes=True)).outcomes[1].call.arguments["message"])) <= 500


async def test_a_missing_result_fails_the_call_that_needs_it(shell: Shell) -> None:
    progress = await run(shell, FIND, GO)  # done, but without a place
    assert statuses(progress) == ["done", "failed"]
    assert shell.backend.names == ["find_nearby"]


@pytest.mark.parametrize("failure", [Unavailable("no phone"), Impossible("no such place"), NotConfirmed("silent")])
async def test_dependents_of_a_failed_call_are_skipped_and_others_go_on(shell: Shell, failure: Exception) -> None:
    shell.backend.failures["find_nearby"] = [failure, failure]
    progress = await run(shell, FIND, GO, WINDOW, call("get_time"))
    assert statuses(progress) == ["failed", "skipped", "done", "done"]
    assert "find nearby" in progress.outcomes[1].reason


async def test_skipping_goes_through_the_whole_chain(shell: Shell) -> None:
    shell.backend.unprepared["get_contact_address"] = Impossible("there is no such contact")
    progress = await run(shell, call("get_contact_address", name="bob"), GO, call("get_eta"), after={3: (2,)})
    assert statuses(progress) == ["failed", "skipped", "done"]  # an order alone is no need
    assert progress.outcomes[0].reason == "there is no such contact"


async def test_dependents_of_a_refused_call_are_skipped(shell: Shell) -> None:
    shell.drive(DRIVING)
    move, save = call("adjust_seat_position", direction="forward"), call("save_seat_memory", slot=1)
    progress = await run(shell, move, save, WINDOW, after={2: (1,)})
    assert statuses(progress) == ["refused", "skipped", "done"]
    assert progress.outcomes[0].verdict == "deny"
    assert shell.backend.names == ["control_window"]


async def test_a_seat_position_not_reached_is_not_saved(shell: Shell) -> None:
    shell.backend.failures["adjust_seat_position"] = [NotConfirmed("jammed"), NotConfirmed("jammed")]
    move, save = call("adjust_seat_position", direction="forward"), call("save_seat_memory", slot=1)
    assert statuses(await run(shell, move, save, after={2: (1,)})) == ["failed", "skipped"]


async def test_an_idempotent_call_is_sent_twice_with_a_permit_each(shell: Shell) -> None:
    shell.backend.failures["control_window"] = [NotConfirmed("no status", seen={"Position": 10})]
    progress = await run(shell, WINDOW)
    assert statuses(progress) == ["done"]
    assert shell.backend.names == ["control_window"] * 2
    assert sum(j.binding for j in shell.judgements) == 2


async def test_there_is_one_retry_only(shell: Shell) -> None:
    shell.backend.failures["control_window"] = [NotConfirmed("first"), NotConfirmed("second", seen={"Position": 3})] * 2
    progress = await run(shell, WINDOW)
    assert (statuses(progress), len(shell.backend.sent)) == (["failed"], 2)
    assert progress.outcomes[0].reason == "second"
    assert progress.outcomes[0].observed is not None
    assert progress.outcomes[0].observed.values == {"Position": 3}


@pytest.mark.parametrize(
    "once",
    [
        call("control_playback", action="next"),
        call("call_contact", name="mum"),
        call("set_timer", minutes=5),
        call("adjust_mirror", mirror="left", direction="up"),
        call("wash_windshield"),
    ],
    ids=lambda c: c.name,
)
async def test_what_must_not_happen_twice_is_not_retried(shell: Shell, once: Call) -> None:
    if once.spec.is_idempotent(once.arguments):
        pytest.skip("this one may be sent twice")
    shell.backend.failures[once.name] = [NotConfirmed("lost")]
    assert statuses(await run(shell, once)) == ["failed"]
    assert len(shell.backend.sent) == 1


async def test_what_was_never_sent_is_not_retried(shell: Shell) -> None:
    shell.backend.failures["control_window"] = [Unavailable("bus off")]
    assert statuses(await run(shell, WINDOW)) == ["failed"]
    assert len(shell.backend.sent) == 1


async def test_a_retry_the_gate_no_longer_allows_leaves_the_failure(shell: Shell) -> None:
    fold = call("fold_mirrors", action="fold")
    shell.backend.failures["fold_mirrors"] = [NotConfirmed("no status")]
    held = shell.backend.held["fold_mirrors"] = asyncio.Event()
    under_way = shell.executor.start(plan(fold))
    await until(lambda: bool(shell.backend.sent))
    shell.drive(DRIVING)
    held.set()
    progress = await under_way.progress()
    assert (statuses(progress), len(shell.backend.sent)) == (["failed"], 1)
    assert progress.outcomes[0].reason == "no status"


async def test_a_retry_after_a_yes_is_not_sent_without_another_yes(shell: Shell) -> None:
    shell.drive(DRIVING)
    recall = call("recall_seat_memory", slot=1, seat="passenger")
    shell.backend.failures["recall_seat_memory"] = [NotConfirmed("no status")]
    under_way = shell.executor.start(plan(recall))
    progress = await say(shell, under_way, await under_way.progress(), yes=True)
    assert (statuses(progress), len(shell.backend.sent)) == (["failed"], 1)


@pytest.mark.parametrize("where", ["prepare", "outcome"])
async def test_an_unexpected_exception_fails_its_step_alone(shell: Shell, where: str) -> None:
    if where == "prepare":
        shell.backend.unprepared["control_window"] = ZeroDivisionError("a defect")
    else:
        shell.backend.failures["control_window"] = [ZeroDivisionError("a defect")]
    progress = await run(shell, WINDOW, call("get_time"))
    assert statuses(progress) == ["failed", "done"]
    assert "a defect" in progress.outcomes[0].reason


async def test_a_car_without_a_backend_says_so(shell: Shell) -> None:
    shell.executor.backends = {}
    progress = await run(shell, WINDOW)
    assert statuses(progress) == ["failed"]
    assert "no can connection" in progress.outcomes[0].reason


# --- questions --------------------------------------------------------------------------------------------------------


async def test_a_question_leaves_the_call_pending_and_lets_others_finish(shell: Shell) -> None:
    under_way = shell.executor.start(plan(TEXT, WINDOW))
    progress = await under_way.progress()
    assert statuses(progress) == ["pending", "done"]
    assert progress.question is not None
    assert progress.question.step == 1
    assert (progress.outcomes[0].verdict, progress.complete) == ("confirm", False)
    progress = await say(shell, under_way, progress, yes=True)
    assert (statuses(progress), progress.complete) == (["done", "done"], True)


async def test_no_leaves_it(shell: Shell) -> None:
    under_way = shell.executor.start(plan(TEXT))
    progress = await say(shell, under_way, await under_way.progress(), yes=False)
    assert (statuses(progress), shell.backend.sent) == (["refused"], [])
    assert progress.outcomes[0].reason == "You said no."


async def test_questions_come_one_at_a_time_in_plan_order(shell: Shell) -> None:
    second = TEXT.with_arguments(recipient="dad")
    under_way = shell.executor.start(plan(TEXT, second, ROADSIDE))
    asked = []
    progress = await under_way.progress()
    while progress.question is not None:
        asked.append(progress.question.step)
        assert sum(o.verdict == "confirm" and o.status is Status.PENDING for o in progress.outcomes) == 1
        progress = await say(shell, under_way, progress, yes=progress.question.step != 2)
    assert asked == [1, 2, 3]
    assert statuses(progress) == ["done", "refused", "done"]


async def test_an_expired_question_is_not_followed_by_another_one(shell: Shell) -> None:
    """A late yes to the first question must not answer a second one that nobody heard."""
    under_way = shell.executor.start(plan(TEXT, ROADSIDE))
    progress = await under_way.progress()
    assert progress.question is not None
    shell.clock.advance(10.01)
    under_way.answered(None)  # what the assistant does with an answer that comes too late
    progress = await under_way.progress()
    assert (statuses(progress), progress.question) == (["expired", "expired"], None)
    assert shell.backend.sent == []


async def test_a_question_expires_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state_machines.limits.QUESTION_LIFE_S", 0.02)
    shell = Shell(clock=RunningClock())
    under_way = shell.executor.start(plan(TEXT))
    await under_way.settled()
    assert statuses(under_way.snapshot()) == ["expired"]
    assert shell.executor.dialogue.question is None


async def test_a_yes_is_judged_by_the_state_of_that_moment(shell: Shell) -> None:
    shell.drive(STANDSTILL)
    under_way = shell.executor.start(plan(call("operate_trunk", action="open")))
    progress = await under_way.progress()
    shell.drive(DRIVING)  # denied there
    progress = await say(shell, under_way, progress, yes=True)
    assert (statuses(progress), progress.outcomes[0].verdict) == (["refused"], "deny")
    assert shell.backend.sent == []


async def test_the_state_may_worsen_between_the_two_judgements(shell: Shell) -> None:
    class Worsening:
        """Prepares while the car drives off."""

        async def prepare(self, wanted: Call) -> object:
            shell.world.signals_now = CREEPING
            return await shell.backend.prepare(wanted)

    shell.executor.backends = {"dbus": Worsening()}  # type: ignore[dict-item]
    progress = await run(shell, call("play_video", title="film"))
    assert (statuses(progress), progress.outcomes[0].verdict) == (["refused"], "deny")
    assert [j.decision for j in shell.judgements] == ["allow", "deny"]
    assert shell.backend.sent == []


async def test_what_was_allowed_and_would_now_need_a_yes_is_not_done(shell: Shell) -> None:
    class Worsening:
        """Prepares while the car gets fast."""

        async def prepare(self, wanted: Call) -> object:
            shell.world.signals_now = FAST
            return await shell.backend.prepare(wanted)

    shell.drive(DRIVING)
    shell.executor.backends = {"can": Worsening()}  # type: ignore[dict-item]
    progress = await run(shell, WINDOW)
    assert (statuses(progress), progress.outcomes[0].verdict) == (["refused"], "confirm")
    assert "situation changed" in progress.outcomes[0].reason


async def test_a_permit_that_lapses_before_the_send_is_refused(shell: Shell) -> None:
    shell.backend.before_send = lambda: shell.clock.advance(0.2)
    progress = await run(shell, WINDOW)
    assert (statuses(progress), shell.backend.sent) == (["failed"], [])
    assert "expired" in progress.outcomes[0].reason


async def test_a_state_change_during_the_send_revokes_the_permit(shell: Shell) -> None:
    def crash() -> None:
        shell.gate.observe(UNKNOWN)

    shell.backend.before_send = crash
    progress = await run(shell, WINDOW)
    assert (statuses(progress), shell.backend.sent) == (["failed"], [])


# --- cancel -----------------------------------------------------------------------------------------------------------


async def test_cancel_drops_the_question_and_what_waits(shell: Shell) -> None:
    under_way = shell.executor.start(plan(TEXT, ROADSIDE))
    await under_way.progress()
    await under_way.cancel()
    assert statuses(under_way.snapshot()) == ["skipped", "skipped"]
    assert shell.executor.dialogue.question is None


async def test_cancel_does_not_deny_what_was_sent(shell: Shell) -> None:
    shell.backend.held["adjust_seat_position"] = asyncio.Event()
    under_way = shell.executor.start(plan(call("adjust_seat_position", direction="forward"), WINDOW, after={2: (1,)}))
    await until(lambda: bool(shell.backend.sent))
    await under_way.cancel()
    assert statuses(under_way.snapshot()) == ["failed", "skipped"]
    assert "sent already" in under_way.snapshot().outcomes[0].reason
    # the seat still moves: should the car drive off, it must be stopped
    assert [c.name for c in shell.standing.ongoing] == ["adjust_seat_position"]


# --- standing rules ---------------------------------------------------------------------------------------------------


async def test_a_motion_is_watched_while_it_lasts(shell: Shell) -> None:
    held = shell.backend.held["operate_trunk"] = asyncio.Event()
    under_way = shell.executor.start(plan(call("operate_trunk", action="open")))
    await until(lambda: bool(shell.backend.sent))
    assert [c.name for c in shell.standing.ongoing] == ["operate_trunk"]
    held.set()
    await under_way.progress()
    assert shell.standing.ongoing == ()


@pytest.mark.parametrize("failure", [NotConfirmed("jammed", refused=True), Unavailable("gone")])
async def test_a_failed_motion_is_over(shell: Shell, failure: Exception) -> None:
    shell.backend.failures["operate_trunk"] = [failure, failure]
    await run(shell, call("operate_trunk", action="open"))
    assert shell.standing.ongoing == ()


async def test_a_picture_is_watched_until_the_state_ends_it(shell: Shell) -> None:
    await run(shell, call("play_video", title="film"), call("show_camera", view="front"))
    ended = shell.standing.must_end(shell.gate.observe(DRIVING), DRIVING)
    assert {e.call.name for e in ended} == {"play_video", "show_camera"}


async def test_play_with_a_video_loaded_is_a_video_that_must_end(shell: Shell) -> None:
    shell.world.video = "film"
    assert statuses(await run(shell, call("control_playback", action="play"))) == ["done"]
    assert shell.world.refreshed == 2  # asked anew before each judgement
    ended = shell.standing.must_end(shell.gate.observe(DRIVING), DRIVING)
    assert [e.call.name for e in ended] == ["play_video"]


@pytest.mark.parametrize(
    ("wanted", "video"),
    [
        (call("play_video", title="film"), None),
        (call("open_app", app="netflix"), None),
        (call("show_camera", view="front"), None),
        (call("control_playback", action="play"), "film"),
    ],
    ids=str,
)
async def test_a_picture_that_shows_itself_when_the_car_already_moves_is_not_done(
    shell: Shell, wanted: Call, video: str | None
) -> None:
    shell.world.video = video
    held = shell.backend.held[wanted.name] = asyncio.Event()
    under_way = shell.executor.start(plan(wanted))
    await until(lambda: bool(shell.backend.sent))
    shell.drive(DRIVING)
    held.set()
    (outcome,) = (await under_way.progress()).outcomes
    assert (outcome.status.value, outcome.observed) == ("failed", None)
    assert outcome.reason.startswith("I stopped it: ")
    assert shell.backend.sent == [wanted]  # nor is it tried again


async def test_what_was_stopped_under_way_is_not_begun_again(shell: Shell) -> None:
    shell.backend.failures["operate_trunk"] = [Stopped()]
    (outcome,) = (await run(shell, call("operate_trunk", action="open"))).outcomes
    assert (outcome.status.value, outcome.reason) == ("failed", "I stopped it before it was finished.")
    assert (len(shell.backend.sent), shell.standing.ongoing) == (1, ())


async def test_of_several_messages_some_may_be_on_their_way(shell: Shell) -> None:
    def broken() -> None:
        raise Unavailable("the bus is gone")

    shell.backend.before_send = broken
    for wanted in (call("play_video", title="film"), call("operate_trunk", action="open")):
        assert statuses(await run(shell, wanted)) == ["failed"]
    ended = shell.standing.must_end(shell.gate.observe(DRIVING), DRIVING)
    assert [e.call.name for e in ended] == ["play_video"]


async def test_once_closed_nothing_is_sent_any_more(shell: Shell) -> None:
    shell.executor.is_closed = True
    assert statuses(await run(shell, call("set_fan_speed", level=3))) == ["skipped"]
    assert shell.backend.sent == []


async def test_play_with_a_video_loaded_is_refused_while_driving(shell: Shell) -> None:
    shell.world.video = "film"
    shell.drive(DRIVING)
    assert statuses(await run(shell, call("control_playback", action="next"))) == ["refused"]


# --- undo -------------------------------------------------------------------------------------------------------------


async def test_undo_goes_through_the_gate(shell: Shell) -> None:
    shell.history.remember((call("set_child_lock", state="off"),))
    shell.drive(DRIVING)
    progress = await run(shell, call("undo_last_action"))
    assert (statuses(progress), shell.backend.sent) == (["refused"], [])
    assert shell.history.peek()  # it can be tried again in a better moment


async def test_undo_carries_out_the_inverse_calls_in_their_order(shell: Shell) -> None:
    inverse = (call("set_fan_speed", level=2), call("control_window", position=0))
    shell.history.remember(inverse)
    progress = await run(shell, call("undo_last_action"))
    assert (statuses(progress), tuple(shell.backend.sent)) == (["done"], inverse)
    assert shell.history.peek() == ()


async def test_undo_asks_once_about_what_it_will_do(shell: Shell) -> None:
    shell.history.remember((call("adjust_mirror", mirror="left", direction="down"),))
    shell.drive(DRIVING)
    under_way = shell.executor.start(plan(call("undo_last_action")))
    progress = await under_way.progress()
    assert progress.question is not None
    assert "mirror" in progress.question.text.lower()
    progress = await say(shell, under_way, progress, yes=True)
    assert (statuses(progress), shell.backend.names) == (["done"], ["adjust_mirror"])


async def test_undo_tells_of_the_inverse_call_that_failed(shell: Shell) -> None:
    shell.history.remember((call("set_fan_speed", level=2), call("control_window", position=0)))
    shell.backend.failures["set_fan_speed"] = [Unavailable("the blower is silent")]
    progress = await run(shell, call("undo_last_action"))
    assert statuses(progress) == ["failed"]
    assert progress.outcomes[0].reason == "the blower is silent"
    assert shell.backend.names == ["set_fan_speed", "control_window"]


async def test_nothing_to_undo(shell: Shell) -> None:
    progress = await run(shell, call("undo_last_action"))
    assert statuses(progress) == ["failed"]
    assert progress.outcomes[0].reason == "There is nothing to undo."
