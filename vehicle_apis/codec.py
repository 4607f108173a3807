"""The functional-token codec: plans to pieces and back.

A piece is either a special token ("<fn_12>") or plain text. Output of the model, per call: ``<fn_i>`` and its
arguments in catalogue order, those equal to the default left out; an argument is ``<arg_k>`` + value, except that a
required first parameter needs no marker. Values: enum = " " + words, text = " " + the words spoken, numbers and
times without a leading space, "$n" = ``<ref_n>``. After the last call ``<end>``. Nothing to do: ``<refuse><end>``.
Incomplete: ``<clarify><fn_i>[<arg_k>]<end>``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import CodecError, InvalidCall, InvalidPlan
from vehicle_apis.numbers import number
from vehicle_apis.params import EnumParam, Param, TextParam, TimeParam
from vehicle_apis.ref import Ref
from vehicle_apis.spec import ApiSpec, Argument
from vehicle_apis.tokens import CLARIFY, END, REFUSE, arg_token, fn_token, ref_token

_SPECIAL = re.compile(r"<(fn|arg|ref)_([0-9]+)>|<refuse>|<clarify>|<end>")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The utterance asks for nothing the catalogue offers."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A command without one of its required arguments. ``missing``: the parameter, "" when not known."""

    spec: ApiSpec
    missing: str = ""


Utterance: TypeAlias = Plan | Refusal | Incomplete


def prompt(text: str) -> str:
    """The model's whole input after <bos>: every word with its leading space, then a newline."""
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
        case Incomplete(spec=spec, missing=missing):
            pieces = [CLARIFY, fn_token(catalogue.token_index(spec.name))]
            if missing:
                pieces.append(arg_token([p.name for p in spec.params].index(missing)))
            return [*pieces, END]
        case Plan():
            if not utterance.steps:
                return [REFUSE, END]
            pieces = []
            for call in utterance.calls:
                pieces += encode_call(call, catalogue)
            return [*pieces, END]


def encode_call(call: Call, catalogue: Catalogue) -> list[str]:
    pieces = [fn_token(catalogue.token_index(call.name))]
    spoken = call.spoken_arguments()
    for index, param in enumerate(call.spec.params):
        if param.name not in spoken:
            continue
        value = spoken[param.name]
        if index > 0 or param.default is not None:
            pieces.append(arg_token(index))
        pieces.append(ref_token(value.step) if isinstance(value, Ref) else _value_text(param, value))
    return pieces


def decode(pieces: Sequence[str], catalogue: Catalogue) -> Utterance:
    """The inverse of `encode`. Raises CodecError for anything malformed or invalid."""
    try:
        return _Decoder(pieces, catalogue).utterance()
    except (InvalidCall, InvalidPlan) as e:
        raise CodecError(f"the model's output is no valid plan: {e}") from e


class _Decoder:
    def __init__(self, pieces: Sequence[str], catalogue: Catalogue) -> None:
        self._pieces = pieces
        self._catalogue = catalogue
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
        if self._peek() == CLARIFY:
            self._take()
            spec = self._function()
            index = self._special("arg")
            self._expect_end()
            if index is not None and index >= len(spec.params):
                raise CodecError(f"{spec.name} has no parameter {index}")
            return Incomplete(spec, spec.params[index].name if index is not None else "")
        calls: list[Call] = []
        while self._peek() != END:
            calls.append(self._call())
        self._expect_end()
        return Plan.of(*calls)

    def _expect_end(self) -> None:
        if self._take() != END or self._at != len(self._pieces):
            raise CodecError("the output does not stop at its end token")

    def _call(self) -> Call:
        spec = self._function()
        arguments: dict[str, Argument] = {}
        if spec.params and spec.params[0].default is None:
            arguments[spec.params[0].name] = self._value(spec.params[0])
        while (index := self._special("arg")) is not None:
            if index >= len(spec.params):
                raise CodecError(f"{spec.name} has no parameter {index}")
            param = spec.params[index]
            if param.name in arguments:
                raise CodecError(f"{spec.name}: {param.name} is given twice")
            arguments[param.name] = self._value(param)
        return Call(spec, arguments)

    def _value(self, param: Param) -> Argument:
        step = self._special("ref")
        if step is not None:
            return Ref(step)
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
