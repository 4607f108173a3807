"""`python -m models.recipe`: the shipped planner from the base model, in one command; resumes where it stopped.

Two stages, as it was trained: full fine-tune of the pruned network, then the same from there with a new cosine and
weights rounded as Q4_0 in forward passes. Takes the sum of both budgets on two cores; interrupt it at any time.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import run

from models.paths import LAST, RUNS

KIND = "q4_0"
EMBEDDING = "q8_0"


def stages(folder: Path, minutes: Sequence[float]) -> list[list[str]]:
    """The arguments of `models.train` for each stage."""
    first, second = folder / "stage1", folder / "stage2"
    return [
        ["--out", str(first), "--minutes", f"{minutes[0]:g}", "--qat-from", "1"],
        ["--out", str(second), "--minutes", f"{minutes[1]:g}", "--start", str(first / LAST), "--seed", "2"],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs=2, default=(69.0, 80.0), metavar=("FIRST", "SECOND"))
    parser.add_argument("--folder", type=Path, default=RUNS / "planner")
    parser.add_argument("--out", type=Path, help="folder of the finished model file; default: models/artifacts")
    args = parser.parse_args()
    for arguments in stages(args.folder, args.minutes):
        _python("models.train", arguments)
    where = ["--out", str(args.out)] if args.out else []
    _python("models.build", [str(args.folder / "stage2"), *where])


def _python(module: str, arguments: Sequence[str]) -> None:
    status = run([sys.executable, "-m", module, *arguments], check=False).returncode
    if status:
        sys.exit(f"{module} ended with status {status}; run the same command again to go on from its last checkpoint")


if __name__ == "__main__":
    main()
