"""llama.cpp as it is compiled: finds the kernels that fit this processor and loads the library with them."""

import ctypes
import importlib
import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Final

from vehicle_agent.errors import ModelError
from vehicle_agent.planning.processor import KERNELS, PLAIN, features, fitting

CHOICE: Final = "VEHICLE_AGENT_KERNELS"  # environment: one of KERNELS instead of the best that fits
REBUILD: Final = (
    "build llama-cpp-python anew on this computer: `make llama` in a checkout, else "
    "pip install --force-reinstall --no-deps --no-cache-dir --no-binary llama-cpp-python llama-cpp-python"
)
LIBRARY: Final = "libggml-cpu.so.0"


def folder() -> Path:
    """Where llama-cpp-python's libraries are; nothing is loaded. Raises ModelError."""
    if named := os.environ.get("LLAMA_CPP_LIB_PATH"):  # llama-cpp-python's own variable
        return Path(named)
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "the package llama-cpp-python is not installed; `make setup` in a checkout, or pip install llama-cpp-python"
        )
    return Path(spec.submodule_search_locations[0]) / "lib"


def kernels() -> str | None:
    """The name of the kernels to load, one of `KERNELS`.

    None: this llama-cpp-python was compiled in another way, for one kind of processor, and whether it fits is not known
    before it is tried. Raises ModelError when there are kernels and none fits.
    """
    there = _compiled()
    if not there:
        return None
    available = features()
    wanted = os.environ.get(CHOICE)
    if wanted is not None:
        if wanted not in there or not KERNELS[wanted] <= available:
            raise ModelError(f"${CHOICE} is {wanted!r}: not compiled in, or not for this processor; unset it")
        return wanted
    best = fitting(there, available)
    if best is None:
        raise ModelError("this processor has no SSE 4.2, which the model's code needs; use one made after 2008")
    return best


def choices() -> tuple[str, ...]:
    """The kernels that are there and fit this processor, best first; empty as `kernels` is None. Raises ModelError."""
    there, available = _compiled(), features()
    return tuple(name for name, needs in KERNELS.items() if name in there and needs <= available)


def load() -> ModuleType:
    """The package llama_cpp, with the kernels that fit. Raises ModelError."""
    name = kernels()
    try:
        if name is not None and name != PLAIN:
            # the loader takes a library of this soname that is there already, so llama.cpp gets these kernels
            ctypes.CDLL(str(_library(name)), mode=ctypes.RTLD_GLOBAL)
        return importlib.import_module("llama_cpp")
    except (ImportError, OSError, RuntimeError) as e:  # RuntimeError: llama_cpp's own, of a library it cannot load
        raise ModelError(f"llama-cpp-python cannot be loaded ({e}); {REBUILD}") from e


def _compiled() -> frozenset[str]:
    """Empty where there is no choice."""
    named = frozenset(name for name in KERNELS if name != PLAIN and _library(name).is_file())
    return named | {PLAIN} if named else named


def _library(name: str) -> Path:
    return folder() / name / LIBRARY
