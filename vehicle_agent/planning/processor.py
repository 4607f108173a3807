"""What the processor can do, as far as the compiled kernels ask for it."""

import ctypes
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# glibc's public reading of CPUID (sys/platform/x86.h, since 2.33): index into its table, register (eax, ebx, ecx, edx),
# bit. Only what the operating system has switched on counts as active.
_CPUID: Final[Mapping[str, tuple[int, int, int]]] = {
    "sse4_2": (0, 2, 20),
    "fma": (0, 2, 12),
    "avx": (0, 2, 28),
    "f16c": (0, 2, 29),
    "bmi2": (1, 1, 8),
    "avx2": (1, 1, 5),
    "avx512f": (1, 1, 16),
    "avx512dq": (1, 1, 17),
    "avx512cd": (1, 1, 28),
    "avx512bw": (1, 1, 30),
    "avx512vl": (1, 1, 31),
    "avx512vbmi": (1, 2, 1),
    "avx512_vnni": (1, 2, 11),
    "amx_int8": (1, 3, 25),
}
_AVX2: Final = frozenset({"sse4_2", "avx", "avx2", "fma", "f16c", "bmi2"})

PLAIN: Final = "plain"
# The compiled kernels of .ci/llama.cmake, best first, each with what it needs.
KERNELS: Final[Mapping[str, frozenset[str]]] = {
    "avx512": _AVX2 | {"avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512vbmi", "avx512_vnni"},
    "avx2": _AVX2,
    PLAIN: frozenset({"sse4_2"}),
}


class _CpuidFeature(ctypes.Structure):
    _fields_ = [("cpuid", ctypes.c_uint * 4), ("active", ctypes.c_uint * 4)]


def features() -> frozenset[str]:
    """The processor's features by their names in /proc/cpuinfo; empty on another architecture than x86-64.

    Asked of the processor itself where glibc can, since /proc/cpuinfo shows the host's to an emulated program.
    """
    if platform.machine() not in {"x86_64", "AMD64"}:
        return frozenset()
    try:
        leaf_of = ctypes.CDLL(None)["__x86_get_cpuid_feature_leaf"]
    except (OSError, AttributeError):  # another C library, or an older one
        return from_cpuinfo(Path("/proc/cpuinfo")) & _CPUID.keys()
    leaf_of.restype = ctypes.POINTER(_CpuidFeature)
    leaf_of.argtypes = [ctypes.c_uint]
    return frozenset(
        name for name, (leaf, register, bit) in _CPUID.items() if leaf_of(leaf).contents.active[register] >> bit & 1
    )


def from_cpuinfo(path: Path) -> frozenset[str]:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    return next(
        (frozenset(line.partition(":")[2].split()) for line in text.splitlines() if line.startswith("flags")),
        frozenset(),
    )


def fitting(kernels: frozenset[str], available: frozenset[str]) -> str | None:
    """The best of ``kernels`` (names of `KERNELS`) on a processor with the features ``available``; None = none fits."""
    return next((name for name, needs in KERNELS.items() if name in kernels and needs <= available), None)
