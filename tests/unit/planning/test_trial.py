"""The trial of the model: whatever becomes of the process of its own, this one gets a value."""

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shipped import shipped_model

from vehicle_agent.errors import ModelError
from vehicle_agent.planning import native, trial
from vehicle_agent.planning.trial import Fails, Works, try_out

MODEL = Path("model.gguf")
GOOD = (0, json.dumps({"ms": 41.0, "right": True}))


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEHICLE_AGENT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(native, "kernels", lambda: "avx2")
    monkeypatch.setattr(native, "folder", lambda: tmp_path / "lib")
    return tmp_path / "data" / "tried.json"


class Child:
    """Answers of the process of its own, one after the other; ``asked``: repack of each run."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers: Iterator[tuple[int, str]] = iter(answers)
        self.asked: list[bool] = []

    def __call__(self, _path: Path, repack: bool, _timeout_s: float) -> tuple[int, str]:
        self.asked.append(repack)
        return next(self._answers)


def test_what_works_says_how_fast_and_with_what() -> None:
    child = Child(GOOD)
    assert try_out(MODEL, child=child) == Works(ms=41.0, kernels="avx2", repack=True)
    assert child.asked == [True]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((-signal.SIGILL, ""), "SIGILL"),
        ((-signal.SIGSEGV, ""), "SIGSEGV"),
        ((-signal.SIGALRM, ""), "gives no answer"),
        ((-77, ""), "signal 77"),
        ((1, "MemoryError"), "status 1 (MemoryError)"),
        ((0, json.dumps({"ms": 3.0, "right": False})), "wrongly"),
        ((0, "no JSON"), "wrongly"),
        ((0, "[]"), "wrongly"),
    ],
)
def test_a_crash_is_one_sentence_with_the_remedy(answer: tuple[int, str], words: str) -> None:
    child = Child(answer, answer)
    tried = try_out(MODEL, child=child)
    assert isinstance(tried, Fails)
    assert tried.crashed
    assert words in tried.why
    assert "make llama" in tried.why
    assert child.asked == [True, False]


def test_what_crashes_with_rearranged_weights_alone_goes_without() -> None:
    tried = try_out(MODEL, child=Child((-signal.SIGILL, ""), GOOD))
    assert tried == Works(ms=41.0, kernels="avx2", repack=False)
    assert "slower" in str(tried)


def test_an_error_of_ours_is_told_as_it_is() -> None:
    child = Child((0, json.dumps({"error": "model.gguf is damaged"})))
    assert try_out(MODEL, child=child) == Fails("model.gguf is damaged")


def test_a_library_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise ModelError("the package llama-cpp-python is not installed")

    monkeypatch.setattr(native, "kernels", missing)
    assert try_out(MODEL, child=Child()) == Fails("the package llama-cpp-python is not installed")


def _ended_by_a_signal(_path: Path, *, repack: bool) -> str:
    os.kill(os.getpid(), signal.SIGILL)
    return str(repack)


def test_a_forked_process_may_die_of_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    if not trial.may_fork():
        pytest.skip("this process has more than one thread, so the trial would not fork")
    monkeypatch.setattr(trial, "report", _ended_by_a_signal)
    assert trial.forked(MODEL, True, 10.0) == (-signal.SIGILL, "")


def test_a_model_that_is_none_is_told_from_the_other_process(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"nothing of the kind")
    status, output = trial.executed(file, True, 60.0)
    assert status == 0
    assert "is no GGUF file" in json.loads(output)["error"]


def test_a_damaged_model_fails_its_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    shipped = shipped_model()
    file = tmp_path / shipped.name
    data = bytearray(shipped.read_bytes())
    data[20_000_000:20_400_000] = bytes(400_000)
    file.write_bytes(data)
    told = hashlib.sha256(shipped.read_bytes()).hexdigest()
    file.with_name(file.name + ".sha256").write_text(f"{told}  {file.name}\n", encoding="utf-8")
    tried = try_out(file)
    assert isinstance(tried, Fails)
    assert "damaged" in tried.why


def test_what_was_tried_is_known_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_place: Path
) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    runs: list[Path] = []

    def tried(path: Path) -> Works:
        runs.append(path)
        return Works(ms=1.0, kernels="avx2", repack=True)

    monkeypatch.setattr(trial, "try_out", tried)
    for _ in range(3):
        assert trial.ensured(model) == Works(ms=1.0, kernels="avx2", repack=True)
    assert len(runs) == 1
    model.write_bytes(b"GGUF another")
    trial.ensured(model)
    assert len(runs) == 2
    monkeypatch.setattr(trial, "features", lambda: frozenset({"sse4_2"}))  # the disk is in another computer
    trial.ensured(model)
    assert len(runs) == 3
    for damage in ("", "{", "[]", '{"of": 1, "works": {}}', '{"works": {"speed": 1}}'):
        own_place.write_text(damage, encoding="utf-8")
        trial.ensured(model)
    assert len(runs) == 8


def test_a_failure_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_place: Path) -> None:
    monkeypatch.setattr(trial, "try_out", lambda _path: Fails("it does not run"))
    with pytest.raises(ModelError, match="it does not run"):
        trial.ensured(tmp_path / "model.gguf")
    assert not own_place.exists()


def test_a_place_that_cannot_be_written_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").write_text("a file where the folder should be", encoding="ascii")
    monkeypatch.setattr(trial, "try_out", lambda _path: Works(ms=1.0, kernels="avx2", repack=True))
    assert trial.ensured(tmp_path / "model.gguf").ms == 1.0
