"""Whether what a page names is there: read, not imported, since a part of it needs packages that not all have."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@cache
def source(module: str) -> str:
    """Raises FileNotFoundError."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


def has(module: str, symbol: str) -> bool:
    """Whether the module is there and makes ``symbol``: a name, "Class.name", or "" for the module alone."""
    try:
        body = ast.parse(source(module)).body
    except FileNotFoundError:
        return False
    for name in filter(None, symbol.split(".")):
        found = next((node for node in body if name in _made_by(node)), None)
        if found is None:
            return False
        body = found.body if isinstance(found, ast.ClassDef) else []
    return True


def _made_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return {node.name}
        case ast.Assign():
            return {target.id for target in node.targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()
