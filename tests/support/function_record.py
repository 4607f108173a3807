"""What the agent says and decides about each built-in function, written out: tests/golden/functions.

`python -m support.function_record` in tests/ writes them anew, and the golden copies of the tokens and the wire
hash; do that only when a change is meant, and read the difference.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final

from state_machines.driving_state import DrivingState
from state_machines.expansion import Context, expand, needs_number, number_of
from state_machines.gate import Judge
from state_machines.standing import StandingRules
from vehicle_agent.conversation.feedback import clarifying_question, doubt_question
from vehicle_agent.conversation.questions import joined
from vehicle_agent.conversation.wording import in_words
from vehicle_agent.planning.agreement import bent_number, contradictions, unsaid_numbers
from vehicle_agent.planning.early import Early
from vehicle_agent.planning.ordering import ordered
from vehicle_agent.planning.timers import is_plain_timer, simpler, timed
from vehicle_apis.binding import load_binding
from vehicle_apis.binding.command import CommandFunction
from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete
from vehicle_apis.earlier import stepped
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.ref import Ref
from vehicle_apis.signals import Reading, Signals
from vehicle_apis.spec import ApiSpec, Argument
from vehicle_apis.tokens import special_tokens, token_table
from vehicle_apis.traits import Ending

FOLDER: Final = Path(__file__).parents[1] / "golden" / "functions"
CATALOGUE: Final = load_catalogue(with_packs=False)
JUDGE: Final = Judge(CATALOGUE)
Told = dict[str, Any]


def _values(param: Param) -> Sequence[Argument]:
    """Every word; of numbers the ends, their neighbours and the default; texts, a result where one may stand."""
    match param:
        case EnumParam():
            return list(param.values)
        case IntegerParam():
            low, high = param.min, param.max
            numbers = {low, min(low + 1, high), (low + high) // 2, max(high - 1, low), high}
            return sorted(numbers | ({param.default} if param.default is not None else set()))
        case NumberParam():
            ranges = param.by_unit.values() or [(param.min, param.max)]
            ends = {end for pair in ranges for end in pair} | {(param.min + param.max) / 2, param.min + 0.5}
            return sorted(ends | ({param.default} if param.default is not None else set()))
        case TextParam():
            if param.digits:
                return ["5551234", "112", "0"]
            texts: list[Argument] = ["something else", "netflix", "Anna Weber, mobile"]
            return [
                *texts,
                *([Ref(1)] if param.accepts_result else []),
                *([] if param.default is None else [param.default]),
            ]
        case TimeParam():
            return ["07:30", "23:59", *([] if param.default is None else [param.default])]


def _made(spec: ApiSpec, arguments: dict[str, Argument]) -> Iterator[Call]:
    try:
        yield Call(spec, arguments)
    except VehicleApiError:
        return  # a number of the other unit


def whole_product(spec: ApiSpec) -> Iterator[Call]:
    """Every combination of `_values`."""
    for values in product(*(_values(p) for p in spec.params)):
        yield from _made(spec, dict(zip(spec.by_name, values, strict=True)))


def _base(spec: ApiSpec) -> dict[str, Argument]:
    return {p.name: _values(p)[0] for p in spec.params if p.default is None}


def one_at_a_time(spec: ApiSpec, *, closed_only: bool = False) -> list[Call]:
    """The least call, and it with each argument changed alone. ``closed_only``: words alone, not numbers and texts."""
    calls = list(_made(spec, _base(spec)))
    for param in spec.params:
        if closed_only and not isinstance(param, EnumParam):
            continue
        for value in _values(param):
            calls += _made(spec, {**_base(spec), param.name: value})
    return list(dict.fromkeys(calls))


def _calls() -> list[Call]:
    return [call for spec in CATALOGUE for call in one_at_a_time(spec)]


# --- the records ------------------------------------------------------------------------------------------------------


def words() -> Told:
    told: Told = {str(call): in_words(call) for spec in CATALOGUE for call in whole_product(spec)}
    every = _calls()
    told["two"] = [doubt_question(pair) for pair in zip(every[::7], every[3::7], strict=False)]
    return told


def questions() -> Told:
    told: Told = {}
    for spec in CATALOGUE:
        for missing in ("", *spec.by_name):
            incomplete = Incomplete(spec, missing)
            answers = ("seven", "to seven", "for it", "at of as saying")
            sentences = [joined(command, incomplete, answer) for command in ("do it", "do it to") for answer in answers]
            told[f"{spec.name}.{missing}"] = [clarifying_question(incomplete), *map(list, sentences)]
    return told


def _signals(
    *, speed_kmh: float = 0.0, gear: str = "P", light: str = "day", rain: str = "no", plug: str = "no"
) -> Signals:
    return Signals(
        speed_kmh=(Reading(speed_kmh), Reading(speed_kmh)),
        gear=Reading(gear),
        ambient_light=Reading(light),
        rain=Reading(rain),
        plugged_in=Reading(plug),
    )


SIGNALS: Final = (_signals(), _signals(speed_kmh=50, gear="D", light="night", rain="yes", plug="yes"), Signals())
CONTEXTS: Final = (
    Context(),
    Context(video_title="A film"),
    Context(video_title="", is_said=False),
    Context(number="+49 112", emergency_numbers=frozenset({"5550"})),
    Context(number="5550", emergency_numbers=frozenset({"5550"})),
    Context(number="555 1234"),
    Context(number="*31#"),
    Context(undo=(CATALOGUE.call("operate_trunk", action="open"), CATALOGUE.call("set_mute", state="on"))),
)


def reasons() -> Told:
    """Each sentence once for each function, with the rules and states that give it."""
    told: Told = {}
    for call in _calls():
        for signals, context, state in product(SIGNALS, CONTEXTS, DrivingState):
            found = JUDGE.assess(call, state, signals, context)
            sentences = told.setdefault(call.name, {})
            sentences.setdefault(f"{found.rule} {found.decision.word}: {found.reason}", set()).add(state.word)
    return {name: {text: sorted(states) for text, states in told[name].items()} for name in told}


def numbers() -> Told:
    told: Told = {}
    for call in _calls():
        row = {
            str(context.number): [number_of(call, context), *map(str, expand(call, context, CATALOGUE))]
            for context in CONTEXTS
            if context.undo == ()
        }
        plain = {str(context.number): [None, str(call)] for context in CONTEXTS if context.undo == ()}
        if row != plain or needs_number(call):
            told[str(call)] = [needs_number(call), row]
    return told


def standing() -> Told:
    told: Told = {}
    rear = _signals(speed_kmh=50, gear="R")
    for call in _calls():
        row: Told = {}
        for context in CONTEXTS[:3]:
            begins: list[Ending] = []
            rules = StandingRules(JUDGE, begins.append)
            rules.started(call, DrivingState.PARKED, context, sending="a")
            rules.started(call, DrivingState.PARKED, context, sending="b")
            ongoing = len(rules.ongoing)
            forbidden = rules.forbidden(call, DrivingState.DRIVING, SIGNALS[1], context)
            in_reverse = [(str(e.call), e.how.value) for e in rules.must_end(DrivingState.CREEPING, rear)]
            fast = [(str(e.call), e.how.value, e.reason) for e in rules.must_end(DrivingState.FAST, rear)]
            rules.started(call, DrivingState.PARKED, context, sending="a")
            rules.settled(call, sending="a")
            if begins or forbidden:
                how = [ending.value for ending in begins]
                row[str(context.video_title)] = [how, ongoing, forbidden, in_reverse, fast, len(rules.ongoing)]
        if row:
            told[str(call)] = row
    return told


def order() -> Told:
    """Function -> the functions that wait for it, with the pairs of calls that do, where not all do."""
    told: Told = {}
    calls = {spec.name: one_at_a_time(spec, closed_only=True) for spec in CATALOGUE}
    calls = {name: [c for c in cs if not c.refs] for name, cs in calls.items()}
    for first, then in product(calls, calls):
        pairs = list(product(calls[first], calls[then]))
        waiting = [(a, b) for a, b in pairs if ordered(Plan.of(a, b)).steps[1].after]
        if waiting:
            some = {str(a): [str(b) for c, b in waiting if c == a] for a, _ in waiting}
            told.setdefault(first, {})[then] = "always" if len(waiting) == len(pairs) else some
    return told


SAID: Final = (
    "turn it on", "turn it off", "open it", "close it", "shut it", "lock it", "unlock it", "raise it higher",
    "lower it", "warmer", "cooler", "left", "right", "in front", "at the back", "my side", "the passenger side",
    "fold them", "unfold them", "start", "stop", "today", "tomorrow", "avoid it", "allow it", "pause", "resume",
    "make it louder", "set it to minus three", "to minus", "twelve and a half", "three quarters",
    "one thirty", "five and fifty", "ten minutes", "a hundred percent", "set it to two",
)  # fmt: skip


def agreement() -> Told:
    told: Told = {}
    for call in _calls():
        if call.refs:
            continue
        alone, both = Plan.of(call), Plan.of(call, CATALOGUE.call("get_time"))
        row = {}
        for text in SAID:
            found = [contradictions(alone, text), contradictions(both, text), unsaid_numbers(alone, text)]
            bent = [bent_number(alone, text), bent_number(both, text)]
            if any(found) or any(bent):
                row[text] = [*found, *map(int, bent)]
        told[str(call)] = row
    return told


TIMERS: Final = (
    "remind me in an hour to buy milk", "wake me in an hour", "wake me at seven in the morning in ten minutes",
    "timer for ten minutes no fifteen minutes", "ten minutes and twenty minutes", "half an hour", "nothing",
    "remind me in ten minutes of something else", "count down two minutes",
)  # fmt: skip


def timers() -> Told:
    told: Told = {text: simpler(text.split()) for text in TIMERS}
    for call in _calls():
        if call.refs:
            continue
        row: Told = {}
        for text in TIMERS:
            plans = [Plan.of(call)]
            if call.spec.domain == "assistant":
                plans.append(Plan.of(call, CATALOGUE.call("set_timer", minutes=3)))
            for plan in plans:
                found = timed(plan, text.split(), CATALOGUE)
                if (found.plan, found.sure, found.rest) != (plan, True, tuple(text.split())):
                    row[f"{len(plan)} {text}"] = [
                        "; ".join(map(str, found.plan.calls)),
                        found.sure,
                        " ".join(found.rest),
                    ]
        if row or is_plain_timer(Plan.of(call)):
            told[str(call)] = [is_plain_timer(Plan.of(call)), row]
    return told


def carrying_out() -> Told:
    """May be sent twice, may begin early, stops like a motor."""
    told: Told = {}
    binding = load_binding(CATALOGUE)
    for call in _calls():
        twice = call.spec.is_idempotent(call.arguments)
        early = bool(not call.refs and Early(step=Step(id=1, call=call), least=1.0, confidence=1.0).may_begin)
        function = binding.function(call.name) if call.name in binding else None
        motor = isinstance(function, CommandFunction) and function.is_motor
        told[str(call)] = [twice, early, motor]
    return told


def steps() -> Told:
    """What a step less and a step more than each value is."""
    told: Told = {}
    for call in _calls():
        for name in call.spec.steps:
            both = [stepped(call, name, by) for by in (-1, 1)]
            told[f"{call.name} {name}={call.arguments[name]}"] = both
    return told


RECORDS: Final[dict[str, Callable[[], Told]]] = {
    f.__name__: f for f in (words, questions, reasons, numbers, standing, order, agreement, timers, carrying_out, steps)
}


def as_text(told: Told) -> str:
    """One line for each entry."""
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_golden_wire() -> None:
    """Token table, special tokens, wire hash. Raises ValueError for tokens that were not appended at the end."""
    for file, tokens in (("token_table.txt", token_table()), ("special_tokens.txt", special_tokens())):
        path = FOLDER.parent / file
        new = "\n".join(tokens) + "\n"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        old = "".join(line for line in lines if not line.startswith("#"))
        if not new.startswith(old):
            raise ValueError(f"functional tokens are a wire format: append new ones at the end of {file}")
        path.write_text("".join(line for line in lines if line.startswith("#")) + new, encoding="utf-8")
    (FOLDER.parent / "wire_hash.txt").write_text(CATALOGUE.wire_hash() + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_golden_wire()
    for name, record in RECORDS.items():
        (FOLDER / f"{name}.json").write_text(as_text(record()), encoding="utf-8")
