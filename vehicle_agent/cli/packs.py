"""Finding and checking OEM packs."""

import sys
import tomllib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from state_machines.rulebook import RuleBook
from vehicle_agent.cli.output import BadInput
from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import Catalogue, is_builtin_entry, load_catalogue, load_pack
from vehicle_apis.errors import CatalogueError
from vehicle_apis.pack import ENTRY_POINT_GROUP, ApiPack


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
