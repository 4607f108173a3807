"""`python -m models.recipe`: the shipped planner from the base model, in one command; resumes where it stopped.

Three stages, as it was trained: full fine-tune of the pruned network, then twice the same from there, each with a new
cosine and with weights rounded as Q4_0 in forward passes. The third is that of conversations, routes and talk that is
not for the car; `--start MODEL.gguf` begins there, with a finished model. Takes the sum of the budgets on two cores; on
a GPU, which is used where there is one, a few minutes a stage do. Interrupt it at any time.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import run

from models.paths import LAST, RUNS

KIND = "q4_0"
EMBEDDING = "q8_0"
MINUTES = (69.0, 80.0, 93.0)


def stages(folder: Path, minutes: Sequence[float], start: str = "") -> list[list[str]]:
    """The arguments of `models.train` for each stage; with a finished model to ``start`` from, of the last alone."""
    first, second, third = (str(folder / f"stage{k}") for k in (1, 2, 3))
    before = [
        ["--out", first, "--minutes", f"{minutes[0]:g}", "--qat-from", "1"],
        ["--out", second, "--minutes", f"{minutes[1]:g}", "--start", f"{first}/{LAST}", "--seed", "2"],
    ]
    last = ["--out", third, "--minutes", f"{minutes[2]:g}", "--start", start or f"{second}/{LAST}", "--seed", "11"]
    return [last] if start else [*before, last]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs=3, default=MINUTES, metavar=("FIRST", "SECOND", "THIRD"))
    parser.add_argument("--start", default="", metavar="MODEL", help="only the third stage, from this finished model")
    parser.add_argument("--folder", type=Path, default=RUNS / "planner")
    parser.add_argument("--out", type=Path, help="folder of the finished model file; default: models/artifacts")
    args = parser.parse_args()
    for arguments in stages(args.folder, args.minutes, args.start):
        _python("models.train", arguments)
    where = ["--out", str(args.out)] if args.out else []
    _python("models.build", [str(args.folder / "stage3"), *where])


def _python(module: str, arguments: Sequence[str]) -> None:
    status = run([sys.executable, "-m", module, *arguments], check=False).returncode
    if status:
        sys.exit(f"{module} ended with status {status}; run the same command again to go on from its last checkpoint")


if __name__ == "__main__":
    main()
