"""Pages, comments and docstrings name modules and files that there are: what was moved or renamed is so there, too."""

import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from support.named import has

ROOT: Final = Path(__file__).parents[3]
OURS: Final = ("vehicle_apis", "state_machines", "vehicle_agent", "simulators", "models", "tests")
FOLDERS: Final = (*OURS, "docs", "systemd")
_MODULE: Final = re.compile(rf"(?<![\w/.-])((?:{'|'.join(OURS)})(?:\.[A-Za-z_]\w*)+)(?![\w/])")
_PATH: Final = re.compile(rf"(?<![\w/.-])((?:{'|'.join(OURS)})(?:/[\w.-]+)+)")
_HISTORY: Final = {"CHANGELOG.md", "models/LOG.md"}  # tell of names of their day
_MADE: Final = ("models/runs/", "models/build/")  # by running something
GROUPS: Final = frozenset(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
)
PAGES: Final = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(inner for one in FOLDERS for inner in (ROOT / one).rglob("*.md")))
    if path.relative_to(ROOT).as_posix() not in _HISTORY
)
MODULES: Final = sorted(path for one in OURS for path in (ROOT / one).rglob("*.py"))


def prose(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield text
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        if is_docstring or token.type == tokenize.COMMENT:
            yield token.string


def is_module(name: str) -> bool:
    """A module, a folder of them, or a name in one: `vehicle_agent.events.Events`."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        at = ROOT.joinpath(*parts[:count])
        if at.is_dir() or at.with_suffix(".py").is_file():
            rest = ".".join(parts[count:])
            return not rest or has(".".join(parts[:count]), rest)
    return False


def is_file(path: str) -> bool:
    path = path.rstrip(".")
    at = ROOT / path
    return at.exists() or at.with_name(at.name + ".py").is_file() or path.startswith(_MADE) or "NAME" in path


def gone(path: Path) -> list[str]:
    found = []
    for text in prose(path):
        found += [name for name in _MODULE.findall(text) if name not in GROUPS and not is_module(name)]
        found += [name for name in _PATH.findall(text) if not is_file(name)]
    return found


@pytest.mark.parametrize("paths", [PAGES, MODULES], ids=["pages", "comments and docstrings"])
def test_what_is_named_is_there(paths: list[Path]) -> None:
    assert len(paths) > 10
    assert not {path.relative_to(ROOT).as_posix(): names for path in paths if (names := gone(path))}
