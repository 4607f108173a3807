"""Typed parameters: each kind validates and normalises one argument."""

import math
import re
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vehicle_apis.errors import InvalidCall, InvalidSpec

Scalar: TypeAlias = str | int | float

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DIGITS = re.compile(r"[0-9]+")
MAX_TEXT_CHARS = 500


class _Param(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    note: str = ""

    @model_validator(mode="after")
    def _name_is_identifier(self) -> Self:
        if not _IDENTIFIER.fullmatch(self.name):
            raise InvalidSpec(f"parameter name {self.name!r} must be lower_snake_case")
        return self

    def _fail(self, value: object, wanted: str) -> InvalidCall:
        shown = f"{value:g}" if isinstance(value, float) else repr(value)
        return InvalidCall(f"{self.name} must be {wanted}, not {shown}", parameter=self.name)


class EnumParam(_Param):
    """One of a closed list of words."""

    kind: Literal["enum"] = "enum"
    values: tuple[str, ...]
    default: str | None = None

    @model_validator(mode="after")
    def _default_is_listed(self) -> Self:
        if len(set(self.values)) != len(self.values) or not self.values:
            raise InvalidSpec(f"{self.name}: values must be distinct and not empty")
        if self.default is not None and self.default not in self.values:
            raise InvalidSpec(f"{self.name}: default {self.default!r} is not one of its values")
        return self

    def normalise(self, value: object) -> Scalar:
        if isinstance(value, str) and value in self.values:
            return value
        raise self._fail(value, "one of " + ", ".join(self.values))


def _as_number(value: object) -> float | None:
    """The finite number ``value`` is, else None. Booleans and strings are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # int is compared without float(): 10**400 must be out of range, not an OverflowError
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class IntegerParam(_Param):
    """A whole number within [min, max]; ``unit`` is what it counts."""

    kind: Literal["integer"] = "integer"
    min: int
    max: int
    unit: str = ""
    default: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise InvalidSpec(f"{self.name}: min {self.min} is above max {self.max}")
        if self.default is not None and not self.min <= self.default <= self.max:
            raise InvalidSpec(f"{self.name}: default {self.default} is out of range")
        return self

    def normalise(self, value: object) -> Scalar:
        number = _as_number(value)
        if number is not None and self.min <= number <= self.max and number == int(number):
            return int(number)
        unit = f" {self.unit}" if self.unit else ""
        raise self._fail(value, f"a whole number from {self.min} to {self.max}{unit}")


class NumberParam(_Param):
    """A number within [min, max]; with ``by_unit`` the range depends on the sibling parameter `unit`."""

    kind: Literal["number"] = "number"
    min: float
    max: float
    unit: str = ""
    by_unit: dict[str, tuple[float, float]] = Field(default_factory=dict)
    default: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise InvalidSpec(f"{self.name}: min {self.min} is above max {self.max}")
        if self.default is not None and not self.min <= self.default <= self.max:
            raise InvalidSpec(f"{self.name}: default {self.default} is out of range")
        return self

    def normalise(self, value: object) -> Scalar:
        number = _as_number(value)
        if number is not None and self.min <= number <= self.max:
            return int(number) if number == int(number) else float(number)
        if self.by_unit:
            ranges = " or ".join(f"from {low:g} to {high:g} {unit}" for unit, (low, high) in self.by_unit.items())
            raise self._fail(value, ranges)
        unit = f" {self.unit}" if self.unit else ""
        raise self._fail(value, f"a number from {self.min:g} to {self.max:g}{unit}")

    def check_unit(self, value: float, unit: str) -> None:
        """Raises InvalidCall when ``value`` is outside the range of its spoken ``unit``."""
        if not self.by_unit:
            return
        low, high = self.by_unit[unit]
        if not low <= value <= high:
            raise self._fail(value, f"from {low:g} to {high:g} {unit}")


class TextParam(_Param):
    """Free text in the speaker's own words.

    ``accepts_result``: may be "$n", an earlier call's result. ``digits``: a telephone number, digits only.
    ``spoken_number``: a frequency may be written in digits though it was spoken in words.
    """

    kind: Literal["text"] = "text"
    default: str | None = None
    accepts_result: bool = False
    digits: bool = False
    spoken_number: bool = False

    def normalise(self, value: object) -> Scalar:
        if not isinstance(value, str):
            raise self._fail(value, "text")
        text = " ".join(value.split())
        if len(text) > MAX_TEXT_CHARS:
            raise self._fail(text[:20] + "...", f"at most {MAX_TEXT_CHARS} characters")
        if text == self.default:
            return text
        if not text:
            raise self._fail(value, "some text")
        if not text.isprintable():
            raise self._fail(value, "printable text")
        if self.digits and not (text.isascii() and _DIGITS.fullmatch(text)):
            raise self._fail(value, "digits only")
        return text


class TimeParam(_Param):
    """A clock time "HH:MM" (24 h), or the default word."""

    kind: Literal["time"] = "time"
    default: str | None = None
    pattern: ClassVar[re.Pattern[str]] = _TIME

    def normalise(self, value: object) -> Scalar:
        if isinstance(value, str) and (value == self.default or _TIME.fullmatch(value)):
            return value
        word = f" or {self.default!r}" if self.default is not None else ""
        raise self._fail(value, f"a time HH:MM in 24 hour form{word}")


Param = Annotated[EnumParam | IntegerParam | NumberParam | TextParam | TimeParam, Field(discriminator="kind")]
