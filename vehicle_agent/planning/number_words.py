"""The English words for numbers, once: whoever reads or says a number takes its words from here."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"

SMALL: Final[Mapping[str, int]] = MappingProxyType({word: n for n, word in enumerate(_SMALL.split())})
"""0 to 19."""
TENS: Final[Mapping[str, int]] = MappingProxyType({word: 10 * n for n, word in enumerate(_TENS.split(), 2)})
"""20, 30 ... 90."""
DIGITS: Final[Mapping[str, int]] = MappingProxyType({word: n for word, n in SMALL.items() if n < 10})
TEENS: Final[Mapping[str, int]] = MappingProxyType({word: n for word, n in SMALL.items() if n >= 10})
CARDINALS: Final = frozenset(SMALL) | frozenset(TENS)
"""The words of 0 to 99; "hundred" and "thousand" multiply and stand apart."""

SPOKEN_ZEROS: Final = ("oh", "o")
"""How a zero is said where digits are read out."""
DECADES: Final[Mapping[int, str]] = MappingProxyType({n // 10: f"{word[:-1]}ies" for word, n in TENS.items()})
"""2: "twenties" ... 9: "nineties"."""
REPEATS: Final[Mapping[str, int]] = MappingProxyType({"double": 2, "triple": 3})
"""How often the digit behind it is said."""

FRACTIONS: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {(1, 2): "a half", (1, 3): "a third", (2, 3): "two thirds", (1, 4): "a quarter", (3, 4): "three quarters"}
)
"""How a written fraction is said: numerator and denominator to words."""
SHARES: Final = (
    (("three", "quarters"), Fraction(3, 4)), (("three", "quarter"), Fraction(3, 4)),
    (("two", "thirds"), Fraction(2, 3)),
    (("a", "half"), Fraction(1, 2)), (("half",), Fraction(1, 2)), (("a", "quarter"), Fraction(1, 4)),
    (("one", "quarter"), Fraction(1, 4)), (("quarter",), Fraction(1, 4)), (("a", "third"), Fraction(1, 3)),
    (("one", "third"), Fraction(1, 3)), (("one", "half"), Fraction(1, 2)),
)  # fmt: skip
"""What may be said for a share, the longer of two that begin alike first."""
