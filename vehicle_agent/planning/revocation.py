"""Taken back in the same breath: "lock the doors no cancel that" is no command, and never its opposite.

Decided on the words alone, before the model reads them. A tail that takes something back is
``[markers] withdrawal [markers] [rest]``: markers are what people say while they change their mind ("no", "hang on",
"actually", "on second thought"), a withdrawal is a small phrase of its own ("forget it", "i'd rather you didn't"). It
stands behind something said before (the head) that is complete without it: in "play nevermind" or "text bob forget it"
the same words are what is played or written. What follows is nothing, a reason, or what is wanted instead.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from vehicle_agent.planning import withdrawals as w
from vehicle_agent.planning.said_numbers import number_at


class RevocationKind(Enum):
    """What a sentence with its tail amounts to."""

    AS_SAID = auto()  # nothing is taken back
    NOTHING = auto()
    PERHAPS_NOTHING = auto()  # a weak sign: worth a question
    INSTEAD = auto()  # the rest replaces what was said before


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """``head``: what was said before the withdrawal; ``rest``: what comes in its place (INSTEAD alone).

    ``own_words``: the head is a text, a reminder, a title, a name: the withdrawal may be part of it, so it counts only
    if the head is a whole command (which only the model can tell). ``sure``: False = ask before ``rest`` is done.
    ``marked``: a changed mind was heard before the withdrawal ("no", "wait", "actually").
    """

    meant: RevocationKind
    head: str = ""
    rest: str = ""
    own_words: bool = False
    sure: bool = True
    marked: bool = False


AS_SAID: Final = Revocation(meant=RevocationKind.AS_SAID)


def read(heard: str) -> Revocation:
    """What ``heard`` (normalised words) amounts to. Pure string work."""
    words = _named_as_one(heard.split())
    for at in range(1, len(words)):
        reading = _withdrawn(words, at)
        if reading is not None:
            break
    else:
        reading = _hesitation(words)
    return replace(reading, head=reading.head.replace("_", " "), rest=reading.rest.replace("_", " "))


_FOLLOWS_A_WORD: Final = re.compile(r"stop\b|(?:cancel|undo|abort)$")


def _named_as_one(words: Sequence[str]) -> list[str]:
    """ "auto hold on" is a thing and its state, not "auto" and a hesitation."""
    joined: list[str] = []
    at = 0
    while at < len(words):
        name = next((n for n in w.NAMES if tuple(words[at : at + len(n)]) == n), (words[at],))
        joined.append("_".join(name))
        at += len(name)
    return joined


def withdraws(heard: str) -> bool:
    """Whether ``heard`` as a whole only takes something back ("no forget it", "i changed my mind")."""
    words = _without_markers_before(heard.split())
    if _only_filler(words):
        return any(word in w.NEGATIVE for word in heard.split())
    text = " ".join(words)
    end = _longest(text, w.ORDER + w.STATEMENT + w.NEED)
    return end > 0 and _only_filler(_after(text, end))


def needs_before(rest: str) -> bool:
    """Whether ``rest`` is no command by itself: a bare value ("twenty two"), or it points back ("tilt it")."""
    return w.COMMANDS.match(rest) is None or w.POINTS.search(rest) is not None


def _withdrawn(words: Sequence[str], at: int) -> Revocation | None:
    """The reading when a withdrawal begins with word ``at``; None when none does."""
    text = " ".join(words[at:])
    head, markers = _head(words[:at])
    marked = any(m not in w.PLAIN_MARKERS for m in markers)
    refused = any(m in w.NEGATIVE for m in markers)
    if len(head) == 1 and _FOLLOWS_A_WORD.match(text):
        return None  # "pause no stop it", "route cancel"
    if not head or not _may_be_left(head, markers, text, marked=marked, refused=refused):
        return None
    end, sure, ordered = _withdrawal(text, head, marked=marked, refused=refused)
    if end == 0:
        return None
    before = " ".join(head)
    reading = Revocation(meant=RevocationKind.NOTHING, head=before, own_words=_own(before), marked=marked)
    rest = _rest(_after(text, end))
    if not rest or _is_reason(rest):
        command = _command_after_reason(rest)
        if command:
            return replace(reading, meant=RevocationKind.INSTEAD, rest=command, sure=False)
        return reading if sure else replace(reading, meant=RevocationKind.PERHAPS_NOTHING)
    if not marked and text.startswith("drop") and number_at(rest.split(), 0)[1]:
        return None  # "drop it two degrees"
    if not sure or not _may_replace(
        rest, head, marked=marked, ordered=ordered, meta=_longest(text, w.STATEMENT) == end
    ):
        return None
    later = read(rest)
    if later.meant in {RevocationKind.NOTHING, RevocationKind.PERHAPS_NOTHING}:
        return replace(reading, meant=later.meant)
    return replace(reading, meant=RevocationKind.INSTEAD, rest=later.rest or rest, sure=later.sure)


def _may_be_left(head: Sequence[str], markers: Sequence[str], text: str, *, marked: bool, refused: bool) -> bool:
    """Whether ``head`` stands by itself, so that ``text`` behind its markers can be about it."""
    before = " ".join(head)
    if not _complete(head, marked=marked) or w.EXCEPTS.search(before):
        return False
    if w.NEGATED.match(before) and not refused:
        return False
    if (text == "or not" or markers[-1:] == ["or"]) and not w.COMMANDS.match(before):
        return False  # "do i need a coat or not"
    return not (markers[-1:] == ["no"] and text.startswith("later"))  # "at seven no later"


def _may_replace(rest: str, head: Sequence[str], *, marked: bool, ordered: bool, meta: bool) -> bool:
    """Whether ``rest`` can be what is wanted instead.

    ``ordered``: an order stands before it; ``meta``: a statement about what was said ("i take it back"), not about what
    is needed, does.
    """
    if ordered:
        return marked or _replaces(rest) or rest.split(maxsplit=1)[0] in set(head) - w.GOVERNS
    several = len(rest.split()) > 1  # "close it i don't want it open" opens nothing
    return several and (meta or w.COMMANDS.match(rest) is not None)


def _withdrawal(text: str, head: Sequence[str], *, marked: bool, refused: bool) -> tuple[int, bool, bool]:
    """How many characters of ``text`` are a withdrawal behind this head (0 = none).

    Then whether it can be nothing else, and whether it is an order ("forget it") rather than a statement.
    """
    before = " ".join(head)
    declared = w.DECLARES.match(before) is not None
    message = w.MESSAGES.search(before) is not None
    personal = message or ("remind" in head and w.PERSONAL.match(text) is not None)
    # "turn it off we don't need it", "the wipers are no longer needed"
    agrees = not marked and (
        w.ENDS.search(before) is not None or w.SPEAKS_OF.match(before) is not None or len(head) < 2
    )
    said = w.STATEMENT if agrees else w.STATEMENT + w.NEED
    statement = 0 if not marked and (declared or personal) else _longest(text, said)
    order = max(_longest(text, w.ORDER), _denial(text, head, marked=marked), _named(text, head, marked=marked))
    if message and not marked and w.TO_ANYBODY.match(text):
        order = 0
    end = max(order, statement)
    if end and _bare_denial(text, end):
        return 0, True, True
    if end and not refused:
        verb = w.VERB_IT.match(text[:end])
        if verb and (declared or verb["verb"].split()[0] in head):
            return 0, True, True
        if not marked and w.FOR_THE_CAR.match(text) and (w.SPEAKS_OF.match(before) or w.QUESTION.match(before)):
            return 0, True, True
    if end == 0 and (marked or not message) and not declared and not agrees:
        return _longest(text, w.CONTENT), marked, False
    return end, True, order >= statement


def _bare_denial(text: str, end: int) -> bool:
    """ "take me home don't use toll roads": what must not be done is something else."""
    following = _after(text, end)[:1]
    return (
        text[:end].rsplit(maxsplit=1)[-1] in {"don't", "not", "dont"}
        and bool(following)
        and following[0] not in w.SOFTENS
    )


def _denial(text: str, head: Sequence[str], *, marked: bool) -> int:
    """ "don't open it", "don't open the windows", where the head said to."""
    match = w.DONT_VERB.match(text)
    if match is None:
        return 0
    said = {_stem(word) for word in head}
    verb = match["verb"]
    if _stem(verb) not in said and not (marked and verb in w.SYNONYMS) and verb not in {"do", "bother", "worry"}:
        return 0
    known = {w.removesuffix("s") for w in head} | set(head)
    end = match.end()
    for word in _after(text, end):
        if word not in w.PARTICLES and word.removesuffix("s") not in known:
            break
        end += len(word) + 1
    return end


def _named(text: str, head: Sequence[str], *, marked: bool) -> int:
    """ "drop the hotel" where a hotel was wanted; "cancel that reminder"."""
    known = {w.removesuffix("s") for w in head} | set(head)
    match = w.NAMED.match(text)
    things = frozenset[str]() if w.ENDS.search(" ".join(head)) else w.THINGS  # "cancel the alarm no cancel the route"
    if match and marked and match["noun"] not in w.NOT_NOUNS and match["noun"] in known | things:
        return match.end()
    match = w.MIND_THE.match(text)
    return match.end() if match and match["noun"] in known else 0


def _stem(word: str) -> str:
    return word.removesuffix("ing").removesuffix("ed").removesuffix("e")


def _head(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What was said before the markers at its end, and these markers, first to last."""
    head = list(words)
    markers: list[str] = []
    while head:
        found = next((m for m in w.MARKER_WORDS if tuple(head[-len(m) :]) == m), None)
        if found is None:
            break
        markers.insert(0, " ".join(found))
        del head[-len(found) :]
    if markers and head and head[-1] in w.JOINS and any(m not in w.PLAIN_MARKERS for m in markers):
        head.pop()
    return head, markers


def _without_markers_before(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while rest:
        found = next((m for m in w.MARKER_WORDS if tuple(rest[: len(m)]) == m), None)
        if found is None:
            break
        del rest[: len(found)]
    return rest


def _complete(head: Sequence[str], *, marked: bool) -> bool:
    """Whether ``head`` may end here: its last word needs nothing behind it."""
    last = head[-1]
    if last == "me" and head[-2:-1] in (["remind"], ["tell"], ["wake"]):
        return False
    if last in w.GOVERNS or (last == "that" and w.THAT_GOVERNS.search(" ".join(head))):
        return False
    return marked or last not in w.TITLES


def _longest(text: str, patterns: Sequence[re.Pattern[str]]) -> int:
    return max((m.end() for p in patterns if (m := p.match(text))), default=0)


def _after(text: str, end: int) -> list[str]:
    return text[end:].split()


def _rest(words: Sequence[str]) -> str:
    """What follows a withdrawal, without further ones and without filler; "" when nothing is left."""
    rest = list(words)
    while rest and not _only_filler(rest):
        shorter = _without_markers_before(rest)
        text = " ".join(shorter)
        end = _longest(text, w.ORDER + w.STATEMENT + w.NEED)
        if end and not _bare_denial(text, end) and (_only_filler(_after(text, end)) or not w.COMMANDS.match(text)):
            rest = _after(text, end)
        elif len(shorter) == len(rest):
            break
        else:
            rest = shorter
    if _only_filler(rest):
        return ""
    while rest and rest[0] in {"then", "now", "just", "please", "and", "instead", "for"}:
        rest = rest[1:]
    return " ".join(rest)


def _only_filler(words: Sequence[str]) -> bool:
    return all(word in w.FILLER or (word,) in w.MARKER_WORDS for word in words)


def _replaces(rest: str) -> bool:
    """Whether ``rest`` can stand for what was wanted: a command, a wish or a number."""
    return bool(w.COMMANDS.match(rest) or w.ASKS.match(rest)) or number_at(rest.split(), 0)[1] > 0


def _is_reason(rest: str) -> bool:
    """A statement, not a wish: it explains, and asks for nothing."""
    if w.ASKS.match(rest):
        return False
    if w.BECAUSE.match(rest) or w.SUBJECT.match(rest):
        return True
    return not w.COMMANDS.match(rest) and (w.STATES.match(rest) is not None or w.NAME_IS.match(rest) is not None)


def _command_after_reason(rest: str) -> str:
    """The command behind a reason ("it's hot turn the a c on"), "" when there is none."""
    words = rest.split()
    for at in range(2, len(words) - 1):
        if words[at] in w.CLEAR_VERBS and words[at - 1] not in w.NO_COMMAND_AFTER:
            return " ".join(words[at:])
    return ""


def _hesitation(words: Sequence[str]) -> Revocation:
    """Signs at the end without a withdrawal of their own: "... no", "... wait no", "... oh wait it's raining"."""
    ends = [len(words), *(i for i in range(2, len(words) - 1) if _is_reason(" ".join(words[i:])))]
    for end in ends:
        reason = " ".join(words[end:])
        at = end
        while not reason and at > 1 and words[at - 1] in {"please", "thanks", "sorry", "then"}:
            at -= 1
        head, markers = _head(words[:at])
        before = " ".join(head)
        thinks = [m for m in markers if m in w.THINKS and reason and not w.MESSAGES.search(before)]
        signs = [m for m in markers if m in w.NEGATIVE or m in w.HALTS] + thinks
        if not signs or not head or head[0] == "no" or not _complete(head, marked=False) or w.NEGATED.match(before):
            continue
        if reason and (w.SERIOUS.match(reason) or w.DECLARES.match(before) or _ends_in_a_value(reason, head)):
            continue
        if signs == ["stop"] and (w.A_STOP.search(before) or w.SPEAKS_OF.match(before)):
            continue  # "add a coffee stop"
        if signs[-1] == "stop" and len(head) == 1:
            continue  # "pause no stop"
        command = _command_after_reason(reason)
        if command:
            return Revocation(
                meant=RevocationKind.INSTEAD, head=before, rest=command, own_words=_own(before), sure=False
            )
        negative = any(m in w.NEGATIVE for m in signs)
        told = sum(m not in w.PLAIN_MARKERS or m == "sorry" for m in markers) + (at < end and words[at] == "sorry")
        sure = (
            any(m in w.STRONG_NEGATIVE for m in signs)
            or (negative and (told > 1 or reason != ""))
            or ("stop" in signs and told > 1)
        )
        if not sure and w.MESSAGES.search(before):
            return AS_SAID  # these may be its words, and it is read back before it goes out
        meant = RevocationKind.NOTHING if sure else RevocationKind.PERHAPS_NOTHING
        return Revocation(meant=meant, head=before, own_words=_own(before), marked=sure)
    return AS_SAID


def _ends_in_a_value(reason: str, head: Sequence[str]) -> bool:
    """ "full beam no wait there's a car dipped", "mirrors out oops there's a wall mirrors in"."""
    words = reason.split()
    number = number_at(words, len(words) - 1)[1] > 0 and words[-2] not in w.NO_NUMBER_AFTER
    return number or w.ENDS_IN_A_VALUE.search(reason) is not None or words[-2] in set(head) - w.GOVERNS


def _own(before: str) -> bool:
    return w.OWN_WORDS.search(before) is not None
