"""Numbers as people write them, to the words they would say: "2½ min" -> "two and a half minutes".

Only what has one meaning is read. A range, a date, digits of another script raise Unreadable with a sentence: a wrong
value is worse than a question.
"""

import re
import unicodedata
from typing import Final

from num2words import num2words

from vehicle_agent.planning.number_words import DECADES, FRACTIONS


class Unreadable(ValueError):
    """Digits that mean nothing certain. The text is a sentence for the user."""


_DASHES: Final = str.maketrans(dict.fromkeys(map(chr, (*range(0x2010, 0x2015), 0x2212, 0xFE63, 0xFF0D)), "-"))
_DEGREES: Final = str.maketrans(dict.fromkeys("\u00ba\u02da\u2218", "°"))
_ODD: Final = re.compile(r"\d[\d.,]*_+[\d_]*\d|\b\d+(?:\.\d+)?e\d+\b|\b0x[0-9a-f]+\b")
_DATE: Final = re.compile(r"(?<![\w./-])(?:\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2})(?![\w/-])")
_RANGE: Final = re.compile(
    r"\d{1,2}:\d\d ?- ?\d{1,2}(?::\d\d)?|"
    r"(?<![\w.,/:-])\d{1,3}(?:[.,]\d{1,2})?(?:-| - )\d{1,3}(?:[.,]\d{1,2})?(?![\d/:-])"
)

_TIMER: Final = re.compile(r"\btimers?\b|\bcount(?:ing)? ?down\b|\bstopwatch\b|\b(?:remind|wake|alert|tell) me in\b")
_CLOCK_BEFORE: Final = re.compile(r"\b(?:at|by|until|till|before|after|from|around|about|for|alarm|@)\s*$")
_AT_BEFORE: Final = re.compile(r"\b(?:at|by|until|till|alarm)\s*$")
_MEASURED: Final = re.compile(
    r"temp|degree|°|heat|climate|warm|cool|hot|cold|volume|percent|%|\bfm\b|radio|tune|station|frequenc|timer"
)
_WARMTH: Final = re.compile(r"temp|degree|heat|climate|warm|cool|hot|cold|\bset\b|\bmake\b|air|\ba ?/?c\b|zone|inside")
_AM_PM: Final = r"(?:a\.? ?m\b|p\.? ?m\b|o'clock)"

_DIALS: Final = re.compile(r"\b(?:dial|call|ring|phone|number|text|message)\b")
_GROUPS: Final = re.compile(r"(?<![\w.,:])\d[\d()]*(?:[ ./-]{1,2}\(?\d[\d()]*)+(?![\w:%])")
_DIALLED: Final = re.compile(r"(?<=\b(?:dial|call|ring)\s)\d{3,15}(?![\w.,:/%-]*\d)(?!\s*%)")
_PHONE_DIGITS: Final = 6

_HOUR: Final = r"(?:h|hrs?|hours?)"
_MINUTE: Final = r"(?:mins?|minutes?)"
_COLON_HOURS: Final = re.compile(rf"(?<![\d:.])(\d{{1,2}})[:.](\d{{2}})\s*{_HOUR}\b")
_COLON_MINUTES: Final = re.compile(rf"(?<![\d:.])(\d{{1,3}}):(\d{{2}})\s*{_MINUTE}\b")
_LETTER_HOURS: Final = re.compile(r"(?<![\d:.])(\d{1,2})\s?h\s?(\d{1,2})\s?(?:mins?|m|minutes?)?(?!\w)")
_COLON: Final = re.compile(rf"(?<![\d:.])(\d{{1,3}}):(\d{{2}})(?!\s*{_AM_PM})(?![\d:])")
_CLOCK: Final = re.compile(rf"\b(\d{{1,2}})([:.h])(\d{{2}})(?=(\s*{_AM_PM})?\b)(?!\.\d)")

_FRACTION: Final = re.compile(
    r"(?<![\d./,])(?:(\d{1,4})(?:\s+and\s+|\s?-\s?|\s+))?(\d{1,2})\s?/\s?(\d{1,2})(?![\d/.,]*\d)"
    rf"(\s*(?:(?:of\s+)?an?\s+)?({_HOUR}|{_MINUTE})\b)?"
)
_THOUSANDS: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:[,']\d{3})+(?![\d,'])")
_COMMA: Final = re.compile(r"(?<![\d.,])(\d{1,3}),(\d{1,2})(?![\d,]|\.\d)")
_POINT_ONLY: Final = re.compile(r"(?<![\w.])\.(?=\d)")
_SIGN: Final = re.compile(r"(?<![\w.,)%])-(?=\.?\d)")
_ORDINAL: Final = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)\b")
_DECADE: Final = re.compile(r"(?<![\d.,])(?:19)?([2-9])0'?s\b")
_FAHRENHEIT: Final = re.compile(r"(?<=\d)(?:\s?°\s?)?[fF]\b|(?<=\d)\sF\b")
_CELSIUS: Final = re.compile(r"(?<=\d)[cC]\b|(?<=\d)\sC\b")

# unit signs behind digits -> (one, many); the others need a timer in the sentence
_UNITS: Final = {
    "min": "minute", "mins": "minute", "sec": "second", "secs": "second", "hr": "hour", "hrs": "hour", "h": "hour",
    "mm": "millimetre", "cm": "centimetre", "km": "kilometre", "mi": "mile",
}  # fmt: skip
_TIMER_UNITS: Final = {"s": "second", "m": "minute"}
_SPEEDS: Final = {
    "km/h": "kilometres an hour", "kmh": "kilometres an hour", "kph": "kilometres an hour", "mph": "miles an hour",
}  # fmt: skip
_UNIT: Final = re.compile(r"(\d)(\s?)-?(km/h|kmh|kph|mph|mins?|secs?|hrs?|mm|cm|km|mi|h|s|m)(?![\w'/])")

_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,15})?")  # longer ones are no numbers anybody says


def plain_signs(text: str) -> str:
    """``text`` with one sign for each thing: "½" as " 1/2", one dash, one degree sign. Raises Unreadable."""
    signs: list[str] = []
    for c in text.translate(_DASHES).translate(_DEGREES):
        if c.isascii() or not unicodedata.category(c).startswith("N"):
            signs.append(c)
            continue
        above, slash, below = unicodedata.normalize("NFKD", c).partition("\u2044")
        if not slash or not below:
            raise Unreadable(f"I read the digits 0 to 9 only, not {c}")
        signs.append(f" {above}/{below} ")
    plain = "".join(signs)
    if _WARMTH.search(plain.lower()) or "°" in plain:
        plain = _CELSIUS.sub(" degrees ", _FAHRENHEIT.sub(" degrees fahrenheit ", plain))
    return plain


def spoken(text: str) -> str:
    """``text`` (lower case, `plain_signs` done) with every number as words. Raises Unreadable."""
    if match := _ODD.search(text):
        raise Unreadable(f"{match.group()} is no number I can read; say it in words")
    timer = _TIMER.search(text) is not None
    text = _DIALLED.sub(_digit_by_digit, text)
    if _DIALS.search(text):
        text = _GROUPS.sub(_telephone, text)
    if match := _DATE.search(text):
        raise Unreadable(f"I cannot read {match.group()}; say it in words")
    text = _FRACTION.sub(_fraction, text)
    if match := _RANGE.search(text):
        raise Unreadable(f"{match.group()} may be either; say one number")
    text = _COLON_HOURS.sub(lambda m: _two_units(m, "hour", "minute"), text)
    text = _COLON_MINUTES.sub(lambda m: _two_units(m, "minute", "second"), text)
    text = _LETTER_HOURS.sub(lambda m: _hours(m, timer=timer), text)
    if timer:
        text = _COLON.sub(lambda m: m.group() if _AT_BEFORE.search(_before(m)) else _timed(m), text)
    text = _CLOCK.sub(_clock, text)
    text = _THOUSANDS.sub(_thousands, text)
    text = _POINT_ONLY.sub("0.", _COMMA.sub(r"\1.\2", text))
    text = _SIGN.sub(" minus ", text)
    text = _ORDINAL.sub(lambda m: f"{num2words(int(m.group(1)), to='ordinal')} ", text)
    if not timer:
        text = _DECADE.sub(lambda m: f"{DECADES[int(m.group(1))]} ", text)
    text = _UNIT.sub(lambda m: _unit(m, timer=timer), text)
    return _NUMBER.sub(_words_of, text)


def _before(match: re.Match[str]) -> str:
    return match.string[: match.start()]


def _cardinal(n: int) -> str:
    return str(num2words(n)).replace(",", "")


def _count(n: int, unit: str) -> str:
    return f"{_cardinal(n)} {unit}{'' if n == 1 else 's'}"


def _two_units(match: re.Match[str], large: str, small: str) -> str:
    whole, part = int(match.group(1)), int(match.group(2))
    if part > 59:
        raise Unreadable(f"{match.group().strip()} is no time I can read; say it in words")
    said = [_count(n, unit) for n, unit in ((whole, large), (part, small)) if n]
    return f" {' and '.join(said) or _count(0, large)} "


def _timed(match: re.Match[str]) -> str:
    """A bare "1:30" of a timer: minutes and seconds, as a timer shows them."""
    return _two_units(match, "minute", "second")


def _hours(match: re.Match[str], *, timer: bool) -> str:
    """ "1h30": a duration beside a timer or with its minutes named, else a clock time."""
    named = not match.group()[-1].isdigit()
    if named or (timer and not _AT_BEFORE.search(_before(match))):
        return _two_units(match, "hour", "minute")
    return match.group()


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match.group(1)), int(match.group(3))
    if hours > 23 or minutes > 59:
        return match.group()
    if match.group(2) == "." and match.group(4) is None:
        at = _CLOCK_BEFORE.search(_before(match)) is not None
        if not at or _MEASURED.search(match.string):
            return match.group()  # "20.50" is a number unless something speaks for a time
    if minutes == 0:
        return f" {num2words(hours)} "
    return f" {num2words(hours)} {'oh ' if minutes < 10 else ''}{num2words(minutes)} "


def _fraction(match: re.Match[str]) -> str:
    whole, above, below, _, unit = match.groups()
    part = FRACTIONS.get((int(above), int(below)))
    if part is None:
        raise Unreadable(f"I cannot read {match.group().strip()}; say it in words")
    words = {"h": "hour", "m": "minute"}.get((unit or " ")[0], "")
    if whole is not None and int(whole):
        return f" {_cardinal(int(whole))} and {part} {words + 's' if words else ''} "
    if words:
        article = "an" if words == "hour" else "a"
        return f" {'half' if part == 'a half' else f'{part} of'} {article} {words} "
    return f" {'half' if part == 'a half' else part} "


def _thousands(match: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match.group())
    decimals = re.match(r"\.\d", match.string[match.end() :])
    return digits if decimals else f" {_cardinal(int(digits))} "


def _unit(match: re.Match[str], *, timer: bool) -> str:
    digit, _, sign = match.groups()
    if sign in _SPEEDS:
        return f"{digit} {_SPEEDS[sign]} "
    unit = _UNITS.get(sign) or (_TIMER_UNITS.get(sign) if timer else None)
    if unit is None:
        return match.group()
    if sign == "h" and _AT_BEFORE.search(match.string[: match.start()].rstrip("0123456789")):
        return f"{digit} "  # "at 18h"
    one = digit == "1" and not match.string[: match.start()].endswith(tuple("0123456789.,"))
    return f"{digit} {unit}{'' if one else 's'} "


def _telephone(match: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match.group())
    return _by_digit(digits) if len(digits) >= _PHONE_DIGITS else match.group()


def _digit_by_digit(match: re.Match[str]) -> str:
    return _by_digit(match.group())


def _by_digit(digits: str) -> str:
    return f" {' '.join('oh' if d == '0' else num2words(int(d)) for d in digits)} "


def _words_of(match: re.Match[str]) -> str:
    digits = match.group()
    if "." not in digits:
        if len(digits) > 4 or (digits.startswith("0") and len(digits) > 1):
            return _by_digit(digits)
        return f" {num2words(int(digits))} "
    return f" {num2words(float(digits))} "
