"""The functional-token codec: plans to pieces and back.

A piece is either a special token ("<fn_12>") or plain text. Output of the model, per call: ``<fn_i>`` and its
arguments in catalogue order, those equal to the default left out; an argument is ``<arg_k>`` + value, except that a
required first parameter needs no marker. Values: enum = " " + words, text = " " + the words spoken, numbers and
times without a leading space, "$n" = ``<ref_n>``, an earlier turn's result = ``<prior>``, a step from the value last
commanded = ``<more>`` or ``<less>``. After the last call ``<end>``. For a specialist: ``<route_k>`` and the query,
alone or after calls. Nothing to do: ``<refuse><end>``. Incomplete: ``<clarify><fn_i>[<arg_k>]<end>``. An answer to an
open question: ``<yes><end>``, ``<no><end>`` or ``<cancel><end>``.

Before the utterance, what was before it (`encode_earlier`): each turn's calls behind ``<turn>``, the calls asked about
behind ``<asked>``, or ``<heard>`` + the words of a command that lacks something + its ``<clarify>...``. Before that,
functions that are described instead of known (`encode_tool`): ``<tool><fn_i>`` + name and doc, ``<arg_k>`` + each
parameter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from vehicle_apis import tokens as wire
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, stepped
from vehicle_apis.errors import CodecError, InvalidCall, InvalidPlan
from vehicle_apis.numbers import number
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.ref import EarlierRef, Ref
from vehicle_apis.spec import ApiSpec, Argument
from vehicle_apis.tokens import CLARIFY, END, REFUSE, arg_token, fn_token, ref_token

_SPECIAL = re.compile(
    r"<(fn|arg|ref|route)_([0-9]{1,9})>|<(?:refuse|clarify|end|more|less|prior|yes|no|cancel|turn|asked|heard|tool)>"
)
_STEPS: Final = {wire.MORE: 1, wire.LESS: -1}
_ANSWERS: Final[dict[str, Literal["yes", "no", "cancel"]]] = {wire.YES: "yes", wire.NO: "no", wire.CANCEL: "cancel"}
MAX_DOC_WORDS: Final = 24
NO_STEPS: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refusal:
    """The utterance asks for nothing the catalogue offers."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A command without one of its required arguments. ``missing``: the parameter, "" when not known."""

    spec: ApiSpec
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an open yes/no question."""

    answer: Literal["yes", "no", "cancel"]


@dataclass(frozen=True, slots=True)
class Routed:
    """A request that a specialist answers, reworded for it; ``plan`` is what was asked for besides."""

    to: str
    query: str = ""
    plan: Plan = Plan()  # noqa: RUF009 - frozen


Utterance: TypeAlias = Plan | Refusal | Incomplete | Reply | Routed


def prompt(text: str) -> str:
    """The model's input after <bos> and what was before: every word with its leading space, then a newline."""
    return f" {' '.join(text.split())}\n"


def number_text(value: float) -> str:
    """Digits without a trailing .0 ("21", "0.5")."""
    return str(int(value)) if value == int(value) else repr(float(value))


def enum_text(value: str) -> str:
    return " " + value.replace("_", " ")


def _value_text(param: Param, value: Argument) -> str:
    match param:
        case EnumParam():
            return enum_text(str(value))
        case TextParam():
            return f" {value}"
        case TimeParam():
            return str(value)
        case _:
            assert isinstance(value, int | float)  # noqa: S101 - the catalogue has checked it
            return number_text(value)


def encode(utterance: Utterance, catalogue: Catalogue) -> list[str]:
    """Pieces of the model's whole output."""
    match utterance:
        case Refusal():
            return [REFUSE, END]
        case Reply(answer=answer):
            return [next(token for token, meant in _ANSWERS.items() if meant == answer), END]
        case Incomplete(spec=spec, missing=missing):
            return [*_encode_incomplete(spec, missing, catalogue), END]
        case Routed(to=to, query=query, plan=plan):
            route = [wire.route_token(wire.ROUTES.index(to)), *([f" {query}"] if query else [])]
            return [*_encode_calls(plan, catalogue), *route, END]
        case Plan():
            return [*(_encode_calls(utterance, catalogue) or [REFUSE]), END]


def _encode_incomplete(spec: ApiSpec, missing: str, catalogue: Catalogue) -> list[str]:
    pieces = [CLARIFY, fn_token(catalogue.token_index(spec.name))]
    if missing:
        pieces.append(arg_token([p.name for p in spec.params].index(missing)))
    return pieces


def _encode_calls(plan: Plan, catalogue: Catalogue) -> list[str]:
    return [piece for call in plan.calls for piece in encode_call(call, catalogue)]


def _encode_known(plan: Plan, catalogue: Catalogue) -> list[str]:
    known = (call for call in plan.calls if catalogue.is_builtin(call.name))
    return [piece for call in known for piece in encode_call(call, catalogue)]


def encode_call(
    call: Call, catalogue: Catalogue, steps: Mapping[str, int] = NO_STEPS, *, token: int | None = None
) -> list[str]:
    """``steps``: parameters whose value is said as a step from the one before, +1 or -1. ``token``: of a function that
    is only described."""
    pieces = [fn_token(catalogue.token_index(call.name) if token is None else token)]
    spoken = call.spoken_arguments()
    for index, param in enumerate(call.spec.params):
        if param.name not in spoken and param.name not in steps:
            continue
        if index > 0 or param.default is not None:
            pieces.append(arg_token(index))
        match call.arguments[param.name]:
            case _ if param.name in steps:
                pieces.append(wire.MORE if steps[param.name] > 0 else wire.LESS)
            case Ref() as value:
                pieces.append(ref_token(value.step))
            case EarlierRef():
                pieces.append(wire.PRIOR)
            case value:
                pieces.append(_value_text(param, value))
    return pieces


def encode_earlier(earlier: Earlier, catalogue: Catalogue) -> list[str]:
    """What stands before the utterance. A pack's functions are left out: the model has not learned their tokens."""
    pieces: list[str] = []
    for turn in earlier.turns:
        if calls := _encode_known(turn.plan, catalogue):
            pieces += [wire.TURN, *([wire.NO] if turn.declined else []), *calls]
    if calls := _encode_known(earlier.asked, catalogue):
        pieces += [wire.ASKED, *calls]
    if earlier.wanted is not None and catalogue.is_builtin(earlier.wanted.function):
        wanted = earlier.wanted
        pieces += [
            wire.HEARD,
            f" {wanted.words}",
            *_encode_incomplete(catalogue[wanted.function], wanted.missing, catalogue),
        ]
    return pieces


def encode_tool(spec: ApiSpec, token: int) -> list[str]:
    """A function described in the context, so that it can be called by ``<fn_token>`` without having been learned."""
    pieces = [wire.TOOL, fn_token(token), f" {_plain(spec.name)} {_plain(spec.doc)}"]
    for index, param in enumerate(spec.params):
        pieces += [arg_token(index), f" {_plain(param.name)} {_values(param)}".rstrip()]
    return pieces


def _values(param: Param) -> str:
    match param:
        case EnumParam():
            return " ".join(_plain(v) for v in param.values)
        case IntegerParam() | NumberParam():
            return f"{number_text(param.min)} to {number_text(param.max)}"
        case TimeParam():
            return "time"
        case _:
            return "words"


def _plain(text: str) -> str:
    words = re.sub(r"[^a-z0-9' ]+", " ", text.replace("_", " ").lower()).split()
    return " ".join(words[:MAX_DOC_WORDS])


def decode(pieces: Sequence[str], catalogue: Catalogue, earlier: Earlier = NOTHING_BEFORE) -> Utterance:
    """The inverse of `encode`, in the light of what was ``earlier``. Raises CodecError for anything malformed."""
    try:
        return _Decoder(pieces, catalogue, earlier).utterance()
    except (InvalidCall, InvalidPlan) as e:
        raise CodecError(f"the model's output is no valid plan: {e}") from e


class _Decoder:
    def __init__(self, pieces: Sequence[str], catalogue: Catalogue, earlier: Earlier) -> None:
        self._pieces = pieces
        self._catalogue = catalogue
        self._earlier = earlier
        self._at = 0

    def _peek(self) -> str:
        return self._pieces[self._at] if self._at < len(self._pieces) else ""

    def _take(self) -> str:
        piece = self._peek()
        self._at += 1
        return piece

    def _special(self, kind: str) -> int | None:
        """Takes the next piece if it is ``<kind_N>`` and returns N."""
        match = _SPECIAL.fullmatch(self._peek())
        if match is None or match.group(1) != kind:
            return None
        self._at += 1
        return int(match.group(2))

    def _function(self) -> ApiSpec:
        index = self._special("fn")
        spec = None if index is None else self._catalogue.by_token(index)
        if spec is None:
            raise CodecError(f"a function token was expected, not {self._pieces[self._at - 1 :][:1]}")
        return spec

    def utterance(self) -> Utterance:
        if self._peek() == REFUSE:
            self._take()
            self._expect_end()
            return Refusal()
        if self._peek() in _ANSWERS:
            answer = _ANSWERS[self._take()]
            self._expect_end()
            return Reply(answer)
        if self._peek() == CLARIFY:
            self._take()
            spec = self._function()
            index = self._special("arg")
            self._expect_end()
            if index is not None and index >= len(spec.params):
                raise CodecError(f"{spec.name} has no parameter {index}")
            return Incomplete(spec, spec.params[index].name if index is not None else "")
        calls: list[Call] = []
        route: tuple[str, str] | None = None
        while self._peek() != END and route is None:
            route = self._route()
            if route is None:
                calls.append(self._call())
        self._expect_end()
        plan = Plan.of(*calls)
        return plan if route is None else Routed(route[0], route[1], plan)

    def _route(self) -> tuple[str, str] | None:
        index = self._special("route")
        if index is None:
            return None
        if index >= len(wire.ROUTES):
            raise CodecError(f"there is no specialist {index}")
        query = "" if _SPECIAL.fullmatch(self._peek()) else self._take()
        return wire.ROUTES[index], " ".join(query.split())

    def _expect_end(self) -> None:
        if self._take() != END or self._at != len(self._pieces):
            raise CodecError("the output does not stop at its end token")

    def _call(self) -> Call:
        spec = self._function()
        arguments: dict[str, Argument] = {}
        steps: dict[str, int] = {}
        if spec.params and spec.params[0].default is None:
            self._argument(spec, spec.params[0], arguments, steps)
        while (index := self._special("arg")) is not None:
            if index >= len(spec.params):
                raise CodecError(f"{spec.name} has no parameter {index}")
            param = spec.params[index]
            if param.name in arguments or param.name in steps:
                raise CodecError(f"{spec.name}: {param.name} is given twice")
            self._argument(spec, param, arguments, steps)
        for name, by in steps.items():
            arguments[name] = self._stepped(spec, name, by, arguments)
        return Call(spec, arguments)

    def _argument(self, spec: ApiSpec, param: Param, arguments: dict[str, Argument], steps: dict[str, int]) -> None:
        if self._peek() in _STEPS:
            if param.name not in spec.steps:
                raise CodecError(f"{spec.name}: {param.name} has no steps")
            steps[param.name] = _STEPS[self._take()]
        else:
            arguments[param.name] = self._value(param)

    def _stepped(self, spec: ApiSpec, parameter: str, by: int, others: dict[str, Argument]) -> Argument:
        """A step from the newest call of the same function, of the same place if there is one."""
        before = self._earlier.calls_of(spec.name)
        if not before:
            raise CodecError(f"{spec.name}: nothing was said before that {parameter} could differ from")
        same = [c for c in before if all(c.arguments[k] == v for k, v in others.items())]
        return stepped((same or before)[0], parameter, by)

    def _value(self, param: Param) -> Argument:
        step = self._special("ref")
        if step is not None:
            return Ref(step)
        if self._peek() == wire.PRIOR:
            self._take()
            result = self._earlier.result_for(param.name)
            if result is None:
                raise CodecError(f"{param.name}: no earlier turn had a result")
            return result
        text = self._take()
        if not text or _SPECIAL.fullmatch(text):
            raise CodecError(f"a value for {param.name} was expected")
        match param:
            case EnumParam():
                return text.strip().replace(" ", "_")
            case TextParam():
                return text.strip()
            case TimeParam():
                return text.strip()
            case _:
                try:
                    return float(number(text.strip()))
                except ValueError as e:
                    raise CodecError(f"{param.name}: {text!r} is no number") from e
