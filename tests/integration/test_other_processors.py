"""The model on emulated processors: it runs, or one sentence says why not; never a signal.

qemu emulates no AVX-512 and no AMX, so these are the processors without them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.shipped import shipped_model

from vehicle_agent.planning import native
from vehicle_agent.planning.processor import KERNELS, PLAIN, features

QEMU = shutil.which("qemu-x86_64-static") or shutil.which("qemu-x86_64")

pytestmark = [
    pytest.mark.skipif(QEMU is None, reason="qemu-user is not installed: apt-get install qemu-user-static"),
    pytest.mark.timeout(600),
]


def _tried_on(processor: str, libraries: Path, data: Path) -> tuple[int, str]:
    """Exit status and output of the trial on an emulated ``processor``."""
    shipped_model()
    assert QEMU is not None
    environment = {
        **{k: v for k, v in os.environ.items() if k != native.CHOICE},
        "LLAMA_CPP_LIB_PATH": str(libraries),
        "VEHICLE_AGENT_DATA": str(data),
        "OMP_NUM_THREADS": "1",
    }
    command = [QEMU, "-cpu", processor, sys.executable, "-m", "vehicle_agent.planning.trial"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=590, check=False, env=environment)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def libraries() -> Path:
    folder = native.folder()
    if native.kernels() is None:
        pytest.skip("this llama-cpp-python was not compiled by `make setup`: it has no kernels to choose from")
    return folder


@pytest.mark.parametrize(
    ("processor", "kernels"),
    [("Haswell-noTSX", "avx2"), ("SandyBridge", PLAIN)],
)
def test_the_model_runs_on_an_older_processor(processor: str, kernels: str, libraries: Path, tmp_path: Path) -> None:
    status, said = _tried_on(processor, libraries, tmp_path)
    assert status == 0, said
    assert f"with the {kernels} kernels" in said


def test_a_processor_older_than_any_kernels_is_told(libraries: Path, tmp_path: Path) -> None:
    status, said = _tried_on("qemu64", libraries, tmp_path)
    assert status == 1
    assert said.startswith("this processor has no SSE 4.2")
    assert said.count("\n") == 1


@pytest.mark.skipif(
    not KERNELS["avx512"] <= features(), reason="shows nothing where the AVX-512 code itself cannot run"
)
def test_what_was_compiled_for_a_newer_processor_is_one_sentence(libraries: Path, tmp_path: Path) -> None:
    """As pip builds it: for one processor, without a choice."""
    foreign = tmp_path / "lib"
    shutil.copytree(libraries, foreign, symlinks=True, ignore=shutil.ignore_patterns(*KERNELS))
    for file in foreign.glob("libggml-cpu.so*"):
        file.unlink()
        shutil.copy(libraries / "avx512" / native.LIBRARY, file)
    status, said = _tried_on("Haswell-noTSX", foreign, tmp_path / "data")
    assert status == 1
    assert "SIGILL" in said
    assert "make llama" in said
    assert said.count("\n") == 1
