"""ruff and mypy look at everything, and each exception says why (pyproject.toml)."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PYPROJECT: Final[dict[str, Any]] = tomllib.loads(TEXT)
MYPY: Final = PYPROJECT["tool"]["mypy"]


def test_types_are_checked_strictly_and_everywhere() -> None:
    with_code = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/**/*.py")}
    assert MYPY["strict"] is True
    assert with_code - {"var", "build", "dist"} == set(MYPY["files"])
    assert "$(BIN)/mypy\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_no_module_is_left_out_and_each_loosening_has_its_reason() -> None:
    for override in MYPY["overrides"]:
        loosened = {key: value for key, value in override.items() if key != "module"}
        assert not {"ignore_errors", "follow_imports", "strict"} & loosened.keys()
        ours = [name for name in override["module"] if name.split(".")[0] in MYPY["files"]]
        assert all("*" not in name for name in ours), "one file each, not a whole package"
        if ours:
            assert "ignore_missing_imports" not in loosened
            key = next(iter(loosened))
            assert any(line.startswith(f"{key} = ") and "# " in line for line in TEXT.splitlines()), override


def _alternatives(pattern: str) -> list[str]:
    """``a/{b,c}.py`` -> ``a/b.py``, ``a/c.py``."""
    before, brace, rest = pattern.partition("{")
    inside, _, after = rest.partition("}")
    return [f"{before}{one}{after}" for one in inside.split(",")] if brace else [pattern]


def test_private_members_are_reached_in_named_files_alone() -> None:
    ruff = PYPROJECT["tool"]["ruff"]["lint"]
    assert "SLF001" not in ruff["ignore"]
    for pattern, rules in ruff["per-file-ignores"].items():
        for name in _alternatives(pattern):
            if "SLF001" in rules:
                assert (ROOT / name).is_file(), f"{name} is gone: take it off the list in pyproject.toml"
            assert any(ROOT.glob(name)), f"{name} is gone: take it off the list in pyproject.toml"
        assert re.search(rf'^"{re.escape(pattern)}" = \[.*\] # \w', TEXT, re.MULTILINE), f"{pattern}: say why"


def test_hooks_run_the_environment_s_own_linters() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]  # nothing is fetched
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in hooks["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        program, *words = hook["entry"].removeprefix(".venv/bin/").split()
        assert "$(BIN)/" + " ".join([program, *(word for word in words if not word.startswith("-"))]) in makefile
