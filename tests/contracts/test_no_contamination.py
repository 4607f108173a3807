"""No evaluation utterance, and none close to one, is in the training data. Its own reading of the rule, on purpose."""

import json
from pathlib import Path

import pytest

EVAL = Path(__file__).parents[3] / "shared" / "eval" / "dev.jsonl"
SENTENCES = Path(__file__).parents[2] / "models" / "data" / "sentences"
MAX_JACCARD = 0.8

pytestmark = pytest.mark.skipif(not EVAL.is_file(), reason="the development set is not here")


def evaluation() -> list[str]:
    return [json.loads(line)["text"] for line in EVAL.read_text(encoding="utf-8").splitlines()]


def too_close(text: str, whole: set[str], words: list[frozenset[str]], by_word: dict[str, set[int]]) -> bool:
    if text in whole:
        return True
    own = frozenset(text.split())
    if len(text.split()) <= 4:
        return False
    # who shares so much shares one of any words that are more than 20 %: the rarest leave the fewest to look at
    rarest = sorted(own, key=lambda word: len(by_word.get(word, ())))[: int(len(own) * (1 - MAX_JACCARD) + 1e-9) + 1]
    near = set().union(*(by_word.get(word, set()) for word in rarest))
    return any(len(own & words[i]) / len(own | words[i]) >= MAX_JACCARD for i in near)


def offenders(texts: list[str]) -> list[str]:
    wanted = evaluation()
    words = [frozenset(t.split()) for t in wanted if len(t.split()) > 4]
    by_word: dict[str, set[int]] = {}
    for i, tokens in enumerate(words):
        for token in tokens:
            by_word.setdefault(token, set()).add(i)
    whole = set(wanted)
    return [t for t in texts if too_close(t, whole, words, by_word)]


def test_no_written_line_is_close_to_the_evaluation() -> None:
    lines = [
        line.partition(" => ")[0].strip()
        for path in sorted(SENTENCES.glob("*/*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if " => " in line and not line.startswith("#") and "{" not in line
    ]
    assert len(lines) > 5000
    assert offenders(lines) == []


def test_no_sentence_of_the_tests_is_an_evaluation_line() -> None:
    folder = Path(__file__).parents[1] / "unit" / "planning" / "data"
    own = {
        line.rpartition(" => ")[0].strip().lower()
        for path in folder.glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if " => " in line and not line.startswith("#")
    }
    sets = [path for name in ("dev", "field") if (path := EVAL.with_name(f"{name}.jsonl")).is_file()]
    known = {json.loads(line)["text"].lower() for path in sets for line in path.read_text("utf-8").splitlines()}
    assert len(own) > 500
    assert own & known == set()


@pytest.mark.parametrize("seed", [1000, 31337])
def test_no_generated_example_is_close_to_the_evaluation(seed: int) -> None:
    pytest.importorskip("gguf", reason="the training extra is not installed")
    from models.data.generate import Source

    texts = [example.text for example in Source().examples(seed)]
    assert len(texts) > 10_000
    assert offenders(texts) == []


def test_the_check_finds_a_planted_line() -> None:
    planted = next(t for t in evaluation() if len(t.split()) >= 9)
    assert offenders([planted, planted + " please"]) == [planted, planted + " please"]
