"""A small model sometimes writes a call twice; saying the same thing twice in one breath means it once."""

from vehicle_apis.call import Call, Plan
from vehicle_apis.ref import Ref


def without_repeats(plan: Plan) -> Plan:
    """The plan without calls that equal an earlier one; references to a dropped call go to its first occurrence.

    Calls that are not idempotent ("next, next") stay.
    """
    kept: list[Call] = []
    new_id: dict[int, int] = {}
    for step in plan:
        refs = {k: Ref(new_id[v.step]) for k, v in step.call.arguments.items() if isinstance(v, Ref)}
        call = step.call.with_arguments(**refs) if refs else step.call
        relative = call.name.startswith("adjust_") or not call.spec.is_idempotent(call.arguments)
        if call in kept and not relative:
            new_id[step.id] = kept.index(call) + 1
            continue
        kept.append(call)
        new_id[step.id] = len(kept)
    return Plan.of(*kept)
