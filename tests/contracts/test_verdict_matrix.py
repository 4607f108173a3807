"""Every call class x driving state x fault of every signal: the gate's verdict is the specified one, no other.

What can be said of a reading (missing, at its limit, stale by 1 ms, invalid, implausible) is put into the snapshot.
What happens to frames (frozen counter, wrong CRC, repeated, out of order, silent, wrong length, sources apart) comes as
frames.
"""

import itertools
from collections.abc import Iterable, Iterator

import pytest
from safety_spec import matrix, spec
from safety_spec.matrix import Answers, Asked, Line
from safety_spec.oracle import STRICTNESS
from support.car import Clock
from support.framed_car import BAD_IN_WINDOW, FIELDS, FramedCar
from support.judged_lines import as_signals

from state_machines.dialogue import Accepted, Confirmation, Dialogue
from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Gate, Judge
from state_machines.verdict import Allow, Confirm, Deny
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.signals import Signals

CATALOGUE = load_catalogue(with_packs=False)
JUDGE = Judge(CATALOGUE)
ASKED = matrix.calls()
CALLS = [CATALOGUE.call(asked["name"], **asked["arguments"]) for asked in ASKED]
ANSWERS = Answers(ASKED)
# calls no rule of their own is for follow one rule: they take turns, a class of each function in every comparison
_RULED = spec.load("safety.yaml")["rules"].keys()
RULED = [place for place, asked in enumerate(ASKED) if asked["name"] in _RULED]
UNRULED = [
    [place for place, asked in enumerate(ASKED) if asked["name"] == name]
    for name in spec.functions()
    if name not in _RULED
]
_TURNS = itertools.count()
LIMITS_MS = {key: facts.get("max_age_ms") for key, facts in spec.load("safety.yaml")["signals"].items()}


@pytest.fixture(scope="module")
def binding() -> CarBinding:
    return load_binding(CATALOGUE)


@pytest.fixture(scope="module", autouse=True)
def one_judge() -> Iterator[None]:
    """The judge keeps nothing, and making its rules ready is what costs in a new gate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("state_machines.gate.Judge", lambda _catalogue: JUDGE)
        yield


def settled(signals: Signals) -> tuple[Gate, Clock]:
    """A gate whose car has shown ``signals`` for more than a second."""
    clock = Clock()
    gate = Gate(CATALOGUE, clock)
    for _ in range(3):
        gate.observe(signals)
        clock.advance(0.75)
    gate.observe(signals)
    return gate, clock


def compared(where: str, state: DrivingState, signals: Signals, line: Line) -> Iterator[str]:
    """A sentence for each call whose verdict is not the oracle's."""
    expected_state = ANSWERS.state(line)
    if state.word != expected_state:
        yield f"{where}: the state is {state.word}, specified is {expected_state}; {line}"
        return
    turn, verdicts = next(_TURNS), ANSWERS.verdicts(line)
    for place in (*RULED, *(places[turn % len(places)] for places in UNRULED)):
        call, expected = CALLS[place], verdicts[place]
        decision = JUDGE.assess(call, state, signals).decision.word
        if decision != expected:
            too = "STRICTER" if STRICTNESS[decision] > STRICTNESS[expected] else "MORE PERMISSIVE"
            yield f"{where}: {call} is {decision}, {too} than the specified {expected} ({state.word}); {line}"


def none_of(differences: Iterable[str]) -> None:
    found = list(differences)
    assert not found, f"{len(found)} differences; the first:\n" + "\n".join(found[:5])


# --- readings ---------------------------------------------------------------------------------------------------------


def test_the_matrix_has_every_function_every_rule_and_every_verdict() -> None:
    assert {asked["name"] for asked in ASKED} == spec.functions().keys()
    oracle, reached, verdicts = ANSWERS.oracle, set(), set()
    for _, line in matrix.plain_snapshots():
        for asked, verdict in zip(ASKED, ANSWERS.verdicts(line), strict=True):
            name, full = asked["name"], oracle.complete(asked["name"], asked["arguments"])
            assert full is not None, asked
            rules = oracle.safety["rules"].get(name, [])
            reached.add((name, next((i for i, r in enumerate(rules) if oracle.matches(r, name, full, line)), None)))
            verdicts.add((oracle.state(line), verdict))
    every = {(name, i) for name, rules in oracle.safety["rules"].items() for i in range(len(rules))}
    assert every - reached == {("every_other_catalogued_function", 0)}
    states = spec.load("safety.yaml")["states"]
    assert verdicts == {(state, verdict) for state in states for verdict in STRICTNESS}


def test_every_call_in_every_state_with_every_fault_of_a_reading() -> None:
    pairs = 0

    def all_differences() -> Iterator[str]:
        nonlocal pairs
        for where, line in matrix.snapshots():
            signals = as_signals(line)
            gate, _ = settled(signals)
            pairs += len(RULED) + len(UNRULED)
            yield from compared(where, gate.state, signals, line)

    none_of(all_differences())
    assert pairs >= 500_000


def test_the_binding_judgement_is_the_specified_one_too() -> None:
    """Each function at least once for every state and fault, its classes in turn."""
    classes: dict[str, list[int]] = {}
    for place, call in enumerate(CALLS):
        classes.setdefault(call.name, []).append(place)
    kinds = {"allow": Allow, "confirm": Confirm, "deny": Deny}

    def all_differences() -> Iterator[str]:
        for turn, (where, line) in enumerate(matrix.snapshots()):
            signals, expected = as_signals(line), ANSWERS.verdicts(line)
            gate, _ = settled(signals)
            for places in classes.values():
                place = places[turn % len(places)]
                verdict = gate.judge(CALLS[place], signals)
                if type(verdict) is not kinds[expected[place]]:
                    yield f"{where}: {CALLS[place]} is {verdict}, specified is {expected[place]}; {line}"

    none_of(all_differences())


def test_no_state_allows_a_call_that_is_wrong_in_any_way() -> None:
    wrong = matrix.invalid_calls()
    assert len(wrong) > 700
    for state in matrix.STATES:
        signals = as_signals(matrix.car(state, ambient_light="day", rain="no", plugged_in="yes"))
        for asked in wrong:
            answer = JUDGE.settled(asked["name"], asked["arguments"], signals)
            assert (answer.decision.word, answer.rule) == ("deny", "invalid_call"), (state, asked)


def test_calls_that_stand_for_others_in_every_state() -> None:
    """Playback with a video as the source, and an undo of one or two inverse calls."""
    playing = [asked for asked in ASKED if asked["name"] == "control_playback"]
    undoing: Asked = {"name": "undo_last_action", "arguments": {}}
    inverses = [asked for asked in ASKED if asked["name"] != "undo_last_action"]
    step = 37  # some second inverse call for each first one
    undone = [(a,) for a in inverses] + [(a, inverses[i * step % len(inverses)]) for i, a in enumerate(inverses)]

    def all_differences() -> Iterator[str]:
        for where, line in matrix.plain_snapshots():
            signals = as_signals(line)
            state = settled(signals)[0].state
            cases: list[tuple[Asked, bool, tuple[Asked, ...]]] = [(a, v, ()) for a in playing for v in (False, True)]
            if line["signals"]["rain"] == "yes" and line["signals"]["plugged_in"] == "no":  # in some surroundings only
                cases += [(undoing, video, inverse) for inverse in undone for video in (False, True)]
            for asked, video, undo in cases:
                context = Context(
                    video_title="a film" if video else None,
                    undo=tuple(CATALOGUE.call(a["name"], **a["arguments"]) for a in undo),
                )
                call = CATALOGUE.call(asked["name"], **asked["arguments"])
                expected = ANSWERS.expanded(asked, line, video=video, undo=undo)
                decision = JUDGE.assess(call, state, signals, context).decision.word
                if decision != expected:
                    yield f"{where}: {call} ({video=}, {undo=}) is {decision}, specified is {expected}"

    none_of(all_differences())


def test_whom_a_call_reaches_in_every_state() -> None:
    """Each number that a phone book may hold, with and without numbers of the telephone's own."""
    numbers = (*matrix.STORED_NUMBERS, None)
    reached = list(itertools.product(matrix.REACHING, numbers, matrix.TELEPHONES))
    dialled: list[Asked] = [
        {"name": "dial_number", "arguments": {"number": number}}
        for number in (*matrix.EMERGENCY_NUMBERS, "777", "0777", "000112", "5550123")
    ]
    reached += [(asked, None, telephone) for asked in dialled for telephone in matrix.TELEPHONES]
    seen = set()

    def all_differences() -> Iterator[str]:
        for where, line in matrix.plain_snapshots():
            signals = as_signals(line)
            state = settled(signals)[0].state
            for asked, stored, telephone in reached:
                context = Context(number=stored, emergency_numbers=frozenset(telephone))
                call = CATALOGUE.call(asked["name"], **asked["arguments"])
                more = {"telephone": telephone} | ({} if stored is None else {"stored": stored})
                expected = ANSWERS.oracle.judge({"call": asked, **line, **more}).verdict
                seen.add((asked["name"], expected))
                decision = JUDGE.assess(call, state, signals, context).decision.word
                if decision != expected:
                    yield f"{where}: {call} ({stored=}, {telephone=}) is {decision}, specified is {expected}"

    none_of(all_differences())
    verdicts = {"call_contact": 3, "call_roadside_assistance": 3, "send_text_message": 2, "dial_number": 2}
    assert len(seen) == sum(verdicts.values()), seen


# --- confirmations ----------------------------------------------------------------------------------------------------


def a_yes(clock: Clock, call: Call) -> Confirmation:
    dialogue = Dialogue(clock)
    answer = dialogue.answer(dialogue.ask("Sure?", call).id, yes=True)
    assert isinstance(answer, Accepted)
    return answer.confirmation


def test_a_yes_makes_confirm_an_allow_and_never_a_deny() -> None:
    """For each class of calls in each state and surroundings: without a yes, with one, used up, too late, another's."""
    other = CATALOGUE.call("set_fan_speed", level=3)
    asked = denied = 0
    for where, line in matrix.plain_snapshots():
        signals, expected = as_signals(line), ANSWERS.verdicts(line)
        gate, clock = settled(signals)
        for call, word in zip(CALLS, expected, strict=True):
            if word == "allow":
                continue
            yes = a_yes(clock, call)
            first = gate.judge(call, signals, confirmation=yes)
            if word == "deny":
                denied += 1
                assert type(first) is Deny, (where, str(call))
                continue
            asked += 1
            assert type(first) is Allow, (where, str(call))
            wrong = [None, yes, a_yes(clock, other)]
            late = a_yes(clock, call)
            for confirmation in wrong:
                assert type(gate.judge(call, signals, confirmation=confirmation)) is Confirm, (where, str(call))
            clock.advance(10.001)
            assert type(gate.judge(call, signals, confirmation=late)) is Confirm, (where, str(call))
    assert asked > 500
    assert denied > 5_000


# --- frames -----------------------------------------------------------------------------------------------------------

HARMLESS = {"ambient_light": "day", "rain": "no", "plugged_in": "yes"}
DRIVEN = {
    "parked": ("P", 0, "none"),
    "standstill": ("D", 0, "none"),
    "creeping": ("R", 5, "none"),
    "driving": ("D", 50, "none"),
    "fast": ("D", 140, "none"),
    "crashed": ("D", 0, "detected"),
}


def driven(binding: CarBinding, state: str) -> FramedCar:
    """A car on the bus that has been in ``state`` for long enough."""
    car = FramedCar(binding, CATALOGUE)
    gear, kmh, crash = DRIVEN[state]
    car.set(gear=gear, kmh=kmh, crash=crash)
    car.surround(**HARMLESS)
    car.run(1.3)
    assert car.gate.state.word == state
    return car


def look(car: FramedCar, where: str) -> Iterator[str]:
    """The verdicts of this very moment against what the words of the specification make of the frames so far."""
    car.observe()
    yield from compared(where, car.gate.state, car.signals(), car.line())


def limit_ms(message: str) -> float:
    keys = {key[:5] if key.startswith("speed") else key for key in FIELDS[message].values()}
    return float(min(LIMITS_MS[key] or 5_000 for key in keys))


@pytest.mark.parametrize("state", DRIVEN)
@pytest.mark.parametrize("fault", ["wrong CRC", "reordered frames", "wrong length"])
def test_three_bad_frames_of_the_last_ten_and_not_two(binding: CarBinding, state: str, fault: str) -> None:
    def all_differences() -> Iterator[str]:
        for message in FIELDS:
            car = driven(binding, state)
            car.faults[message] = fault
            for name in car.frames(5):
                if name != message:
                    continue
                bad = car.bad_in_window(message)
                assert (bad < BAD_IN_WINDOW) == car.is_available(message, limit_ms(message))
                yield from look(car, f"{state}, {fault} of {message}, {bad} bad")
                if bad == BAD_IN_WINDOW:
                    break
            if state != "crashed" and message in {"VehicleSpeed", "WheelSpeedAverage", "Gear"}:
                assert car.gate.state is DrivingState.UNKNOWN
            car.run(0.3)  # and it stays away
            yield from look(car, f"{state}, {fault} of {message}, later")

    none_of(all_differences())


@pytest.mark.parametrize("state", DRIVEN)
@pytest.mark.parametrize("fault", ["silent", "frozen counter", "repeated frame"])
def test_what_brings_nothing_new_is_stale_after_its_limit_and_not_before(
    binding: CarBinding, state: str, fault: str
) -> None:
    def all_differences() -> Iterator[str]:
        for message in FIELDS:
            car = driven(binding, state)
            for name in car.frames(1):
                if name == message:
                    break
            car.faults[message] = fault
            limit = limit_ms(message)
            car.run((limit - car.age_ms(message)) / 1000)
            assert car.age_ms(message) == limit
            yield from look(car, f"{state}, {fault} of {message}, at its limit")
            before = car.gate.state
            car.wait_ms(1)
            yield from look(car, f"{state}, {fault} of {message}, stale by 1 ms")
            if state != "crashed" and limit == 500:
                assert (before.word, car.gate.state) == (state, DrivingState.UNKNOWN)
            car.run(0.3)
            yield from look(car, f"{state}, {fault} of {message}, later")

    none_of(all_differences())


@pytest.mark.parametrize("state", DRIVEN)
def test_what_one_frame_shows_counts_at_once(binding: CarBinding, state: str) -> None:
    """Sources apart, an invalid or impossible value: by the first frame that says so."""
    changes: list[tuple[str, str, float | str]] = [
        ("WheelSpeedAverage", "WheelSpeedAverage", DRIVEN[state][1] + 30),
        ("VehicleSpeed", "VehicleSpeed", "invalid"),
        ("WheelSpeedAverage", "WheelSpeedAverage", "invalid"),
        ("VehicleSpeed", "VehicleSpeed", 310),
        ("Gear", "Gear", "invalid"),
        ("Environment", "Rain", "invalid"),
        ("Environment", "AmbientLight", "invalid"),
        ("ChargePlug", "PluggedIn", "invalid"),
    ]

    def all_differences() -> Iterator[str]:
        for message, signal, value in changes:
            car = driven(binding, state)
            car.values[message][signal] = value
            for name in car.frames(1):
                if name == message:
                    break
                assert car.gate.state.word == state
            yield from look(car, f"{state}, {signal}={value}")
            if state != "crashed" and limit_ms(message) == 500:
                assert car.gate.state is DrivingState.UNKNOWN

    none_of(all_differences())


def test_a_crash_frame_that_fails_its_check_sets_nothing(binding: CarBinding) -> None:
    for fault in ("wrong CRC", "frozen counter", "wrong length"):
        car = driven(binding, "parked")
        car.values["Crash"]["Crash"] = "detected"
        car.faults["Crash"] = fault
        car.run(1.0)
        assert car.gate.state is DrivingState.PARKED, fault


@pytest.mark.parametrize("message", ["VehicleSpeed", "WheelSpeedAverage", "Gear"])
@pytest.mark.parametrize("fault", ["silent", "wrong CRC", "frozen counter", "reordered frames"])
def test_a_lost_signal_is_believed_again_after_a_second_of_evidence(
    binding: CarBinding, message: str, fault: str
) -> None:
    car = driven(binding, "parked")
    car.faults[message] = fault
    car.run(1.5)
    assert car.gate.state.word == "unknown"
    del car.faults[message]
    began = car.ticks
    car.run(4.0)
    assert car.gate.state.word == "parked"
    better = next(at for at, state in car.observed if at > began and state is DrivingState.PARKED)
    assert better - began >= 1024  # never before one second
    assert better - began <= 3 * 1024
