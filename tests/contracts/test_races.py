"""Between planning and sending, the car starting to move wins.

What "received" means: a frame counts from the moment the link's reading thread has taken it from the bus. A judgement
that begins after that must know of it; the call it allows is on its way in the same tick of the event loop. A command
that could not be put on the bus yet when the gate got to know of the worse state is dropped.
"""

import asyncio
import itertools
import random
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import can
import pytest
from safety_spec import matrix
from safety_spec.oracle import Oracle
from support.car import BY_STATE, signals
from support.fake_ecu import PARKED, FakeEcus
from support.fakes import CATALOGUE, FakeAction, FakeBackend, Shell, call, plan
from support.patient import patient_binding
from support.waiting import until

from state_machines.dialogue import Accepted, Declined, Dialogue
from state_machines.driving_state import DrivingState, raw_state
from state_machines.gate import Gate, Judge
from state_machines.standing import StandingRules
from vehicle_agent.backends.base import Observed, Place, ShownPicture
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.config import BusConfig, Config
from vehicle_agent.conversation.executor import Executor
from vehicle_agent.conversation.outcome import Status
from vehicle_agent.conversation.run import Run
from vehicle_agent.conversation.world_view import CarView, History
from vehicle_agent.errors import NotConfirmed
from vehicle_agent.events import Events
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.call import Call, Plan
from vehicle_apis.e2e import E2ESender
from vehicle_apis.params import Scalar
from vehicle_apis.ref import Ref
from vehicle_apis.signals import Signals

ORACLE = Oracle()
VIDEO = call("play_video", title="film")
TRUNK = call("operate_trunk", action="open")
SEAT = call("adjust_seat_position", direction="up")
PORT = call("operate_charge_port", action="open")
FAN = call("set_fan_speed", level=2)


@pytest.fixture(scope="module")
def binding() -> CarBinding:
    return load_binding(CATALOGUE)


# --- every point between ask and send ---------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Scenario:
    """``begin`` makes the world of the plan; ``yes``: its questions are answered with yes."""

    plan: Plan
    word: str = "parked"
    yes: bool = False
    begin: Callable[[Shell], None] = lambda _shell: None


def _video_loaded(shell: Shell) -> None:
    shell.world.video = "film"


def _to_undo(shell: Shell) -> None:
    shell.history.remember((TRUNK, call("set_child_lock", state="off")))


def _found(shell: Shell) -> None:
    shell.backend.results["find_nearby"] = Observed(text="found", result=Place(name="Chemist", address="Main Street"))


def _once_unconfirmed(shell: Shell) -> None:
    shell.backend.failures["operate_charge_port"] = [NotConfirmed("no status")]


SCENARIOS = {
    "a video": Scenario(plan=plan(VIDEO)),
    "a video after something else": Scenario(plan=plan(FAN, VIDEO, after={2: (1,)})),
    "several at once": Scenario(plan=plan(VIDEO, TRUNK, SEAT, PORT)),
    "after a question": Scenario(plan=plan(TRUNK), word="standstill", yes=True),
    "two questions": Scenario(
        plan=plan(TRUNK, call("send_text_message", recipient="mum", message="hello")), word="standstill", yes=True
    ),
    "an undo": Scenario(plan=plan(call("undo_last_action")), begin=_to_undo, yes=True),
    "playing a video on": Scenario(plan=plan(call("control_playback", action="play")), begin=_video_loaded),
    "with a result": Scenario(
        plan=plan(call("find_nearby", category="pharmacy"), call("navigate_to", destination=Ref(1))), begin=_found
    ),
    "with a retry": Scenario(plan=plan(PORT), begin=_once_unconfirmed),
}
TARGETS = ("standstill", "creeping", "driving", "unknown", "crashed")
TICKS = 14  # of the event loop; by then the longest scenario has been through
SEEDS = 5


class ScriptedBackend(FakeBackend):
    """Takes a few turns of the event loop for everything; tells what was done at the moment of each send."""

    rng: random.Random
    sent_at: Callable[[Call], None]

    async def prepare(self, wanted: Call) -> FakeAction:
        await some_ticks(self.rng.randrange(3))
        return await super().prepare(wanted)


async def some_ticks(n: int) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


@dataclass
class Interleaving:
    """One run: the change comes at tick ``at``; ``observed``: the gate hears of it by a frame, not only by asking."""

    shell: Shell
    scenario: Scenario
    target: str
    at: int
    observed: bool
    rng: random.Random
    yes_to: list[Call] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def check(self, sent: Call) -> None:
        """At the moment of a send: is it what the specification allows in the state of this moment?"""
        state = max(self.shell.gate.state, raw_state(self.shell.world.signals_now))
        meant = sent
        if sent.name == "control_playback" and self.shell.world.video:
            meant = VIDEO
        asked = {"name": meant.name, "arguments": meant.json_arguments()}
        verdict = ORACLE.judge({"call": asked, **matrix.car(state.word)}).verdict
        if verdict == "deny" or (verdict == "confirm" and sent not in self.yes_to):
            self.wrong.append(f"{sent} was sent while {state.word} ({verdict}), change at tick {self.at}")

    async def change(self) -> None:
        await some_ticks(self.at)
        self.shell.world.signals_now = BY_STATE[self.target]
        if self.observed:
            self.shell.gate.observe(BY_STATE[self.target])

    async def converse(self, run: Run) -> None:
        while (progress := await run.progress()).question is not None:
            await some_ticks(self.rng.randrange(4))
            question = self.shell.executor.dialogue.question
            assert question is not None
            answer = self.shell.executor.dialogue.answer(progress.question.id, yes=self.scenario.yes)
            assert isinstance(answer, Accepted | Declined)
            if self.scenario.yes and isinstance(question.call, Call):
                self.yes_to.append(question.call)
            run.answered(answer)

    async def play(self) -> list[Call]:
        """What was sent."""
        shell = self.shell
        shell.world.video = None
        shell.backend.results.clear()
        shell.backend.failures.clear()
        shell.history.take()
        self.scenario.begin(shell)
        backend = shell.backend
        assert isinstance(backend, ScriptedBackend)
        backend.rng, backend.sent = self.rng, Sends(self.check)
        changing = asyncio.create_task(self.change())
        await self.converse(shell.executor.start(self.scenario.plan))
        await changing
        return list(backend.sent)


class Sends(list[Call]):
    """The backend's list of what was sent; each is checked as it comes."""

    def __init__(self, check: Callable[[Call], None]) -> None:
        super().__init__()
        self._check = check

    def append(self, sent: Call) -> None:
        self._check(sent)
        super().append(sent)


def restarted(shell: Shell, word: str) -> None:
    """The car of the next run: no crash, long enough in its state."""
    for ignition in ("off", "on"):
        shell.drive(signals(ignition=ignition))
    shell.drive(BY_STATE[word])
    assert shell.gate.state.word == word


def scripted_shell() -> Shell:
    shell = Shell()
    backend = ScriptedBackend(shell.clock)
    shell.backend = backend
    shell.executor.backends = {"can": backend, "dbus": backend, "agent": backend}
    return shell


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_change_wins_wherever_it_comes(name: str) -> None:
    """9 scenarios x 5 states x 14 ticks x heard or not x 5 schedules = 6,300 interleavings."""
    shell, runs = scripted_shell(), set[tuple[str, int]]()
    wrong: list[str] = []
    for target, at, observed, seed in itertools.product(TARGETS, range(TICKS), (True, False), range(SEEDS)):
        restarted(shell, SCENARIOS[name].word)
        rng = random.Random(f"{name} {target} {at} {seed}")
        run = Interleaving(shell, SCENARIOS[name], target, at, observed, rng)
        runs.add((target, len(await run.play())))
        wrong += run.wrong
    assert not wrong, f"{len(wrong)} wrong sends, the first: {wrong[:3]}"
    # it came before the send in some runs and after it in others: both orders were tried
    by_target = {target: {sent for t, sent in runs if t == target} for target in TARGETS}
    assert any(len(counts) > 1 for counts in by_target.values()), by_target


def heard_by(gate: Gate, car: Signals) -> None:
    gate.observe(car)


async def test_a_change_within_the_send_itself_takes_the_permit_away() -> None:
    shell = scripted_shell()
    for target in TARGETS:
        restarted(shell, "parked")
        shell.backend.before_send = partial(heard_by, shell.gate, BY_STATE[target])
        run = Interleaving(shell, SCENARIOS["a video"], target, 100, False, random.Random(0))
        assert await run.play() == []


async def test_one_moving_frame_holds_for_a_second_though_the_next_shows_a_parked_car() -> None:
    shell = scripted_shell()
    for at in range(6):
        restarted(shell, "parked")
        shell.gate.observe(BY_STATE["creeping"])
        shell.clock.advance(at * 0.19)
        shell.gate.observe(BY_STATE["parked"])
        run = Interleaving(shell, SCENARIOS["a video"], "parked", 0, True, random.Random(at))
        assert await run.play() == []


# --- the real link, in threads ----------------------------------------------------------------------------------------

ROUNDS = 200


class JumpingClock:
    """Real time plus what a test adds, so that a second of evidence takes no second."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


class Order:
    """What happened first, across threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0

    def now(self) -> int:
        with self._lock:
            self._next += 1
            return self._next


class WireCar:
    """Sends safety frames on a python-can bus, from whichever thread calls."""

    def __init__(self, binding: CarBinding, channel: str) -> None:
        self.bus = can.Bus(interface="virtual", channel=channel, receive_own_messages=False)
        self._binding = binding
        self._senders = {name: E2ESender(p) for name, p in binding.network.protections.items()}
        self.sent = 0

    def emit(self, name: str, **values: Scalar) -> None:
        data = self._binding.network.encode(name, values)
        if name in self._senders:
            data = self._senders[name].protect(data)
        frame_id = self._binding.network.message(name).frame_id
        self.bus.send(can.Message(arbitration_id=frame_id, data=data, is_extended_id=False))
        self.sent += 1

    def park(self) -> None:
        for name, values in PARKED.items():
            self.emit(name, **values)
        self.emit("ClosureStatus", Trunk="closed", ChargePort="closed")

    def drive_off(self, after_s: float) -> None:
        """In a thread of its own."""
        time.sleep(after_s)
        for _ in range(3):
            self.emit("VehicleSpeed", VehicleSpeed=50)
            time.sleep(0.0005)


class Racing:
    """An executor on a real link whose judgements, frames taken and frames sent are put in order."""

    def __init__(self, binding: CarBinding, channel: str) -> None:
        self.clock, self.order = JumpingClock(), Order()
        self.backend = CanBackend(
            CATALOGUE, Config(bus=BusConfig(interface="virtual", channel=channel)), self.clock, binding=binding
        )
        self.gate = Gate(CATALOGUE, self.clock)
        self.standing = StandingRules(Judge(CATALOGUE))
        view = CarView(self.signals, no_video, History())
        self.executor = Executor(
            gate=self.gate,
            dialogue=Dialogue(self.clock),
            standing=self.standing,
            world=view,
            backends={"can": self.backend},
            events=Events(),
            clock=self.clock,
        )
        self.judging_began = 0
        self.moving_taken: int | None = None
        self.sends: list[int] = []  # when the judgement began whose call was then sent
        take, transmit = self.backend.link._take, self.backend.requests.transmit
        speed_id = binding.network.message("VehicleSpeed").frame_id

        def taking(message: can.Message) -> None:
            take(message)
            if message.arbitration_id == speed_id and any(message.data[2:]) and self.moving_taken is None:
                self.moving_taken = self.order.now()

        def transmitting(*arguments: object, **more: object) -> int:
            self.sends.append(self.judging_began)
            return transmit(*arguments, **more)  # type: ignore[arg-type]

        self.backend.link._take = taking  # type: ignore[method-assign]
        self.backend.requests.transmit = transmitting  # type: ignore[method-assign]

    def signals(self) -> Signals:
        self.judging_began = self.order.now()
        return self.backend.signals()

    def observe(self) -> None:
        self.gate.observe(self.backend.signals())

    async def settle(self, car: WireCar) -> None:
        """Parked for more than a second of the agent's clock."""
        for _ in range(16):
            before = self.backend.link.counts["received"]
            car.park()
            await until(lambda: self.backend.link.counts["received"] >= before + len(PARKED) + 1)  # noqa: B023
            if self.gate.state is DrivingState.PARKED:
                return
            self.clock.ahead_s += 0.3
        raise AssertionError(f"the car is {self.gate.state.word}")


async def no_video() -> ShownPicture | None:
    return None


@pytest.fixture
async def racing(binding: CarBinding) -> AsyncIterator[tuple[Racing, WireCar]]:
    racer, car = Racing(binding, "races"), WireCar(binding, "races")
    await racer.backend.start(on_signals=racer.observe)
    yield racer, car
    await racer.backend.stop()
    car.bus.shutdown()


async def test_no_command_is_judged_past_a_moving_frame_that_was_taken(racing: tuple[Racing, WireCar]) -> None:
    racer, car = racing
    rng = random.Random(4)
    sent = refused = 0
    ear = can.Bus(interface="virtual", channel="races", receive_own_messages=False)
    closure_id = racer.backend.binding.network.message("ClosureCommand").frame_id
    try:
        for _ in range(ROUNDS):
            await racer.settle(car)
            racer.moving_taken, racer.sends = None, []
            driving_off = asyncio.create_task(asyncio.to_thread(car.drive_off, rng.random() * 0.004))
            runs: list[Run] = []
            while racer.gate.state is DrivingState.PARKED:
                runs.append(racer.executor.start(plan(PORT)))
                for _ in range(rng.randrange(6)):
                    await asyncio.sleep(0)
            await driving_off
            await until(lambda: racer.moving_taken is not None, timeout_s=60)
            assert racer.moving_taken is not None
            late = [began for began in racer.sends if began > racer.moving_taken]
            assert not late, f"{len(late)} of {len(racer.sends)} commands were judged after the frame was taken"
            sent += len(racer.sends)
            last = racer.executor.start(plan(PORT))  # and from now on none
            assert [o.status for o in (await last.progress()).outcomes] == [Status.REFUSED]
            for run in runs:
                await run.cancel()
                refused += run.snapshot().outcomes[0].status is Status.REFUSED
        # the wire agrees: as many commands as were judged in time, or fewer (dropped or lost at the bus), never more
        heard = 0
        while (message := ear.recv(timeout=0.05)) is not None:
            heard += message.arbitration_id == closure_id
        assert 0 < heard <= sent
    finally:
        ear.shutdown()
    assert sent > 30  # both ways round: some before the frame, some too late
    assert refused > 0


# --- a bus that takes no frames for a while ---------------------------------------------------------------------------


@dataclass
class Held:
    """A car on a fake bus that can be stopped from taking frames."""

    agent_bus: FakeEcus
    backend: CanBackend
    gate: Gate

    def observe(self) -> None:
        before = self.gate.state
        if self.gate.observe(self.backend.signals()) > before:
            self.backend.motions.recall()


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    binding = load_binding(CATALOGUE, patient_binding(tmp_path, accept_ms=5000))
    bus, clock = FakeEcus(binding), JumpingClock()
    backend = CanBackend(CATALOGUE, Config(), clock, binding=binding, opener=bus.opened)
    car = Held(bus, backend, Gate(CATALOGUE, clock))
    await backend.start(on_signals=car.observe)
    bus.emit("ClosureStatus", Trunk="closed", ChargePort="closed")
    for _ in range(16):
        before = backend.link.counts["received"]
        bus.park()
        await until(lambda: backend.link.counts["received"] > before + 2 * len(PARKED) - 1)  # noqa: B023
        if car.gate.state is DrivingState.PARKED:
            break
        clock.ahead_s += 0.3
    bus.emit("ClosureStatus", Trunk="closed", ChargePort="closed")
    await until(lambda: backend.store.is_fresh("ClosureStatus"))
    yield car
    await backend.stop()


async def test_a_command_the_bus_did_not_take_yet_is_dropped_when_the_car_moves(held: Held) -> None:
    held.agent_bus.send_error = can.CanOperationError("full")
    action = await held.backend.prepare(PORT)
    verdict = held.gate.judge(PORT, held.backend.signals())
    action.send(verdict.permit)  # type: ignore[union-attr]
    await until(lambda: held.backend.link.counts["send_errors"] > 0)
    for _ in range(2):
        held.agent_bus.emit("VehicleSpeed", VehicleSpeed=50)
    await until(lambda: held.gate.state is not DrivingState.PARKED)
    held.agent_bus.send_error = None
    with pytest.raises(Exception, match="the driving state changed"):
        await action.outcome()
    assert held.agent_bus.commands == []
    assert held.backend.link.counts["sent"] == 0


async def test_a_stop_is_not_dropped(held: Held) -> None:
    """It waits for the bus through any change of state: it only takes away."""
    held.agent_bus.send_error = can.CanOperationError("full")
    stopping = asyncio.create_task(held.backend.motions.stop_motion(TRUNK))
    await until(lambda: held.backend.link.counts["send_errors"] > 0)
    held.backend.motions.recall()
    held.agent_bus.send_error = None
    await stopping
    assert [(name, values["Selector"]) for name, values in held.agent_bus.commands] == [("ClosureCommand", "stop")]
