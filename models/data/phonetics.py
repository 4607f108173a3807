"""Words that sound alike: what an offline recogniser writes instead of a word, by the CMU pronouncing dictionary.

Phones are reduced to coarse classes (voiced and unvoiced consonants alike, neighbouring vowels alike); two spellings
with the same classes can be confused, as can a word with a pair of shorter ones ("reminder" -> "remind her"), one whose
last consonant was swallowed ("text" -> "tex"), and one that differs in a single phone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from random import Random

_CLASSES = {
    "P": "P", "B": "P", "T": "T", "D": "T", "TH": "T", "DH": "T", "K": "K", "G": "K", "F": "F", "V": "F",
    "S": "S", "Z": "S", "SH": "C", "ZH": "C", "CH": "C", "JH": "C", "M": "M", "N": "N", "NG": "N",
    "L": "L", "R": "R", "W": "W", "Y": "", "HH": "",
    "IY": "i", "IH": "i", "EY": "e", "EH": "e", "AE": "a", "AH": "a", "AA": "a", "AY": "y", "AW": "w", "AO": "o",
    "OW": "o", "OY": "oi", "UW": "u", "UH": "u", "ER": "r",
}  # fmt: skip
_VOCABULARY = 16_000  # commonest words that may be written instead
_PART = 5_000  # ... as halves of a split word
_OTHERS = 14  # candidates kept a word
_NOISE_TEXT = "mm tho dr un mu mr mrs ms st er vs th hm hmm"
_SHORT_TEXT = "a an the in on of to it at is are and or for her his he we you i by up us as"
_NOISE = frozenset(_NOISE_TEXT.split())
_SHORT = frozenset(_SHORT_TEXT.split())


def _gaps(phones: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [(*phones[:i], "_", *phones[i + 1 :]) for i in range(len(phones))]


class Confusions:
    """Candidates for each word.

    ``never``: words that must not be written by mistake, as they change the meaning; ``fragile``: words whose
    meaning is lost unless what is written sounds almost the same.
    """

    def __init__(self, never: Iterable[str], fragile: Iterable[str] = ()) -> None:
        import pronouncing
        from wordfreq import top_n_list

        self._never = frozenset(never)
        self._fragile = frozenset(fragile)
        words = [w for w in top_n_list("en", _VOCABULARY) if w.isascii() and w.isalpha() and w not in _NOISE]
        self._phones: dict[str, tuple[str, ...]] = {}
        self._by_sound: Mapping[str, list[str]] = defaultdict(list)
        self._by_gap: Mapping[tuple[str, ...], list[str]] = defaultdict(list)  # sound with one phone left open
        self._rank = {w: i for i, w in enumerate(words)}
        pronouncing.init_cmu()
        self._lookup = pronouncing.lookup
        for word in words:
            phones = self._say(word)
            if phones and (len(word) > 1 or word in ("a", "i")):
                self._by_sound["".join(phones)].append(word)
                for gap in _gaps(phones):
                    self._by_gap[gap].append(word)

    def _say(self, word: str) -> tuple[str, ...]:
        """Classes of the first pronunciation's phones; () for an unknown word."""
        if word not in self._phones:
            entry = self._lookup.get(word, ())
            raw = entry[0].split() if entry else []
            self._phones[word] = tuple(_CLASSES[p.rstrip("012")] for p in raw if p.rstrip("012") in _CLASSES)
        return self._phones[word]

    @cache  # noqa: B019  # one instance lives as long as the process
    def of(self, word: str) -> tuple[str, ...]:
        """What ``word`` may be written as, the likeliest first; () when nothing sounds like it."""
        phones = self._say(word)
        if len(phones) < 2:
            return ()
        found = [w for w in self._by_sound["".join(phones)] if w != word]
        if len(phones) > 2 and word not in self._fragile:
            near = {w for gap in _gaps(phones) for w in self._by_gap[gap] if w != word}
            found += sorted(near, key=self._rank.__getitem__)[:5]
        if len(phones) > 3:
            found += [w for w in self._by_sound["".join(phones[:-1])] if w != word][:3]
            found += self._splits(phones)
        good = [w for w in found if not self._changes(w, word)]
        return tuple(good[:_OTHERS])

    def _splits(self, phones: tuple[str, ...]) -> list[str]:
        pairs: list[tuple[int, str]] = []
        for at in range(1, len(phones)):
            left, right = "".join(phones[:at]), "".join(phones[at:])
            for a in self._by_sound.get(left, ())[:3]:
                for b in self._by_sound.get(right, ())[:3]:
                    rank = max(self._rank[a], self._rank[b])
                    if rank < _PART:
                        pairs.append((rank, f"{a} {b}"))
        return [pair for _, pair in sorted(pairs)[:6]]

    def _changes(self, new: str, old: str) -> bool:
        """Whether ``new`` would say something else rather than garble ``old``."""
        parts = new.split()
        return any(
            p in self._never and p not in _SHORT and (old in self._never or not p.startswith(old[:4])) for p in parts
        )

    def pick(self, word: str, rng: Random) -> str:
        """One way of writing ``word`` wrongly; the word itself when there is none."""
        others = self.of(word)
        return rng.choice(others) if others else word
