"""What an utterance means after a question for something missing: its answer, or a command of its own."""

from vehicle_agent.conversation.planners import PlansText
from vehicle_agent.conversation.questions import joined
from vehicle_agent.conversation.turn_state import Missing
from vehicle_agent.planning.planned import Planned
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier


async def follow_up(planner: PlansText, missing: Missing, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
    """The better of both readings: in the light of the question, or as one sentence with the command it completes."""
    own = await planner.plan_async(text, earlier)
    name = missing.command.spec.name
    if not own.heard or own.taken_back or any(call.name == name for call in own.plan.calls):
        return own
    for sentence in joined(missing.text, missing.command, own.heard):
        together = await planner.plan_async(sentence)
        if (own.plan.steps or own.route is not None) and not own.doubtful and own.confidence > together.confidence:
            continue  # surer of itself than of being an answer
        if _completes(missing.command, together.plan) or _asks_on(missing.command, together):
            return together
    return own


def _completes(command: Incomplete, plan: Plan) -> bool:
    """The command's own call, alone or with the look-ups it uses ("the next gas station")."""
    names = [call.name for call in plan.calls if not call.spec.reads_only or call.name == command.spec.name]
    return bool(names) and set(names) == {command.spec.name}


def _asks_on(before: Incomplete, together: Planned) -> bool:
    """The same command still lacks something, but something else: "left" of "tilt the mirror"."""
    now = together.utterance
    return isinstance(now, Incomplete) and now.spec.name == before.spec.name and now.missing != before.missing
