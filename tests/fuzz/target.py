"""What is fuzzed: one parser with the promises it keeps for any input."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["bytes", "text", "json", "jsonl", "toml", "yaml"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """``run`` takes any bytes; it ends well, or in one of ``allowed``, the errors the parser documents.

    An AssertionError of ``run`` is a broken promise. What ``run`` returns tells kinds of success apart: an input with a
    new kind is kept and mutated further. ``form``: what mutation may take the input apart as. ``share``: of the
    inputs that a campaign has beyond the least of every target, relative to the others; 0 for slow ones.
    """

    name: str
    run: Callable[[bytes], Hashable]
    allowed: tuple[type[Exception], ...]
    seeds: Callable[[], list[bytes]]
    form: Form = "bytes"
    dictionary: tuple[bytes, ...] = ()
    max_bytes: int = 4096
    share: float = 1.0
