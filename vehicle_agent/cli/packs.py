"""Finding and beginning OEM packs."""

import importlib
import re
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from vehicle_agent.cli.output import BadInput
from vehicle_apis.pack import ENTRY_POINT_GROUP, ApiPack

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")

_PYPROJECT: Final = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{dash}"
version = "0.1.0"
dependencies = ["vehicle-agent"]

[project.entry-points."vehicle_agent.apis"]
{name} = "{name}:PACK"

[tool.hatch.build.targets.wheel]
packages = ["{name}"]
"""

_MODULE: Final = '''\
"""Vehicle functions of {name}. A pack imports only `vehicle_apis`."""

from pathlib import Path

from vehicle_apis.pack import ApiPack, RuleSpec
from vehicle_apis.params import EnumParam
from vehicle_apis.spec import ApiSpec

_HERE = Path(__file__).parent

PACK = ApiPack(
    name="{name}",
    version="0.1.0",
    apis=(
        ApiSpec(
            name="set_{name}_lamp",
            domain="{name}",
            doc="Switch the example lamp.",
            backend="can",
            params=(EnumParam(name="state", values=("on", "off")),),
        ),
    ),
    # without a rule the function would be allowed only when parked
    rules={{"set_{name}_lamp": (RuleSpec(allow=("parked", "standstill")),)}},
    dbc=_HERE / "{name}.dbc",
    binding=_HERE / "{name}.toml",
)
'''


def checked_pack(name: str) -> ApiPack:
    """The pack of an entry point ("my_car") or of "module:OBJECT". Raises BadInput."""
    entry = next((e for e in entry_points(group=ENTRY_POINT_GROUP) if e.name == name), None)
    target = entry.value if entry is not None else name
    module, colon, attribute = target.partition(":")
    if not colon:
        raise BadInput(f"no pack named {name!r} is installed; name one as module:OBJECT, for example my_car:PACK")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as e:  # a foreign module may raise anything while it is imported
        raise BadInput(f"{target} cannot be loaded: {e}") from e
    if not isinstance(found, ApiPack):
        raise BadInput(f"{target} is no ApiPack")
    return found


def write_example(directory: str) -> Path:
    """Writes a small complete pack and returns its folder. Raises BadInput."""
    path = Path(directory)
    name = path.name
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot be a package name; use lower_snake_case")
    if path.exists() and any(path.iterdir()):
        raise BadInput(f"{path} is not empty; name a new folder")
    package = path / name
    package.mkdir(parents=True)
    from vehicle_agent.cli.pack_template import binding, dbc

    (path / "pyproject.toml").write_text(_PYPROJECT.format(name=name, dash=name.replace("_", "-")), encoding="utf-8")
    (package / "__init__.py").write_text(_MODULE.format(name=name), encoding="utf-8")
    (package / f"{name}.dbc").write_text(dbc(name), encoding="utf-8")
    (package / f"{name}.toml").write_text(binding(name), encoding="utf-8")
    return path
