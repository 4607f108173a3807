"""The agent's own functions: time, timers, alarms and reminders. They live as long as the daemon does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from state_machines.permit import Permit
from vehicle_agent.backends.base import Action, Observed
from vehicle_agent.errors import BackendError
from vehicle_agent.events import Events, NoticeDue, Said
from vehicle_apis.call import Call

MAX_NOTICES: Final = 100
AGENT_FUNCTIONS: Final = frozenset({"get_time", "set_timer", "set_alarm", "create_reminder"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell the driver at ``due``."""

    text: str
    due: datetime


class AgentBackend:
    """``now``: the local wall clock; ``clock``: the permits' monotonic clock; ``events`` hear what is due."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        events: Events,
    ) -> None:
        self._now = now
        self._clock = clock
        self._events = events
        self._handles: dict[Notice, asyncio.TimerHandle] = {}

    @property
    def pending(self) -> tuple[Notice, ...]:
        return tuple(sorted(self._handles, key=lambda n: n.due))

    async def prepare(self, call: Call) -> Action:
        return _OwnAction(self, call)

    def close(self) -> None:
        """Drops everything that is still due."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def redeem(self, permit: Permit, call: Call) -> None:
        permit.redeem(call, self._clock())

    def carry_out(self, call: Call) -> Observed:
        """Does the call; called once its permit is redeemed. Raises BackendError."""
        now = self._now()
        match call.name:
            case "get_time":
                text = f"it is {_spoken_time(now)}"
                return Observed(text=text, values={"time": f"{now:%H:%M}"}, result=text)
            case "set_timer":
                minutes = float(str(call.arguments["minutes"]))
                label = str(call.arguments["label"])
                what = f"the {label} timer" if label else "the timer"
                self._at(Notice(text=f"{what} has run out", due=now + timedelta(minutes=minutes)))
                return Observed(text=f"{what} runs for {_spoken_minutes(minutes)}", values={"minutes": minutes})
            case "set_alarm":
                due = _next(now, str(call.arguments["time"]))
                label = str(call.arguments["label"])
                self._at(Notice(text=f"alarm: {label or f'it is {_spoken_time(due)}'}", due=due))
                return Observed(text=f"the alarm is set for {_spoken_time(due)}", values={"time": f"{due:%H:%M}"})
            case "create_reminder":
                return self._remind(call, now)
            case _:
                raise BackendError(f"the agent itself has no function {call.name}")

    def _remind(self, call: Call, now: datetime) -> Observed:
        what, time = str(call.arguments["text"]), str(call.arguments["time"])
        if not time:
            return Observed(text=f"I will keep in mind: {what}", values={"text": what})
        due = _next(now, time)
        self._at(Notice(text=f"reminder: {what}", due=due))
        return Observed(text=f"I will remind you at {_spoken_time(due)}: {what}", values={"text": what, "time": time})

    def _at(self, notice: Notice) -> None:
        if len(self._handles) >= MAX_NOTICES:
            raise BackendError(f"there are {MAX_NOTICES} timers and reminders already; let one run out first")
        if notice in self._handles:
            return  # asked for twice, told once
        delay_s = max(0.0, (notice.due - self._now()).total_seconds())
        self._handles[notice] = asyncio.get_running_loop().call_later(delay_s, self._due, notice)

    def _due(self, notice: Notice) -> None:
        self._handles.pop(notice, None)
        self._events.publish(NoticeDue(text=notice.text))
        self._events.publish(Said(text=notice.text))


class _OwnAction:
    def __init__(self, backend: AgentBackend, call: Call) -> None:
        self._backend = backend
        self.call = call
        self.undo: tuple[Call, ...] = ()
        self._observed: Observed | None = None

    def send(self, permit: Permit) -> None:
        self._backend.redeem(permit, self.call)
        self._observed = self._backend.carry_out(self.call)

    async def outcome(self) -> Observed:
        if self._observed is None:
            raise BackendError(f"{self.call.name} was not sent")
        return self._observed


def _next(now: datetime, time: str) -> datetime:
    """The next moment the clock shows ``time`` ("HH:MM")."""
    hours, minutes = (int(part) for part in time.split(":"))
    due = now.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    return due if due > now else due + timedelta(days=1)


def _spoken_time(moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    part = "am" if moment.hour < 12 else "pm"
    return f"{hour}:{moment.minute:02} {part}" if moment.minute else f"{hour} {part}"


def _spoken_minutes(minutes: float) -> str:
    seconds = round(minutes * 60)
    if seconds < 60:
        return f"{seconds} seconds"
    hours, rest = divmod(seconds, 3600)
    whole, odd = divmod(rest, 60)
    parts = [(hours, "hour"), (whole, "minute"), (odd, "second")]
    return " and ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n)
