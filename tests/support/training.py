"""The training data as the tests use them: read once, beside the evaluation sets where these are."""

from functools import cache

import pytest

from models.data.contamination import Filter
from models.data.generate import Source
from models.paths import eval_sets

needs_evaluation_sets = pytest.mark.skipif(not eval_sets().is_dir(), reason="needs the evaluation sets")


@cache
def guard() -> Filter:
    return Filter(eval_sets())


@cache
def source() -> Source:
    for package in ("pronouncing", "wordfreq"):  # of the `train` extra: words misheard by sound
        pytest.importorskip(package)
    return Source(guard=guard())
