"""Finding the planner model and checking that it is the right one."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vehicle_agent.errors import ModelError
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.tokens import FORMAT_VERSION

if TYPE_CHECKING:
    from vehicle_agent.planning.llama import Llama

MODEL_PACKAGE: Final = "vehicle_agent_model"
MODEL_NAME: Final = "vehicle-planner-q4_0.gguf"
CHECKSUM_SUFFIX: Final = ".sha256"
HASH_KEY: Final = "vehicle_agent.catalogue_hash"
VERSION_KEY: Final = "vehicle_agent.format_version"
_MAGIC: Final = b"GGUF"
_SAMPLES: Final = 64
_SAMPLE_BYTES: Final = 8192


def candidates(configured: Path | None = None) -> Iterator[Path]:
    """Where the model may be, in order of preference."""
    if configured is not None:
        yield configured
        return  # what was named explicitly is not silently replaced by another
    if named := os.environ.get("VEHICLE_AGENT_MODEL"):
        yield Path(named)
        return
    yield Path("/usr/share/vehicle-agent") / MODEL_NAME
    yield from (folder / MODEL_NAME for folder in _model_package())
    package = Path(str(resources.files("vehicle_agent")))
    yield package / "_model" / MODEL_NAME
    yield package.parent / "models" / "artifacts" / MODEL_NAME


def _model_package() -> Iterator[Path]:
    """The folder of the model's own package, where one is installed; nothing of it is run."""
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    if spec is not None and spec.submodule_search_locations is not None:
        yield from map(Path, spec.submodule_search_locations)


def find_model(configured: Path | None = None) -> Path:
    """The model's path. Raises ModelError naming where it was looked for."""
    places = list(candidates(configured))
    for path in places:
        if path.is_file():
            return path
    listed = ", ".join(str(p) for p in places)
    raise ModelError(f"there is no planner model at {listed}; name one with --model or $VEHICLE_AGENT_MODEL")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(path: Path) -> str:
    """Tells model files apart within milliseconds: size and samples from all over the file. No protection."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for i in range(_SAMPLES):
            file.seek(max(0, size - _SAMPLE_BYTES) * i // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:32]


def check_file(path: Path, *, checksum: bool = True) -> None:
    """Raises ModelError unless ``path`` is a GGUF and, where a checksum lies beside it, the file it names."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as e:
        raise ModelError(f"cannot read the model {path}: {e.strerror or e}") from e
    if magic != _MAGIC:
        raise ModelError(f"{path} is no GGUF file; install the project's model again or name another with --model")
    beside = path.with_name(path.name + CHECKSUM_SUFFIX)
    if not (checksum and beside.is_file()):
        return
    if beside.read_text(encoding="ascii", errors="replace").split()[:1] != [sha256(path)]:
        raise ModelError(f"{path} is damaged: its sha256 is not the one in {beside.name}; check the file out again")


def check_catalogue(model: "Llama", path: Path, catalogue: Catalogue) -> None:
    """Raises ModelError unless the model was trained for exactly this catalogue and wire format."""
    version = model.metadata(VERSION_KEY)
    if not version:
        raise ModelError(f"{path} is not a vehicle planner: it carries no functional-token table; name another model")
    if version != str(FORMAT_VERSION) or model.metadata(HASH_KEY) != catalogue.wire_hash():
        raise ModelError(
            f"{path} was trained for another catalogue; use the model of this release or train one: "
            "`vehicle-agent models train`"
        )
