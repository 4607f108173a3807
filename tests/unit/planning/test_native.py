"""The compiled library: found without being loaded, with the kernels that fit."""

import importlib.util
from pathlib import Path

import pytest

from vehicle_agent.errors import ModelError
from vehicle_agent.planning import native
from vehicle_agent.planning.processor import KERNELS, PLAIN


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("avx2", "avx512"):
        (tmp_path / name).mkdir()
        (tmp_path / name / native.LIBRARY).touch()
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    monkeypatch.delenv(native.CHOICE, raising=False)
    monkeypatch.setattr(native, "features", lambda: KERNELS["avx2"])
    return tmp_path


@pytest.mark.usefixtures("libraries")
def test_what_fits_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert native.kernels() == "avx2"
    monkeypatch.setattr(native, "features", lambda: KERNELS["avx512"])
    assert native.kernels() == "avx512"
    monkeypatch.setattr(native, "features", lambda: KERNELS[PLAIN])
    assert native.kernels() == PLAIN


@pytest.mark.usefixtures("libraries")
def test_others_can_be_asked_for_if_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(native.CHOICE, PLAIN)
    assert native.kernels() == PLAIN
    for wrong in ("avx512", "avx1024", "", "../avx2"):
        monkeypatch.setenv(native.CHOICE, wrong)
        with pytest.raises(ModelError, match=native.CHOICE):
            native.kernels()


@pytest.mark.usefixtures("libraries")
def test_a_processor_for_which_there_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "features", frozenset)
    with pytest.raises(ModelError, match=r"SSE 4\.2"):
        native.kernels()


def test_a_library_compiled_in_another_way_has_no_kernels_by_name(libraries: Path) -> None:
    for name in ("avx2", "avx512"):
        (libraries / name / native.LIBRARY).unlink()
    assert native.kernels() is None


@pytest.mark.usefixtures("libraries")
def test_a_damaged_library_is_one_sentence() -> None:
    with pytest.raises(ModelError, match=r"cannot be loaded.*make llama"):
        native.load()


def test_without_the_package_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLAMA_CPP_LIB_PATH", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match="llama-cpp-python is not installed"):
        native.load()
