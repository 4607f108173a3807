"""A call out of whatever a prompted model wrote: JSON, nearly JSON, or `name(key=value)`."""

import json
import re
from collections.abc import Mapping
from typing import Final

from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Refusal, Utterance
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param
from vehicle_apis.spec import ApiSpec

_NAME: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")
_PAIR: Final = re.compile(r"""["']?([a-z_]+)["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^,{}()\[\]"']+))""")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


def named(written: str, catalogue: Catalogue) -> ApiSpec | None:
    """The first function of the catalogue that is named at all."""
    return next((catalogue[w] for w in _NAME.findall(written.lower()) if w in catalogue), None)


def to_utterance(written: str, catalogue: Catalogue) -> Utterance:
    """The call; a refusal when no function is named or a required argument is missing or unusable.

    Unknown parameters and unusable optional values are dropped, words like "On" and "20 %" are read as meant.
    """
    spec = named(written, catalogue)
    if spec is None:
        return Refusal()
    _, _, rest = written.partition(spec.name)
    given = _pairs(rest)
    arguments: dict[str, object] = {}
    for param in spec.params:
        value = _usable(param, given[param.name]) if param.name in given else None
        if value is not None and _accepts(param, value):
            arguments[param.name] = value
    try:
        return Plan.of(catalogue.call(spec.name, **arguments))
    except VehicleApiError:
        return Refusal()


def _pairs(rest: str) -> Mapping[str, object]:
    start, end = rest.find("{"), rest.rfind("}")
    if 0 <= start < end:
        try:
            document = json.loads(rest[start : end + 1])
        except ValueError:
            document = None
        if isinstance(document, dict):
            inner = document.get("arguments", document)
            return inner if isinstance(inner, dict) else document
    return {key: a or b or c.strip() for key, a, b, c in _PAIR.findall(rest)}


def _usable(param: Param, value: object) -> object:
    """``value`` as the parameter's kind wants it, None if it is nothing of that kind."""
    if isinstance(value, bool):
        value = "on" if value else "off"
    if isinstance(param, IntegerParam | NumberParam):
        number = _NUMBER.search(str(value))
        return float(number.group()) if number else None
    if isinstance(param, EnumParam):
        return str(value).strip().lower().replace(" ", "_")
    return str(value).strip().lower() if isinstance(value, str | int | float) else None


def _accepts(param: Param, value: object) -> bool:
    try:
        param.normalise(value)
    except VehicleApiError:
        return False
    return True
