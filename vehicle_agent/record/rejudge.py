"""A recorded drive judged again: a change of rules shows up as a difference of verdicts."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypedDict

from state_machines.driving_state import DrivingState
from state_machines.expansion import Context
from state_machines.gate import Judge
from state_machines.rulebook import Decision, app_key
from state_machines.rules import APP_KINDS
from state_machines.telephone import is_emergency, normalised
from vehicle_agent.errors import ConfigError
from vehicle_agent.events import Judged
from vehicle_agent.record.journal_files import read_drive
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import TextParam
from vehicle_apis.signals import Reading, Signals

UNRECORDED: Final = "unrecorded"
_BUILT_IN_APPS: Final = frozenset(app for apps in APP_KINDS.values() for app in apps)


class Report(TypedDict):
    """``judged``: all judgements, ``binding`` of them at the moment of sending. ``verdicts``: verdict -> how often
    then and now. ``lost``, ``cut_off``: lines that are missing from the record."""

    judged: int
    binding: int
    verdicts: dict[str, dict[str, int]]
    differences: list[str]
    lost: int
    cut_off: int


def known_apps(catalogue: Catalogue) -> frozenset[str]:
    """Names of apps that are part of the product or of a pack, not of what a driver said."""
    return _BUILT_IN_APPS | {app_key(app) for app in catalogue.app_kinds()}


def _event(call: Call, *, words: bool, apps: Collection[str], also: Collection[str] = ()) -> dict[str, object]:
    """``also``: the telephone's own emergency numbers."""
    arguments = call.json_arguments()
    if not words:
        for param in call.spec.params:
            if not isinstance(param, TextParam):
                continue
            # the rules look at no free text but these two
            value = str(arguments[param.name])
            if param.name == call.spec.opens_app and app_key(value) in apps:
                arguments[param.name] = app_key(value)
            else:
                arguments[param.name] = _anonymous(value, also) if param.digits else UNRECORDED
    return {"name": call.name, "arguments": arguments}


def _anonymous(number: str, also: Collection[str]) -> str:
    """A number that is judged as this one is, but is nobody's."""
    if normalised(number) is None:
        return "*"
    return number if is_emergency(number, also) else "0"


def judgement_event(
    judgement: Judged, *, words: bool = True, apps: Collection[str] = _BUILT_IN_APPS
) -> dict[str, object]:
    """A judgement as the journal keeps it; without ``words`` the driver's free text is left out.

    ``apps``: names of apps that are no free text.
    """
    title, number = judgement.context.video_title, judgement.context.number
    also = judgement.context.emergency_numbers
    said = {"said": judgement.said.json_arguments()} if words and judgement.said is not None else {}
    return {
        "step": judgement.step,
        **_event(judgement.call, words=words, apps=apps, also=also),
        **said,
        "signals": asdict(judgement.signals),
        "video_title": title if words or title is None else UNRECORDED,
        "number": number if words or number is None else _anonymous(number, also),
        "emergency_numbers": sorted(also),
        "undo": [_event(call, words=words, apps=apps) for call in judgement.context.undo],
        "state": judgement.state,
        "decision": judgement.decision,
        "rule": judgement.rule,
        "binding": judgement.binding,
        "confirmed": judgement.confirmed,
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


def _context(catalogue: Catalogue, event: Mapping[str, object]) -> Context:
    undo, number, also = event.get("undo"), event.get("number"), event.get("emergency_numbers")
    if not isinstance(number, str | None):
        raise TypeError("`number` is no text")
    return Context(
        video_title=None if event.get("video_title") is None else str(event["video_title"]),
        undo=tuple(_call(catalogue, inner) for inner in undo) if isinstance(undo, list) else (),
        number=number,
        emergency_numbers=frozenset(map(str, also)) if isinstance(also, list) else frozenset(),
    )


def _verdict(decision: Decision, was: str, event: Mapping[str, object]) -> str:
    """Today's verdict as it would have been recorded: a yes turned the question before sending into an allow."""
    said_yes = bool(event.get("binding")) and bool(event.get("confirmed", True)) and was == Decision.ALLOW.word
    return Decision.ALLOW.word if said_yes and decision is Decision.CONFIRM else decision.word


def rejudge(path: Path) -> Report:
    """Judges each judgement of the journal again, the rotated files too: when planned, and at the moment of sending.

    Raises ConfigError.
    """
    catalogue = load_catalogue()
    judge = Judge(catalogue)
    report = Report(judged=0, binding=0, verdicts={}, differences=[], lost=0, cut_off=0)
    then: Counter[str] = Counter()
    now: Counter[str] = Counter()
    for event in read_drive(path):
        match event["kind"]:
            case "lost":
                report["lost"] += int(str(event["lines"]))
            case "cut_off":
                report["cut_off"] += 1
            case "judgement":
                try:
                    call = _call(catalogue, event)
                    context = _context(catalogue, event)
                    state = DrivingState[str(event["state"]).upper()]
                    assessment = judge.assess(call, state, _signals(event.get("signals")), context)
                    was = str(event["decision"])
                except (VehicleApiError, KeyError, TypeError, ValueError) as e:
                    problem = " ".join(str(e).split())
                    raise ConfigError(f"{path}: a judgement cannot be read: {problem}") from e
                word = _verdict(assessment.decision, was, event)
                report["judged"] += 1
                report["binding"] += bool(event.get("binding"))
                then[was] += 1
                now[word] += 1
                if word != was:
                    when = "at sending" if event.get("binding") else "when planned"
                    report["differences"].append(
                        f"{call} while {state.word}, {when}: was {was}, now {word} ({assessment.rule})"
                    )
            case _:
                pass
    report["verdicts"] = {v: {"then": then[v], "now": now[v]} for v in sorted({*then, *now})}
    return report
