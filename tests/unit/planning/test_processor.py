"""Which compiled kernels fit which processor."""

import ctypes
import platform
from pathlib import Path

import pytest

from vehicle_agent.planning import processor
from vehicle_agent.planning.processor import KERNELS, PLAIN, features, fitting

AVX2 = KERNELS["avx2"]
AVX512 = KERNELS["avx512"]


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (AVX512, "avx512"),
        (AVX512 | {"amx_int8"}, "avx512"),
        (AVX512 - {"avx512_vnni"}, "avx2"),
        (AVX512 - {"avx512vbmi"}, "avx2"),
        (AVX2, "avx2"),
        (AVX2 - {"fma"}, PLAIN),
        (AVX2 - {"f16c"}, PLAIN),
        (frozenset({"sse4_2", "avx"}), PLAIN),
        (frozenset({"sse4_2"}), PLAIN),
        (frozenset(), None),
    ],
)
def test_the_best_kernels_all_of_whose_needs_are_there(available: frozenset[str], expected: str | None) -> None:
    assert fitting(frozenset(KERNELS), available) == expected


def test_only_kernels_that_are_compiled_in_are_chosen() -> None:
    assert fitting(frozenset({PLAIN, "avx2"}), AVX512) == "avx2"
    assert fitting(frozenset({"avx512"}), AVX2) is None


def test_this_processor_tells_what_the_kernel_tells() -> None:
    known = frozenset().union(*KERNELS.values())
    if platform.machine() != "x86_64":
        assert features() == frozenset()
        return
    said_by_kernel = processor.from_cpuinfo(Path("/proc/cpuinfo"))
    assert features() & known == said_by_kernel & known


def test_an_older_c_library_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2 fma\n\nprocessor\t: 1\nflags\t\t: fpu\n"
    file = tmp_path / "cpuinfo"
    file.write_text(text, encoding="ascii")
    assert processor.from_cpuinfo(file) == {"fpu", "sse4_2", "avx", "avx2", "fma"}
    assert processor.from_cpuinfo(tmp_path / "missing") == frozenset()

    def without(_name: object) -> object:
        raise OSError

    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(ctypes, "CDLL", without)
    monkeypatch.setattr(processor, "from_cpuinfo", lambda _path: frozenset({"avx2", "fpu"}))
    assert features() == {"avx2"}


def test_another_architecture_has_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert features() == frozenset()
