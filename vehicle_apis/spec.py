"""ApiSpec: the single source for validation, schemas, decoding, tokens, docs and bus binding."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vehicle_apis import numbers
from vehicle_apis.errors import InvalidCall, InvalidSpec
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar, TextParam
from vehicle_apis.ref import Ref, parse_ref

Argument: TypeAlias = Scalar | Ref

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
MAX_PARAMS = 8  # the token table has <arg_0>..<arg_7>


class ApiSpec(BaseModel):
    """One vehicle function.

    ``backend``: can = body/cabin network, dbus = head-unit service, agent = inside the agent.
    ``returns``: place = {name, address}, text = a sentence, None = nothing.
    ``reads_only``: it changes nothing in the car.
    ``idempotent``: sending it twice does what sending it once does, so that a lost answer may be retried;
    ``idempotent_except`` lists argument values for which that is not so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    domain: str
    doc: str
    backend: Literal["can", "dbus", "agent"]
    service: str | None = None
    params: tuple[Param, ...] = ()
    returns: Literal["place", "text"] | None = None
    reads_only: bool = False
    idempotent: bool = True
    idempotent_except: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not _IDENTIFIER.fullmatch(self.name):
            raise InvalidSpec(f"function name {self.name!r} must be lower_snake_case")
        names = [p.name for p in self.params]
        if len(set(names)) != len(names):
            raise InvalidSpec(f"{self.name}: two parameters have the same name")
        if len(names) > MAX_PARAMS:
            raise InvalidSpec(f"{self.name}: at most {MAX_PARAMS} parameters")
        for param in self.params:
            if isinstance(param, NumberParam) and param.by_unit and "unit" not in names:
                raise InvalidSpec(f"{self.name}: {param.name} depends on a parameter `unit` it lacks")
            if isinstance(param, NumberParam) and param.by_unit:
                unit = self.params[names.index("unit")]
                ranged = isinstance(unit, EnumParam) and set(unit.values) <= param.by_unit.keys()
                if not ranged:
                    raise InvalidSpec(f"{self.name}: {param.name} needs a range in `by_unit` for each value of `unit`")
        return self

    @cached_property
    def by_name(self) -> Mapping[str, Param]:
        return {p.name: p for p in self.params}

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.params if p.default is None)

    def is_idempotent(self, arguments: Mapping[str, Argument]) -> bool:
        return self.idempotent and not any(
            arguments.get(key) in values for key, values in self.idempotent_except.items()
        )

    def bind(self, raw: Mapping[str, object]) -> dict[str, Argument]:
        """Validated arguments in catalogue order, defaults filled in. Raises InvalidCall."""
        try:
            return self._bind(raw)
        except InvalidCall as e:
            raise InvalidCall(f"{self.name}: {e}", function=self.name, parameter=e.parameter) from e

    def _bind(self, raw: Mapping[str, object]) -> dict[str, Argument]:
        for key in raw:
            if key not in self.by_name:
                known = ", ".join(self.by_name) or "none"
                raise InvalidCall(f"there is no parameter {key!r} (parameters: {known})", parameter=str(key))
        bound: dict[str, Argument] = {}
        for param in self.params:
            if param.name not in raw:
                if param.default is None:
                    raise InvalidCall(f"{param.name} is missing", parameter=param.name)
                bound[param.name] = param.default
                continue
            value = raw[param.name]
            # without the blanks that a text loses too: " $1" must not become the text "$1"
            ref = parse_ref(value.strip() if isinstance(value, str) else value)
            if ref is not None:
                if not (isinstance(param, TextParam) and param.accepts_result):
                    raise InvalidCall(f"{param.name} cannot take a result {ref}", parameter=param.name)
                bound[param.name] = ref
                continue
            bound[param.name] = param.normalise(value)
        self._check_units(bound, raw)
        return bound

    def _check_units(self, bound: Mapping[str, Argument], raw: Mapping[str, object]) -> None:
        for param in self.params:
            # a default is stated in its own unit (precondition_cabin: 21 celsius) and needs no check
            if isinstance(param, NumberParam) and param.by_unit and param.name in raw:
                value = bound[param.name]
                if isinstance(value, int | float) and value != param.default:
                    param.check_unit(value, str(bound["unit"]))

    def parse(self, words: Mapping[str, str]) -> dict[str, Argument]:
        """Like `bind` for the arguments of a single call that arrive as text (command line, D-Bus)."""
        raw: dict[str, object] = {}
        for key, word in words.items():
            param = self.by_name.get(key)
            is_number = isinstance(param, IntegerParam | NumberParam) and numbers.is_number(word)
            raw[key] = numbers.number(word) if is_number else word
        bound = self.bind(raw)
        for key, value in bound.items():
            if isinstance(value, Ref):
                raise InvalidCall(
                    f"{self.name}: {key} refers to the result of another call ({value}), but this is a single call; "
                    "write what is meant",
                    function=self.name,
                    parameter=key,
                )
        return bound
