"""The tester's desk: carries out what the pages ask for, and keeps what they show."""

import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, assert_never

from simulators.car import Car
from simulators.dashboard import commands as c
from simulators.dashboard.bus_view import BusView, Tap, catalogue
from simulators.dashboard.conversation import Conversation
from simulators.dashboard.faults_menu import faults_menu
from simulators.dashboard.pedal import Pedal
from simulators.dashboard.port import AgentEvent, AgentPort, Judged, Planned, Said, Settled, StateChanged
from simulators.dashboard.state import Board, board
from simulators.errors import SimulatorError

LOG_KEPT: Final = 400
_TONES: Final = {"done": "good", "deny": "bad", "refused": "bad", "failed": "bad", "confirm": "ask", "expired": "ask"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of the event log. ``at_s``: wall clock; ``tone``: good, bad, ask or "" for its colour."""

    number: int
    at_s: float
    kind: str
    text: str
    tone: str = ""

    def to_json(self) -> dict[str, object]:
        return {"n": self.number, "t": round(self.at_s, 3), "kind": self.kind, "text": self.text, "tone": self.tone}


class Desk:
    """An async context manager over a running car, its bus and an agent.

    ``on_log`` hears each new line of the log. ``clock``: the tap's, monotonic seconds.
    """

    def __init__(
        self,
        car: Car,
        tap: Tap,
        agent: AgentPort,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.agent = agent
        self.clock = clock
        self.on_log: Callable[[LogEntry], None] = lambda _entry: None
        self.log: deque[LogEntry] = deque(maxlen=LOG_KEPT)
        self._car = car
        self._tap = tap
        self._wall_clock = wall_clock
        self._bus = BusView()
        self._conversation = Conversation()
        self._pedal = Pedal(car, lambda kmh: self._write("car", f"the speed is {kmh:g} km/h"))
        self._lines = 0
        self._stack = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        self._stack.callback(self._tap.subscribe(self._bus.hear))
        self._stack.callback(self.agent.subscribe(self._on_event))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        await self._pedal.release()

    # --- what the pages show ----------------------------------------------------------------------------------------

    def hello(self) -> dict[str, object]:
        """What does not change while the page is open."""
        domains = {name: self._car.model.domain(name) for name in self._car.settings() if name != "trouble_codes"}
        return {
            "messages": catalogue(self._car.wiring),
            "settings": {
                name: {"words": d.words, "numeric": d.numeric, "low": d.low, "high": d.high, "unit": d.unit}
                for name, d in domains.items()
            },
            "faults": faults_menu(self._car),
            "functions": dict(self.agent.functions()),
            "understands_text": self.agent.understands_text,
            "top_speed_kmh": c.TOP_SPEED_KMH,
        }

    def board(self) -> Board:
        return board(
            car=self._car.state(),
            bus=self._bus.rows(),
            signals=self._bus.signals(),
            turns=self._conversation.to_json(),
            faults=tuple(str(fault) for fault in self._car.faults),
            driving_state=self.agent.state(),
            question=self.agent.question(),
            target_kmh=self._pedal.target_kmh,
        )

    def question_left_s(self) -> float:
        question = self.agent.question()
        return 0.0 if question is None else question.remaining_s

    # --- what the pages ask for -------------------------------------------------------------------------------------

    async def run(self, command: c.Command) -> Mapping[str, object]:
        """Carries a command out; returns what it brought. Raises SimulatorError with a sentence for the page."""
        match command:
            case c.Set() | c.Speed() | c.Inject() | c.Clear():
                await self._at_the_car(command)
                return {}
            case c.Watch():
                return {}  # the page's own affair
            case _:
                return await self._with_the_agent(command)

    async def _at_the_car(self, command: c.Set | c.Speed | c.Inject | c.Clear) -> None:
        match command:
            case c.Set():
                await self._set(command.name, command.value)
            case c.Speed():
                if self._pedal.press(command.kmh):
                    self._write("car", "gear set to D, to drive off")
            case c.Inject():
                self._car.inject(command.fault)
                self._write("fault", command.fault, "bad")
            case c.Clear():
                self._clear(command.fault)
            case _:
                assert_never(command)

    async def _with_the_agent(self, command: c.Say | c.Invoke | c.Answer | c.Cancel | c.Undo) -> Mapping[str, object]:
        match command:
            case c.Say():
                return await self._say(command.text)
            case c.Invoke():
                return await self._call(command)
            case c.Answer():
                self._write("driver", "answers yes" if command.yes else "answers no")
                return self._told(await self.agent.answer(command.question, yes=command.yes))
            case c.Cancel():
                self._write("driver", "cancels")
                return self._told(await self.agent.cancel())
            case c.Undo():
                return await self._turn("undo the last action", spoken=False, work=self.agent.undo())
            case _:
                assert_never(command)

    async def _set(self, name: str, value: object) -> None:
        self._car.set(name, value)
        if name in {"speed", "vehicle_speed"}:
            await self._pedal.release()
        self._write("car", f"{name.replace('_', ' ')} set to {self._car.state()[name]}")

    async def _say(self, text: str) -> Mapping[str, object]:
        if not text.strip():
            raise c.BadCommand("say: the text is empty; say what the driver says")
        return await self._turn(text.strip(), spoken=True, work=self.agent.ask(text.strip()))

    async def _call(self, command: c.Invoke) -> Mapping[str, object]:
        inside = ", ".join(f"{key}={value}" for key, value in command.arguments.items())
        work = self.agent.call(command.name, command.arguments)
        return await self._turn(f"{command.name}({inside})", spoken=False, work=work)

    async def _turn(self, said: str, *, spoken: bool, work: Awaitable[Mapping[str, object]]) -> Mapping[str, object]:
        turn = self._conversation.begin(said, spoken=spoken, now_s=self.clock(), at_s=self._wall_clock())
        self._write("driver", f"\u201c{said}\u201d" if spoken else said)
        try:
            document = await work
        except SimulatorError as e:
            self._conversation.fail(turn, str(e))
            raise
        except BaseException:
            self._conversation.fail(turn, "This was broken off.")
            raise
        self._conversation.end(turn, document)
        return self._told(document)

    def _told(self, document: Mapping[str, object]) -> Mapping[str, object]:
        reply = str(document.get("reply", ""))
        if reply:
            self._write("agent", reply)
        return {"reply": reply}

    def _clear(self, fault: str) -> None:
        self._car.clear(fault or None)
        self._write("fault", f"{fault or 'all faults'} cleared", "good")

    # --- the log ----------------------------------------------------------------------------------------------------

    def _on_event(self, event: AgentEvent) -> None:
        match event:
            case Planned():
                self._conversation.planned(event)
                calls = "; ".join(step.call for step in event.steps)
                told = "; ".join(part for part in (calls, event.note) if part)
                self._write("plan", told or event.why or "nothing to do")
            case Judged():
                self._conversation.judged(event)
                when = "when sent" if event.binding else "when planned"
                self._write(
                    "verdict", f"{event.decision} {_name(event.call)} {when}, {event.state}", _tone(event.decision)
                )
            case Settled():
                self._conversation.settled(event, self.clock())
                after = f" after {event.confirmed_ms:.0f} ms" if event.confirmed_ms else ""
                self._write("outcome", f"{event.status} {_name(event.call)}{after}", _tone(event.status))
            case Said():
                self._write("agent", event.text)
            case StateChanged():
                self._write("state", event.state, "bad" if event.state in {"unknown", "crashed"} else "")
            case _:
                assert_never(event)

    def _write(self, kind: str, text: str, tone: str = "") -> None:
        self._lines += 1
        entry = LogEntry(number=self._lines, at_s=self._wall_clock(), kind=kind, text=text, tone=tone)
        self.log.append(entry)
        self.on_log(entry)


def _name(call: str) -> str:
    return call.partition("(")[0]


def _tone(word: str) -> str:
    return _TONES.get(word, "")
