"""No remedy names a key, command, option, target, variable, extra, package or file that does not exist.

Everything the program can say (each string in its sources, f-strings with ``{}`` for what is put in), the documentation
and the systemd unit are searched for such names.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest
from pydantic import BaseModel
from support.commands import all_commands

from vehicle_agent.cli import doctor
from vehicle_agent.config import Config
from vehicle_apis.binding.model import BindingFile

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = ("vehicle_agent", "vehicle_apis", "state_machines", "simulators", "models")
Text = tuple[str, str]  # where it is, what it says

# what other programs understand, looked up in their manuals
FOREIGN_OPTIONS: Final = frozenset(
    {
        *(
            "--force-reinstall",
            "--no-deps",
            "--no-cache-dir",
            "--dest",
            "--no-index",
            "--only-binary",
            "--no-binary",
            "--disable-pip",
        ),
        *(
            "--cap-add",
            "--voices",
            "--session",
            "--nofork",
            "--print-address",
            "--config-file",
            "--address",
            "--now",
            "--version",
            "--quiet",
        ),
    }
)
DEBIAN: Final = frozenset(
    {"alsa-utils", "dbus", "espeak-ng", "chromium", "build-essential", "python3-venv", "pulseaudio"}
)
FILE_ENDINGS: Final = frozenset(
    {"md", "py", "toml", "json", "jsonl", "yaml", "bin", "gguf", "service", "conf", "log", "png", "wav", "dbc", "svg"}
)


# --- what is said -----------------------------------------------------------------------------------------------------


def said_in(source: str, where: str) -> Iterator[Text]:
    """Every string of a Python source; the parts of an f-string are one text."""
    inner: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            inner.update(id(part) for part in ast.walk(node) if part is not node)
            yield (
                f"{where}:{node.lineno}",
                "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield f"{where}:{node.lineno}", node.value


def texts() -> list[Text]:
    found: list[Text] = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            found += said_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    for path in (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", *sorted((ROOT / "systemd").iterdir())):
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [(f"{path.relative_to(ROOT)}:{n}", line) for n, line in enumerate(lines, 1)]
    return found


# --- what there is ----------------------------------------------------------------------------------------------------


def options_by_command() -> dict[str, frozenset[str]]:
    """Command -> its options; groups are there too."""

    def options(command: object) -> frozenset[str]:
        names = {"--help"}
        for parameter in getattr(command, "params", []):
            names |= {n for n in (*parameter.opts, *parameter.secondary_opts) if n.startswith("-")}
        return frozenset(names)

    return {words: options(command) for words, command in all_commands().items()}


def keys_of(model: type[BaseModel]) -> frozenset[str]:
    """Sections, and keys behind their sections."""
    keys: set[str] = set()
    for section, field in model.model_fields.items():
        keys.add(section)
        for part in (field.annotation, *get_args(field.annotation)):
            keys |= {f"{section}.{key}" for key in getattr(part, "model_fields", {})}
    return frozenset(keys)


COMMANDS: Final = options_by_command()
KEYS: Final = keys_of(Config)
BINDING_KEYS: Final = keys_of(BindingFile)
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: Final = frozenset(PROJECT["optional-dependencies"])
LOCKED: Final = frozenset(
    re.split(r"[=\[]", line)[0].lower().replace("_", "-")
    for line in (
        *(ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines(),
        *(re.split(r"[>=<\[]", d)[0] for ds in PROJECT["optional-dependencies"].values() for d in ds),
    )
    if line and not line.startswith("#")
)
TARGETS: Final = frozenset(
    re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
)
TRAINING: Final = frozenset({"models train", "models build"})  # their options are those of other scripts


# --- what is wrong ----------------------------------------------------------------------------------------------------


def _commands(text: str) -> Iterator[str]:
    for match in re.finditer(r"(?:(?<=bin/)|(?<![\w/.-]))vehicle-agent ((?:[a-z][a-z-]*)[^`\n;|&()]*)", text):
        words = match[1].replace("'", '"').split('"')[0::2]  # what is quoted is said, not typed
        parts = " ".join(words).split()
        name = next((n for n in (" ".join(parts[:2]), parts[0].rstrip(".,:")) if n in COMMANDS), None)
        if name is None:
            yield f"there is no command `vehicle-agent {parts[0]}`"
        elif " " not in name and len(parts) > 1 and any(c.startswith(f"{name} ") for c in COMMANDS):
            word = parts[1].rstrip(".,:")
            if re.fullmatch(r"[a-z][a-z-]+", word) and match.string[match.start() - 1 : match.start()] == "`":
                yield f"there is no command `vehicle-agent {name} {word}`"
        if name is not None and name not in TRAINING:
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(words)):
                if option not in COMMANDS[name]:
                    yield f"`vehicle-agent {name}` has no option {option}"


def _options(text: str) -> Iterator[str]:
    known = FOREIGN_OPTIONS.union(DECLARED, *COMMANDS.values())
    for option in re.findall(r"(?:^|[\s`(])(--[a-z][a-z-]*)\b", text):
        if option not in known:
            yield f"no command has the option {option}"


def _keys(text: str) -> Iterator[str]:
    sections = "|".join(name for name in Config.model_fields)
    for section, key in re.findall(rf"(?<![\w./@-])({sections})\.([a-z_]+)\b(?![.(/-])", text):
        if key not in FILE_ENDINGS and f"{section}.{key}" not in KEYS:
            yield f"there is no key {section}.{key}"
    for key in re.findall(r"\b[Ss]et `?([a-z_]+\.[a-z_]+)\b`?", text):
        if key not in KEYS | BINDING_KEYS:
            yield f"there is no key {key}"
    for section in re.findall(r"under \[([a-z_]+)\]", text):
        if section not in KEYS:
            yield f"there is no section {section}"
    if re.search(r"\bin the configuration[.;)]?$", text) and not _names_a_key(text):
        yield "it names no key of the configuration"


def _names_a_key(text: str) -> bool:
    return any(re.search(rf"(?<![\w.]){re.escape(key)}\b", text) for key in KEYS if "." in key) or any(
        f"[{key}]" in text for key in KEYS
    )


def _targets(text: str) -> Iterator[str]:
    pattern = r"(?:`|with:? |[Rr]un:? |^ {4})make ([a-z]+)\b"
    for target in (*re.findall(pattern, text), *re.findall(r"\Amake ([a-z]+)\Z", text)):
        if target not in TARGETS:
            yield f"the Makefile has no target {target}"


def _extras(text: str) -> Iterator[str]:
    if re.search(r"pip install [^\n`;&]*vehicle-agent\b", text):
        yield "vehicle-agent is in no registry: pip installs it from a checkout (-e .)"
    for extras in re.findall(r"'\.\[([^\]{}]*)\]'", text):
        for extra in extras.split(","):
            if extra not in EXTRAS:
                yield f"the project has no extra {extra}"
    for package in re.findall(r"pip install (?:--[a-z-]+ )*([A-Za-z][\w.-]*)", text):
        if package.lower().replace("_", "-").rstrip(".") not in LOCKED:
            yield f"{package} is no package of this project"


def _debian(text: str) -> Iterator[str]:
    for packages in re.findall(r"\bapt(?:-get)? install ((?:[a-z0-9{][a-z0-9.+{}-]*)(?: [a-z0-9-]+)*)", text):
        for package in packages.split():
            if package not in DEBIAN:
                yield f"{package} is not known as a Debian package"


def _files(text: str) -> Iterator[str]:
    for name in re.findall(
        r"(?<![\w./~-])((?:models|docs|tests|systemd|simulators|vehicle_\w+)/[\w./-]+\.[a-z]+)\b", text
    ):
        if not (ROOT / name).exists() and "runs/" not in name:
            yield f"there is no file {name}"


def _variables(text: str, known: frozenset[str]) -> Iterator[str]:
    for name in re.findall(r"\bVEHICLE_AGENT_[A-Z_]+\b", text):
        if name not in known:
            yield f"nothing reads the variable {name}"


def read_variables(found: list[Text]) -> frozenset[str]:
    """Whole strings of the code are what is asked of the environment."""
    return frozenset(t for where, t in found if ".py:" in where and re.fullmatch(r"VEHICLE_AGENT_[A-Z_]+", t))


def declared_options(found: list[Text]) -> frozenset[str]:
    """Whole strings of the code are options of our own scripts, or what other programs are called with."""
    whole = (re.fullmatch(r"(--[a-z][a-z-]*)(=.*)?", t) for where, t in found if ".py:" in where)
    return frozenset(match[1] for match in whole if match)


def wrong_in(text: str, variables: frozenset[str]) -> list[str]:
    """What ``text`` names that does not exist."""
    looks = (_commands, _options, _keys, _targets, _extras, _debian, _files)
    return [*(wrong for look in looks for wrong in look(text)), *_variables(text, variables)]


ALL: Final = texts()
DECLARED: Final = declared_options(ALL)
VARIABLES: Final = read_variables(ALL) | {"VEHICLE_AGENT_TEST_CAN"}  # which the tests read


def test_everything_that_is_named_exists() -> None:
    wrong = [f"{where}: {what}" for where, text in ALL for what in wrong_in(text, VARIABLES)]
    # what is put in there is looked at below
    wrong = [line for line in wrong if not re.match(r"vehicle_agent/cli/doctor\.py:\d+: \{\} is not known", line)]
    assert not wrong, "\n".join(wrong)


def test_there_is_much_to_look_at() -> None:
    everything = "\n".join(text for _, text in ALL)
    assert len(ALL) > 5000
    for pattern, at_least in (
        (r"vehicle-agent [a-z]", 150),
        (r"pip install", 8),
        (r"apt(-get)? install", 5),
        (r"VEHICLE_AGENT_", 10),
        (r"\b(bus|dbus|car|model)\.[a-z]", 10),
    ):
        assert len(re.findall(pattern, everything)) >= at_least, pattern


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ('"set `dbus.session_address` or start one"', "dbus.session_address"),
        ('f"The {role} bus is gone; set dbus.system_address."', "dbus.system_address"),
        ('"start the service or name another in the configuration."', "names no key"),
        ('"name another under [service] in the configuration"', "no section service"),
        ('"Set player.name to another"', "player.name"),
        ('"write bus.chanel"', "bus.chanel"),
        ('"run: vehicle-agent instal whisper-base"', "vehicle-agent instal"),
        ('"run `vehicle-agent models fetch whisper-base`"', "models fetch"),
        ('f"run `vehicle-agent models verify --all {path}`"', "no option --all"),
        ('"run `vehicle-agent config check --strict`"', "no option --strict"),
        ('"name another with --modell"', "--modell"),
        ('("a long message that goes on, and then: run " "`make install`")', "no target install"),
        ('"make everything"', "no target everything"),
        ('"set VEHICLE_AGENT_HOME"', "VEHICLE_AGENT_HOME"),
        ("\"pip install -e '.[speech]'\"", "no extra speech"),
        ("\"pip install 'vehicle-agent[voice]'\"", "no registry"),
        ('"pip install fasterwhisper"', "fasterwhisper"),
        ('f"install it with: apt install {program}"', "not known as a Debian package"),
        ('"apt-get install arecord"', "arecord is not known"),
        ('"look at docs/buses.md"', "docs/buses.md"),
    ],
)
def test_an_invented_remedy_is_found(source: str, what: str) -> None:
    """What the collector is for."""
    found = [wrong for _, text in said_in(source, "planted.py") for wrong in wrong_in(text, VARIABLES)]
    assert any(what in wrong for wrong in found), found


def test_what_doctor_says_when_nothing_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its sentences are put together, so they are made and looked at."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("VEHICLE_AGENT_MODEL", str(tmp_path / "none.gguf"))
    monkeypatch.setenv("VEHICLE_AGENT_DATA", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    found = [f for f in doctor.findings() if not f.ok]
    assert len(found) > 20
    wrong = [f"{f.what}: {what}" for f in found for what in wrong_in(f.remedy, VARIABLES)]
    assert not wrong
    assert all(f.remedy for f in found)
