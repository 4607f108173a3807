"""Numbers, times, durations, frequencies and phone numbers as people say them."""

from dataclasses import dataclass
from random import Random

from vehicle_agent.planning.number_words import SMALL, TENS

_SMALL = tuple(SMALL)
_TENS = (_SMALL[0], _SMALL[10], *TENS)
_PARTS = {"morning": range(5, 12), "afternoon": range(12, 18), "evening": range(17, 22), "night": range(20, 24)}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words and the value they stand for, as a label writes it."""

    words: str
    value: str


def cardinal(n: int) -> str:
    """Plain English for 0..9999 ("one hundred and five")."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return _TENS[n // 10] + (f" {_SMALL[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{_SMALL[n // 100]} hundred" + (f" and {cardinal(n % 100)}" if n % 100 else "")
    rest = n % 1000
    return f"{cardinal(n // 1000)} thousand" + (f" {'and ' if rest < 100 else ''}{cardinal(rest)}" if rest else "")


def pair(n: int) -> str:
    """A number below 100 as the second half of a pair ("oh five", "twenty")."""
    return f"oh {_SMALL[n]}" if n < 10 else cardinal(n)


def integer(n: int, rng: Random) -> str:
    """``n`` in one of its spoken styles."""
    text = cardinal(n)
    if n == 100:
        return rng.choice(["one hundred", "a hundred", "a hundred"])
    if 100 < n < 1000:
        styles = [text, text.replace(" and ", " ")]
        if n < 200:
            styles.append(text.replace("one hundred", "a hundred"))
        if n % 100:
            styles.append(f"{_SMALL[n // 100]} {pair(n % 100)}")
        return rng.choice(styles)
    return text


def number(low: float, high: float, step: float, rng: Random) -> Spoken:
    """A number from low to high in steps."""
    value = low + step * rng.randrange(round((high - low) / step) + 1)
    whole = int(value)
    if value == whole:
        return Spoken(integer(whole, rng), str(whole))
    tenths = round((value - whole) * 10)
    words = f"{integer(whole, rng)} point {_SMALL[tenths]}"
    if tenths == 5:
        half = "a half" if whole == 0 else f"{integer(whole, rng)} and a half"
        words = rng.choice([words, half])
    return Spoken(words, f"{value:g}")


def _minute_words(minute: int, hour_words: str, next_words: str, rng: Random) -> str:
    styles = [f"{hour_words} {pair(minute)}"] * 3
    if minute == 0:
        return rng.choice([hour_words, hour_words, f"{hour_words} o'clock"])
    if minute == 30:
        styles += [f"half past {hour_words}"] * 2
    if minute == 15:
        styles += [f"quarter past {hour_words}", f"a quarter past {hour_words}"]
    if minute == 45:
        styles += [f"quarter to {next_words}", f"a quarter to {next_words}"]
    if minute in (5, 10, 20, 25):
        styles.append(f"{cardinal(minute)} past {hour_words}")
    if minute in (35, 40, 50, 55):
        styles.append(f"{cardinal(60 - minute)} to {next_words}")
    return rng.choice(styles)


def clock(rng: Random) -> Spoken:
    """A clock time whose half of the day is said."""
    if rng.random() < 0.04:
        return rng.choice([Spoken("noon", "12:00"), Spoken("midnight", "00:00"), Spoken("midday", "12:00")])
    hour = rng.choice([*range(5, 23), 6, 7, 8, 17, 18, 19, rng.randrange(24)])
    minute = rng.choice([0, 0, 0, 15, 30, 30, 45, 5 * rng.randrange(12), rng.randrange(60)])
    value = f"{hour:02d}:{minute:02d}"
    if rng.random() < 0.12 and hour >= 13:
        words = f"{cardinal(hour)} {pair(minute)}" if minute else f"{cardinal(hour)} hundred"
        return Spoken(words, value)
    this, following = (cardinal((h - 1) % 12 + 1) for h in (hour, hour + 1))
    words = _minute_words(minute, this, following, rng)
    parts = [name for name, hours in _PARTS.items() if hour in hours]
    tail = "a m" if hour < 12 else "p m"
    if "o'clock" not in words and rng.random() < 0.3:
        tail = tail.replace(" ", "")
    if parts and rng.random() < 0.4:
        part = rng.choice(parts)
        tail = "at night" if part == "night" else f"in the {part}"
    return Spoken(f"{words} {tail}", value)


_NAMED = {
    0.25: ["fifteen seconds"], 0.5: ["thirty seconds", "half a minute"], 0.75: ["forty five seconds"],
    1: ["one minute", "a minute", "sixty seconds"],
    1.5: ["ninety seconds", "a minute and a half", "one and a half minutes"],
    2.5: ["two and a half minutes"], 3.5: ["three and a half minutes"],
    15: ["a quarter of an hour", "quarter of an hour"], 30: ["half an hour", "half an hour", "a half hour"],
    45: ["three quarters of an hour"], 60: ["an hour", "one hour", "sixty minutes"],
    75: ["an hour and a quarter", "an hour and fifteen minutes"],
    90: ["an hour and a half", "one and a half hours", "ninety minutes"], 150: ["two and a half hours"],
}  # fmt: skip


def duration(low: float, high: float, rng: Random) -> Spoken:
    """A duration from ``low`` to ``high`` minutes, unit included; the value is minutes."""
    named = [minutes for minutes in _NAMED if low <= minutes <= high]
    if named and rng.random() < 0.3:
        minutes = rng.choice(named)
        return Spoken(rng.choice(_NAMED[minutes]), f"{minutes:g}")
    whole = rng.randint(max(1, round(low)), max(1, int(high)))
    if rng.random() < 0.5:
        whole = rng.choice(
            [m for m in (2, 3, 4, 5, 7, 8, 10, 12, 15, 20, 25, 40, 45, 50) if low <= m <= high] or [whole]
        )
    if whole == 1:
        return Spoken(rng.choice(_NAMED[1]), "1")
    hours, rest = divmod(whole, 60)
    if hours == 0 or rng.random() < 0.15:
        return Spoken(f"{cardinal(whole)} minutes", str(whole))
    head = rng.choice(["an hour", "one hour"]) if hours == 1 else f"{cardinal(hours)} hours"
    if not rest:
        return Spoken(head, str(whole))
    link = rng.choice([" and ", " "])
    return Spoken(f"{head}{link}{cardinal(rest)} minute{'s' if rest > 1 else ''}", str(whole))


def frequency_fm(rng: Random) -> Spoken:
    tenths = rng.randrange(875, 1081)
    whole, part = divmod(tenths, 10)
    if whole >= 100:
        head = rng.choice(
            [f"one oh {_SMALL[whole - 100]}" if whole > 100 else "one hundred", integer(whole, rng), cardinal(whole)]
        )
    else:
        head = cardinal(whole)
    return Spoken(f"{head} point {_SMALL[part]}", f"{whole}.{part}")


def frequency_am(rng: Random) -> Spoken:
    n = rng.choice([rng.randrange(531, 1603, 9), rng.randrange(530, 1701, 10)])
    high, low = divmod(n, 100)
    styles = [cardinal(n), cardinal(n).replace(" and ", " ")]
    if low:
        styles += [f"{cardinal(high)} {pair(low)}"] * 3
    elif high != 10:
        styles.append(f"{cardinal(high)} hundred")
    return Spoken(rng.choice(styles), str(n))


def phone(rng: Random) -> Spoken:
    length = rng.choice([3, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 11])
    digits = [rng.choice("0123456789") for _ in range(length)]
    if length > 9 and rng.random() < 0.5:
        digits[0] = "0"
    for i in range(1, length):
        if rng.random() < 0.12:
            digits[i] = digits[i - 1]
    zero = rng.choice(["oh", "zero", "zero"])
    fold = rng.random() < 0.5
    words: list[str] = []
    i = 0
    while i < length:
        word = zero if digits[i] == "0" else _SMALL[int(digits[i])]
        run = 1
        while i + run < length and digits[i + run] == digits[i] and run < 3:
            run += 1
        if fold and run > 1:
            words.append(f"{'double' if run == 2 else 'triple'} {word}")
            i += run
        else:
            words.append(word)
            i += 1
    return Spoken(" ".join(words), "".join(digits))
