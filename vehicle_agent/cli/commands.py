"""The commands there are: a car's own, and those that installed packages bring.

A package brings a command by an entry point of the group `vehicle_agent.commands`. Its name is where the command goes
(`tow`, or `sim.tow` in the group `sim`), its value the function, or the typer app of a group, that it is. Nothing
of it is imported before it runs: the line that the help shows is read from the source.
"""

import ast
import importlib
import importlib.machinery
import importlib.util
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from vehicle_agent.packages import CommandError

GROUP: Final = "vehicle_agent.commands"
_OWN: Final = "vehicle-agent"
_CAR: Final = {
    "plan": "vehicle_agent.cli.evaluate:plan",
    "ask": "vehicle_agent.cli.talk:ask",
    "call": "vehicle_agent.cli.talk:call",
    "transcribe": "vehicle_agent.cli.transcribe:transcribe",
    "judge": "vehicle_agent.cli.judge:judge",
    "eval": "vehicle_agent.cli.evaluate:eval_",
    "serve": "vehicle_agent.cli.serve:serve",
    "confirm": "vehicle_agent.cli.talk:confirm",
    "undo": "vehicle_agent.cli.talk:undo",
    "cancel": "vehicle_agent.cli.talk:cancel",
    "doctor": "vehicle_agent.cli.doctor:doctor",
    "api": "vehicle_agent.cli.api:app",
    "models": "vehicle_agent.cli.models:app",
    "journal": "vehicle_agent.cli.journal:app",
    "config": "vehicle_agent.cli.config:app",
}
# a car's own form of these may be replaced by one that knows more, such as the simulated car
_REPLACEABLE: Final = frozenset({"ask", "call", "serve", "api.check"})
# those that come with the simulated car; without it, asking for one says so
WORKBENCH: Final = frozenset({"say", "demo", "bench", "sim"})
_NO_OBJECT: Final = "its entry point names no module:object"
_IN_HELP: Final = (
    *("plan", "ask", "call", "say", "transcribe", "judge", "eval", "serve", "confirm", "undo", "cancel", "demo"),
    *("doctor", "api", "models", "bench", "sim", "journal", "config"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``path``: its words, joined by dots; ``value``: "module:object"; ``package``: who brings it. ``wants``: it is but
    the name of a group that is not here, into which that command should go."""

    path: str
    value: str
    package: str = _OWN
    wants: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def module(self) -> str:
        return self.value.partition(":")[0]

    @property
    def attribute(self) -> str:
        return self.value.partition(":")[2]

    def about(self) -> str:
        """The help as its source has it: a function's docstring, or `help` of a typer app; "" where neither is found.

        Raises CommandError.
        """
        if self.wants:
            raise self._no_group()
        try:
            source = _source(self.module)
            tree = ast.parse(source) if source else None
        except (ImportError, SyntaxError, OSError, ValueError, AttributeError) as e:
            raise self._broken(e) from e
        return "" if tree is None else _help_in(tree, self.attribute)

    def load(self) -> Any:  # noqa: ANN401  # typer's own functions take any callable
        """The function or typer app. Raises CommandError, and for the project's own whatever importing it raises."""
        if self.wants:
            raise self._no_group()
        if not self.attribute:
            raise self._broken(_NO_OBJECT)
        try:
            found = getattr(importlib.import_module(self.module), self.attribute)
        except Exception as e:
            if self.package == _OWN:
                raise  # the command line says which package it lacks
            raise self._broken(e) from e
        if not callable(found):
            raise self._broken(f"{self.value} is {type(found).__name__}, no function and no typer app")
        return found

    def _no_group(self) -> CommandError:
        group, command = self.path.replace(".", " "), self.wants.replace(".", " ")
        return CommandError(
            f"the package {self.package} brings the command {command!r}, but there is no group {group!r} here; "
            f"install the package that brings {group!r}, or remove {self.package}"
        )

    def _broken(self, why: object) -> CommandError:
        words = self.path.replace(".", " ")
        return CommandError(
            f"the command {words!r} of the package {self.package} cannot be loaded ({why}); "
            f"update or remove {self.package}"
        )


def _source(module: str) -> str | None:
    """The text of a module, without importing it or its package; None where it has none. Raises ImportError."""
    if not module:
        raise ImportError(_NO_OBJECT)
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    name = top
    for part in rest:
        if spec is None:
            break
        name = f"{name}.{part}"
        spec = importlib.machinery.PathFinder.find_spec(name, spec.submodule_search_locations or [])
    if spec is None:
        raise ImportError(f"there is no module {name!r}")
    get_source: Callable[[str], str | None] | None = getattr(spec.loader, "get_source", None)
    return get_source(module) if get_source is not None else None


def _help_in(tree: ast.Module, attribute: str) -> str:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name == attribute:
                return ast.get_docstring(node) or ""
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(keywords=keywords)) if name == attribute:
                texts = [k.value.value for k in keywords if k.arg == "help" and isinstance(k.value, ast.Constant)]
                return inspect.cleandoc(str(texts[0])) if texts else ""
            case _:
                pass
    return ""


def installed(brought: Iterable[EntryPoint] | None = None) -> Mapping[str, Command]:
    """Path -> command, in the order of the help. ``brought``: the entry points; None: those that are installed.

    Raises CommandError when two packages bring one command.
    """
    own = {path: Command(path=path, value=value) for path, value in _CAR.items()}
    others: dict[str, Command] = {}
    for entry in entry_points(group=GROUP) if brought is None else brought:
        package = _OWN if entry.dist is None else entry.dist.name
        command = Command(path=entry.name, value=entry.value, package=package)
        if package == _OWN and importlib.util.find_spec(command.module.partition(".")[0]) is None:
            continue  # a car without the simulated one
        known = others.get(command.path) or (None if command.path in _REPLACEABLE else own.get(command.path))
        if known is not None:
            raise CommandError(_twice(known, command))
        others[command.path] = command
    found = own | others
    found |= _missing_groups(found)
    first = [path for path in _IN_HELP if path in found]
    return {path: found[path] for path in (*first, *sorted(found.keys() - set(first)))}


def _missing_groups(found: Mapping[str, Command]) -> dict[str, Command]:
    """For each command without its group what says so in the group's place."""
    missing: dict[str, Command] = {}
    for command in found.values():
        words = command.path.split(".")
        groups = (".".join(words[:n]) for n in range(1, len(words)))
        group = next((g for g in groups if g not in found), None)
        if group is not None and group not in missing:
            missing[group] = Command(path=group, value="", package=command.package, wants=command.path)
    return missing


def has_workbench() -> bool:
    """Whether the commands of the simulated car are here. Raises CommandError when two packages bring one command."""
    commands = installed()
    return any(path in commands and commands[path].package == _OWN for path in WORKBENCH)


def without_workbench(what: str) -> CommandError:
    """What to say when ``what``, which comes with the simulated car, is asked for without it."""
    return CommandError(
        f"{what!r} comes with the simulated car, which is not installed here; install the whole of "
        f"{_OWN}: pip install --force-reinstall {_OWN}"
    )


def _twice(first: Command, second: Command) -> str:
    words = second.path.replace(".", " ")
    other = second.package if second.package != _OWN else first.package
    return f"{first.package} and {second.package} both bring the command {words!r}; update or remove {other}"


def within(commands: Mapping[str, Command], group: str) -> list[Command]:
    """Those that stand directly in ``group``; "" is the program itself."""
    return [command for path, command in commands.items() if path.rpartition(".")[0] == group]


class Lazy(TyperCommand):
    """Stands in a group for a command that is loaded when it is used."""

    def __init__(self, command: Command, commands: Mapping[str, Command]) -> None:
        self._command = command
        self._commands = commands
        super().__init__(command.name)

    @property
    def short_help(self) -> str | None:
        """What the group's help shows."""
        try:
            return self._command.about()
        except CommandError as e:
            return str(e)

    @short_help.setter
    def short_help(self, _text: str | None) -> None:
        """The base class sets it; the source has it."""

    def loaded(self) -> Any:  # noqa: ANN401  # typer brings a click of its own, or takes the one that is installed
        """The command itself, with what other commands put into it. Raises CommandError."""
        return loaded(self._command, self._commands)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401
        return self.loaded().make_context(info_name, args, parent=parent, **extra)


def loaded(command: Command, commands: Mapping[str, Command]) -> Any:  # noqa: ANN401  # as above
    """What typer makes of a command, with what others put into it. Raises CommandError."""
    found = command.load()
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made: Any
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=command.name)
        made = get_group(alone).commands[command.name]
    else:
        alone.command(command.name)(found)
        made = get_command(alone)
    for part in within(commands, command.path):
        if not isinstance(made, TyperGroup):
            raise CommandError(
                f"the package {part.package} puts {part.name!r} into {command.name!r}, which is no group"
            )
        if part.name in made.commands and part.path not in _REPLACEABLE:
            raise CommandError(_twice(command, part))
        made.add_command(Lazy(part, commands))
    return made


class Program(TyperGroup):
    """The program: every command that is installed, each loaded when it is used."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401  # typer's own
        super().__init__(**attributes)
        commands = installed()
        for command in within(commands, ""):
            self.add_command(Lazy(command, commands))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  # as above
        """Raises CommandError for one that comes with what is not installed."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in WORKBENCH:
            raise without_workbench(cmd_name)
        return found
