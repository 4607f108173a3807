"""Telephone numbers as they are spoken: "oh seven seven double oh nine hundred" -> "07700900"."""

from typing import Final

from vehicle_agent.planning.number_words import DIGITS, REPEATS, SPOKEN_ZEROS, TEENS, TENS

_DIGIT: Final = {
    **{word: str(n) for word, n in DIGITS.items()},
    **dict.fromkeys((*SPOKEN_ZEROS, "nought", "naught"), "0"),
    "niner": "9",
}
_TEEN: Final = {word: str(n) for word, n in TEENS.items()}
_TENS: Final = {word: str(n // 10) for word, n in TENS.items()}
_TIMES: Final = {**REPEATS, "treble": 3}
# A recogniser writes these for digits; they count only beside real digits.
_HOMOPHONE: Final = {"to": "2", "too": "2", "for": "4", "fore": "4", "won": "1", "ate": "8", "tree": "3", "sex": "6"}


def _read(words: list[str], at: int, *, homophones: bool) -> tuple[str, int]:
    """Digits spoken at ``at`` and the number of words they take; ("", 0) when none are."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    digits = _DIGIT if not homophones else {**_DIGIT, **_HOMOPHONE}
    if word in _TIMES and following in digits:
        return digits[following] * _TIMES[word], 2
    if word in digits:
        if following == "hundred":
            return digits[word] + "00", 2
        if following == "thousand":
            return digits[word] + "000", 2
        return digits[word], 1
    if word in _TEEN:
        return _TEEN[word], 1
    if word in _TENS:
        if following in _DIGIT and _DIGIT[following] != "0":
            return _TENS[word] + _DIGIT[following], 2
        return _TENS[word] + "0", 1
    if word.isascii() and word.isdigit():
        return word, 1
    return "", 0


def _runs(words: list[str], *, homophones: bool) -> set[str]:
    found: set[str] = set()
    at = 0
    while at < len(words):
        run = ""
        while at < len(words):
            digits, taken = _read(words, at, homophones=homophones)
            if not taken:
                break
            run += digits
            at += taken
        if run:
            found.add(run)
        else:
            at += 1
    return found


def spoken_numbers(text: str) -> tuple[str, ...]:
    """Every digit string that ``text`` may mean as a telephone number, longest first.

    With and without homophones ("dial for one five" may be 415 or 15); a single homophone alone is no number.
    """
    words = text.split()
    plain = _runs(words, homophones=False)
    mixed = {run for run in _runs(words, homophones=True) if any(p in run for p in plain)}
    return tuple(sorted(plain | mixed, key=lambda run: (-len(run), run)))
