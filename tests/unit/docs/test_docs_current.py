"""The documentation says what the code says: generated pages, examples, commands, links."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators import scenario
from vehicle_agent.cli.docs_page import pages, rule_words
from vehicle_agent.config import load_config
from vehicle_apis.binding import default_binding_path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
_LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
_PATH = re.compile(r"`((?:vehicle_apis|state_machines|vehicle_agent|simulators|models|tests|systemd|docs)/[^`*{ ]*)`")
_OPTION = re.compile(r"(?:^|[ `/])(--[a-z][a-z-]*)")


def fenced(page: str, language: str) -> list[str]:
    """The fenced examples of one language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(path: Path) -> Iterator[list[str]]:
    """The words after `vehicle-agent` of every command line shown."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("    "):
            continue
        for part in re.split(r" \| | && | > ", line):
            if "vehicle-agent " not in part or "systemctl" in part:
                continue
            words = shlex.split(part, comments=True)
            if "vehicle-agent" in words:
                yield words[words.index("vehicle-agent") + 1 :]


@pytest.mark.parametrize("name", pages())
def test_generated_pages_are_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name](), (
        "out of date; write it anew with `python -m vehicle_agent.cli.docs_page docs`"
    )


def sections() -> dict[str, str]:
    """Command -> its section of cli.md."""
    parts = re.split(r"^#+ `vehicle-agent ", pages()["cli.md"](), flags=re.MULTILINE)[1:]
    names = (re.match(r"[a-z -]+", part) for part in parts)
    return {name.group().strip(): part for name, part in zip(names, parts, strict=True) if name is not None}


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_commands_shown_exist_with_their_options(path: Path) -> None:
    known = sections()
    for words in commands(path):
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        assert name is not None, f"{path.name}: there is no command {words}"
        options = {word for word in words if word.startswith("--")} - {"--help"}
        if "train" in name or "build" in name:
            continue  # theirs are those of the training scripts
        assert options <= set(_OPTION.findall(known[name])), f"{path.name}: {words}"


def test_there_are_commands_to_check() -> None:
    assert sum(1 for path in PAGES for _ in commands(path)) > 40


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = [t for t in _LINK.findall(text) if "://" not in t and not (DOCS / t).exists()]
    missing += [p for p in _PATH.findall(text) if not (ROOT / p).exists() and "_model/" not in p]
    assert not missing


def test_the_configuration_example_is_accepted(tmp_path: Path) -> None:
    (example,) = fenced("running-on-a-car.md", "toml")
    file = tmp_path / "config.toml"
    file.write_text(example, encoding="utf-8")
    config = load_config(file)
    assert config.bus.interface == "socketcan"
    assert config.dbus.agent_bus == "system"
    assert not config.journal.transcripts


def test_the_binding_example_is_the_example_cars() -> None:
    (example,) = fenced("bus.md", "toml")
    whole = tomllib.loads(default_binding_path().read_text(encoding="utf-8"))
    assert tomllib.loads(example)["functions"]["control_window"] == whole["functions"]["control_window"]


def test_the_scenario_example_can_be_played() -> None:
    (example,) = fenced("scenarios.md", "yaml")
    assert len(scenario.parse(example).steps) == 4
    (code,) = fenced("scenarios.md", "python")
    exec(compile(code, "scenarios.md", "exec"), {})  # noqa: S102 - our own page


def test_every_built_in_scenario_is_named() -> None:
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    assert [
        n for n, path in scenario.built_in().items() if f"| `{n}` | {scenario.load(path).about} |" not in text
    ] == []


def test_rules_in_words() -> None:
    assert rule_words("set_fan_speed") == "parked to fast"
    assert rule_words("play_video") == "parked"
    assert rule_words("send_text_message") == "after a yes: parked to fast, crashed"
    assert rule_words("operate_trunk") == "action open: parked; after a yes: standstill<br>action close: parked to fast"
    assert rule_words("set_valet_mode").endswith("state off: never")
    assert rule_words("set_display_brightness").startswith("screen cluster, level below 10: parked<br>otherwise: ")


def test_what_shows_an_answer_to_a_hazard_exists() -> None:
    """A test that was renamed leaves no hazard without one."""
    page = (DOCS / "safety.md").read_text(encoding="utf-8")
    section = page[page.index("## Hazards") : page.index("## What the gate makes")]
    rows = [line for line in section.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) >= 30
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+|Test\w+)`", section))
    assert {
        name for name in named if not re.search(rf"\b(def|class) {name}\b|^{name} = ", tests, re.MULTILINE)
    } == set()
    assert set(re.findall(r"scenario `(\w+)`", section)) <= scenario.built_in().keys()
