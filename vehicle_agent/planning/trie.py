"""Tries over token ids: the closed sets of values a parameter may take."""

from collections.abc import Iterable, Sequence


class Node:
    """``children``: next token -> node; ``terminal``: a value may end here."""

    __slots__ = ("children", "terminal")

    def __init__(self) -> None:
        self.children: dict[int, Node] = {}
        self.terminal = False


def build(values: Iterable[Sequence[int]]) -> Node:
    root = Node()
    for tokens in values:
        node = root
        for token in tokens:
            node = node.children.setdefault(token, Node())
        node.terminal = True
    return root
