"""Keeps training clear of the development set: no utterance equal to one of its, none that nearly is."""

import json
from collections import Counter, defaultdict
from pathlib import Path

THRESHOLD = 0.8
MIN_WORDS = 5  # shorter ones are only compared as a whole


class Filter:
    """Knows the words of every development utterance; without the file it lets everything pass."""

    def __init__(self, path: Path) -> None:
        self.active = path.exists()
        self.dropped = 0
        texts = [_text(row) for row in path.read_text(encoding="utf-8").splitlines() if row] if self.active else []
        self._whole = set(texts)
        sets = [frozenset(t.split()) for t in texts if len(t.split()) >= MIN_WORDS]
        self._sizes = [len(s) for s in sets]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for i, words in enumerate(sets):
            for word in words:
                self._postings[word].append(i)

    def passes(self, text: str) -> bool:
        good = not self._close(text)
        self.dropped += not good
        return good

    def _close(self, text: str) -> bool:
        if text in self._whole:
            return True
        words = text.split()
        if len(words) < MIN_WORDS:
            return False
        own = set(words)
        shared: Counter[int] = Counter()
        # a set that shares 80 % must share one of the rarest 20 % + 1 of our words
        rare = sorted(own, key=lambda w: len(self._postings.get(w, ())))[: len(own) // 5 + 1]
        near = {i for w in rare for i in self._postings.get(w, ())}
        for word in own:
            shared.update(i for i in self._postings.get(word, ()) if i in near)
        return any(n >= THRESHOLD * (len(own) + self._sizes[i] - n) for i, n in shared.items())


def _text(row: str) -> str:
    """The normalised utterance of one row of the development set."""
    data = json.loads(row)
    text = data.get("utterance") or data.get("text") or ""
    return " ".join(str(text).lower().split())
