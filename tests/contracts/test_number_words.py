"""The words for numbers stand in one table, and every reader and speaker of numbers makes of them what it always did.

`tests/golden/number_words.json` holds a digest for each of them over a generated set. After a change that is meant:
`PYTHONPATH=.:tests python tests/contracts/test_number_words.py` prints the file anew.
"""

import ast
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from num2words import num2words

from models.compare.baselines import spoken as baseline
from models.data import meaning, verify, words
from models.data.lines import Line, RawCall
from vehicle_agent.evaluation import same_plan
from vehicle_agent.planning import durations, said_numbers, spoken_digits, written_numbers

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = Path(__file__).parents[1] / "golden" / "number_words.json"
HOME: Final = "vehicle_agent/planning/number_words.py"
FOLDERS: Final = ("vehicle_apis", "state_machines", "vehicle_agent", "simulators", "models")
MOST: Final = 4  # words for numbers that a literal may hold without being a table of them

# --- one table --------------------------------------------------------------------------------------------------------

_ONES: Final = [str(num2words(n)) for n in range(20)]
_TENS: Final = [str(num2words(n)) for n in range(20, 100, 10)]
NUMBER_WORDS: Final = frozenset(
    [*_ONES, *_TENS, *(str(num2words(n, to="ordinal")) for n in range(1, 21)), *(f"{word[:-1]}ies" for word in _TENS)]
)


def tables(source: str) -> Iterator[tuple[int, int]]:
    """(line, number of words) of each literal that holds more than a few words for numbers; sentences are none."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict | ast.Set | ast.List | ast.Tuple):
            texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts = set(re.findall(r"[a-z]+", node.value.lower()))
        else:
            continue
        if len(texts & NUMBER_WORDS) > MOST:
            yield node.lineno, len(texts & NUMBER_WORDS)


def test_no_other_table_of_number_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {count} number words; take them from {HOME}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != ROOT / HOME
        for line, count in tables(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_table_is_seen() -> None:
    assert list(tables((ROOT / HOME).read_text(encoding="utf-8")))
    assert list(tables('X = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}'))
    assert list(tables('X = "twenty thirty forty fifty sixty".split()'))
    assert not list(tables('X = ("one", "two", "a half", "third")'))


# --- every reader and speaker -----------------------------------------------------------------------------------------

_VOCABULARY: Final = (
    *(*_ONES, *_TENS, "oh", "o", "nought", "naught", "niner", "hundred", "thousand", "million", "and", "a", "an"),
    *("half", "quarter", "quarters", "third", "thirds", "point", "minus", "double", "triple", "treble", "couple"),
    *("dozen", "pair", "of", "to", "too", "for", "fore", "won", "ate", "tree", "sex", "minute", "minutes", "hour"),
    *("hours", "seconds", "day", "percent", "degrees", "am", "pm", "o'clock", "first", "second", "twelfth"),
    *("twenties", "window"),
)  # fmt: skip


def _texts() -> list[str]:
    """Numbers in every spelling, and words by chance."""
    rng = random.Random(20)
    found: list[str] = []
    for n in (*range(1300), *range(1300, 10_000, 29)):
        said = words.cardinal(n)
        found += [said, said.replace(" and ", " "), str(n), " ".join(_ONES[int(digit)] for digit in str(n))]
        found += [str(num2words(n, to=to)).replace("-", " ").replace(",", "") for to in ("cardinal", "ordinal", "year")]
    return found + [" ".join(rng.choices(_VOCABULARY, k=rng.randint(1, 7))) for _ in range(12_000)]


def _written() -> list[str]:
    tails = ("", "st", "'s", " min", "%", ".5", ":30", "/2", "/3", "/4", " 1/2", " 2/3", " 3/4", "h30", " mph", "°")
    numbers = [f"{n}{tail}" for n in range(120) for tail in tails]
    decades = [f"play {decade}0s music" for decade in range(2, 10)]
    return [f"set {n}" for n in numbers] + [f"timer {n}" for n in numbers] + decades


def _spoken(text: str) -> str:
    try:
        return written_numbers.spoken(written_numbers.plain_signs(text))
    except written_numbers.Unreadable as e:
        return f"unreadable: {e}"


def _drawn(say: Callable[[random.Random], object]) -> list[str]:
    rng = random.Random(7)
    return [repr(say(rng)) for _ in range(2000)]


WAYS: Final[dict[str, Callable[[list[str]], object]]] = {
    "said numbers": lambda texts: [said_numbers.said_numbers(t) for t in texts],
    "telephone numbers": lambda texts: [spoken_digits.spoken_numbers(t) for t in texts],
    "durations": lambda texts: [
        [(d.start, d.end, str(d.minutes), d.listed) for d in durations.durations(t.split())] for t in texts
    ],
    "quantities": lambda texts: [[str(x) for x in durations.quantity_at(t.split(), 0)] for t in texts],
    "shares": lambda texts: [[str(x) for x in durations.share_at(t.split(), 0)] for t in texts],
    "written numbers": lambda _: [_spoken(t) for t in _written()],
    "compared values": lambda texts: [str(same_plan.comparable(t)) for t in texts],
    "numbers of the baselines": lambda texts: [
        [(n.value, n.begin, n.end) for n in baseline.numbers(t.split())] for t in texts
    ],
    "telephone numbers of the baselines": lambda texts: [baseline.telephone_digits(t) for t in texts],
    "cardinals": lambda _: [words.cardinal(n) for n in range(10_000)],
    "pairs": lambda _: [words.pair(n) for n in range(100)],
    "integers drawn": lambda _: _drawn(lambda rng: words.integer(rng.randrange(1000), rng)),
    "numbers drawn": lambda _: _drawn(lambda rng: words.number(0, 100, 0.5, rng)),
    "times drawn": lambda _: _drawn(words.clock),
    "durations drawn": lambda _: _drawn(lambda rng: words.duration(1, 180, rng)),
    "FM drawn": lambda _: _drawn(words.frequency_fm),
    "AM drawn": lambda _: _drawn(words.frequency_am),
    "telephone numbers drawn": lambda _: _drawn(words.phone),
    "fragile words": lambda _: sorted(meaning.FRAGILE),
    "a number in a label": lambda texts: [
        list(verify.complaints(Line(t, (RawCall("set_volume", (("level", "35"),)),)))) for t in texts[::7]
    ],
}


def digest(name: str, texts: list[str]) -> str:
    return hashlib.sha256(json.dumps(WAYS[name](texts)).encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return _texts()


@pytest.mark.parametrize("name", WAYS)
def test_numbers_are_read_and_said_as_ever(name: str, texts: list[str]) -> None:
    assert digest(name, texts) == json.loads(GOLDEN.read_text(encoding="utf-8"))[name]


if __name__ == "__main__":
    everything = _texts()
    print(json.dumps({name: digest(name, everything) for name in WAYS}, indent=1))
