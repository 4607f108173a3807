"""All mutants of one module, each with a key of text that outlives moved lines."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, Final, TypeAlias

from mutation.operators import Change, Enums, changes

_SKIPPED_FIELDS: Final = frozenset({"annotation", "returns", "type_params", "ctx"})
_SKIPPED_NODES: Final = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
_PLACES: Final = (ast.FunctionDef, ast.ClassDef)
Slot: TypeAlias = tuple[Any, str | int]  # (node, field) or (list, index): where a node is kept


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What was changed, in text. ``nth`` tells equal texts of one place apart, from 1 on."""

    module: str
    where: str
    original: str
    mutated: str
    nth: int = 1

    def __str__(self) -> str:
        number = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.module}: {self.where}{number}: {self.original}  ->  {self.mutated or '(nothing)'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    key: Key
    operator: str
    module: "Module" = field(repr=False, compare=False)
    slot: Slot = field(repr=False, compare=False)
    new: ast.AST = field(repr=False, compare=False)

    def code(self) -> CodeType:
        """The mutated module, compiled."""
        with _changed(self.slot, self.new):
            return self.module.code()


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One module under test. ``name`` is dotted."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @classmethod
    def read(cls, path: Path, package: str) -> "Module":
        name = package if path.stem == "__init__" else f"{package}.{path.stem}"
        text = path.read_text(encoding="utf-8")
        return cls(name, path, text, ast.parse(text))

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]

    def code(self) -> CodeType:
        return compile(ast.fix_missing_locations(self.tree), str(self.path), "exec")

    def mutants(self, enums: Enums) -> list[Mutant]:
        """All of them, in the order of the source, none twice."""
        out: list[Mutant] = []
        seen: set[tuple[int, str | int, str]] = set()
        used: Counter[tuple[str, str, str]] = Counter()
        for spot in list(_spots(self.tree)):
            for change in changes(_get(spot.slot), enums):
                before, after = change.shown or _texts(spot, change)
                # two operators may write the same code
                same = (id(spot.anchor[0]), spot.anchor[1], after if change.shown is None else f"{before}->{after}")
                # a module without one of its names proves nothing: it cannot even be imported
                pointless = spot.slot[0] is self.tree.body and isinstance(change.new, ast.Pass)
                if before == after or same in seen or pointless:
                    continue
                seen.add(same)
                used[spot.where, before, after] += 1
                key = Key(self.short, spot.where, before, after, used[spot.where, before, after])
                out.append(Mutant(key=key, operator=change.operator, module=self, slot=spot.slot, new=change.new))
        return out


def enums_of(modules: Sequence[Module]) -> Mapping[str, tuple[str, ...]]:
    """The enumerations the modules define: class -> members in order."""
    return {
        node.name: tuple(
            t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)
        )
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Enum") for base in node.bases)
    }


def _get(slot: Slot) -> Any:  # noqa: ANN401  # any syntax node
    holder, key = slot
    return holder[key] if isinstance(key, int) else getattr(holder, key)


def _put(slot: Slot, node: ast.AST) -> None:
    holder, key = slot
    if isinstance(key, int):
        holder[key] = node
    else:
        setattr(holder, key, node)


@contextmanager
def _changed(slot: Slot, new: ast.AST) -> Iterator[None]:
    old = _get(slot)
    ast.copy_location(new, old)
    _put(slot, new)
    try:
        yield
    finally:
        _put(slot, old)


# --- where the changes are


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A node's slot; ``anchor`` is the slot of the code that is shown for it; ``where`` names function or table."""

    slot: Slot
    anchor: Slot
    where: str


def _spots(tree: ast.Module) -> Iterator[_Spot]:
    for i, statement in enumerate(tree.body):
        if not _is_text(statement):
            yield from _within((tree.body, i), (tree.body, i), "")


def _within(slot: Slot, anchor: Slot, where: str) -> Iterator[_Spot]:
    node = _get(slot)
    if isinstance(node, _SKIPPED_NODES) or _is_alias(node):
        return
    if isinstance(node, _PLACES):
        where = f"{where}.{node.name}" if where else node.name
        anchor = slot
    elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
        anchor = slot
    top_level = not where and isinstance(node, ast.Assign | ast.AnnAssign)
    if top_level:
        where = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
    yield _Spot(slot=slot, anchor=anchor, where=where)
    if top_level and node.value is not None:
        yield from _table((node, "value"), anchor, where)
        return
    for inner in _children(node):
        yield from _within(inner, anchor, where)


def _table(slot: Slot, anchor: Slot, where: str) -> Iterator[_Spot]:
    """A table on module level: each entry stands for itself, so that its key stays short."""
    node = _get(slot)
    if isinstance(node, ast.Dict):
        yield _Spot(slot=slot, anchor=anchor, where=where)
        for i, key in enumerate(node.keys):
            if key is not None:
                yield from _within((node.keys, i), (node.keys, i), f"{where}[{ast.unparse(key)}]")
                yield from _table((node.values, i), (node.values, i), f"{where}[{ast.unparse(key)}]")
    elif isinstance(node, ast.Tuple) and any(isinstance(element, ast.Call) for element in node.elts):
        yield _Spot(slot=slot, anchor=anchor, where=where)
        for i in range(len(node.elts)):
            yield from _within((node.elts, i), (node.elts, i), f"{where}[{i}]")
    else:
        yield from _within(slot, anchor, where)


def _children(node: ast.AST) -> Iterator[Slot]:
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED_FIELDS:
            continue
        if isinstance(value, ast.AST):
            yield (node, name)
        elif isinstance(value, list):
            for i, child in enumerate(value):
                if isinstance(child, ast.AST) and not _is_text(child):
                    yield (value, i)


def _is_text(node: ast.AST) -> bool:
    """A docstring, or an ellipsis."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_alias(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"


# --- how they are shown


def _texts(spot: _Spot, change: Change) -> tuple[str, str]:
    before = _shown(_get(spot.anchor))
    with _changed(spot.slot, change.new):
        return before, _shown(_get(spot.anchor))


def _shown(node: ast.AST) -> str:
    """The code in one line; of a compound statement its head."""
    if isinstance(node, ast.match_case):
        guard = f" if {ast.unparse(node.guard)}" if node.guard is not None else ""
        return f"case {ast.unparse(node.pattern)}{guard}:"
    if isinstance(node, ast.Match):
        return f"match {ast.unparse(node.subject)}:"
    if hasattr(node, "body") and isinstance(node.body, list):
        head = copy.copy(node)
        for name, value in (("body", [ast.Pass()]), ("orelse", []), ("handlers", []), ("finalbody", [])):
            if hasattr(head, name):
                setattr(head, name, value)
        node = head
        if isinstance(node, ast.Try):
            return "try:"
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).removesuffix("pass").split())
