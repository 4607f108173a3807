from collections.abc import Callable
from pathlib import Path

import pytest

from vehicle_apis.binding import CarBinding, default_binding_path, load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(with_packs=False)


@pytest.fixture(scope="session")
def binding(catalogue: Catalogue) -> CarBinding:
    return load_binding(catalogue)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the example car's binding file with pieces of text replaced."""

    def edit(*changes: tuple[str, str]) -> Path:
        text = default_binding_path().read_text(encoding="utf-8")
        dbc = default_binding_path().with_name("vehicle.dbc").as_posix()
        for old, new in (('dbc = "vehicle.dbc"', f'dbc = "{dbc}"'), *changes):
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "vehicle.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit
