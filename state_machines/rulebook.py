"""Rules made ready to ask: matching of arguments and conditions, verdict per driving state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from state_machines.conditions import CONDITIONS
from state_machines.driving_state import DRIVABLE, DrivingState, is_number
from state_machines.rules import APP_KINDS, EVERY_OTHER_FUNCTION, PACKED_FUNCTION, RULES
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.numbers import number
from vehicle_apis.pack import RuleSpec
from vehicle_apis.signals import Signals
from vehicle_apis.spec import ApiSpec


class Decision(IntEnum):
    """Ordered by strictness."""

    ALLOW = 0
    CONFIRM = 1
    DENY = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class RuleError(Exception):
    """A rule names a parameter, value or condition that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """``name``: function and position, "open_app[1]"; ``arguments``: tests that must all hold."""

    name: str
    arguments: tuple[tuple[str, Callable[[object], bool]], ...]
    when: tuple[tuple[Callable[[Signals], str], str], ...]
    allow: frozenset[DrivingState]
    confirm: frozenset[DrivingState]

    def matches(self, arguments: Mapping[str, object], signals: Signals) -> bool:
        return all(test(arguments[key]) for key, test in self.arguments) and all(
            read(signals) == wanted for read, wanted in self.when
        )

    def decision(self, state: DrivingState) -> Decision:
        if state is DrivingState.UNKNOWN:
            return max(self.decision(s) for s in DRIVABLE)
        if state in self.allow:
            return Decision.ALLOW
        return Decision.CONFIRM if state in self.confirm else Decision.DENY


def _states(words: Iterable[str] | str) -> frozenset[DrivingState]:
    if words == "any":
        return frozenset(DRIVABLE)
    return frozenset(DrivingState[word.upper()] for word in words)


def _argument_test(wanted: str | int | tuple[str | int, ...]) -> Callable[[object], bool]:
    if isinstance(wanted, str) and wanted.startswith("<"):
        limit = number(wanted[1:])
        return lambda value: is_number(value) and value < limit
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return lambda value: value in values


def _compile(spec: ApiSpec, index: int, rule: RuleSpec) -> CompiledRule:
    name = f"{spec.name}[{index}]"
    tests = []
    for key, wanted in rule.args.items():
        if key not in spec.by_name and not (spec.opens_app and key == "app_kind"):
            raise RuleError(f"rule {name}: {spec.name} has no parameter {key!r}")
        tests.append((key, _argument_test(wanted)))
    when = []
    for key, word in rule.when.items():
        if key not in CONDITIONS or word not in CONDITIONS[key][1]:
            raise RuleError(f"rule {name}: there is no condition {key}={word}")
        when.append((CONDITIONS[key][0], word))
    return CompiledRule(
        name=name,
        arguments=tuple(tests),
        when=tuple(when),
        allow=_states(rule.allow),
        confirm=_states(rule.confirm),
    )


def app_key(app: str) -> str:
    """An app's name as it is looked up: lower case, single spaces, without a trailing "app"."""
    words = app.lower().split()
    if len(words) > 1 and words[-1] == "app":
        words.pop()
    return " ".join(words)


class RuleBook:
    """The rules of every known function. Raises RuleError for a rule that cannot be applied."""

    def __init__(self, catalogue: Catalogue) -> None:
        packed = {name: rules for pack in catalogue.packs for name, rules in pack.rules.items()}
        self._rules: dict[str, tuple[CompiledRule, ...]] = {}
        for spec in catalogue:
            if catalogue.is_builtin(spec.name):
                rules = RULES.get(spec.name, EVERY_OTHER_FUNCTION)
            else:
                rules = packed.get(spec.name, PACKED_FUNCTION)
            self._rules[spec.name] = tuple(_compile(spec, i, rule) for i, rule in enumerate(rules))
        declared = catalogue.app_kinds()
        for app, kind in declared.items():
            if kind not in APP_KINDS:
                # a misspelt kind would match no rule but the last, which allows
                raise RuleError(f"the app {app!r} is declared as {kind!r}; the kinds are {', '.join(APP_KINDS)}")
        self._kinds = {app_key(app): kind for app, kind in declared.items()}
        # a pack may name new apps but not make a known video app harmless, so ours are written last
        self._kinds |= {app: kind for kind, apps in APP_KINDS.items() for app in apps}

    def app_kind(self, app: str) -> str:
        return self._kinds.get(app_key(app), "unknown")

    def rule_for(self, call: Call, signals: Signals) -> CompiledRule | None:
        """The first matching rule, None when the function is unknown or no rule matches (deny)."""
        rules = self._rules.get(call.name)
        if rules is None:
            return None
        arguments: Mapping[str, object] = call.arguments
        if call.spec.opens_app:
            arguments = {**call.arguments, "app_kind": self.app_kind(str(call.arguments[call.spec.opens_app]))}
        for rule in rules:
            if rule.matches(arguments, signals):
                return rule
        return None
