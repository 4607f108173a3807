"""A model that is missing, damaged or another one is refused with a sentence."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.calls import CATALOGUE
from support.shipped import shipped_model

from vehicle_agent.errors import ModelError
from vehicle_agent.planning.model_file import MODEL_NAME, candidates, check_catalogue, check_file, find_model, sha256
from vehicle_agent.planning.planner import Planner

FOREIGN = Path(__file__).parents[3] / "models" / "runs" / "base.gguf"


class FakeModel:
    """A model file's metadata."""

    def __init__(self, **metadata: str) -> None:
        self._metadata = {f"vehicle_agent.{k}": v for k, v in metadata.items()}

    def metadata(self, key: str) -> str:
        return self._metadata.get(key, "")


def test_a_named_model_is_not_replaced_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.gguf"):
        find_model(tmp_path / "nowhere.gguf")
    monkeypatch.setenv("VEHICLE_AGENT_MODEL", str(tmp_path / "elsewhere.gguf"))
    with pytest.raises(ModelError, match=r"elsewhere\.gguf"):
        find_model()
    (tmp_path / "elsewhere.gguf").write_bytes(b"")
    assert find_model() == tmp_path / "elsewhere.gguf"


def test_a_package_of_the_model_is_found_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEHICLE_AGENT_MODEL", raising=False)
    before = list(candidates())
    folder = tmp_path / "vehicle_agent_model"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit", encoding="ascii")
    (folder / MODEL_NAME).write_bytes(b"GGUF")
    monkeypatch.syspath_prepend(tmp_path)
    assert list(candidates()) == [before[0], folder / MODEL_NAME, *before[1:]]  # before what this package brings itself
    if not before[0].exists():
        assert find_model() == folder / MODEL_NAME


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 a zip", b"version https://git-lfs"])
def test_what_is_no_gguf_is_not_given_to_llama(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is no GGUF"):
        Planner.load(CATALOGUE, path)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        check_file(tmp_path)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match="cannot load"):
        Planner.load(CATALOGUE, path)


def test_a_checksum_beside_the_file_must_fit(tmp_path: Path) -> None:
    path, beside = tmp_path / "m.gguf", tmp_path / "m.gguf.sha256"
    path.write_bytes(b"GGUF and more")
    check_file(path)
    beside.write_text(f"{sha256(path)}  m.gguf\n")
    check_file(path)
    path.write_bytes(b"GGUF and less")
    with pytest.raises(ModelError, match="damaged"):
        check_file(path)
    check_file(path, checksum=False)


@pytest.mark.parametrize("content", ["", "\n", "\u00e9"])
def test_a_checksum_file_that_is_none_is_no_crash(tmp_path: Path, content: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    (tmp_path / "m.gguf.sha256").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="sha256"):
        check_file(path)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "not a vehicle planner"),
        ({"format_version": "1", "catalogue_hash": "0" * 64}, "another catalogue"),
        ({"format_version": "99", "catalogue_hash": CATALOGUE.wire_hash()}, "another catalogue"),
    ],
)
def test_another_catalogues_model_is_refused(metadata: dict[str, str], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        check_catalogue(FakeModel(**metadata), Path("m.gguf"), CATALOGUE)  # type: ignore[arg-type]


@pytest.mark.skipif(not FOREIGN.is_file(), reason="the base model is not there")
def test_a_foreign_model_is_refused() -> None:
    with pytest.raises(ModelError, match="not a vehicle planner"):
        Planner.load(CATALOGUE, FOREIGN)


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    path = shipped_model()
    planner = Planner.load(CATALOGUE, path, threads=1)
    yield planner
    planner.close()


@pytest.mark.parametrize(
    "text", ["", "\U0001f600", "x" * 10_000, "qxzjv" * 119, "zq " * 79, "1" * 400 + ".5 hello", "there"]
)
def test_no_text_makes_the_planner_raise(planner: Planner, text: str) -> None:
    planned = planner.plan(text)
    assert planned.plan.steps or planned.why or planned.utterance


async def test_planning_off_the_event_loop(planner: Planner) -> None:
    planned = await planner.plan_async("turn the fan to 3")
    assert planned.heard == "turn the fan to three"
    assert 0 <= planned.confidence <= 1
    assert planned.tokens_out >= 2


def test_a_truncated_artifact_is_refused(tmp_path: Path, planner: Planner) -> None:
    del planner  # it is there
    path = tmp_path / "m.gguf"
    shutil.copyfile(find_model(), path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(ModelError, match="cannot load"):
        Planner.load(CATALOGUE, path)
