"""ApiSpec: the single source for validation, schemas, decoding, tokens, docs and bus binding."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vehicle_apis import numbers
from vehicle_apis.errors import InvalidCall, InvalidSpec
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar, TextParam, TimeParam
from vehicle_apis.ref import AnyRef, EarlierRef, Ref, parse_any_ref
from vehicle_apis.table import Table
from vehicle_apis.traits import Activity, Ending, Hearing, RunsAfter, Telephone
from vehicle_apis.wording import Phrase, Question, Refusal, as_spelt, check_phrase, check_template, check_value, known

Argument: TypeAlias = Scalar | AnyRef

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_SIGNATURE = {
    *("name", "domain", "doc", "backend", "service", "params", "returns"),
    *("reads_only", "idempotent", "idempotent_except"),
}
MAX_PARAMS = 8  # the token table has <arg_0>..<arg_7>


class ApiSpec(BaseModel):
    """One vehicle function: all that is said about it, but for its rules.

    ``backend``: can = body/cabin network, dbus = head-unit service, agent = inside the agent.
    ``returns``: place = {name, address}, text = a sentence, None = nothing.
    ``reads_only``: it changes nothing in the car.
    ``idempotent``: sending it twice does what sending it once does, so that a lost answer may be retried;
    ``idempotent_except`` lists argument values for which that is not so.

    In words: ``phrase``: what a call does. ``value_words``: parameter -> value -> how that is said, where
    `common_words` says it otherwise or not at all. ``result_words``: how another call's result is said as an argument.
    ``questions``: parameter -> what to ask when it is missing. ``refusal``: how verdicts speak of it. ``confirmation``:
    the question before it is done, a template, where "..., are you sure?" will not do.

    Beside others in a plan: ``runs_after``: calls it waits for. ``actuator``: what it moves or sets, a name shared with
    the functions that move the same, which run as spoken; "" = nothing that another function moves. ``may_overlap``:
    calls of it need not wait for each other. ``covers``: parameter -> place -> places that it holds.

    What is special about it: ``activity``: what goes on until it is ended. ``telephone``: it reaches a number.
    ``resumes``: parameter -> values that make the player go on with what it has, so that it is judged as that.
    ``steps``: parameter -> by how much "a bit more" moves the value last commanded, where no other function adjusts it;
    of a closed list of words 1 = the next of them. ``opens_app``: the parameter that names an app; rules may ask for
    its ``app_kind``. ``takes_back``: it stands for the inverse calls of the last action. ``hearing``: how it is held
    against the words that were said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    name: str
    domain: str
    doc: str
    backend: Literal["can", "dbus", "agent"]
    service: str | None = None
    params: tuple[Param, ...] = ()
    returns: Literal["place", "text"] | None = None
    reads_only: bool = False
    idempotent: bool = True
    idempotent_except: Table[tuple[str, ...]] = {}
    phrase: Phrase = ""
    value_words: Table[Table[str]] = {}
    result_words: str = "the result"
    questions: Table[Question] = {}
    refusal: Refusal | None = None
    confirmation: str = ""
    runs_after: tuple[RunsAfter, ...] = ()
    actuator: str = ""
    may_overlap: bool = False
    covers: Table[Table[tuple[str, ...]]] = {}
    activity: Activity | None = None
    telephone: Telephone | None = None
    resumes: Table[tuple[str, ...]] = {}
    steps: Table[int] = {}
    opens_app: str = ""
    takes_back: bool = False
    hearing: Hearing = Field(default_factory=Hearing)

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
        self._check_wording()
        self._check_traits()
        self._check_steps()
        return self

    def _check_wording(self) -> None:
        """Raises InvalidSpec for words about a parameter or a value that is not there."""
        params = {p.name: p for p in self.params}
        check_phrase(self.phrase, params, f"{self.name}: phrase")
        for key, words in self.value_words.items():
            for value in words:
                check_value(known(key, params, f"{self.name}: value_words"), value, f"{self.name}: value_words")
        for key in self.questions:
            known(key, params, f"{self.name}: questions")
        check_template(self.confirmation, params, f"{self.name}: confirmation")
        if self.refusal is not None:
            check_template(self.refusal.what, params, f"{self.name}: refusal")
            for key, sentences in self.refusal.never.items():
                for value in sentences:
                    check_value(known(key, params, f"{self.name}: refusal"), value, f"{self.name}: refusal")

    def _check_traits(self) -> None:
        """Raises InvalidSpec for a trait that names a parameter or a value that is not there."""
        params = {p.name: p for p in self.params}
        named = {
            "opens_app": [self.opens_app],
            "telephone": [self.telephone.number if self.telephone is not None else ""],
            "hearing": [self.hearing.duration, self.hearing.timer_label, *self.hearing.ends],
        }
        for field, keys in named.items():
            for key in filter(None, keys):
                known(key, params, f"{self.name}: {field}")
        if self.telephone is not None:
            check_template(self.telephone.party, params, f"{self.name}: telephone")
        valued: dict[str, Mapping[str, tuple[str, ...]]] = {
            "idempotent_except": self.idempotent_except,
            "resumes": self.resumes,
            "covers": self._covering(),
        }
        if self.activity is not None:
            valued["activity"] = {k: (as_spelt(v),) for k, v in self.activity.cars_own_in_reverse.items()}
        for field, values in valued.items():
            for key, spelt in values.items():
                for value in spelt:
                    check_value(known(key, params, f"{self.name}: {field}"), value, f"{self.name}: {field}")

    def _check_steps(self) -> None:
        """Raises InvalidSpec for steps of what has no next value, or none at all."""
        params = {p.name: p for p in self.params}
        for key, step in self.steps.items():
            if isinstance(known(key, params, f"{self.name}: steps"), TextParam | TimeParam):
                raise InvalidSpec(f"{self.name}: steps: {key} is no number and no word of a list; leave its step out")
            if step < 1:
                raise InvalidSpec(f"{self.name}: steps: a step of {key} is at least 1, not {step}")

    def _covering(self) -> dict[str, tuple[str, ...]]:
        return {
            key: tuple(place for whole, parts in covers.items() for place in (whole, *parts))
            for key, covers in self.covers.items()
        }

    def signature(self) -> dict[str, object]:
        """What a caller has to know, ready for JSON: name, parameters, result; nothing of how it is spoken of."""
        return self.model_dump(mode="json", include=_SIGNATURE)

    @property
    def ending(self) -> Ending | None:
        """How what it begins is ended; None when nothing goes on."""
        return None if self.activity is None else self.activity.ending

    @cached_property
    def needs_success_of(self) -> frozenset[str]:
        """The functions without whose success it is left out."""
        return frozenset(after.function for after in self.runs_after if after.needs_success)

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
            ref = parse_any_ref(value.strip() if isinstance(value, str) else value)
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

    def bind_words(self, words: Mapping[str, str]) -> dict[str, Argument]:
        """Like `bind` for arguments that are written as text, `$n` among them."""
        raw: dict[str, object] = {}
        for key, word in words.items():
            param = self.by_name.get(key)
            is_number = isinstance(param, IntegerParam | NumberParam) and numbers.is_number(word)
            raw[key] = numbers.number(word) if is_number else word
        return self.bind(raw)

    def parse(self, words: Mapping[str, str]) -> dict[str, Argument]:
        """Like `bind_words` for a single call (command line, D-Bus), which has no other call's result to refer to."""
        bound = self.bind_words(words)
        for key, value in bound.items():
            if isinstance(value, Ref | EarlierRef):
                raise InvalidCall(
                    f"{self.name}: {key} refers to the result of another call ({value}), but this is a single call; "
                    "write what is meant",
                    function=self.name,
                    parameter=key,
                )
        return bound
