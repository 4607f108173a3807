"""Load time and memory of one model in a process of its own.

`python -m models.compare.process` reads {"kind","model","threads","texts"} and writes a `Footprint`, both JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from models.compare.errors import CompareError
from models.compare.machine import mib_of_process
from vehicle_agent.evaluation.dialogues import SpokenLine

OURS: Final = "ours"
PROMPTED: Final = "prompted"
_LIMIT_S: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """``peak_mib``: the process's peak resident memory, all of Python included; ``before_mib``: before loading."""

    load_ms: float
    peak_mib: float | None
    before_mib: float | None


def measure(kind: str, model: Path, threads: int, texts: Sequence[str]) -> Footprint:
    """Raises CompareError."""
    request = json.dumps({"kind": kind, "model": str(model), "threads": threads, "texts": list(texts)})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "models.compare.process"],
            input=request, capture_output=True, text=True, timeout=_LIMIT_S, check=True,
        )  # fmt: skip
        return Footprint(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as e:
        raise CompareError(f"the memory of {model.name} could not be measured in a process of its own: {e}") from e


def _serve() -> None:
    request = json.load(sys.stdin)
    model, threads = Path(request["model"]), int(request["threads"])
    if request["kind"] == PROMPTED:
        from models.compare.baselines.prompted import Prompted

        before = mib_of_process("VmRSS")
        began_s = time.perf_counter()
        hear = Prompted(model, threads=threads).hear
    else:
        from models.compare.answers import Ours
        from vehicle_agent.planning.planner import Planner
        from vehicle_apis.catalogue import load_catalogue

        catalogue = load_catalogue()
        before = mib_of_process("VmRSS")
        began_s = time.perf_counter()
        hear = Ours(Planner.load(catalogue, model, threads=threads)).hear
    load_ms = (time.perf_counter() - began_s) * 1000
    for text in request["texts"]:
        hear(SpokenLine(text=text))
    peak = mib_of_process("VmHWM")
    print(json.dumps(asdict(Footprint(load_ms=round(load_ms, 1), peak_mib=peak, before_mib=before))))


if __name__ == "__main__":
    _serve()
