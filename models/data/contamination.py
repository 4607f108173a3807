"""Keeps training clear of the evaluation sets: no utterance equal to one of theirs, none that nearly is."""

import json
from collections import Counter, defaultdict
from pathlib import Path

from vehicle_agent.planning.normalise import Unhearable, normalise

THRESHOLD = 0.8
MIN_WORDS = 5  # shorter ones are only compared as a whole


class Filter:
    """Knows the words of every utterance of the sets below ``place`` (a folder, or one file); without any it lets
    everything pass."""

    def __init__(self, place: Path) -> None:
        files = [place] if place.is_file() else sorted(place.rglob("*.jsonl"))
        self.active = bool(files)
        self.dropped = 0
        rows = [row for file in files for row in file.read_text(encoding="utf-8").splitlines() if row.strip()]
        texts = sorted({_text(row) for row in rows} - {""})
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
    """The utterance of one row of a set, as the planner would read it."""
    data = json.loads(row)
    text = str(data.get("utterance") or data.get("text") or data.get("transcript") or "")
    try:
        return normalise(text)
    except Unhearable:
        return ""
