"""What others see of the program, as plain data: commands, documents, D-Bus, files' keys, entry points.

`python -m support.surfaces` in tests/ writes tests/golden/surfaces/ anew; do that only for a surface that is meant to
change, and read the difference before it is committed.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typer
from pydantic import BaseModel

from simulators.car import load_wiring
from simulators.car.model import CarModel
from simulators.scenario.facts import AGENT_FACTS, HEAD_UNIT_FACTS
from simulators.scenario.model import Scenario
from support.agent_on_bus import agent_on_bus, asked
from vehicle_agent.cli import app
from vehicle_agent.cli.commands import Lazy
from vehicle_agent.config import Config
from vehicle_apis.binding.model import BindingFile

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "tests" / "golden" / "surfaces"
WRITE: Final = "cd tests && python -m support.surfaces"
_PROGRAM: Final = (sys.executable, "-c", "from vehicle_agent.cli import main; main()")
_PACKAGES: Final = ("vehicle_agent", "vehicle_apis", "state_machines", "simulators", "models")

Shape = str | list[Any] | dict[str, Any]


# --- reading a surface ------------------------------------------------------------------------------------------------


def command_line() -> dict[str, Any]:
    """Every command with its help and each of its arguments and options."""
    return dict(_commands(typer.main.get_command(app), "vehicle-agent"))


def _commands(command: Any, path: str) -> Iterable[tuple[str, Any]]:  # noqa: ANN401 - typer gives no type to these
    parameters = {p.name: _parameter(p) for p in command.params if p.name != "help"}
    yield path, {"help": " ".join((command.help or "").split()), "parameters": parameters}
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for name in sorted(command.list_commands(context)):
            part = command.get_command(context, name)
            yield from _commands(part.loaded() if isinstance(part, Lazy) else part, f"{path} {name}")


def _parameter(parameter: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    default = parameter.default
    if isinstance(default, Enum | Path):
        default = str(default)
    kind = parameter.type_descriptor.annotation
    given = {
        "names": [*parameter.opts, *parameter.secondary_opts],
        "takes": kind.__name__ if isinstance(kind, type) else str(kind),
        "range": [parameter.min, parameter.max],
        "default": default if isinstance(default, str | int | float | list | tuple) else None,
        "required": parameter.required,
        "values": parameter.nargs,
        "repeatable": parameter.multiple,
        "hidden": parameter.hidden,
        "help": " ".join((parameter.help or "").split()),
    }
    return {key: value for key, value in given.items() if value not in (None, False, "", [], [None, None], 1)}


def documents() -> dict[str, Any]:
    """For each command with a JSON document: exit status and the document's keys. Starts the program each time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        return {title: _document(arguments, given) for title, arguments, given in _questions(folder)}


def _questions(folder: Path) -> Iterable[tuple[str, list[str], str]]:
    journal = str(folder / "journal.jsonl")
    config, wrong = folder / "c.toml", folder / "w.toml"
    config.write_text("[model]\nthreads = 1\n")
    wrong.write_text("[model]\nthread = 1\n")
    rolling = ["--set", "speed=50", "--set", "gear=D"]
    call: dict[str, Any] = {"name": "play_video", "arguments": {"title": "x"}}
    lines = [
        {"call": call, "signals": {"speed": [50, 50], "gear": "D"}},
        {"call": call, "signals": {"speed": [0, 0], "gear": "P"}, "age_ms": {"speed": [1, 2]}, "valid": {"gear": True}},
        {"call": {"name": "fly"}},
    ]
    yield "plan: two calls", ["plan", "close the windows and play some jazz", "--json"], ""
    yield "plan: something is missing", ["plan", "set a timer", "--json"], ""
    yield "plan: not understood", ["plan", "what is the meaning of life", "--json"], ""
    yield "plan: doubtful", ["plan", "open the window", "--ask-below", "1", "--json"], ""
    yield "ask: done", ["ask", "open my window halfway", "--journal", journal, "--json"], ""
    yield "ask: refused", ["ask", "unlock the doors", *rolling, "--json"], ""
    yield "call: done", ["call", "control_window", "position=50", "--json"], ""
    yield "call: refused", ["call", "set_door_locks", "state=unlock", *rolling, "--json"], ""
    yield "call: a question", ["call", "send_text_message", "recipient=mom", "message=hello", "--json"], ""
    yield "call: no such function", ["call", "fly", "--json"], ""
    yield "judge", ["judge", "-"], "\n".join(map(json.dumps, lines))
    yield "doctor", ["doctor", "--json"], ""
    yield "config check", ["config", "check", str(config), "--json"], ""
    yield "config check: a mistake", ["config", "check", str(wrong), "--json"], ""
    yield "journal show", ["journal", "show", journal, "--json"], ""
    yield "journal replay", ["journal", "replay", journal, "--json"], ""
    yield "journal show: no such file", ["journal", "show", str(folder / "none"), "--json"], ""
    yield "api list", ["api", "list", "--json"], ""
    yield "api show", ["api", "show", "control_window", "--json"], ""
    yield "models list", ["models", "list", "--json"], ""
    yield "models verify", ["models", "verify", "--json"], ""
    yield "sim list", ["sim", "list", "--json"], ""
    yield "sim run", ["sim", "run", "door_locks", "--json"], ""


def _document(arguments: list[str], given: str) -> dict[str, Any]:
    done = subprocess.run(
        [*_PROGRAM, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
    )
    if done.returncode not in {0, 1, 2, 3} or "Traceback" in done.stderr:
        raise RuntimeError(f"{arguments}: {done.stderr}")
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("{", "["))]
    if arguments[0] == "journal" and arguments[1] == "show":
        kinds = {event["kind"]: event for event in found}
        return {"status": done.returncode, "keys": {kind: sorted(event) for kind, event in sorted(kinds.items())}}
    return {"status": done.returncode, "keys": merged([shape(document) for document in found])}


def shape(value: object) -> Shape:
    """The keys of a JSON value, with the kind of what stands under each; numbers are one kind."""
    match value:
        case dict():
            return {str(key): shape(part) for key, part in sorted(value.items())}
        case list() | tuple():
            return [merged([shape(part) for part in value])] if value else []
        case bool():
            return "yes/no"
        case int() | float():
            return "number"
        case None:
            return "null"
    return "text"


def merged(shapes: list[Shape]) -> Shape:
    """One shape for all; a key that not all have is marked with `?`."""
    tables = [s for s in shapes if isinstance(s, dict)]
    if tables and len(tables) == len(shapes):
        made: dict[str, Any] = {}
        for key in sorted({key.rstrip("?") for table in tables for key in table}):
            parts = [table[k] for table in tables for k in (key, f"{key}?") if k in table]
            always = all(key in table for table in tables)
            made[key if always else f"{key}?"] = merged(parts)
        return made
    lists = [s for s in shapes if isinstance(s, list)]
    if lists and len(lists) == len(shapes):
        parts = [part for s in lists for part in s]
        return [merged(parts)] if parts else []
    words = {
        word for s in shapes for word in (s if isinstance(s, str) else json.dumps(s, sort_keys=True)).split(" or ")
    }
    return " or ".join(sorted(words)) or "nothing"


async def dbus() -> dict[str, Any]:
    """The interface as the running service describes itself on a bus, and the policy of the system bus."""
    async with agent_on_bus() as on_bus:
        client = await on_bus.client()
        error, xml = await asked(client, "Introspect", interface="org.freedesktop.DBus.Introspectable")
        if error:
            raise RuntimeError(error)
        answer = json.loads((await asked(client, "Call", "sa{ss}", ["control_window", {"position": "50"}]))[1])
        state = (await asked(client, "State"))[1]
    interfaces = {
        interface.attrib["name"]: [
            [member.tag, member.attrib["name"], *([arg.get("direction"), arg.get("type")] for arg in member)]
            for member in interface
        ]
        for interface in ET.fromstring(xml).iter("interface")  # noqa: S314 - of our own service
    }
    policy = [
        [sorted(block.attrib.items()), [[rule.tag, sorted(rule.attrib.items())] for rule in block]]
        for block in ET.parse(ROOT / "systemd" / "org.vehicleagent.Agent.conf").getroot()  # noqa: S314 - our own
    ]
    return {"interfaces": interfaces, "answer": shape(answer), "state": state, "policy": policy}


def keys_of(model: type[BaseModel]) -> list[str]:
    """Each key that a file of this model may have, with what it takes: `gate.speed.cycle_ms: integer, required`."""
    schema = model.model_json_schema()
    return sorted(set(_keys(schema, schema.get("$defs", {}), "", ())))


def _keys(node: Mapping[str, Any], named: Mapping[str, Any], path: str, seen: tuple[str, ...]) -> Iterable[str]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _keys(named[name], named, path, (*seen, name))
        return
    for part in (*node.get("anyOf", ()), *node.get("allOf", ()), *node.get("prefixItems", ())):
        yield from _keys(part, named, path, seen)
    if isinstance(node.get("items"), dict):
        yield from _keys(node["items"], named, f"{path}[]", seen)
    if isinstance(node.get("additionalProperties"), dict):
        yield from _keys(node["additionalProperties"], named, f"{path}.*", seen)
    for key, value in node.get("properties", {}).items():
        here = f"{path}.{key}".lstrip(".")
        needed = ", required" if key in node.get("required", ()) else ""
        yield f"{here}: {_takes(value)}{needed}"
        yield from _keys(value, named, here, seen)


_LIMITS: Final = ("enum", "const", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _takes(node: Mapping[str, Any]) -> str:
    words = " | ".join(_takes(part) for part in node.get("anyOf", ()))
    words = words or str(node.get("type", "table" if "$ref" in node or "allOf" in node else "anything"))
    limits = {key: node[key] for key in (*_LIMITS, "minLength", "maxLength", "minItems", "maxItems") if key in node}
    return words + "".join(f", {key} {json.dumps(value)}" for key, value in limits.items() if value != {})


def scenario() -> dict[str, Any]:
    """The keys of a scenario file, and what its expectations and settings may name."""
    return {
        "keys": keys_of(Scenario),
        "agent": list(AGENT_FACTS),
        "head unit": list(HEAD_UNIT_FACTS),
        "car": sorted(CarModel(load_wiring()).state()),
    }


def entry_points() -> dict[str, Any]:
    """The program's name, where packs of functions come in, extras, and the variables that are read."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    variables = {
        name
        for package in _PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for name in re.findall(r"\bVEHICLE_AGENT_[A-Z]+\b", file.read_text(encoding="utf-8"))
    }
    return {
        "scripts": project["scripts"],
        "vehicle_agent.apis": project["entry-points"]["vehicle_agent.apis"],
        "extras": sorted(project["optional-dependencies"]),
        "variables": sorted(variables),
    }


def configuration() -> list[str]:
    return keys_of(Config)


def binding() -> list[str]:
    return keys_of(BindingFile)


def journal_fields(events: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Kind -> the fields that its events have; `?` where not all have it."""
    fields: dict[str, list[set[str]]] = {}
    for event in events:
        fields.setdefault(str(event["kind"]), []).append(set(event))
    return {
        kind: [name if all(name in s for s in sets) else f"{name}?" for name in sorted(set.union(*sets))]
        for kind, sets in sorted(fields.items())
    }


SURFACES: Final[Mapping[str, Callable[[], Any]]] = {
    "command_line": command_line,
    "configuration": configuration,
    "binding": binding,
    "scenario": scenario,
    "entry_points": entry_points,
}
SLOW: Final[Mapping[str, Callable[[], Any]]] = {"documents": documents, "dbus": lambda: asyncio.run(dbus())}


# --- comparing --------------------------------------------------------------------------------------------------------


def differences(name: str, now: object) -> list[str]:
    """One line for each place where ``now`` is not what tests/golden/surfaces/NAME.json holds."""
    golden = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return list(_compare(golden, json.loads(json.dumps(now)), name))


def _compare(then: Any, now: Any, at: str) -> Iterable[str]:  # noqa: ANN401 - JSON
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}):
            if key not in now:
                yield f"{at} > {key}: is gone"
            elif key not in then:
                yield f"{at} > {key}: is new"
            else:
                yield from _compare(then[key], now[key], f"{at} > {key}")
    elif isinstance(then, list) and isinstance(now, list) and all(isinstance(part, str) for part in (*then, *now)):
        yield from (f"{at}: {part!r} is gone" for part in then if part not in now)
        yield from (f"{at}: {part!r} is new" for part in now if part not in then)
    elif then != now:
        yield f"{at}: {json.dumps(then)} has become {json.dumps(now)}"


def write(name: str, value: object) -> None:
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Writes all but the journal's, which the drive of tests/integration/test_journal_drive.py shows."""
    for name, read in {**SURFACES, **SLOW}.items():
        write(name, read())


if __name__ == "__main__":
    main()
