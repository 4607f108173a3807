"""What the page may ask for, as JSON, checked before anything is done."""

import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StrictBool, TypeAdapter, ValidationError

from simulators.errors import SimulatorError
from vehicle_apis.params import MAX_TEXT_CHARS, Scalar

MAX_COMMAND_BYTES: Final = 16_384
TOP_SPEED_KMH: Final = 250.0

Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=80)]


class BadCommand(SimulatorError, ValueError):
    """A command of the page cannot be understood. The message is one sentence."""


class _Command(BaseModel):
    """``id`` comes back with the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: int = 0


class Set(_Command):
    """Sets what the car does or sees, by a setting's name."""

    do: Literal["set"]
    name: Name
    value: StrictBool | float | Annotated[str, Field(max_length=200)]


class Speed(_Command):
    """Speeds up or slows down as a car does, to ``kmh``; from gear P it shifts to D first."""

    do: Literal["speed"]
    kmh: float = Field(ge=0, le=TOP_SPEED_KMH, allow_inf_nan=False)


class Say(_Command):
    do: Literal["say"]
    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARS)


class Invoke(_Command):
    """One call without the model. Values may be text, as typed."""

    do: Literal["call"]
    name: Name
    arguments: Annotated[dict[Name, Scalar], Field(max_length=20)] = {}


class Answer(_Command):
    do: Literal["answer"]
    question: int
    yes: StrictBool


class Cancel(_Command):
    do: Literal["cancel"]


class Undo(_Command):
    do: Literal["undo"]


class Inject(_Command):
    """``fault`` in words: "silence Gear"."""

    do: Literal["inject"]
    fault: Annotated[str, Field(min_length=1, max_length=200)]


class Clear(_Command):
    """Ends one fault, or all of them when none is named."""

    do: Literal["clear"]
    fault: Annotated[str, Field(max_length=200)] = ""


class Watch(_Command):
    """Whether this page wants the bus; a paused one does not."""

    do: Literal["watch"]
    bus: StrictBool


Command: TypeAlias = Set | Speed | Say | Invoke | Answer | Cancel | Undo | Inject | Clear | Watch
_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Annotated[Command, Field(discriminator="do")])


def parse_command(text: str | bytes) -> Command:
    """Raises BadCommand, which never repeats more than a name of what was sent."""
    if len(text) > MAX_COMMAND_BYTES:
        raise BadCommand(f"a command has at most {MAX_COMMAND_BYTES} bytes")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise BadCommand('a command is a JSON object such as {"do": "speed", "kmh": 50}') from None
    if not isinstance(document, dict):
        raise BadCommand('a command is a JSON object such as {"do": "speed", "kmh": 50}')
    try:
        return _COMMAND.validate_python(document)
    except ValidationError as e:
        raise BadCommand(_sentence(e, document)) from None


def command_id(text: str | bytes) -> int:
    """The ``id`` of a command that may be wrong in every other way; 0 when it has none."""
    try:
        document = json.loads(text[:MAX_COMMAND_BYTES])
    except (ValueError, RecursionError):
        return 0
    number = document.get("id") if isinstance(document, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _sentence(error: ValidationError, document: Mapping[str, object]) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return f"`do` is one of {', '.join(known())}"
    do = str(document.get("do"))
    # the union's own steps in the path say nothing to a reader
    path = ".".join(str(part) for part in first["loc"] if part != do and not str(part).startswith("constrained"))
    path = " ".join(path.split())
    message = str(first["msg"])
    message = message[0].lower() + message[1:] if message else "wrong"
    return f"{do}: {path}: {message}" if path else f"{do}: {message}"


def known() -> tuple[str, ...]:
    """Every word of ``do``."""
    kinds = (Set, Speed, Say, Invoke, Answer, Cancel, Undo, Inject, Clear, Watch)
    return tuple(str(kind.model_fields["do"].annotation.__args__[0]) for kind in kinds)  # type: ignore[union-attr]
