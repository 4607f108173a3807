"""Timers, alarms and reminders of the agent itself."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support.car import Clock
from support.fakes import call
from support.waiting import until

from state_machines.permit import PermitRefused, issue
from vehicle_agent.backends.agent import MAX_NOTICES, AgentBackend, Notice
from vehicle_agent.backends.base import Observed
from vehicle_agent.errors import BackendError
from vehicle_agent.events import Events, NoticeDue
from vehicle_apis.call import Call


class Bench:
    """The backend at half past two in the afternoon."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 14, 14, 30, tzinfo=UTC)
        self.clock = Clock()
        events = Events()
        self.told: list[NoticeDue] = []
        events.subscribe(self.told.append, NoticeDue)
        self.backend = AgentBackend(now=lambda: self.now, clock=self.clock, events=events)

    async def run(self, wanted: Call) -> Observed:
        action = await self.backend.prepare(wanted)
        action.send(issue(wanted, self.clock()))
        return await action.outcome()


@pytest.fixture
async def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (call("get_time"), "it is 2:30 pm"),
        (call("set_timer", minutes=0.5), "the timer runs for 30 seconds"),
        (call("set_timer", minutes=90, label="pasta"), "the pasta timer runs for 1 hour and 30 minutes"),
        (call("set_timer", minutes=1.5), "the timer runs for 1 minute and 30 seconds"),
        (call("set_alarm", time="07:00"), "the alarm is set for 7 am"),
        (call("set_alarm", time="00:05"), "the alarm is set for 12:05 am"),
        (call("create_reminder", text="milk", time="18:00"), "I will remind you at 6 pm: milk"),
        (call("create_reminder", text="milk"), "I will keep in mind: milk"),
    ],
)
async def test_what_is_said(bench: Bench, wanted: Call, said: str) -> None:
    assert (await bench.run(wanted)).text == said
    bench.backend.close()


async def test_the_time_is_a_result_that_can_be_sent(bench: Bench) -> None:
    assert (await bench.run(call("get_time"))).result == "it is 2:30 pm"


@pytest.mark.parametrize(("time", "hours"), [("14:31", 1 / 60), ("14:30", 24), ("14:29", 24 - 1 / 60), ("00:00", 9.5)])
async def test_an_alarm_is_for_the_next_such_time(bench: Bench, time: str, hours: float) -> None:
    await bench.run(call("set_alarm", time=time))
    (notice,) = bench.backend.pending
    assert notice.due - bench.now == timedelta(hours=hours)
    bench.backend.close()


async def test_a_timer_that_has_run_out_is_told_once(bench: Bench) -> None:
    await bench.run(call("set_timer", minutes=0.1))
    await bench.run(call("set_timer", minutes=0.1))  # the same again: one notice
    (handle,) = bench.backend._handles.values()
    assert 5 < handle.when() - asyncio.get_running_loop().time() <= 6
    bench.now += timedelta(minutes=10)
    bench.backend._at(Notice(text="overdue", due=bench.now - timedelta(minutes=1)))
    await until(lambda: bool(bench.told))
    assert [n.text for n in bench.told] == ["overdue"]
    bench.backend.close()
    assert bench.backend.pending == ()


async def test_there_is_a_bound(bench: Bench) -> None:
    for minutes in range(1, MAX_NOTICES + 1):
        await bench.run(call("set_timer", minutes=minutes))
    with pytest.raises(BackendError, match="already"):
        await bench.run(call("set_timer", minutes=1000))
    bench.backend.close()


async def test_nothing_happens_without_a_fresh_permit(bench: Bench) -> None:
    wanted = call("set_timer", minutes=5)
    action = await bench.backend.prepare(wanted)
    with pytest.raises(BackendError, match="not sent"):
        await action.outcome()
    permit = issue(wanted, bench.clock())
    bench.clock.advance(0.2)
    with pytest.raises(PermitRefused):
        action.send(permit)
    assert bench.backend.pending == ()
