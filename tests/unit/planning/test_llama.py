"""The model runner: rows added to fill a tile change nothing, nor does what is kept of before."""

from collections.abc import Iterator

import numpy as np
import pytest
from support.shipped import shipped_model

from vehicle_agent.errors import ModelError
from vehicle_agent.planning import llama
from vehicle_agent.planning.llama import Llama

TEXT = " set the temperature to twenty one degrees in the back of the car\n"


@pytest.fixture(scope="module")
def model() -> Iterator[Llama]:
    path = shipped_model()
    model = Llama(path, threads=1)
    yield model
    model.close()


@pytest.mark.parametrize("rows", [3, 7, 10, 11, 12])
def test_padding_leaves_no_trace(model: Llama, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [model.bos, *model.tokenize(TEXT)]

    def run() -> list[np.ndarray]:
        model.restart([])
        first = model.evaluate(tokens[:rows]).copy()
        return [first, model.evaluate(tokens[rows : rows + 1]).copy()]

    padded = run()
    used = model.room
    monkeypatch.setattr(llama, "_TILE", 10**6)
    plain = run()
    assert model.room == used
    for with_padding, without in zip(padded, plain, strict=True):
        np.testing.assert_allclose(with_padding, without, atol=1e-3)


@pytest.mark.parametrize("kept", [1, 5, 8, 9])
def test_what_is_kept_of_before_gives_the_logits_of_a_fresh_start(model: Llama, kept: int) -> None:
    tokens = [model.bos, *model.tokenize(TEXT)]
    other = [*tokens[:kept], *model.tokenize(" and now something else altogether\n")]
    model.restart([])
    fresh = model.evaluate(tokens).copy()
    model.restart([])
    model.evaluate(other)
    assert model.restart(tokens) == kept
    again = model.evaluate(tokens[kept:]).copy()
    np.testing.assert_allclose(again, fresh, atol=0.05)
    assert np.argmax(again) == np.argmax(fresh)


def test_the_last_token_is_never_kept_since_its_logits_are_asked_for(model: Llama) -> None:
    tokens = [model.bos, *model.tokenize(TEXT)]
    model.restart([])
    room = model.room
    model.evaluate(tokens)
    assert model.restart(tokens) == len(tokens) - 1
    assert model.room == room - len(tokens) + 1
    assert model.restart(tokens[:4]) == 3
    assert model.restart(tokens) == 3  # the rest has been forgotten
    assert model.restart([tokens[1], *tokens]) == 0
    assert model.room == room
    assert model.restart(tokens) == 0


def test_a_full_context_is_refused_in_a_sentence(model: Llama) -> None:
    model.restart([])
    with pytest.raises(ModelError, match="too long"):
        model.evaluate([model.bos] * (model.room + 1))
    model.restart([])
    assert model.evaluate([model.bos]).shape == (model.n_vocab,)
