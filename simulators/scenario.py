"""Scenarios: what happens to the simulated car over time, and what it should show then. Written in YAML.

name: rain at night
steps:
  - at: 0                 # seconds from the start, in the car's own time
    set: {gear: D, speed: 50}
  - at: 2
    fault: unplug Windows # or a list; `clear: true` ends all faults
  - at: 3
    expect: {rain: yes, speed: ">= 40"}
    within: 0.5           # until when it must be so
"""

import asyncio
import operator
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self, TypeAlias

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from simulators.car import Car, Value, Wiring, load_wiring, parse_fault
from simulators.car.model import CarModel
from simulators.car.transmitter import Transmitter
from simulators.errors import ScenarioError, SimulatorError

BUILT_IN: Final = Path(__file__).parent / "scenarios"
_POLL_S: Final = 0.02
_COMPARISON: Final = re.compile(r"(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Given: TypeAlias = bool | int | float | str


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Table):
    """Everything of one moment, in this order: faults end, values are set, faults begin, expectations are checked."""

    at_s: float = Field(alias="at", ge=0, allow_inf_nan=False)
    clear: bool = False
    values: dict[str, Given] = Field(alias="set", default={})
    faults: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(alias="fault", default=())
    expect: dict[str, Given] = {}
    within_s: float = Field(alias="within", default=0.5, ge=0, allow_inf_nan=False)
    note: str = ""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.clear or self.values or self.faults or self.expect or self.note):
            raise ValueError("a step needs set, fault, clear, expect or note")
        return self


class Scenario(_Table):
    name: str = Field(min_length=1)
    about: str = ""
    time_scale: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    steps: tuple[Step, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One expectation and what the car showed."""

    at_s: float
    name: str
    wanted: Given
    seen: Value
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    name: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.met for check in self.checks)


def built_in() -> dict[str, Path]:
    """The scenarios that come along, by name of the file."""
    return {path.stem: path for path in sorted(BUILT_IN.glob("*.yaml"))}


# --- reading --------------------------------------------------------------------------------------------------------


def load(path: Path, *, wiring: Wiring | None = None) -> Scenario:
    """Reads and checks a scenario, names and values of the car included. Raises ScenarioError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise ScenarioError(f"{path}: the scenario cannot be read: {e}") from e
    return parse(text, str(path), wiring=wiring)


def parse(text: str, source: str = "scenario", *, wiring: Wiring | None = None) -> Scenario:
    """Like `load` for text."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        raise ScenarioError(f"{source}{line}: this is no YAML: {getattr(e, 'problem', None) or e}") from e
    try:
        scenario = Scenario.model_validate(content)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ScenarioError(f"{source} line {_line(tree, first['loc'])}: {where}: {first['msg']}") from e
    _check_against_car(scenario, tree, source, wiring)
    return scenario


def _check_against_car(scenario: Scenario, tree: yaml.Node | None, source: str, wiring: Wiring | None) -> None:
    model = CarModel(wiring or load_wiring())
    transmitter = Transmitter(model, 0.0)
    before = 0.0
    for index, step in enumerate(scenario.steps):
        at: tuple[str | int, ...] = ("steps", index, "at")
        try:
            if step.at_s < before:
                raise ScenarioError("the steps must be in order of time")
            before = step.at_s
            for name, value in step.values.items():
                at = ("steps", index, "set", name)
                model.set(name, value)
            for number, fault in enumerate(step.faults):
                at = ("steps", index, "fault", number)
                transmitter.inject(parse_fault(fault))
            for name, value in step.expect.items():
                at = ("steps", index, "expect", name)
                if not _is_comparison(value):
                    model.parse(name, value)
                elif isinstance(model.state().get(name, ""), str):
                    raise ScenarioError(f"{name!r} is no number of the car's state, so it cannot be compared")
        except SimulatorError as e:
            raise ScenarioError(f"{source} line {_line(tree, at)}: {e}") from e


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line of the deepest part of ``path`` that is there."""
    if node is None:
        return 1
    line = int(node.start_mark.line) + 1
    if not path:
        return line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(path[0]):
                return max(int(key.start_mark.line) + 1, _line(value, path[1:]))
    elif isinstance(node, yaml.SequenceNode) and isinstance(path[0], int) and path[0] < len(node.value):
        return _line(node.value[path[0]], path[1:])
    return line


# --- running --------------------------------------------------------------------------------------------------------


async def run(
    scenario: Scenario,
    car: Car,
    *,
    on_step: Callable[[Step], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Report:
    """Plays ``scenario`` on a running car. Times are the car's own: its ``time_scale`` makes them pass faster."""
    begin_s = clock()
    checks: list[Check] = []
    for step in scenario.steps:
        while (wait_s := begin_s + step.at_s / car.time_scale - clock()) > 0:
            await sleep(wait_s)
        if on_step is not None:
            on_step(step)
        if step.clear:
            car.clear()
        for name, value in step.values.items():
            car.set(name, value)
        for fault in step.faults:
            car.inject(fault)
        until_s = clock() + step.within_s / car.time_scale
        while True:
            found = _look(step, car)
            if all(check.met for check in found) or clock() >= until_s:
                break
            await sleep(_POLL_S)
        checks += found
    return Report(name=scenario.name, checks=tuple(checks))


def _look(step: Step, car: Car) -> list[Check]:
    state = car.state()
    return [
        Check(at_s=step.at_s, name=name, wanted=wanted, seen=state[name], met=_is_met(car, name, wanted, state[name]))
        for name, wanted in step.expect.items()
    ]


def _is_comparison(wanted: Given) -> bool:
    return isinstance(wanted, str) and _COMPARISON.fullmatch(wanted.strip()) is not None


def _is_met(car: Car, name: str, wanted: Given, seen: Value) -> bool:
    match = _COMPARISON.fullmatch(wanted.strip()) if isinstance(wanted, str) else None
    if match is None:
        return car.model.parse(name, wanted) == seen
    return not isinstance(seen, str) and _OPERATORS[match[1]](seen, float(match[2]))
