import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.packs import Install, write_dist_info

from vehicle_apis.catalogue import load_catalogue


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes a pack's folder visible to this process for one test."""
    before = set(sys.modules)
    path = list(sys.path)

    def do(project: Path) -> None:
        site = write_dist_info(tmp_path / f"site-{project.name}", project)
        monkeypatch.syspath_prepend(site)
        monkeypatch.syspath_prepend(project)
        load_catalogue.cache_clear()

    load_catalogue.cache_clear()
    yield do
    sys.path[:] = path
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)) or name == "seat_pump":
            del sys.modules[name]
    load_catalogue.cache_clear()
