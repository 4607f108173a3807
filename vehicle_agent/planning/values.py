"""Matchers: which tokens may continue a value, and whether it may end."""

from collections.abc import Sequence
from typing import Protocol

from vehicle_agent.planning.trie import Node


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

    ``prompt``: the utterance's tokens; ``starts[i]``: token i begins a word; its last entry, past the end, is True.
    """

    def __init__(self, prompt: Sequence[int], starts: Sequence[bool]) -> None:
        self._prompt = prompt
        self._starts = starts
        self._at = [i for i in range(len(prompt)) if starts[i]]
        self._begun = False

    def allowed(self) -> set[int]:
        return {self._prompt[i] for i in self._at if i < len(self._prompt)}

    def can_stop(self) -> bool:
        return self._begun and any(self._starts[i] for i in self._at)

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
