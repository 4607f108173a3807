"""Plans from JSON: names, ids and arguments of every shape become calls and steps, or an error of our own."""

import json
from collections.abc import Hashable

from fuzz.parts.world import catalogue, words_of_the_catalogue
from fuzz.target import Target
from state_machines.zone import at_speaker
from vehicle_agent.planning.ordering import ordered
from vehicle_agent.planning.repeats import without_repeats
from vehicle_apis.call import MAX_STEPS, Plan, Step
from vehicle_apis.codec import decode, encode
from vehicle_apis.errors import InvalidCall, InvalidPlan, UnknownFunction


def run(data: bytes) -> Hashable:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        return "no plan"
    steps = []
    for row in document:
        arguments, after = row.get("arguments", {}), row.get("after", [])
        whole = isinstance(arguments, dict) and isinstance(after, list) and all(type(n) is int for n in after)
        if not whole or not isinstance(row.get("name"), str) or type(row.get("id")) is not int:
            return "no step"
        call = catalogue().call(row["name"], **arguments)
        assert catalogue().call(call.name, **call.json_arguments()) == call, "a call does not survive JSON"
        steps.append(Step(id=row["id"], call=call, after=tuple(after)))
    plan = Plan(tuple(steps))
    assert len(plan) <= MAX_STEPS
    json.dumps(plan.to_json()).encode()
    for step in ordered(plan):
        assert all(before < position(plan, step.id) for before in (position(plan, n) for n in step.waits_for))
        spoken = dict(step.call.spoken_arguments())
        catalogue().call(step.call.name, **at_speaker(step.call.spec, spoken, "rear_left"))
    fewer = without_repeats(Plan.of(*plan.calls)) if [s.id for s in plan] == list(range(1, len(plan) + 1)) else plan
    assert set(fewer.calls) or not plan.steps
    if all("|" not in str(v) for call in plan.calls for v in call.arguments.values()):
        bare = Plan.of(*plan.calls) if fewer is not plan else Plan()
        assert not bare.steps or decode(encode(bare, catalogue()), catalogue()) == bare, "lost in the wire format"
    return tuple(call.name for call in plan.calls)


def position(plan: Plan, number: int) -> int:
    return [step.id for step in plan].index(number)


def seeds() -> list[bytes]:
    plans: list[list[dict[str, object]]] = [
        [{"id": 1, "name": "set_climate_temperature", "arguments": {"temperature": 21.5}, "after": []}],
        [
            {"id": 1, "name": "find_nearby", "arguments": {"category": "hotel"}, "after": []},
            {"id": 2, "name": "navigate_to", "arguments": {"destination": "$1"}, "after": [1]},
        ],
        [{"id": n, "name": "control_window", "arguments": {"position": 0, "window": "all"}} for n in range(1, 9)],
        [{"id": 1, "name": "set_alarm", "arguments": {"time": "23:59", "label": "up"}}],
        [{"id": 1, "name": "dial_number", "arguments": {"number": "112"}}],
        [{"id": 1, "name": "precondition_cabin", "arguments": {"time": "07:00", "temperature": 70}}],
        [],
    ]
    return [json.dumps(plan).encode() for plan in plans]


TARGET = Target(
    name="plan_json",
    run=run,
    allowed=(InvalidCall, InvalidPlan, UnknownFunction),
    seeds=seeds,
    form="json",
    dictionary=words_of_the_catalogue(),
    share=10,
)
