"""What waits for what when no result connects the calls (spoken order otherwise means nothing)."""

from dataclasses import replace

from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.common_words import COVERS, EVERYWHERE, PLACES


def _places(call: Call, key: str) -> frozenset[str]:
    place = str(call.arguments[key])
    own = call.spec.covers.get(key, {})
    return frozenset({place, *COVERS.get(place, ()), *own.get(place, ())})


def _same_actuator(first: Call, second: Call) -> bool:
    """Calls that move the same thing or set the same value run as spoken."""
    if first.spec.reads_only or second.spec.reads_only:
        return False
    shared = first.spec.actuator != "" and first.spec.actuator == second.spec.actuator
    if not (shared or first.name == second.name) or first.spec.may_overlap:
        return False
    for key in PLACES:
        if key in first.arguments and key in second.arguments:
            here, there = _places(first, key), _places(second, key)
            if not (here & there or (here | there) & EVERYWHERE):
                return False
    return True


def _waits(first: Call, then: Call) -> bool:
    for after in then.spec.runs_after:
        if first.name == after.function and after.arguments.items() <= dict(first.arguments).items():
            return True
    return _same_actuator(first, then)


def ordered(plan: Plan) -> Plan:
    """The same steps with ``after`` filled in. A step never waits for a later one."""
    steps: list[Step] = []
    for step in plan:
        after = {s.id for s in steps if _waits(s.call, step.call)} | set(step.after)
        steps.append(replace(step, after=tuple(sorted(after))))
    return Plan(tuple(steps))
