"""A mapping in a specification: frozen like the rest of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import AfterValidator, PlainSerializer

Value = TypeVar("Value")


def _thawed(table: Mapping[str, object]) -> dict[str, object]:
    return {key: _thawed(value) if isinstance(value, Mapping) else value for key, value in table.items()}


Table = Annotated[Mapping[str, Value], AfterValidator(MappingProxyType), PlainSerializer(_thawed)]
"""By name. A model that has one sets ``validate_default``, so that an empty one is frozen too."""
