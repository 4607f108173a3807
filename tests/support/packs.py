"""Makes the example pack, or a broken one, visible as if it were installed, without touching the environment."""

import tomllib
from collections.abc import Callable
from pathlib import Path

Install = Callable[[Path], None]  # makes a pack visible to this process
SEAT_PUMP = Path(__file__).parents[1] / "packs" / "seat_pump"


def write_dist_info(site: Path, project: Path) -> Path:
    """What an installer leaves of ``project``'s pyproject.toml; ``site`` then belongs on sys.path with ``project``."""
    document = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = document["name"], document["version"]
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    lines = [
        line
        for group, entries in document["entry-points"].items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    ]
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return site
