"""The page's own files: complete, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

import simulators.dashboard

STATIC = Path(simulators.dashboard.__file__).parent / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))
HTML = (STATIC / "index.html").read_text(encoding="utf-8")


def test_there_is_something_to_check() -> None:
    assert len(SCRIPTS) >= 8


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda p: p.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)
    assert "@import" not in text


def test_no_inline_script_or_style_that_the_policy_would_refuse() -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)", HTML)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", HTML)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_text_goes_in_as_text(path: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
    )


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_modules_and_elements_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for module in re.findall(r'from "\./([^"]+)"', text):
        assert (STATIC / module).is_file(), module
    for name in re.findall(r'byId\("([^"]+)"\)', text):
        assert f'id="{name}"' in HTML, name


def test_ids_are_unique_and_every_label_and_reference_has_its_element() -> None:
    ids = re.findall(r'\sid="([^"]+)"', HTML)
    assert len(ids) == len(set(ids))
    for kind in ("for", "aria-labelledby", "aria-describedby", "list"):
        for name in re.findall(rf'\s{kind}="([^"]+)"', HTML):
            assert name in ids, f"{kind}={name}"
