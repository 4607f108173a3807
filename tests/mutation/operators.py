"""The changes that are tried: each operator takes one syntax node and yields nodes to put in its place."""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Enums: TypeAlias = Mapping[str, tuple[str, ...]]  # class -> its members in order


@dataclass(frozen=True, slots=True)
class Change:
    """``new`` takes the place of the node; ``shown`` are the texts before and after where the statement is too long."""

    operator: str
    new: ast.AST
    shown: tuple[str, str] | None = None


_COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_CALCULATED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_SWAPPED: Final = {"max": "min", "min": "max", "any": "all", "all": "any"}
_SWAPPED_METHODS: Final = {"lower": "upper", "upper": "lower", "startswith": "endswith", "endswith": "startswith"}
_WRAPPERS: Final = frozenset({"abs", "bool", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})
_DROPPED: Final = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Delete, ast.Raise, ast.Continue, ast.Break)
_STATES: Final = ("parked", "standstill", "creeping", "driving", "fast", "crashed")  # the words of rules
_TYPING_ONLY: Final = frozenset({"final"})  # decorators without effect at run time


def changes(node: ast.AST, enums: Enums) -> Iterator[Change]:
    """Every change of this node itself; its children are asked for theirs."""
    for kind, operator in _OPERATORS:
        if isinstance(node, kind):
            yield from operator(node)
    if isinstance(node, ast.Attribute):
        yield from _member(node, enums)


def _altered(node: ast.AST, **fields: object) -> Any:  # noqa: ANN401  # the same type as node
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _without(items: list[Any], index: int) -> list[Any]:
    return [*items[:index], *items[index + 1 :]]


def _compare(node: ast.Compare) -> Iterator[Change]:
    for i, op in enumerate(node.ops):
        for other in _COMPARED[type(op)]:
            yield Change("comparison", _altered(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]]))


def _bool_op(node: ast.BoolOp) -> Iterator[Change]:
    yield Change("and/or", _altered(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And()))
    for i in range(len(node.values)):
        rest = _without(node.values, i)
        yield Change("and/or", rest[0] if len(rest) == 1 else _altered(node, values=rest))


def _unary_op(node: ast.UnaryOp) -> Iterator[Change]:
    yield Change("not" if isinstance(node.op, ast.Not) else "arithmetic", node.operand)


def _bin_op(node: ast.BinOp) -> Iterator[Change]:
    yield Change("arithmetic", _altered(node, op=_CALCULATED[type(node.op)]()))
    yield Change("arithmetic", node.left)
    yield Change("arithmetic", node.right)


def _aug_assign(node: ast.AugAssign) -> Iterator[Change]:
    yield Change("arithmetic", _altered(node, op=_CALCULATED[type(node.op)]()))
    yield Change("arithmetic", ast.Assign(targets=[node.target], value=node.value))


def _constant(node: ast.Constant) -> Iterator[Change]:
    match node.value:
        case bool():
            others: list[bool | int | float | str] = [not node.value]
        case int():
            others = [node.value + 1, node.value - 1]
        case float():
            others = [node.value + 1, node.value - 1, node.value * 1.01, node.value * 0.99]
        case str():
            others = [f"XX{node.value}XX"]
        case _:
            others = []
    for other in others:
        if other != node.value:
            yield Change("constant", ast.Constant(other))


def _return(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield Change("return None", _altered(node, value=ast.Constant(None)))


def _tested(node: ast.If | ast.IfExp | ast.While) -> Iterator[Change]:
    for value in (True, False):
        yield Change("if True/False", _altered(node, test=ast.Constant(value)))


def _comprehension(node: ast.comprehension) -> Iterator[Change]:
    for i in range(len(node.ifs)):
        for value in (True, False):
            ifs = [*node.ifs[:i], ast.Constant(value), *node.ifs[i + 1 :]]
            yield Change("if True/False", _altered(node, ifs=ifs))


def _match_case(node: ast.match_case) -> Iterator[Change]:
    if node.guard is not None:
        for value in (True, False):
            yield Change("if True/False", _altered(node, guard=ast.Constant(value)))


def _match(node: ast.Match) -> Iterator[Change]:
    for i, case in enumerate(node.cases):
        if len(node.cases) > 1:
            shown = (f"case {ast.unparse(case.pattern)}", "")
            yield Change("dropped case", _altered(node, cases=_without(node.cases, i)), shown)


def _statement(node: ast.stmt) -> Iterator[Change]:
    if not (isinstance(node, ast.AnnAssign) and node.value is None):
        yield Change("dropped statement", ast.Pass())
    if isinstance(node, ast.Continue):
        yield Change("dropped statement", ast.Break())
    if isinstance(node, ast.Break):
        yield Change("dropped statement", ast.Continue())


def _call(node: ast.Call) -> Iterator[Change]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _SWAPPED:
            yield Change("min/max, any/all", _altered(node, func=ast.Name(_SWAPPED[name], ast.Load())))
        case ast.Call(func=ast.Name(id=name), args=[only], keywords=[]) if name in _WRAPPERS:
            yield Change("call", only)
        case ast.Call(func=ast.Attribute(attr=name)) if name in _SWAPPED_METHODS:
            yield Change("call", _altered(node, func=_altered(node.func, attr=_SWAPPED_METHODS[name])))
    for i in range(len(node.keywords)):
        yield Change("dropped argument", _altered(node, keywords=_without(node.keywords, i)))


def _rule(node: ast.Call) -> Iterator[Change]:
    """A rule with a state more: the more permissive mistake."""
    given = {k.arg: k.value for k in node.keywords if k.arg in {"allow", "confirm"}}
    listed = {key: _words(value) for key, value in given.items()}
    for i, keyword in enumerate(node.keywords):
        if keyword.arg not in listed:
            continue
        # what is allowed already is not asked about
        known = listed[keyword.arg] | listed.get("allow", frozenset())
        for state in _STATES:
            if state not in known:
                words = [s for s in _STATES if s in listed[keyword.arg] or s == state]
                wider = ast.Tuple([ast.Constant(w) for w in words], ast.Load())
                keywords = [*node.keywords[:i], ast.keyword(keyword.arg, wider), *node.keywords[i + 1 :]]
                yield Change("added state", _altered(node, keywords=keywords))


def _words(value: ast.expr) -> frozenset[object]:
    """The states of an ``allow`` or ``confirm``."""
    match value:
        case ast.Constant(value="any"):
            return frozenset(_STATES) - {"crashed"}
        case ast.Tuple(elts=elements):
            return frozenset(e.value for e in elements if isinstance(e, ast.Constant))
        case _:
            return frozenset(_STATES)


def _elements(node: ast.Tuple | ast.List | ast.Set) -> Iterator[Change]:
    if not isinstance(node, ast.Set) and isinstance(node.ctx, ast.Store):
        return
    for i in range(len(node.elts)):
        rest = _without(node.elts, i)
        empty_set = isinstance(node, ast.Set) and not rest
        yield Change("dropped element", ast.Tuple([], ast.Load()) if empty_set else _altered(node, elts=rest))


def _entries(node: ast.Dict) -> Iterator[Change]:
    for i, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        shown = f"{'**' if key is None else ast.unparse(key) + ': '}{ast.unparse(value)}"
        new = _altered(node, keys=_without(node.keys, i), values=_without(node.values, i))
        yield Change("dropped element", new, (shown, ""))


def _joined(node: ast.JoinedStr) -> Iterator[Change]:
    for i, part in enumerate(node.values):
        if isinstance(part, ast.FormattedValue):
            yield Change("dropped element", _altered(node, values=_without(node.values, i)))


def _decorated(node: ast.FunctionDef | ast.ClassDef) -> Iterator[Change]:
    for i, decorator in enumerate(node.decorator_list):
        if not (isinstance(decorator, ast.Name) and decorator.id in _TYPING_ONLY):
            yield Change("dropped decorator", _altered(node, decorator_list=_without(node.decorator_list, i)))


def _member(node: ast.Attribute, enums: Enums) -> Iterator[Change]:
    if isinstance(node.value, ast.Name) and node.attr in enums.get(node.value.id, ()):
        members = enums[node.value.id]
        following = members[(members.index(node.attr) + 1) % len(members)]
        yield Change("enum member", _altered(node, attr=following))


_OPERATORS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], Iterator[Change]]], ...]] = (
    (ast.Compare, _compare),
    (ast.BoolOp, _bool_op),
    (ast.UnaryOp, _unary_op),
    (ast.BinOp, _bin_op),
    (ast.AugAssign, _aug_assign),
    (ast.Constant, _constant),
    (ast.Return, _return),
    ((ast.If, ast.IfExp, ast.While), _tested),
    (ast.comprehension, _comprehension),
    (ast.match_case, _match_case),
    (ast.Match, _match),
    (_DROPPED, _statement),
    (ast.Call, _call),
    (ast.Call, _rule),
    ((ast.Tuple, ast.List, ast.Set), _elements),
    (ast.Dict, _entries),
    (ast.JoinedStr, _joined),
    ((ast.FunctionDef, ast.ClassDef), _decorated),
)
