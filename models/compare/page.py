"""The evaluation page as Markdown."""

from collections.abc import Sequence

from models.compare.page_parts import (
    baselines_part,
    confidence_part,
    mistakes_part,
    ours_part,
    prompted_part,
    word_errors_part,
)
from models.compare.study import Made, Study
from models.compare.tables import wrapped

_FACTS = 12
_IDLE_LOAD = 0.5


def page_text(study: Study, figures: str, images: Sequence[str]) -> str:
    """``figures``: the JSON's name; ``images``: word errors and confidence, in the folder `images` beside the page."""
    word_errors, confidence = (f"images/{name}" for name in images)
    parts = [
        _head(study.made, figures),
        ours_part(study),
        mistakes_part(study),
        word_errors_part(study, word_errors),
        confidence_part(study, confidence),
        prompted_part(study),
        baselines_part(study),
        _how(study.made, figures),
    ]
    return wrapped("\n\n".join(parts)) + "\n"


def _head(made: Made, figures: str) -> str:
    busy = made.load_average > _IDLE_LOAD
    load = f" **The load average was {made.load_average} at the start: times are not to be quoted.**" if busy else ""
    threads = f"{made.threads} thread{'s' * (made.threads != 1)}"
    return f"""# Evaluation

<!-- Written by `python -m models.compare`; not by hand. -->

Every figure below comes from one run on the same {made.lines} labelled sentences (`{made.set_name}`, sha256
`{made.set_sha256[:_FACTS]}`), made on {made.date} on {made.machine}, {threads}.{load}
Model `{made.model_name}`, {made.model_mb} MB, sha256 `{made.model_sha256[:_FACTS]}`; catalogue of {made.functions}
functions, hash `{made.catalogue_hash[:_FACTS]}`. The figures with all their digits are in [{figures}]({figures}).

Percentages are followed by their 95 % Wilson interval. The set is the one that was looked at while the planner was
developed: its sentences are in no training data, but its mistakes have been seen, so that the figures may flatter."""


def _how(made: Made, figures: str) -> str:
    return f"""## Made by

    pip install -e '.[compare]'
    python -m models.compare {made.set_name} --page docs/evaluation.md

It writes this page, `{figures}` and the plots; `--quick 20` tries it on the first twenty lines. Times are worth
quoting only from an otherwise idle computer. Word errors have fixed seeds, so that accuracy is reproducible; times are
not."""
