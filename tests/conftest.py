"""Shared by all tests: helper packages in this folder are importable, random tests are reproducible."""

import atexit
import os
import shutil
import sys
import tempfile
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

# a busy machine is no failure: no deadlines; the same examples in every run: no surprises in somebody else's change
settings.register_profile(
    "project", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")


def _checkouts_own_entry_points() -> None:
    """An editable install keeps the entry points of the day it was made; where they are out of date, tests and the
    programs that they start find those of this checkout."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    wanted = {(group, name, value) for group, entries in groups.items() for name, value in entries.items()}
    if wanted <= {(group, entry.name, entry.value) for group in groups for entry in entry_points(group=group)}:
        return
    folder = tempfile.mkdtemp(prefix="entry-points-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    info = Path(folder) / f"vehicle_agent-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
    )
    sections = (
        f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in entries.items()) for group, entries in groups.items()
    )
    (info / "entry_points.txt").write_text("\n".join(sections), encoding="utf-8")
    sys.path.insert(0, folder)
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])


_checkouts_own_entry_points()
