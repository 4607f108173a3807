"""Spoken names against written ones."""

import unicodedata
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
_MOST_CHARS: Final = 100
_CLOSE: Final = 0.82  # "sara" - "sarah" 0.89, "jon" - "john" 0.86; "ann" - "dan" 0.67


def cleaned(name: object) -> str:
    """A foreign name as it can be said and asked about: one line of visible text; "" for what is no text."""
    if not isinstance(name, str):
        return ""
    visible = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in name)
    return " ".join(visible.split())[:_MOST_CHARS].strip()


def folded(name: str) -> str:
    """Without differences of case and accents: "Zoë" and "zoe" are one."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(name: str) -> tuple[str, ...]:
    """Lower case without accents, punctuation, possessive s and filler; family words and titles in one spelling."""
    lowered = folded(name).replace("\u2019", "'").replace("'s", "s")
    split = "".join(c if c.isalnum() else " " for c in lowered.replace("'", "")).split()
    kept = [w for w in split if w not in _DROPPED] or split
    return tuple(_SAME.get(w, w) for w in kept)


def _sounds_like(spoken: tuple[str, ...], written: tuple[str, ...]) -> bool:
    return bool(spoken) and all(any(_close(s, w) for w in written) for s in spoken)


def _close(a: str, b: str) -> bool:
    if 2 * min(len(a), len(b)) < _CLOSE * (len(a) + len(b)):
        return False  # cannot be, whatever the letters: most pairs of a long list end here
    return SequenceMatcher(None, a, b).ratio() >= _CLOSE


def _score(spoken: str, said: tuple[str, ...], name: str) -> int:
    """3 the very name, 2 the same words, 1 every spoken word is in it, 0 something else."""
    if spoken == " ".join(folded(name).split()):
        return 3
    written = words(name)
    if not said:
        return 0
    if said == written or "".join(said) == "".join(written):
        return 2
    return 1 if set(said) <= set(written) else 0


def find(spoken: str, among: Iterable[T], name: Callable[[T], str], *, kind: str, where: str) -> T:
    """The one thing ``spoken`` means. Raises Impossible when there is none, or more than one.

    The best kind of match decides: the very name, the same words, some of its words, words that sound much like it.
    A name that was found finds the same thing again. ``kind`` ("contact") and ``where`` ("in the phone book") word the
    sentence.
    """
    things = list(among)
    said, very = words(spoken), " ".join(folded(spoken).split())
    scored = [(score, thing) for thing in things if (score := _score(very, said, name(thing)))]
    best = max((score for score, _ in scored), default=0)
    hits = [thing for score, thing in scored if score == best]
    if not hits:
        hits = [thing for thing in things if _sounds_like(said, words(name(thing)))]
    if not hits:
        raise Impossible(f"There is no {kind} called {spoken} {where}.")
    if len(hits) > 1:
        raise Impossible(_several(spoken, [name(hit) for hit in hits], kind, where))
    return hits[0]


def _several(spoken: str, names: list[str], kind: str, where: str) -> str:
    if len({folded(name) for name in names}) == 1:
        return f"There are {len(names)} {kind}s called {names[0]} {where}; give them different names."
    shown = names[:4]
    together = "both" if len(names) == 2 else "all"
    others = f" and {len(names) - 4} more" if len(names) > 4 else ""
    listed = ", ".join(shown) + others if others else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{listed} {together} match {spoken}; say the whole name."
