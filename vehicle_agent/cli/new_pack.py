"""Beginning an OEM pack."""

import importlib.util
import keyword
import re
from pathlib import Path
from typing import Final

from vehicle_agent.cli.output import BadInput
from vehicle_agent.cli.pack_template import binding, dbc

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_MAX_NAME_CHARS: Final = 20  # the names of DBC signals made of it have at most 32

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


def write_example(directory: str) -> Path:
    """Writes a small complete pack and returns its folder. Raises BadInput."""
    path = Path(directory)
    name = path.name
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > _MAX_NAME_CHARS:
        raise BadInput(f"{name!r} cannot be a pack's name; use lower_snake_case, at most {_MAX_NAME_CHARS} characters")
    if importlib.util.find_spec(name) is not None:
        raise BadInput(f"there is a Python package {name!r} already; choose another name")
    package = path / name
    try:
        if path.exists() and any(path.iterdir()):
            raise BadInput(f"{path} is not empty; name a new folder")
        package.mkdir(parents=True)
    except OSError as e:
        raise BadInput(f"{path} cannot be written: {e.strerror or e}") from e
    (path / "pyproject.toml").write_text(_PYPROJECT.format(name=name, dash=name.replace("_", "-")), encoding="utf-8")
    (package / "__init__.py").write_text(_MODULE.format(name=name), encoding="utf-8")
    (package / f"{name}.dbc").write_text(dbc(name), encoding="utf-8")
    (package / f"{name}.toml").write_text(binding(name), encoding="utf-8")
    return path
