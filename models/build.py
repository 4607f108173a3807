"""`python -m models.build RUN_DIR`: a run's checkpoint as the quantized artifact, with its checksum."""

import argparse
import hashlib
from pathlib import Path

from models.export import EMBEDDING_TYPES, FTYPES, export
from models.paths import HERE, LAST
from models.recipe import EMBEDDING, KIND

ARTIFACTS = HERE / "artifacts"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a training run")
    parser.add_argument("--out", type=Path, default=ARTIFACTS)
    parser.add_argument("--kind", choices=sorted(FTYPES), default=KIND)
    parser.add_argument("--embedding", choices=sorted(EMBEDDING_TYPES), default=EMBEDDING)
    args = parser.parse_args()
    if not (args.run / LAST).is_file():
        parser.error(f"there is no checkpoint {args.run / LAST}; name the folder of a training run")
    target = args.out / f"vehicle-planner-{args.kind}.gguf"
    export(args.run / LAST, target, kind=args.kind, embedding=args.embedding)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    target.with_name(target.name + ".sha256").write_text(f"{digest}  {target.name}\n")
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, sha256 {digest}")


if __name__ == "__main__":
    main()
