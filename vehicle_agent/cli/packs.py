"""Finding, checking and beginning OEM packs."""

import importlib.util
import keyword
import re
import sys
import tomllib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from state_machines.rulebook import RuleBook
from vehicle_agent.cli.output import BadInput
from vehicle_agent.cli.pack_template import binding, dbc
from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import Catalogue, is_builtin_entry, load_catalogue, load_pack
from vehicle_apis.errors import CatalogueError
from vehicle_apis.pack import ENTRY_POINT_GROUP, ApiPack

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


def find_pack(name: str) -> ApiPack:
    """The pack of an entry point ("my_car"), of a folder with a pyproject.toml, or of "module:OBJECT".

    Raises BadInput, CatalogueError.
    """
    return load_pack(_entry(name))


def _entry(name: str) -> EntryPoint:
    if (project := Path(name) / "pyproject.toml").is_file():
        sys.path.insert(0, str(Path(name).resolve()))
        return _entry_of_project(project)
    installed = [entry for entry in entry_points(group=ENTRY_POINT_GROUP) if entry.name == name]
    for entry in installed:
        if not is_builtin_entry(entry):
            return entry
    if installed:
        raise BadInput(f"{name!r} is a domain of the project itself, not a pack")
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise BadInput(
            f"no pack named {name!r} is installed; name a pack's folder, or module:OBJECT, for example my_car:PACK"
        )
    sys.path.insert(0, str(Path.cwd()))
    return EntryPoint(name=module, value=name, group=ENTRY_POINT_GROUP)


def _entry_of_project(path: Path) -> EntryPoint:
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))
        ((name, value),) = project["project"]["entry-points"][ENTRY_POINT_GROUP].items()
        return EntryPoint(name=str(name), value=str(value), group=ENTRY_POINT_GROUP)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as e:
        raise BadInput(f'{path}: it needs one line under [project.entry-points."{ENTRY_POINT_GROUP}"]') from e


def check_pack(name: str) -> tuple[ApiPack, Catalogue]:
    """The pack, and the catalogue with it and the installed packs, after every check there is: names, rules, DBC,
    binding.

    Raises BadInput, VehicleApiError, RuleError.
    """
    pack = find_pack(name)
    for spec in pack.apis:
        if spec.backend != "can":
            raise BadInput(
                f"{spec.name}: backend {spec.backend!r} is the project's own; a pack's functions go over CAN, use 'can'"
            )
    builtin = load_catalogue(with_packs=False).builtin
    catalogue = Catalogue(builtin, [pack])  # what is wrong with it alone is said first
    RuleBook(catalogue)
    load_binding(catalogue)
    others = _others(pack)
    if others:
        catalogue = Catalogue(builtin, [pack, *others])
        RuleBook(catalogue)
        load_binding(catalogue)
    return pack, catalogue


def _others(pack: ApiPack) -> list[ApiPack]:
    """The other installed packs; one that cannot be loaded is told on standard error and left out."""
    others: dict[str, ApiPack] = {}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if is_builtin_entry(entry):
            continue
        try:
            other = load_pack(entry)
        except CatalogueError as e:
            print(f"vehicle-agent: left out: {e}", file=sys.stderr)
            continue
        if other.name != pack.name:
            others[entry.value] = other
    return list(others.values())


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
