"""The evaluation page as Markdown."""

from collections.abc import Sequence

from models.compare.page_parts import (
    baselines_part,
    confidence_part,
    costs_part,
    mistakes_part,
    prompted_part,
    scores_part,
    word_errors_part,
)
from models.compare.set_parts import decisions_part, glance_part, set_part
from models.compare.study import Made, Study
from models.compare.tables import wrapped

_FACTS = 12
_IDLE_LOAD = 0.5


def page_text(study: Study, figures: str, errors: str, images: Sequence[str]) -> str:
    """``figures``: the JSON's name; ``errors``: the page of errors; ``images``: word errors and confidence, in the
    folder `images` beside the page."""
    word_errors, confidence = (f"images/{name}" for name in images)
    parts = [
        _head(study.made, figures, errors),
        glance_part(study),
        decisions_part(study),
        confidence_part(study, confidence),
        *map(set_part, study.sets),
        scores_part(study),
        costs_part(study),
        mistakes_part(study),
        word_errors_part(study, word_errors),
        prompted_part(study),
        baselines_part(study),
        _how(figures),
    ]
    return wrapped("\n\n".join(parts)) + "\n"


def _head(made: Made, figures: str, errors: str) -> str:
    busy = made.load_average > _IDLE_LOAD
    load = f" **The load average was {made.load_average} at the start: times are not to be quoted.**" if busy else ""
    threads = f"{made.threads} thread{'s' * (made.threads != 1)}"
    files = "; ".join(f"`{name}` `{value[:_FACTS]}`" for name, value in made.files.items())
    return f"""# Evaluation

<!-- Written by `python -m models.compare`; not by hand. -->

Every figure below comes from one run over {made.lines} labelled lines, made on {made.date} on {made.machine},
{threads}.{load} Model `{made.model_name}`, {made.model_mb} MB, sha256 `{made.model_sha256[:_FACTS]}`; catalogue of
{made.functions} functions, hash `{made.catalogue_hash[:_FACTS]}`. The figures with all their digits are in
[{figures}]({figures}), the wrong lines by cause in [{errors}]({errors}).

Percentages are followed by their 95 % Wilson interval. The sets are the ones that were looked at while the planner was
developed: their sentences are in no training data, but their mistakes have been seen, so that the figures may flatter.

Files and their sha256: {files}."""


def _how(figures: str) -> str:
    return f"""## Made by

    pip install -e '.[compare]'
    python -m models.compare FOLDER_OF_SETS --page docs/evaluation.md

It takes files and folders and writes this page, the page of errors, `{figures}` and the plots; `--quick 20` tries it on
twenty lines of each set. Times are worth quoting only from an otherwise idle computer. Word errors have fixed seeds, so
that accuracy is reproducible; times are not."""
