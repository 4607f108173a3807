"""Whatever was planned, asked, scheduled or begun in one world is judged again in the world it happens in."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from safety_spec import matrix
from safety_spec.matrix import Asked
from safety_spec.oracle import Oracle
from support.car import BY_STATE, CRASHED, CREEPING, DRIVING, PARKED, STANDSTILL, Clock, signals
from support.fakes import CATALOGUE, Shell, call, plan
from support.told import said_by
from support.waiting import until

from state_machines.crash_latch import CrashLatch
from state_machines.dialogue import Accepted, Declined
from state_machines.driving_state import DrivingState
from state_machines.standing import Ended
from vehicle_agent.agent import Agent
from vehicle_agent.backends.agent import AgentBackend, Notice
from vehicle_agent.backends.base import Meant, Observed, Pictures, Place, StoppedMotion
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.conversation.outcome import Progress
from vehicle_agent.conversation.run import Run
from vehicle_agent.errors import NotConfirmed
from vehicle_agent.events import StateChanged
from vehicle_agent.standing.enforcement import Stage, StandingEnforcement
from vehicle_agent.standing.lookout import CarLookout
from vehicle_agent.standing.stages import InCar
from vehicle_agent.standing.watch import Watch
from vehicle_apis.binding import default_binding_path, load_binding
from vehicle_apis.call import Call, Step
from vehicle_apis.ref import Ref
from vehicle_apis.signals import Signals
from vehicle_apis.traits import Ending

TRUNK = call("operate_trunk", action="open")
VIDEO = call("play_video", title="film")
ORACLE = Oracle()


@pytest.fixture
async def shell() -> Shell:
    return Shell()


def statuses(progress: Progress) -> list[str]:
    return [o.status.value for o in progress.outcomes]


async def say(shell: Shell, under_way: Run, *, yes: bool = True) -> Progress:
    progress = await under_way.progress()
    assert progress.question is not None
    answer = shell.executor.dialogue.answer(progress.question.id, yes=yes)
    assert isinstance(answer, Accepted | Declined)
    under_way.answered(answer)
    return await under_way.progress()


def snapshot(word: str) -> Signals:
    gear, v, crash = matrix.STATES[word]
    return signals(gear, v, crash=crash)


# --- confirmed calls --------------------------------------------------------------------------------------------------

CONFIRMED = [
    (asked, began)
    for asked in matrix.calls()
    for began in BY_STATE
    if ORACLE.judge({"call": asked, **matrix.car(began)}).verdict == "confirm"
]


@pytest.mark.parametrize("word", BY_STATE)
async def test_a_yes_in_another_state_does_what_that_state_allows(word: str) -> None:
    """Every call that asks, in every state that makes it ask, answered in every other."""
    verdicts: set[str] = set()
    crashed: set[tuple[str, str]] = set()
    shell = Shell()
    for asked, began in CONFIRMED:
        if began == "crashed" and word != "crashed":
            continue  # a crash stays
        if word == "crashed":  # it takes a new car each, so one class of each function is enough
            if (asked["name"], began) in crashed:
                continue
            crashed.add((asked["name"], began))
            shell = Shell()
        shell.backend.sent.clear()
        shell.drive(snapshot(began))
        wanted = call(asked["name"], **asked["arguments"])
        under_way = shell.executor.start(plan(wanted))
        await under_way.progress()
        shell.drive(snapshot(word))
        (status,) = statuses(await say(shell, under_way))
        verdict = ORACLE.judge({"call": asked, **matrix.car(word)}).verdict
        verdicts.add(verdict)
        expected = ("refused", 0) if verdict == "deny" else ("done", 1)
        assert (status, len(shell.backend.sent)) == expected, (asked, began)
    assert "confirm" in verdicts
    assert ("deny" in verdicts) is (word not in {"parked", "standstill"})


async def test_the_car_starts_to_move_in_the_very_moment_of_the_yes(shell: Shell) -> None:
    """Not even observed by the gate before: the judgement at the send sees it first."""
    shell.drive(STANDSTILL)
    under_way = shell.executor.start(plan(TRUNK))
    await under_way.progress()
    shell.world.signals_now = CREEPING
    assert statuses(await say(shell, under_way)) == ["refused"]
    assert shell.backend.sent == []


async def test_it_gets_dark_between_the_question_and_the_yes(shell: Shell) -> None:
    by_day = replace(DRIVING, ambient_light=replace(PARKED.speed_kmh[0], value="day"))  # type: ignore[type-var]
    shell.drive(by_day)
    under_way = shell.executor.start(plan(call("set_headlights", mode="off")))
    await under_way.progress()
    shell.world.signals_now = DRIVING  # no word of the light: night
    assert statuses(await say(shell, under_way)) == ["refused"]
    assert shell.backend.sent == []


async def test_the_second_of_two_questions_is_judged_when_it_is_answered(shell: Shell) -> None:
    shell.drive(STANDSTILL)
    text = call("send_text_message", recipient="mum", message="on my way")
    under_way = shell.executor.start(plan(text, TRUNK))
    await say(shell, under_way)
    shell.drive(DRIVING)
    assert statuses(await say(shell, under_way)) == ["done", "refused"]
    assert shell.backend.names == ["send_text_message"]


async def test_a_yes_to_did_you_mean_judges_the_plan_again(shell: Shell) -> None:
    under_way = shell.executor.start(plan(VIDEO), doubt="Did you mean: play a video?")
    await under_way.progress()
    shell.drive(DRIVING)
    assert statuses(await say(shell, under_way)) == ["refused"]
    assert shell.backend.sent == []


# --- what waits for others --------------------------------------------------------------------------------------------


async def test_a_call_with_a_result_is_judged_when_the_result_is_there(shell: Shell) -> None:
    shell.backend.results["find_nearby"] = Observed(text="found", result=Place(name="Chemist", address="Main Street"))
    held = shell.backend.held["find_nearby"] = asyncio.Event()
    under_way = shell.executor.start(
        plan(call("find_nearby", category="pharmacy"), call("navigate_to", destination=Ref(1)))
    )
    await until(lambda: bool(shell.backend.sent))
    shell.drive(CRASHED)
    held.set()
    assert statuses(await under_way.progress()) == ["done", "refused"]
    assert shell.backend.names == ["find_nearby"]


async def test_a_later_step_is_judged_when_its_turn_comes(shell: Shell) -> None:
    held = shell.backend.held["set_fan_speed"] = asyncio.Event()
    under_way = shell.executor.start(plan(call("set_fan_speed", level=2), VIDEO, after={2: (1,)}))
    await until(lambda: bool(shell.backend.sent))
    shell.drive(DRIVING)
    held.set()
    assert statuses(await under_way.progress()) == ["done", "refused"]


async def test_a_step_begun_early_is_judged_at_its_send(shell: Shell) -> None:
    assert shell.executor.would_allow(VIDEO)
    under_way = shell.executor.begin()
    under_way.begin(Step(id=1, call=VIDEO))
    shell.world.signals_now = CREEPING
    assert statuses(await under_way.progress()) == ["refused"]
    assert shell.backend.sent == []


async def test_asking_beforehand_is_no_look_that_counts(shell: Shell) -> None:
    shell.world.signals_now = CRASHED
    assert not shell.executor.would_allow(VIDEO)
    assert not shell.executor.acts_unasked([Meant(call=VIDEO)])
    assert shell.executor.gate.state is DrivingState.PARKED
    shell.world.signals_now = PARKED
    assert statuses(await shell.executor.start(plan(VIDEO)).progress()) == ["done"]  # no crash was latched


# --- expansions -------------------------------------------------------------------------------------------------------


def inverses() -> list[Asked]:
    return [asked for asked in matrix.calls() if asked["name"] != "undo_last_action"]


async def test_an_undo_does_what_its_inverse_calls_may_in_that_moment() -> None:
    """Each call of the catalogue as the inverse, remembered when parked, undone while driving."""
    refused = 0
    shell = Shell()
    shell.drive(DRIVING)
    for asked in inverses():
        shell.backend.sent.clear()
        inverse = call(asked["name"], **asked["arguments"])
        shell.history.remember((inverse,))
        under_way = shell.executor.start(plan(call("undo_last_action")))
        progress = await under_way.progress()
        verdict = ORACLE.judge({"call": asked, **matrix.car("driving")}).verdict
        if verdict == "confirm":
            progress = await say(shell, under_way, yes=False)
        assert statuses(progress) == (["done"] if verdict == "allow" else ["refused"]), asked
        assert shell.backend.sent == ([inverse] if verdict == "allow" else []), asked
        refused += verdict == "deny"
    assert refused > 20


async def test_the_second_inverse_call_is_judged_after_the_first_is_done(shell: Shell) -> None:
    shell.history.remember((call("set_fan_speed", level=2), call("set_child_lock", state="off")))
    held = shell.backend.held["set_fan_speed"] = asyncio.Event()
    under_way = shell.executor.start(plan(call("undo_last_action")))
    await until(lambda: bool(shell.backend.sent))
    shell.drive(DRIVING)
    held.set()
    assert statuses(await under_way.progress()) == ["refused"]
    assert shell.backend.names == ["set_fan_speed"]


async def test_a_yes_to_an_undo_is_judged_again(shell: Shell) -> None:
    shell.drive(STANDSTILL)
    shell.history.remember((TRUNK,))
    under_way = shell.executor.start(plan(call("undo_last_action")))
    await under_way.progress()
    shell.drive(CREEPING)
    assert statuses(await say(shell, under_way)) == ["refused"]
    assert shell.backend.sent == []


@pytest.mark.parametrize("action", matrix.RESUMING)
async def test_an_undo_that_plays_a_video_on_is_a_video(shell: Shell, action: str) -> None:
    shell.history.remember((call("control_playback", action=action),))
    shell.world.video = "film"
    shell.drive(STANDSTILL)
    assert statuses(await shell.executor.start(plan(call("undo_last_action"))).progress()) == ["refused"]
    assert shell.backend.sent == []


@pytest.mark.parametrize("action", matrix.RESUMING)
async def test_the_source_becomes_a_video_between_the_two_judgements(shell: Shell, action: str) -> None:
    class Switching:
        """The passenger picks a film while the call is being prepared."""

        async def prepare(self, wanted: Call) -> object:
            shell.world.video = "film"
            return await shell.backend.prepare(wanted)

    shell.drive(DRIVING)
    shell.executor.backends = {"dbus": Switching()}  # type: ignore[dict-item]
    progress = await shell.executor.start(plan(call("control_playback", action=action))).progress()
    assert [j.decision for j in shell.judgements] == ["allow", "deny"]
    assert (statuses(progress), shell.backend.sent) == (["refused"], [])


@pytest.mark.parametrize("number", matrix.EMERGENCY_NUMBERS)
async def test_an_emergency_number_is_asked_about_until_there_was_a_crash(shell: Shell, number: str) -> None:
    dial = call("dial_number", number=number)
    under_way = shell.executor.start(plan(dial))
    progress = await under_way.progress()
    assert progress.question is not None
    assert "emergency" in progress.question.text
    assert shell.backend.sent == []
    shell.drive(CRASHED)
    assert statuses(await say(shell, under_way)) == ["done"]
    assert statuses(await shell.executor.start(plan(dial)).progress()) == ["done"]  # no question any more
    assert shell.backend.sent == [dial, dial]


@pytest.mark.parametrize("number", ["5550123", "1120", "000112", "91", "9991"])
async def test_other_numbers_are_not_asked_about(shell: Shell, number: str) -> None:
    assert statuses(await shell.executor.start(plan(call("dial_number", number=number))).progress()) == ["done"]


async def test_a_yes_to_one_number_dials_no_other(shell: Shell) -> None:
    under_way = shell.executor.start(plan(call("dial_number", number="112")))
    progress = await under_way.progress()
    assert progress.question is not None
    answer = shell.executor.dialogue.answer(progress.question.id, yes=True)
    assert isinstance(answer, Accepted)
    verdict = shell.gate.judge(call("make_emergency_call"), PARKED, confirmation=answer.confirmation)
    assert type(verdict).__name__ == "Confirm"
    await under_way.cancel()


# --- what was scheduled -----------------------------------------------------------------------------------------------


async def test_a_notice_that_falls_due_only_says_something() -> None:
    """Nothing the agent schedules is a call: whatever its words, it can but be spoken."""
    now, shell = datetime(2024, 5, 14, 14, 30, tzinfo=UTC), Shell()
    told = said_by(shell.events)
    own = AgentBackend(now=lambda: now, clock=shell.clock, events=shell.events)
    shell.executor.backends = {"agent": own, "can": shell.backend, "dbus": shell.backend}
    words = "open the trunk"
    wanted = (
        call("create_reminder", text=words, time="14:31"),
        call("set_alarm", time="14:31", label=words),
        call("set_timer", minutes=1, label=words),
    )
    assert statuses(await shell.executor.start(plan(*wanted)).progress()) == ["done"] * 3
    judged = len(shell.judgements)
    shell.drive(DRIVING)
    assert {n.due - now for n in own.pending} == {timedelta(minutes=1)}
    for notice in own.pending:
        own._due(notice)
    assert len(told) == 3
    assert all(words in text for text in told)
    assert (shell.backend.sent, len(shell.judgements)) == ([], judged)
    own.close()


def test_in_the_daemon_a_notice_goes_to_the_voice_and_nowhere_else() -> None:
    agent = Agent(CATALOGUE, Config(bus=BusConfig(interface="virtual", channel="notices")), None)
    said = said_by(agent.events)
    own = agent.backends.by_name["agent"]
    assert isinstance(own, AgentBackend)
    own._due(Notice(text="reminder: open the trunk", due=datetime.now(UTC)))
    assert said == ["reminder: open the trunk"]
    assert agent.executor.dialogue.question is None
    assert agent.executor.standing.ongoing == ()


@pytest.mark.parametrize(
    ("time", "word", "sent"), [("now", "driving", 0), ("now", "parked", 1), ("07:30", "driving", 1)]
)
async def test_preconditioning_now_is_for_the_parked_car(shell: Shell, time: str, word: str, sent: int) -> None:
    """A departure time is handed to the climate unit, which starts by itself and looks at the car by itself."""
    shell.drive(BY_STATE[word])
    await shell.executor.start(plan(call("precondition_cabin", time=time))).progress()
    assert len(shell.backend.sent) == sent


# --- motions whose end nobody saw -------------------------------------------------------------------------------------


async def test_a_motion_the_car_did_not_confirm_may_go_on_and_is_watched(shell: Shell) -> None:
    shell.backend.failures["operate_trunk"] = [NotConfirmed("no status in time")] * 2
    assert statuses(await shell.executor.start(plan(TRUNK)).progress()) == ["failed"]
    ended = shell.standing.must_end(shell.gate.observe(CREEPING), CREEPING)
    assert [e.call for e in ended] == [TRUNK]


async def test_a_retry_that_works_leaves_nothing_to_watch(shell: Shell) -> None:
    shell.backend.failures["operate_trunk"] = [NotConfirmed("no status in time")]
    assert statuses(await shell.executor.start(plan(TRUNK)).progress()) == ["done"]
    assert shell.standing.ongoing == ()


async def test_two_motors_of_one_seat_are_watched_apart(shell: Shell) -> None:
    up, forward = (call("adjust_seat_position", direction=d) for d in ("up", "forward"))
    held = shell.backend.held["adjust_seat_position"] = asyncio.Event()
    first = shell.executor.start(plan(up))
    await until(lambda: len(shell.backend.sent) == 1)
    del shell.backend.held["adjust_seat_position"]
    assert statuses(await shell.executor.start(plan(forward)).progress()) == ["done"]
    ended = shell.standing.must_end(shell.gate.observe(CREEPING), CREEPING)
    assert [e.call for e in ended] == [up]
    held.set()
    await first.progress()


# --- endings ----------------------------------------------------------------------------------------------------------


class Failing:
    """Where things are ended, the first ``failures`` times in vain. ``tried``: what was to be ended."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.tried: list[Ended] = []

    def thing(self, ended: Ended) -> Ending:
        return ended.how

    async def end(self, ended: Ended) -> None:
        self.tried.append(ended)
        if len(self.tried) <= self.failures:
            raise NotConfirmed("The player does not answer.")

    async def goes_on(self, ended: Ended, *, lost: bool) -> bool:
        return not lost and ended in self.tried

    def look_again(self, ended: Ended) -> None:
        pass


class EndingShell(Shell):
    """A shell whose standing rules are carried out, in vain at first."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.said = said_by(self.events)
        self.enforcement = StandingEnforcement(
            self.standing,
            dict.fromkeys(Ending, stage),
            present=lambda: (self.gate.state, self.world.signals()),
            events=self.events,
            clock=self.clock,
        )


OVER = Ended(call=VIDEO, how=Ending.PAUSE_AND_BLANK_VIDEO, reason="Playing a video works only while the car is parked.")


@pytest.mark.parametrize("failures", [0, 1, 2, 5])
async def test_an_ending_that_does_not_work_is_tried_again(failures: int, caplog: pytest.LogCaptureFixture) -> None:
    stage = Failing(failures)
    shell = EndingShell(stage)
    shell.drive(DRIVING)
    await shell.enforcement.end(OVER)
    assert (len(stage.tried), len(shell.said)) == (failures + 1, 1)
    assert sum("could not end" in r.message for r in caplog.records) == min(failures, 1)


async def test_what_was_begun_anew_meanwhile_is_not_ended() -> None:
    stage = Failing(9)
    shell = EndingShell(stage)
    shell.standing.started(VIDEO, shell.gate.state)
    await shell.enforcement.end(OVER)
    assert (len(stage.tried), shell.said) == (1, [])


async def test_nothing_that_only_tells_keeps_an_activity_from_ending() -> None:
    def broken(_event: StateChanged) -> None:
        raise RuntimeError("the bus of the display is gone")

    clock = Clock()
    config = Config(bus=BusConfig(interface="virtual", channel="endings"))
    agent = Agent(CATALOGUE, config, None, clock=clock)
    agent.events.subscribe(broken, StateChanged)
    agent.executor.standing.started(VIDEO, DrivingState.PARKED)
    agent.gate.observe(CRASHED)
    assert agent.executor.standing.ongoing == ()
    assert agent.watch.enforcement.is_ending
    await agent.watch.close()


async def test_a_defect_of_a_listener_does_not_end_the_looking(caplog: pytest.LogCaptureFixture) -> None:
    shell = Shell()
    looks = 0

    def broken() -> Signals:
        nonlocal looks
        looks += 1
        raise RuntimeError("a defect")

    watch = watching(shell, NoPictures(), signals=broken)
    watch.start()
    try:
        await until(lambda: looks >= 3, timeout_s=30)
    finally:
        await watch.close()
    assert "a look at the car's state failed" in caplog.text


class NoPictures:
    """A head unit that shows nothing."""

    async def shows_video(self) -> bool:
        return False

    async def shown_app(self) -> str | None:
        return None

    async def pause_and_blank_video(self) -> None:
        pass

    async def home_screen(self) -> None:
        pass


class NoStops:
    """A car in which nothing has to be stopped."""

    under_way = False

    def stop(self) -> tuple[Awaitable[StoppedMotion], ...]:
        return ()

    def recall(self) -> None:
        raise AssertionError("nothing is on its way")

    async def stop_motion(self, call: Call) -> None:
        raise AssertionError(f"{call} was to be stopped")

    async def close_camera(self) -> None:
        raise AssertionError("the camera was to be closed")


def watching(shell: Shell, pictures: Pictures, signals: Callable[[], Signals]) -> Watch:
    lookout = CarLookout(
        load_binding(CATALOGUE, default_binding_path()),
        read=lambda _ref: None,
        is_fresh=lambda _message: False,
        begun=lambda: shell.standing.begun,
        seen=shell.standing.seen,
        clock=shell.clock,
    )
    return Watch(
        shell.gate,
        CrashLatch(),
        shell.standing,
        signals=signals,
        in_car=InCar(NoStops(), lookout),
        pictures=pictures,
        catalogue=CATALOGUE,
        events=shell.events,
        clock=shell.clock,
    )


async def test_an_orderly_end_waits_for_no_task_that_swallowed_its_cancellation() -> None:
    """As wait_for does in Python 3.11, when an answer comes at the same moment."""
    shell = Shell()
    swallowed = Counter[str]()

    async def deaf(what: str, times: int) -> None:
        while swallowed[what] < times:
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                swallowed[what] += 1

    class Deaf(NoPictures):
        probes = 0

        async def shown_app(self) -> str | None:
            self.probes += 1
            await deaf("a look", 1)
            return None

        async def pause_and_blank_video(self) -> None:
            await deaf("an ending", 2)

    pictures = Deaf()
    watch = watching(shell, pictures, shell.world.signals)
    shell.standing.started(VIDEO, DrivingState.PARKED)
    async with asyncio.timeout(30):
        watch.start()
        watch.enforcement.enforce(DrivingState.DRIVING, DRIVING)
        await until(lambda: pictures.probes > 0)
        await watch.close()
    assert swallowed == {"a look": 1, "an ending": 2}
    assert not watch.enforcement.is_ending
