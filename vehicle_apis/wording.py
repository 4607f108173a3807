"""What a function's specification says in words: phrases, questions, refusals. Templates name parameters in braces."""

import string
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from vehicle_apis.errors import InvalidSpec
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, Scalar
from vehicle_apis.table import Table


class ByValue(BaseModel):
    """A template for each value of one parameter, which is spelt "off" or "100"; ``otherwise``: for the rest."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    parameter: str
    templates: Table[str]
    otherwise: str = ""

    def of(self, value: object) -> str:
        """The template for ``value``."""
        return self.templates.get(as_spelt(value), self.otherwise)


Phrase: TypeAlias = str | ByValue
"""What a call does, to follow "Did you mean: " or "Should I ": "set the fan to {level}"."""


class Question(BaseModel):
    """Asked when a parameter is missing. ``link``: a word that may lead from the command to the answer ("remind me"
    "to" "buy milk")."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    text: str
    link: str = ""


class Refusal(BaseModel):
    """How a verdict speaks of the function. ``what``: a gerund phrase that begins a sentence, "Opening {app}".

    ``never``: parameter -> value -> the whole sentence, for a rule that allows it in no state: what would help instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    what: str
    never: Table[Table[str]] = {}


def as_spelt(value: object) -> str:
    """A value as the keys of the tables here spell it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def placeholders(template: str) -> frozenset[str]:
    """The names in braces. Raises InvalidSpec for anything but plain names."""
    try:
        fields = [part[1:] for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError as e:
        raise InvalidSpec(f"{template!r} is no template: {e}") from e
    if any(form or conversion or not str(name).isidentifier() for name, form, conversion in fields):
        raise InvalidSpec(f"{template!r}: only a parameter's name may stand in braces")
    return frozenset(str(name) for name, _, _ in fields)


def check_template(template: str, params: Mapping[str, Param], where: str) -> None:
    """Raises InvalidSpec for a name in braces that is no parameter."""
    for name in sorted(placeholders(template) - params.keys()):
        raise InvalidSpec(f"{where}: {template!r} names {{{name}}}, which is no parameter")


def check_value(param: Param, spelt: str, where: str) -> None:
    """Raises InvalidSpec unless ``param`` can have the value that is spelt so."""
    value: object = spelt
    if isinstance(param, IntegerParam | NumberParam):
        try:
            value = float(spelt)
        except ValueError as e:
            raise InvalidSpec(f"{where}: {param.name} has no value {spelt!r}") from e
    try:
        normal: Scalar = param.normalise(value)
    except ValueError as e:
        raise InvalidSpec(f"{where}: {e}") from e
    if as_spelt(normal) != spelt:
        raise InvalidSpec(f"{where}: {param.name} spells that value {as_spelt(normal)!r}, not {spelt!r}")


def known(name: str, params: Mapping[str, Param], where: str) -> Param:
    """The parameter called so. Raises InvalidSpec."""
    if name not in params:
        raise InvalidSpec(f"{where}: there is no parameter {name!r} (parameters: {', '.join(params) or 'none'})")
    return params[name]


def check_phrase(phrase: Phrase, params: Mapping[str, Param], where: str) -> None:
    """Raises InvalidSpec for unknown names or values, and for a value that is left without words."""
    if isinstance(phrase, str):
        check_template(phrase, params, where)
        return
    param = known(phrase.parameter, params, where)
    for value, template in phrase.templates.items():
        check_value(param, value, where)
        check_template(template, params, where)
    check_template(phrase.otherwise, params, where)
    if not phrase.otherwise:
        missing = [v for v in param.values if v not in phrase.templates] if isinstance(param, EnumParam) else ["others"]
        if missing:
            raise InvalidSpec(f"{where}: no words for {param.name} = {missing[0]}; add them or `otherwise`")
