"""The wheel that a car's image installs: built for real, then looked into."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from typing import Final

import pytest

from vehicle_agent.planning.model_file import CHECKSUM_SUFFIX, MODEL_NAME

pytest.importorskip("hatchling", reason='pip install -e ".[dev]"')

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = {"vehicle_agent", "vehicle_apis", "state_machines", "simulators"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; hatchling.build.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, env=os.environ, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_it_holds_the_packages_their_types_and_the_model(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    top = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert top == PACKAGES  # no tests, and nothing that trains
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {f"vehicle_agent/_model/{MODEL_NAME}{end}" for end in ("", CHECKSUM_SUFFIX)} <= names
    assert "vehicle_agent/_model/README.md" in names  # the model's card


def test_it_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    said = Parser().parsestr(wheel.read(name).decode())
    assert (said["Name"], said["License-Expression"]) == ("vehicle-agent", "Apache-2.0")
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert set(said.get_all("License-File", [])) == {"LICENSE", "NOTICE"}
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    assert said["Keywords"]
