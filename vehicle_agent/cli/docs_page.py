"""The generated pages of the documentation: docs/cli.md and docs/functions.md.

`python -m vehicle_agent.cli.docs_page docs` writes them anew; a test compares them with what the code says.
"""

import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, Union, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from state_machines.driving_state import DRIVABLE, DrivingState
from state_machines.rules import EVERY_OTHER_FUNCTION, RULES
from vehicle_agent.cli.commands import installed, within
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.pack import RuleSpec
from vehicle_apis.params import Param
from vehicle_apis.spec import ApiSpec

_PROGRAM: Final = "vehicle-agent"
_GENERATED: Final = "<!-- Written by `python -m vehicle_agent.cli.docs_page docs`; change the code, not this page. -->"
_TYPE_WORDS: Final = {str: "text", int: "whole number", float: "number", Path: "file", bool: ""}
_BACKENDS: Final = {"can": "CAN", "dbus": "D-Bus", "agent": "the agent itself"}
_RUN: Final = 3  # so many neighbouring states are written as "first to last"


def pages() -> dict[str, Callable[[], str]]:
    """File name -> what makes its text."""
    return {"cli.md": cli_page, "functions.md": functions_page}


# --- commands ---------------------------------------------------------------------------------------------------------


def cli_page() -> str:
    """Every command with its arguments, from the functions behind them."""
    commands = installed()
    here = [(command, command.load()) for command in within(commands, "")]
    parts = [
        "# Commands",
        _GENERATED,
        (
            f"One program, `{_PROGRAM}`. `--json` prints one JSON document (JSON lines where said) on standard output "
            "and nothing else; logs go to standard error. Exit status: 0 done, 1 refused or failed, 2 bad usage or bad "
            "input, 3 waiting for an answer. What a command lacks (model, bus, service) it names together with the "
            "remedy."
        ),
    ]
    for command, found in here:
        if not isinstance(found, typer.Typer):
            parts += _command(f"## `{_PROGRAM} {command.name}", found)
    for command, found in here:
        if isinstance(found, typer.Typer):
            brought = {part.name: part.load() for part in within(commands, command.path)}
            parts += _group(found, brought, f"{_PROGRAM} {command.name}")
    return "\n\n".join(parts) + "\n"


def _group(app: typer.Typer, brought: Mapping[str, Callable[..., object]], prefix: str) -> Iterator[str]:
    """A group, which may be a command itself. ``brought``: the commands that others put into it."""
    itself = app.registered_callback
    if itself is not None and itself.callback is not None and itself.invoke_without_command:
        yield from _command(f"## `{prefix}", itself.callback)
    else:
        yield from (f"## `{prefix}`", str(app.info.help))
    own = {
        command.name or command.callback.__name__.rstrip("_").replace("_", "-"): command.callback
        for command in app.registered_commands
        if command.callback is not None
    }
    for name, function in {**own, **brought}.items():
        yield from _command(f"### `{prefix} {name}", function)


def _command(heading: str, function: Callable[..., object]) -> Iterator[str]:
    inputs = list(_inputs(function))
    words = " ".join(i.usage for i in inputs if i.usage)
    yield f"{heading}{' ' + words if words else ''}`"
    first, *rest = inspect.getdoc(function).split("\n\n")  # type: ignore[union-attr]  # every command has one
    about, _, example = " ".join(first.split()).partition(" Example: ")
    yield about
    if example:
        yield f"    {example.strip()}"
    yield from rest
    if inputs:
        yield "\n".join(["| name | takes | default | meaning |", "|---|---|---|---|", *(i.row for i in inputs)])


class _Input:
    """One argument or option of a command."""

    def __init__(self, parameter: inspect.Parameter, hint: object) -> None:
        kind, *extras = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
        info = next((e for e in extras if isinstance(e, ArgumentInfo | OptionInfo)), None)
        self._is_option = isinstance(info, OptionInfo)
        self._parameter = parameter
        self._info = info
        self._kind = kind
        self._is_list = False
        self._unwrap()

    def _unwrap(self) -> None:
        if get_origin(self._kind) in {Union, types.UnionType}:
            self._kind = next(k for k in get_args(self._kind) if k is not type(None))
        if get_origin(self._kind) is list:
            self._is_list = True
            self._kind = get_args(self._kind)[0]

    @property
    def _required(self) -> bool:
        return self._parameter.default is inspect.Parameter.empty

    @property
    def usage(self) -> str:
        """How the command line names it; options are in the table alone."""
        if self._is_option:
            return ""
        word = self._parameter.name.upper() + ("..." if self._is_list else "")
        return word if self._required else f"[{word}]"

    @property
    def row(self) -> str:
        about = self._info.help if self._info is not None and self._info.help else ""
        return _row(f"`{self._name()}`", self._takes(), self._default(), about)

    def _default(self) -> str:
        default = self._parameter.default
        if self._required or default in {None, False, ""}:
            return ""
        return "on" if default is True else _number(default)

    def _name(self) -> str:
        if not self._is_option:
            return self._parameter.name.upper()
        # inside Annotated, typer takes the first declaration for the default value
        declared = [self._info.default, *(self._info.param_decls or ())] if self._info is not None else []
        names = [name for name in declared if isinstance(name, str) and name.startswith("-")]
        if names:
            return " ".join(names)
        plain = self._parameter.name.replace("_", "-")
        return f"--{plain}/--no-{plain}" if self._kind is bool else f"--{plain}"

    def _takes(self) -> str:
        words = ", ".join(map(str, get_args(self._kind))) if get_origin(self._kind) is Literal else ""
        words = words or _TYPE_WORDS.get(self._kind, "text")
        low, high = (self._info.min, self._info.max) if self._info is not None else (None, None)
        if low is not None:
            words += f" from {low:g}" + (f" to {high:g}" if high is not None else "")
        if self._required and self._is_option:
            words += ", required"
        return words + (", repeatable" if self._is_list else "")


def _inputs(function: Callable[..., object]) -> Iterator[_Input]:
    hints = get_type_hints(function, include_extras=True)
    for parameter in inspect.signature(function).parameters.values():
        if hints[parameter.name] is not typer.Context:
            yield _Input(parameter, hints[parameter.name])


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


# --- functions --------------------------------------------------------------------------------------------------------


def functions_page() -> str:
    """Every function of the catalogue, by domain, with its safety rule in words. Packs are left out."""
    catalogue = load_catalogue(with_packs=False)
    by_domain: dict[str, list[ApiSpec]] = {}
    for spec in catalogue:
        by_domain.setdefault(spec.domain, []).append(spec)
    parts = [
        "# Vehicle functions",
        _GENERATED,
        (
            f"{len(catalogue)} functions in {len(by_domain)} domains. `vehicle-agent api show NAME` shows one in full, "
            "`vehicle-agent api export --format openai` all of them as tool definitions."
        ),
        (
            'Text marked "or a result" also takes what an earlier call of the same plan gave, written `$1`, `$2`, ... '
            "The last column says in which driving states a function is carried out; [safety.md](safety.md) explains "
            "them. In a state that is not listed it is denied."
        ),
    ]
    for domain, specs in by_domain.items():
        parts.append(f"## {domain.replace('_', ' ').capitalize()}")
        head = ["| function | does | arguments | over | carried out |", "|---|---|---|---|---|"]
        parts.append("\n".join([*head, *map(_function_row, specs)]))
    return "\n\n".join(parts) + "\n"


def _function_row(spec: ApiSpec) -> str:
    does = spec.doc + (f" Gives a {spec.returns} for later calls." if spec.returns else "")
    arguments = "<br>".join(map(_argument, spec.params)) or "none"
    return _row(f"`{spec.name}`", does, arguments, _BACKENDS[spec.backend], rule_words(spec.name))


def _argument(param: Param) -> str:
    default = "required" if param.default is None else f"default {_number(param.default)}"
    if param.default == "":
        default = "optional"
    return f"`{param.name}`: {_range(param)} ({default})"


def _range(param: Param) -> str:
    match param.kind:
        case "enum":
            return ", ".join(param.values)
        case "integer" | "number":
            unit = f" {param.unit}" if param.unit else ""
            if param.kind == "number" and param.by_unit:
                return " or ".join(f"{low:g} to {high:g} {word}" for word, (low, high) in param.by_unit.items())
            return f"{param.min:g} to {param.max:g}{unit}"
        case "time":
            return "HH:MM"
        case _:
            return ("digits" if param.digits else "text") + (" or a result" if param.accepts_result else "")


def rule_words(function: str) -> str:
    """The safety rule of a built-in function as text; the first line whose condition holds decides."""
    rules = RULES.get(function, EVERY_OTHER_FUNCTION)
    return "<br>".join(_one_rule(rule, has_others=len(rules) > 1) for rule in rules)


def _one_rule(rule: RuleSpec, *, has_others: bool) -> str:
    conditions = [f"{key.replace('_', ' ')} {_wanted(value)}" for key, value in rule.args.items()]
    conditions += [f"{key.replace('_', ' ')}: {value}" for key, value in rule.when.items()]
    verdicts = []
    if rule.allow:
        verdicts.append(_states(rule.allow))
    if rule.confirm:
        verdicts.append(f"after a yes: {_states(rule.confirm)}")
    words = "; ".join(verdicts) or "never"
    if conditions:
        return f"{', '.join(conditions)}: {words}"
    return f"otherwise: {words}" if has_others else words


def _wanted(value: str | int | tuple[str | int, ...]) -> str:
    if isinstance(value, str) and value.startswith("<"):
        return f"below {value[1:]}"
    return " or ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _states(words: Iterable[str] | str) -> str:
    """ "parked to fast, crashed": neighbours are joined."""
    found = {s for s in DRIVABLE if words == "any" or s.word in words}
    runs: list[list[DrivingState]] = []
    for state in DRIVABLE:
        if state not in found:
            continue
        if runs and runs[-1][-1] == state - 1:
            runs[-1].append(state)
        else:
            runs.append([state])
    texts = []
    for run in runs:
        joined = len(run) >= _RUN
        texts += [f"{run[0].word} to {run[-1].word}"] if joined else [s.word for s in run]
    if words != "any" and "crashed" in words:
        texts.append("crashed")
    return ", ".join(texts)


def main() -> None:
    """Writes the pages into the folder of the command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, make in pages().items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
