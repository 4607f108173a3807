"""Reading scenario files: every mistake is named with its line before anything is started."""

import shlex
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from simulators.car import Wiring, load_wiring, parse_fault
from simulators.car.model import CarModel
from simulators.car.transmitter import Transmitter
from simulators.errors import BadValue, ScenarioError, SimulatorError
from simulators.scenario.expectations import Expectation, Fact, Frame, NoFrame, as_number
from simulators.scenario.facts import AGENT_FACTS, HEAD_UNIT_FACTS
from simulators.scenario.model import Scenario, Send, Step
from vehicle_apis.binding import BindingError, SignalRef
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.errors import VehicleApiError

BUILT_IN: Final = Path(__file__).parents[1] / "scenarios"
MAX_CHARS: Final = 1_000_000
MAX_DEPTH: Final = 30
_TOO_DEEP: Final = f"it is nested more than {MAX_DEPTH} deep"

Where = tuple[str | int, ...]


def built_in() -> dict[str, Path]:
    """The scenarios that come along, by name of the file."""
    return {path.stem: path for path in sorted(BUILT_IN.glob("*.yaml"))}


def load(path: Path, *, wiring: Wiring | None = None) -> Scenario:
    """Reads and checks a scenario, names and values of the car included. Raises ScenarioError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as e:
        raise ScenarioError(
            f"{path}: there is no such file and no built-in scenario of this name; `vehicle-agent sim list` shows them"
        ) from e
    except (OSError, UnicodeDecodeError) as e:
        raise ScenarioError(f"{path}: the scenario cannot be read: {e}") from e
    return parse(text, str(path), wiring=wiring)


def parse(text: str, source: str = "scenario", *, wiring: Wiring | None = None) -> Scenario:
    """Like `load` for text."""
    if len(text) > MAX_CHARS:
        raise ScenarioError(f"{source}: a scenario has at most {MAX_CHARS} characters, not {len(text)}")
    try:
        loader = _Loader(text)
        try:
            tree = loader.get_single_node()
            content = None if tree is None else loader.construct_document(tree)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as e:
        # besides its own error: what PyYAML stumbles over in an impossible date, number or tag
        mark = getattr(e, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        problem = " ".join(str(getattr(e, "problem", None) or e).split())
        raise ScenarioError(f"{source}{line}: this is no YAML: {problem}") from e
    if not isinstance(content, dict):
        raise ScenarioError(f"{source} line 1: a scenario begins with `name:` and has `steps:`, a list")
    try:
        scenario = Scenario.model_validate(content)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        problem = " ".join(f"{where}: {message}".split())
        raise ScenarioError(f"{source} line {_line(tree, first['loc'])}: {problem}") from e
    _Checker(scenario, wiring or load_wiring()).check(source, tree)
    return scenario


class _Loader(yaml.SafeLoader):
    """YAML without what a scenario does not need: aliases (they can blow up a file), keys given twice."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - PyYAML is untyped here
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stubs
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not used here", mark)
        if self._depth >= MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, _TOO_DEEP, mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def fetch_flow_collection_start(self, token: Any) -> None:  # noqa: ANN401 - as PyYAML's
        if self.flow_level >= MAX_DEPTH:  # here, because PyYAML reads far ahead in a time that is the square of it
            raise yaml.scanner.ScannerError(None, None, _TOO_DEEP, self.get_mark())
        super().fetch_flow_collection_start(token)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401 - as PyYAML's
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is one word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _line(node: yaml.Node | None, path: Where) -> int:
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


class _Checker:
    """Tries everything a scenario names on a car that nobody sees."""

    def __init__(self, scenario: Scenario, wiring: Wiring) -> None:
        self._scenario = scenario
        self._wiring = wiring
        self._model = CarModel(wiring)
        self._transmitter = Transmitter(self._model, 0.0)
        self._catalogue: Catalogue | None = None
        self._at: Where = ()

    def check(self, source: str, tree: yaml.Node | None) -> None:
        """Raises ScenarioError."""
        try:
            for name, value in self._scenario.start.items():
                self._at = ("start", name)
                self._model.set(name, value)
            before_s = 0.0
            for index, step in enumerate(self._scenario.steps):
                self._at = ("steps", index, "at")
                if step.at_s < before_s:
                    raise ScenarioError("the steps must be in order of time")
                before_s = step.at_s
                self._check_step(index, step)
        except (SimulatorError, VehicleApiError) as e:
            raise ScenarioError(f"{source} line {_line(tree, self._at)}: {e}") from e

    def _check_step(self, index: int, step: Step) -> None:
        here: Where = ("steps", index)
        self._check_change(here, step)
        if step.send is not None:
            self._at = (*here, "send")
            encode(self._wiring, step.send)
        if step.resend:
            self._at = (*here, "resend")
            self._message(step.resend)
        if step.call:
            self._at = (*here, "call")
            name, words = parse_call(step.call)
            self._known()[name].parse(words)
        for number, expected in enumerate(step.expect):
            self._at = (*here, "expect", number)
            self._check_expectation(expected)

    def _check_change(self, here: Where, step: Step) -> None:
        self._at = (*here, "clear")
        if step.clear is True:
            self._transmitter.clear()
        for fault in step.clear if isinstance(step.clear, tuple) else ():
            self._transmitter.clear(fault)
        for name, value in step.values.items():
            self._at = (*here, "set", name)
            self._model.set(name, value)
        for name, value in step.ramp.to.items() if step.ramp else ():
            self._at = (*here, "ramp", "to", name)
            self._model.set(name, value)
            if isinstance(self._model.state()[name], str):
                raise BadValue(f"{name!r} is no number, so it cannot be reached evenly; use `set`")
        for number, fault in enumerate(step.faults):
            self._at = (*here, "fault", number)
            self._transmitter.inject(parse_fault(fault))

    def _known(self) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = load_catalogue()
        return self._catalogue

    def _message(self, name: str) -> None:
        known = self._wiring.network.messages
        if name not in known:
            raise ScenarioError(f"the DBC has no message {name!r}; there are: {', '.join(sorted(known))}")

    def _check_expectation(self, expected: Expectation) -> None:
        if isinstance(expected, Frame | NoFrame):
            self._message(expected.message)
        if expected.fact is not None:
            self._check_fact(expected.fact)

    def _check_fact(self, fact: Fact) -> None:
        home, dot, part = fact.name.partition(".")
        if not dot:
            given = {"yes": True, "no": False}.get(fact.wanted, fact.wanted)
            seen = self._model.state().get(fact.name)
            if seen is None or fact.op in {"is", "is not"}:
                self._model.parse(fact.name, given)
            self._check_comparison(fact, is_word=isinstance(seen, str))
            return
        if home == "agent":
            self._one_of("agent", part, AGENT_FACTS)
        elif home == "headunit":
            self._one_of("headunit", part, HEAD_UNIT_FACTS)
        else:
            self._message(home)
            try:
                signal = self._wiring.network.signal(SignalRef(home, part))
            except (BindingError, KeyError):
                names = ", ".join(s.name for s in self._wiring.network.messages[home].signals)
                raise ScenarioError(f"message {home} has no signal {part!r}; it has {names}") from None
            words = [str(word) for word in (signal.choices or {}).values()]
            is_word = fact.op in {"is", "is not"} and as_number(fact.wanted) is None
            if is_word and fact.wanted.lower() not in [w.lower() for w in words]:
                raise ScenarioError(f"{fact.name} is never {fact.wanted!r}; it is a number or {', '.join(words)}")
            self._check_comparison(fact, is_word=bool(words) and not signal.unit)

    @staticmethod
    def _check_comparison(fact: Fact, *, is_word: bool) -> None:
        if fact.op not in {"<", "<=", ">", ">="}:
            return
        if is_word:
            raise ScenarioError(f"{fact.name!r} is no number, so it cannot be compared with {fact.op}")
        if as_number(fact.wanted) is None:
            raise ScenarioError(f"{fact.name} {fact.op} needs a number, not {fact.wanted!r}")

    @staticmethod
    def _one_of(home: str, part: str, known: tuple[str, ...]) -> None:
        if part not in known:
            raise ScenarioError(f"there is no {home}.{part}; there are {', '.join(f'{home}.{k}' for k in known)}")


def parse_call(text: str) -> tuple[str, dict[str, str]]:
    """``play_video title="big buck bunny"`` -> the function and its arguments. Raises ScenarioError."""
    try:
        name, *pairs = shlex.split(text)
    except ValueError as e:
        raise ScenarioError(f"{text!r} is no call ({e}); write for example 'operate_trunk action=open'") from e
    words: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ScenarioError(f"write arguments as name=value, for example 'operate_trunk action=open', not {pair!r}")
        words[key] = value
    return name, words


def encode(wiring: Wiring, send: Send) -> tuple[int, bool, bytes]:
    """Identifier, whether it is an extended one, and the data without protection. Raises ScenarioError."""
    if send.frame_id is not None:
        return send.frame_id, send.frame_id > 0x7FF, bytes.fromhex(send.data)
    message = wiring.network.messages.get(send.message)
    if message is None:
        raise ScenarioError(f"the DBC has no message {send.message!r}")
    values: dict[str, float | int | str] = {}
    for name, value in send.values.items():
        values[name] = ("on" if value else "off") if isinstance(value, bool) else value
    try:
        return message.frame_id, message.is_extended_frame, wiring.network.encode(send.message, values)
    except BindingError as e:
        raise ScenarioError(str(e)) from e
