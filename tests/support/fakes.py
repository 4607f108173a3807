"""Named stand-ins for what an agent works with: a backend, a world, a planner."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from state_machines.dialogue import Dialogue
from state_machines.expansion import Context, needs_number
from state_machines.gate import Gate, Judge
from state_machines.permit import Permit
from state_machines.standing import StandingRules
from support.car import PARKED, Clock
from vehicle_agent.backends.base import Meant, Motions, Observed
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.world_view import History
from vehicle_agent.events import Events, Judged
from vehicle_agent.planning.planned import NOBODY_ANSWERS, NOT_OURS, Planned
from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier
from vehicle_apis.signals import Signals

CATALOGUE = load_catalogue(with_packs=False)


def call(name: str, /, **arguments: object) -> Call:
    return CATALOGUE.call(name, **arguments)


def plan(*calls: Call, after: Mapping[int, tuple[int, ...]] | None = None) -> Plan:
    after = after or {}
    return Plan(tuple(Step(id=i, call=c, after=after.get(i, ())) for i, c in enumerate(calls, 1)))


class FakeAction:
    """Sends into the fake backend's list."""

    def __init__(self, backend: "FakeBackend", wanted: Call) -> None:
        self.call = wanted
        self.meant = backend.understood(wanted)
        self.undo = backend.undo.get(wanted.name, ())
        self._backend = backend

    def send(self, permit: Permit) -> None:
        b = self._backend
        b.before_send()
        permit.redeem(self.call, b.clock())
        b.sent.append(self.call)
        b.under_way += 1
        b.most_under_way = max(b.most_under_way, b.under_way)

    async def outcome(self) -> Observed:
        b = self._backend
        try:
            if self.call.name in b.held:
                await b.held[self.call.name].wait()
            await asyncio.sleep(0)
            failures = b.failures.get(self.call.name)
            if failures:
                raise failures.pop(0)
            return b.results.get(self.call.name, Observed(text=f"{self.call.name} shown"))
        finally:
            b.under_way -= 1


@dataclass
class FakeBackend:
    """``failures``: what the next outcomes of a function raise; ``held``: outcomes that wait to be let go.

    ``full``: what a spoken name stands for; ``numbers``: the number of a full name, else 5550123; ``unknown``: what the
    look-up of a spoken name raises.
    """

    clock: Clock
    sent: list[Call] = field(default_factory=list)
    results: dict[str, Observed] = field(default_factory=dict)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    unprepared: dict[str, Exception] = field(default_factory=dict)
    undo: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    full: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, Exception] = field(default_factory=dict)
    before_send: Callable[[], None] = lambda: None
    under_way: int = 0
    most_under_way: int = 0

    def understood(self, wanted: Call) -> Meant:
        key = next((key for key in ("name", "recipient") if key in wanted.arguments), "")
        if key:
            wanted = wanted.with_arguments(**{key: self.full.get(str(wanted.arguments[key]), wanted.arguments[key])})
        number = self.numbers.get(str(wanted.arguments.get(key, "")), "5550123") if needs_number(wanted) else None
        return Meant(call=wanted, number=number)

    async def meant(self, wanted: Call) -> Meant:
        for value in wanted.arguments.values():
            if str(value) in self.unknown:
                raise self.unknown[str(value)]
        return self.understood(wanted)

    async def prepare(self, wanted: Call) -> FakeAction:
        await asyncio.sleep(0)
        if wanted.name in self.unprepared:
            raise self.unprepared[wanted.name]
        return FakeAction(self, wanted)

    @property
    def names(self) -> list[str]:
        return [c.name for c in self.sent]


class FakeWorld:
    """``signals_now`` and ``video`` are what a test sets."""

    def __init__(self, history: History) -> None:
        self.signals_now = PARKED
        self.video: str | None = None
        self.refreshed = 0
        self._history = history

    def signals(self) -> Signals:
        return self.signals_now

    def context(self) -> Context:
        return Context(video_title=self.video, undo=self._history.peek())

    async def refresh(self) -> None:
        self.refreshed += 1

    def take_undo(self) -> tuple[Call, ...]:
        return self._history.take()


class FakePlanner:
    """Understands exactly the texts it was given, each as a plan or whatever else. ``after``: what was before each."""

    why = "that is nothing"

    def __init__(self, known: Mapping[str, Utterance]) -> None:
        self.known = dict(known)
        self.asked: list[str] = []
        self.after: list[Earlier] = []

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        self.asked.append(text)
        self.after.append(earlier)
        await asyncio.sleep(0)
        return planned(text, self.known.get(text, Refusal()), why=self.why)


def planned(text: str, meaning: Utterance, *, why: str) -> Planned:
    """As the planner tells of ``meaning``."""
    match meaning:
        case Reply(answer=answer):
            return Planned(heard=text, utterance=Refusal(), answer=answer, why=NOT_OURS)
        case Routed(to=to, query=query, plan=besides):
            utterance = besides if besides.steps else Refusal()
            return Planned(heard=text, utterance=utterance, route=(to, query), why=NOBODY_ANSWERS[to])
        case Plan():
            return Planned(heard=text, utterance=meaning)
        case _:
            return Planned(heard=text, utterance=meaning, why=why)


class Shell:
    """An executor on fakes: a parked car; without a ``clock``, one that stands."""

    def __init__(self, motions: Motions | None = None, *, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.history = History()
        self.world = FakeWorld(self.history)
        self.backend = FakeBackend(self.clock)
        self.gate = Gate(CATALOGUE, self.clock)
        self.standing = StandingRules(Judge(CATALOGUE))
        self.events = Events()
        self.judgements: list[Judged] = []
        self.events.subscribe(self.judgements.append, Judged)
        self.executor = Executor(
            gate=self.gate,
            dialogue=Dialogue(self.clock),
            standing=self.standing,
            world=self.world,
            backends={"can": self.backend, "dbus": self.backend, "agent": self.backend},
            clock=self.clock,
            events=self.events,
            motions=motions,
        )
        self.drive(PARKED)

    def drive(self, signals: Signals) -> None:
        """The car now shows ``signals``, and has for long enough to be believed."""
        self.world.signals_now = signals
        self.gate.observe(signals)
        self.clock.advance(1.5)
        self.gate.observe(signals)
