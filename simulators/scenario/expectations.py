"""What a scenario expects, as one sentence each.

within 2 s WindowStatus.DriverWindow >= 90     a signal on the bus
for 3 s agent.state is unknown                 all that time
driver_window is 40                            what the car itself shows, by the name `set` uses
agent.verdict is deny                          of this step's utterance or call
no frame ClosureCommand.Selector is trunk      from now to the end, or with "for 3 s"
frame ExteriorLightCommand within 1 s
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from simulators.car.domain import Value
from simulators.errors import ScenarioError
from vehicle_apis.numbers import number

Operator: TypeAlias = Literal["<", "<=", ">", ">=", "is", "is not", "contains"]

_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
_OPERATOR: Final = r"(?P<op><=|>=|==|!=|<|>|\bis not\b|\bis\b|\bcontains\b)"
_FACT: Final = rf"(?P<name>[A-Za-z_]\w*(?:\.\w+)?)\s*{_OPERATOR}\s*(?P<wanted>.+?)"
_HOLDS: Final = re.compile(rf"(?:within\s+(?P<within>{_NUMBER})\s*s\s+)?{_FACT}")
_STAYS: Final = re.compile(rf"for\s+(?P<span>{_NUMBER})\s*s\s+{_FACT}")
_FRAME: Final = re.compile(
    rf"(?P<no>no\s+)?frame\s+(?P<message>\w+)(?:\.(?P<signal>\w+)\s*{_OPERATOR}"
    rf"\s*(?P<wanted>.+?))?(?:\s+(?P<word>within|for)\s+(?P<span>{_NUMBER})\s*s)?"
)
_BY_SIGN: Final[Mapping[str, Operator]] = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "is": "is",
    "is not": "is not",
    "contains": "contains",
}
_SAME: Final[Mapping[str, Operator]] = {"==": "is", "!=": "is not"}
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """``name``: a setting of the car, ``Message.Signal``, ``agent.x`` or ``headunit.x``."""

    name: str
    op: Operator
    wanted: str

    def is_met(self, seen: Value | None) -> bool:
        """Whether ``seen`` is as wanted; None (not there) never is."""
        if seen is None:
            return False
        if self.op == "contains":
            return self.wanted.lower() in str(seen).lower()
        given = as_number(self.wanted)
        value = as_number(seen)
        if self.op in _COMPARISONS:
            return given is not None and value is not None and _COMPARISONS[self.op](value, given)
        if given is not None and value is not None:
            same = abs(value - given) < 1e-6
        else:
            same = _word(str(seen)) == _word(self.wanted)
        return same is (self.op == "is")

    def __str__(self) -> str:
        return f"{self.name} {self.op} {self.wanted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """``fact`` is so, at the latest ``within_s`` after the step; None: the step's own ``within``."""

    fact: Fact
    within_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """``fact`` is so from the step on for ``for_s``."""

    fact: Fact
    for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame is sent, at the latest ``within_s`` after the step; with ``fact``, one that shows it."""

    message: str
    fact: Fact | None = None
    within_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFrame:
    """No such frame is sent for ``for_s``; None: until the scenario ends."""

    message: str
    fact: Fact | None = None
    for_s: float | None = None


Expectation: TypeAlias = Holds | Stays | Frame | NoFrame


def _word(text: str) -> str:
    """YAML's yes and on, no and off are the same to it, so they are here."""
    word = text.strip().lower()
    return {"on": "yes", "off": "no", "true": "yes", "false": "no"}.get(word, word)


def as_number(value: Value) -> float | None:
    try:
        return float(number(value) if isinstance(value, str) else value)
    except ValueError:
        return None


def parse_expectation(text: str) -> Expectation:
    """Raises ScenarioError that shows what a sentence may look like."""
    words = " ".join(text.split())
    if (match := _FRAME.fullmatch(words)) is not None:
        return _frame(match, words)
    if (match := _STAYS.fullmatch(words)) is not None:
        return Stays(fact=_fact(match), for_s=float(match["span"]))
    if (match := _HOLDS.fullmatch(words)) is not None:
        return Holds(fact=_fact(match), within_s=None if match["within"] is None else float(match["within"]))
    raise ScenarioError(
        f"{text!r} is no expectation; write for example 'within 2 s WindowStatus.DriverWindow >= 90', "
        "'for 3 s agent.state is unknown', 'driver_window is 40', 'frame WindowCommand within 1 s' or "
        "'no frame WindowCommand'"
    )


def from_mapping(name: str, wanted: object) -> Holds:
    """The short form ``expect: {speed: ">= 40", rain: yes}``. Raises ScenarioError."""
    if not isinstance(wanted, bool | int | float | str):
        raise ScenarioError(f"{name}: {wanted!r} is no value to expect")
    if isinstance(wanted, bool):
        return Holds(fact=Fact(name=name, op="is", wanted="yes" if wanted else "no"))
    text = str(wanted).strip()
    match = re.fullmatch(rf"(<=|>=|<|>)\s*(-?{_NUMBER})", text)
    if match is None:
        return Holds(fact=Fact(name=name, op="is", wanted=text))
    return Holds(fact=Fact(name=name, op=_operator(match[1]), wanted=match[2]))


def _operator(text: str) -> Operator:
    """``text`` is one of _OPERATOR's."""
    return _SAME.get(text) or _BY_SIGN[text]


def _fact(match: re.Match[str]) -> Fact:
    return Fact(name=match["name"], op=_operator(match["op"]), wanted=match["wanted"].strip().strip("'\""))


def _frame(match: re.Match[str], words: str) -> Expectation:
    fact = None
    if match["signal"] is not None:
        name = f"{match['message']}.{match['signal']}"
        fact = Fact(name=name, op=_operator(match["op"]), wanted=match["wanted"].strip().strip("'\""))
    span_s = None if match["span"] is None else float(match["span"])
    if match["no"]:
        if match["word"] == "within":
            raise ScenarioError(f"{words!r}: what must not come has 'for N s', not 'within N s'")
        return NoFrame(message=match["message"], fact=fact, for_s=span_s)
    if match["word"] == "for":
        raise ScenarioError(f"{words!r}: what must come has 'within N s', not 'for N s'")
    return Frame(message=match["message"], fact=fact, within_s=span_s)
