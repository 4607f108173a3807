"""Matchers: which tokens may continue a value, and whether it may end."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from vehicle_agent.planning.trie import Node

GAP: Final = -1  # in place of a token that no text holds


class Matcher(Protocol):
    def allowed(self) -> set[int]:
        """Tokens that may come next."""

    def can_stop(self) -> bool:
        """The value is complete as it is."""

    def feed(self, token: int) -> None:
        """Takes one of the allowed tokens."""


class TrieMatcher:
    """A closed set of values."""

    def __init__(self, root: Node) -> None:
        self._node = root

    def allowed(self) -> set[int]:
        return set(self._node.children)

    def can_stop(self) -> bool:
        return self._node.terminal

    def feed(self, token: int) -> None:
        self._node = self._node.children[token]


class SpanMatcher:
    """Free text: a span of the utterance that begins and ends at word borders.

    ``prompt``: the utterance's tokens; ``starts[i]``: token i begins a word; ``ends[i]``: a span may end before token i
    (word borders, and a possessive "'s"); both have one entry more, for the end, which is True. ``never_first``: tokens
    that no value of this kind begins with, unless there is nothing else. Where `GAP` stands in ``prompt`` a span ends.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        starts: Sequence[bool],
        ends: Sequence[bool] | None = None,
        never_first: AbstractSet[int] = frozenset(),
    ) -> None:
        self._prompt = prompt
        self._ends = starts if ends is None else ends
        words = [i for i in range(len(prompt)) if starts[i]]
        self._at = [i for i in words if prompt[i] not in never_first] or words  # "there" alone must not be a dead end
        self._begun = False

    def allowed(self) -> set[int]:
        return {self._prompt[i] for i in self._at if i < len(self._prompt)} - {GAP}

    def can_stop(self) -> bool:
        return self._begun and any(self._ends[i] for i in self._at)

    def feed(self, token: int) -> None:
        self._begun = True
        self._at = [i + 1 for i in self._at if i < len(self._prompt) and self._prompt[i] == token]


class AnyOf:
    """A value that several matchers accept."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self._live = list(matchers)

    def allowed(self) -> set[int]:
        return set().union(*(m.allowed() for m in self._live))

    def can_stop(self) -> bool:
        return any(m.can_stop() for m in self._live)

    def feed(self, token: int) -> None:
        self._live = [m for m in self._live if token in m.allowed()]
        for matcher in self._live:
            matcher.feed(token)
