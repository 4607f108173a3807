"""A recorded drive judged again: a change of rules shows up as a difference of verdicts."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

from state_machines.driving_state import DrivingState
from state_machines.expansion import EMERGENCY_NUMBERS, Context
from state_machines.gate import Judge
from vehicle_agent.errors import ConfigError
from vehicle_agent.executor import Judgement
from vehicle_agent.journal import read_journal
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import TextParam
from vehicle_apis.signals import Reading, Signals


class Report(TypedDict):
    judged: int
    differences: list[str]


def _event(call: Call, *, words: bool) -> dict[str, object]:
    arguments = call.json_arguments()
    if not words:
        for param in call.spec.params:
            # the rules look at no free text but an app's name and at emergency numbers
            if isinstance(param, TextParam) and param.name != "app" and arguments[param.name] not in EMERGENCY_NUMBERS:
                arguments[param.name] = "0" if param.digits else "unrecorded"
    return {"name": call.name, "arguments": arguments}


def judgement_event(judgement: Judgement, *, words: bool = True) -> dict[str, object]:
    """A judgement as the journal keeps it; without ``words`` the driver's free text is left out."""
    title = judgement.context.video_title
    return {
        **_event(judgement.call, words=words),
        "signals": asdict(judgement.signals),
        "video_title": title if words or title is None else "unrecorded",
        "undo": [_event(call, words=words) for call in judgement.context.undo],
        "state": judgement.state,
        "decision": judgement.decision,
        "rule": judgement.rule,
        "binding": judgement.binding,
    }


def _reading(value: object) -> Reading | None:
    return Reading(**value) if isinstance(value, dict) else None


def _signals(value: object) -> Signals:
    if not isinstance(value, Mapping):
        raise TypeError("`signals` is missing")
    first, second = value["speed_kmh"]
    words = {key: _reading(v) for key, v in value.items() if key != "speed_kmh"}
    return Signals(speed_kmh=(_reading(first), _reading(second)), **words)


def _call(catalogue: Catalogue, event: Mapping[str, object]) -> Call:
    arguments = event["arguments"]
    if not isinstance(arguments, dict):
        raise TypeError("`arguments` is missing")
    return catalogue.call(str(event["name"]), **arguments)


def rejudge(path: Path) -> Report:
    """Judges each first judgement of the journal again. A question answered yes is compared before its answer."""
    catalogue = load_catalogue()
    judge = Judge(catalogue)
    judged = 0
    differences: list[str] = []
    for event in read_journal(path):
        if event["kind"] != "judgement" or event.get("binding"):
            continue
        try:
            call = _call(catalogue, event)
            undo = event.get("undo")
            context = Context(
                video_title=None if event.get("video_title") is None else str(event["video_title"]),
                undo=tuple(_call(catalogue, inner) for inner in undo) if isinstance(undo, list) else (),
            )
            state = DrivingState[str(event["state"]).upper()]
            now = judge.assess(call, state, _signals(event.get("signals")), context)
        except (VehicleApiError, KeyError, TypeError, ValueError) as e:
            raise ConfigError(f"{path}: a judgement cannot be read: {e}") from e
        judged += 1
        if now.decision.word != event["decision"]:
            differences.append(
                f"{call} while {state.word}: was {event['decision']}, now {now.decision.word} ({now.rule})"
            )
    return Report(judged=judged, differences=differences)
