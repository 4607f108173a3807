"""The label of the nearest training line, its slots read from the sentence where that is trivially possible.

Nearest: TF-IDF cosine, word 1-2-grams and character 3-5-grams with equal weight, over every training line with its
slots filled once. Re-filled are a free-text slot whose neighbouring words in the line (or the sentence's border) are
found in the sentence, and a number slot when line and sentence have one number each. Nothing else is done: no times,
no telephone numbers, no two lines put together.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from models.compare.answers import Answer
from models.compare.baselines.spoken import numbers
from models.compare.errors import CompareError
from models.data.example import to_utterance
from models.data.generate import Source
from models.data.lines import SLOT, Line, RawCall
from models.data.slots import Lexicons, sample
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Utterance
from vehicle_apis.errors import VehicleApiError

_NUMERIC: Final = frozenset({"n", "minutes", "freq_fm", "freq_am"})
_UNREAD: Final = frozenset({"time", "phone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A training line with its slots, and the text and values they were filled with."""

    line: Line
    text: str
    values: Mapping[str, str]


def fill_known(line: Line, lexicons: Lexicons, rng: Random) -> Known:
    spoken = {m.group(): sample(m.group(), lexicons, rng) for m in SLOT.finditer(line.text)}
    text = SLOT.sub(lambda m: spoken[m.group()].words, line.text)
    return Known(line=line, text=" ".join(text.split()), values={slot: s.value for slot, s in spoken.items()})


def label(line: Line, values: Mapping[str, str], catalogue: Catalogue) -> Utterance:
    """The line's meaning with these values in its slots. Raises VehicleApiError."""
    calls = tuple(
        RawCall(c.name, tuple((k, SLOT.sub(lambda m: values[m.group()], v)) for k, v in c.arguments))
        for c in line.calls
    )
    return to_utterance(Line(line.text, calls, line.clarify, line.route), catalogue)


def reread(line: Line, text: str) -> dict[str, str]:
    """Slot -> value for the slots of ``line`` that can be read from ``text``."""
    words, pattern = text.split(), line.text.split()
    found: dict[str, str] = {}
    slots = [m.group() for m in SLOT.finditer(line.text)]
    numeric = [s for s in slots if _kind(s) in _NUMERIC]
    said = list(numbers(words))
    if len(numeric) == 1 and len(said) == 1:
        found[numeric[0]] = f"{said[0].value:g}"
    for slot in slots:
        if _kind(slot) in _NUMERIC | _UNREAD or slot not in pattern:
            continue
        at = pattern.index(slot)
        span = _between(words, pattern[at - 1] if at else None, pattern[at + 1] if at + 1 < len(pattern) else None)
        if span:
            found[slot] = span
    return found


def _kind(slot: str) -> str:
    match = SLOT.fullmatch(slot)
    return match.group(1) if match else ""


def _between(words: Sequence[str], left: str | None, right: str | None) -> str:
    """The words between the only ``left`` and the first ``right`` after it; None = the sentence's border."""
    if left is not None and words.count(left) != 1:
        return ""
    begin = 0 if left is None else words.index(left) + 1
    if right is None:
        return " ".join(words[begin:])
    return " ".join(words[begin : words.index(right, begin)]) if right in words[begin:] else ""


class Neighbour:
    """Raises CompareError without scikit-learn."""

    name = "nearest training line"

    def __init__(self, source: Source, *, seed: int = 1) -> None:
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.pipeline import make_union
        except ImportError as e:
            raise CompareError("the nearest-line baseline needs scikit-learn: pip install -e '.[compare]'") from e
        rng = Random(seed)
        self._catalogue = source.catalogue
        filled = (fill_known(line, source.lexicons, rng) for line in source.train)
        self._known = [k for k in filled if source.guard.passes(k.text) and self._meaning(k, k.values) is not None]
        self._vectors = make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+"),  # noqa: S106 - no password
            TfidfVectorizer(ngram_range=(3, 5), sublinear_tf=True, analyzer="char_wb"),
        )
        self._matrix = self._vectors.fit_transform([k.text for k in self._known])

    @property
    def lines(self) -> int:
        return len(self._known)

    def _meaning(self, known: Known, values: Mapping[str, str]) -> Utterance | None:
        try:
            return label(known.line, values, self._catalogue)
        except VehicleApiError:
            return None

    def answer(self, text: str) -> Answer:
        began_s = time.perf_counter()
        scores = (self._matrix @ self._vectors.transform([text]).T).toarray().ravel()
        best = int(scores.argmax())
        known = self._known[best]
        meaning = self._meaning(known, {**known.values, **reread(known.line, text)})
        if meaning is None:
            meaning = label(known.line, known.values, self._catalogue)
        # both halves are unit vectors: 2 is the same text
        return Answer.meaning(meaning, confidence=float(scores[best]) / 2, ms=(time.perf_counter() - began_s) * 1000)
