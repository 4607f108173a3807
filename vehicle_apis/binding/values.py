"""Arguments to signal values and back, conditions, and sentences: the small parts of a bound function."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from vehicle_apis import units
from vehicle_apis.binding.model import ArgTable, Conversion, Value
from vehicle_apis.binding.network import BindingError
from vehicle_apis.numbers import number
from vehicle_apis.params import NumberParam, Param, Scalar

Arguments: TypeAlias = Mapping[str, Scalar]
Matcher: TypeAlias = Mapping[str, Value | tuple[Value, ...]]

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.]*)?(?::([^{}]*))?\}")
_FORMAT = re.compile(r",?\.[0-9]f")
_MINUTES_PER_HOUR = 60


def convert(value: Scalar, how: Conversion, param: Param, arguments: Arguments) -> Scalar:
    """An argument in the unit the bus uses: degrees celsius, km/h, minutes since midnight."""
    match how:
        case "none":
            return value
        case "minute_of_day":
            if isinstance(value, str) and ":" in value:
                hours, minutes = value.split(":")
                return int(hours) * _MINUTES_PER_HOUR + int(minutes)
            return value
        case "celsius":
            unit = str(arguments["unit"])
            if isinstance(param, NumberParam) and param.by_unit:
                low, high = param.by_unit[unit]
                # a default is stated in its own unit, whatever unit was spoken
                if not low <= float(value) <= high and value == param.default:
                    unit = "celsius"
            return units.celsius(float(value), unit)
        case "kmh":
            return units.kmh(float(value), str(arguments["unit"]))


def unconvert(value: Scalar, how: Conversion) -> tuple[Scalar, dict[str, Scalar]]:
    """The argument that `convert` makes ``value`` of, and the unit argument that goes with it."""
    match how:
        case "none":
            return value, {}
        case "minute_of_day":
            if isinstance(value, str):
                return value, {}
            hours, minutes = divmod(int(value), _MINUTES_PER_HOUR)
            return f"{hours:02d}:{minutes:02d}", {}
        case "celsius":
            return value, {"unit": "celsius"}
        case "kmh":
            return value, {"unit": "kmh"}


def map_value(value: Scalar, table: Mapping[str, Value]) -> Scalar:
    """``value`` through a table keyed by words or numbers written as words. Raises BindingError for a missing key."""
    key = show(value)
    if key not in table:
        raise BindingError(f"`map` has no entry for {key!r}")
    return table[key]


def unmap_value(value: Scalar, table: Mapping[str, Value]) -> Scalar | None:
    """The key of ``table`` whose value is ``value``; None when there is none."""
    return next((key for key, shown in table.items() if shown == value), None)


def to_signal(value: Scalar, table: ArgTable, param: Param, arguments: Arguments) -> Scalar:
    """What the command signal must carry for an argument. Raises BindingError."""
    converted = convert(value, table.convert, param, arguments)
    if table.map:
        return map_value(converted, table.map)
    return scaled(converted, table.scale, table.offset)


def scaled(value: Scalar, scale: float, offset: float) -> Scalar:
    if isinstance(value, str) or (scale == 1 and offset == 0):
        return value
    return value * scale + offset


def unscaled(value: Scalar, scale: float, offset: float) -> Scalar:
    if isinstance(value, str) or (scale == 1 and offset == 0):
        return value
    return (value - offset) / scale


def holds(when: Matcher, arguments: Arguments) -> bool:
    """Whether every listed argument has (one of) its listed value(s)."""
    return all(is_one_of(arguments.get(name), wanted) for name, wanted in when.items())


def is_one_of(value: Scalar | None, wanted: Value | tuple[Value, ...] | None) -> bool:
    return value in wanted if isinstance(wanted, tuple) else value == wanted


def state_holds(wanted: Value, value: Scalar | None) -> bool:
    """A condition on a signal: a value, ">N" or "!value". An unknown value meets none."""
    if value is None:
        return False
    if isinstance(wanted, str):
        if wanted.startswith(">"):
            return not isinstance(value, str) and value > number(wanted[1:])
        if wanted.startswith("!"):
            return show(value) != wanted[1:]
    return value == wanted


def show(value: Scalar) -> str:
    """A value as it is spoken: at most one decimal."""
    if isinstance(value, float):
        rounded = round(value, 1)
        return str(int(rounded)) if rounded.is_integer() else f"{rounded}"
    return str(value)


def placeholders(template: str) -> list[str]:
    """Names in a template, in order; "" for {}. Raises BindingError for a format that no number can be shown in."""
    for match in _PLACEHOLDER.finditer(template):
        if match.group(2) and not _FORMAT.fullmatch(match.group(2)):
            raise BindingError(f"{match.group()!r} is no format of a number; write for example {{Odometer:.1f}}")
    return [match.group(1) or "" for match in _PLACEHOLDER.finditer(template)]


def fill(template: str, lookup: Callable[[str], Scalar]) -> str:
    """The template with each {name} or {name:format} replaced; "_" in words becomes a space."""

    def replace(match: re.Match[str]) -> str:
        value = lookup(match.group(1) or "")
        if match.group(2) and not isinstance(value, str):
            return format(value, match.group(2))
        return show(value).replace("_", " ")

    return _PLACEHOLDER.sub(replace, template)


def sentence(template: str, lookup: Callable[[str], Scalar], words: Mapping[str, Mapping[str, str]]) -> str:
    """Like `fill`, but a name listed in ``words`` is said with the phrase for its value."""

    def phrase(name: str) -> Scalar:
        value = lookup(name)
        table = words.get(name)
        if table is None:
            return value
        chosen = table.get(show(value), table.get("*"))
        if chosen is None:
            return value
        return fill(chosen, lambda inner: lookup(inner) if inner else value)

    return fill(template, phrase)
