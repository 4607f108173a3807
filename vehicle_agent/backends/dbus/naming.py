"""Spoken names against written ones."""

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Final, TypeVar

from vehicle_agent.errors import Impossible

T = TypeVar("T")

_SAME: Final = {
    word: group[0]
    for group in (
        ("mom", "mum", "mother", "mama", "mommy", "mummy", "mam"),
        ("dad", "father", "papa", "daddy", "pop"),
        ("grandma", "granny", "gran", "nana", "nan", "grandmother"),
        ("grandpa", "granddad", "grandad", "grandfather"),
        ("doctor", "dr", "doc"),
        ("mister", "mr"),
        ("missus", "mrs", "missis"),
        ("aunt", "auntie", "aunty"),
        ("saint", "st"),
    )
    for word in group
}
_DROPPED: Final = frozenset({"my", "the", "a", "an"})
_CLOSE: Final = 0.82  # "sara" - "sarah" 0.89, "jon" - "john" 0.86; "ann" - "dan" 0.67


def words(name: str) -> tuple[str, ...]:
    """Lower case without punctuation, possessive s and filler; family words and titles in one spelling."""
    lowered = name.lower().replace("\u2019", "'").replace("'s", "s")
    split = "".join(c if c.isalnum() else " " for c in lowered.replace("'", "")).split()
    kept = [w for w in split if w not in _DROPPED] or split
    return tuple(_SAME.get(w, w) for w in kept)


def _score(spoken: tuple[str, ...], written: tuple[str, ...]) -> int:
    """3 the same, 2 every spoken word is in it, 1 sounds much like it, 0 something else."""
    if not spoken:
        return 0
    if spoken == written or "".join(spoken) == "".join(written):
        return 3
    if set(spoken) <= set(written):
        return 2
    if all(any(SequenceMatcher(None, s, w).ratio() >= _CLOSE for w in written) for s in spoken):
        return 1
    return 0


def find(spoken: str, among: Iterable[T], name: Callable[[T], str], *, kind: str, where: str) -> T:
    """The one thing ``spoken`` means. Raises Impossible when there is none, or more than one.

    ``kind`` ("contact") and ``where`` ("in the phone book") word the sentence.
    """
    wanted = words(spoken)
    scored = [(score, thing) for thing in among if (score := _score(wanted, words(name(thing))))]
    if not scored:
        raise Impossible(f"There is no {kind} called {spoken} {where}.")
    best = max(score for score, _ in scored)
    hits = [thing for score, thing in scored if score == best]
    if len(hits) > 1:
        names = [name(h) for h in hits[:4]]
        together = "both" if len(hits) == 2 else "all"
        raise Impossible(
            f"{' and '.join((', '.join(names[:-1]), names[-1]))} {together} match {spoken}; say the whole name."
        )
    return hits[0]
