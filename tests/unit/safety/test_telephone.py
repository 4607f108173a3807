"""Numbers by hand: what is dialled, what never is, what calls for help, how it is said."""

import pytest

from state_machines import telephone
from state_machines.telephone import EMERGENCY_NUMBERS, is_emergency, normalised, spoken


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5550123", "5550123"),
        ("+495550123", "+495550123"),
        ("0", "0"),
        # what groups digits
        ("555 01 23", "5550123"),
        ("555-01/23.4", "55501234"),
        ("(020) 555", "020555"),
        ("(+49) 555", "+49555"),
        ("5\u00a05\u202f5\t5\n5", "55555"),
        ("5\u20105\u20115\u20125\u20135\u20145\u20155\u22125\u22155\u00b75", "5555555555"),
        ("5\ufe585\ufe635\uff0d5\uff0e5\uff0f5\uff085\uff09", "5555555"),
        # a trunk 0 in parentheses is left out abroad, and there only
        ("+44 (0) 20 555", "+4420555"),
        ("+44\uff08\uff10\uff0920", "+4420"),
        ("(+44)(0)20", "+4420"),
        ("(0)20", "020"),
        # digits of other scripts, and their plus
        ("\uff0b\uff11\uff11\uff12", "+112"),
        ("\ufe62112", "+112"),
        ("\u0661\u0661\u0662", "112"),
        ("\u0967\u0967\u0968", "112"),
        ("1\uff112", "112"),
        ("\U0001d7ce\U0001d7d9", "01"),
        # signs nobody sees
        ("\u200e112\u200f\u202a\u202c\ufeff", "112"),
        ("1\u00ad1\u061c2\u180e\u200b\u200c\u200d\u202b\u202d\u202e", "112"),
        ("1\u20601\u20612\u2062\u2063\u2064\u2066\u2067\u2068\u2069", "112"),
        # an address
        ("tel:5550123", "5550123"),
        ("TEL:+49-555", "+49555"),
        (" tel: 112", "112"),
    ],
)  # fmt: skip
def test_what_is_dialled(text: str, number: str) -> None:
    assert normalised(text) == number
    assert normalised(number) == number


@pytest.mark.parametrize(
    "text",
    [
        *("*21#", "**21*5550123#", "112#", "*112", "5*5", "#", "*"),
        *("\uff0a112", "112\uff03", "\ufe61112", "\ufe5f112", "\u2217112", "\u266f112", "\u22c6112"),
        *("5550123p1", "5550123w1", "5550123,1", "5550123;1", "5550123;ext=1", "tel:5550123;ext=1"),
        *("5550123x1", "5550123 ext 1"),
        *("5X5", "X5", "5x", "+X5"),
        *("0800 FLOWERS", "o", "one", "sip:112", "tel:", "tel", "tell:5", "5tel:5", "ttel:5", "hotel:5"),
        *("1+12", "112+", "++112", "+", "", " ", "()", "-"),
        *("11\u00b2", "\u2460", "\u2168", "\u4e00", "1\u20e3", "1\ufe0f", "1\x00", "1\x7f", "1\ue000"),
        *("1~2", "1_2", "1'2", "1=2"),
    ],
)  # fmt: skip
def test_what_is_never_dialled(text: str) -> None:
    assert normalised(text) is None
    assert not is_emergency(text)
    assert not is_emergency(text, [text])


def test_the_numbers_of_the_specification() -> None:
    assert {
        *("112", "911", "999", "000", "110", "111", "113", "115", "117", "118", "119", "120", "122"),
        *("190", "191", "193", "995", "997", "998"),
    } == EMERGENCY_NUMBERS
    assert isinstance(telephone.EMERGENCY_NUMBERS, frozenset)


@pytest.mark.parametrize("number", sorted(EMERGENCY_NUMBERS))
def test_a_number_that_calls_for_help_in_every_form(number: str) -> None:
    for before in ("", "0", "00", "+", "+0", "tel:", " 0 ", "\uff10"):
        assert is_emergency(before + number)
    for other in (number + "4", number[:2], "1" + number, f"+49{number}"):
        assert not is_emergency(other)


@pytest.mark.parametrize(
    "number",
    ["000112", "+00112x", "5550123", "114", "116", "121", "0", "00", "000000", "1", "", "*112#", "112,,1", "996"],
)
def test_other_numbers_do_not(number: str) -> None:
    assert not is_emergency(number)


def test_000_with_zeros_before_it() -> None:
    assert [is_emergency("0" * n) for n in range(1, 7)] == [False, False, True, True, True, False]


def test_the_telephone_adds_numbers() -> None:
    for also in (["555"], ["+555"], ["5-5-5"], ["*99#", "", "555"]):
        assert [is_emergency(number, also) for number in ("555", "0555", "00555", "+555")] == [True] * 4
        assert [is_emergency(number, also) for number in ("5550", "000555", "0", "00", "99")] == [False] * 5
        assert is_emergency("112", also)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1", "1"),
        ("112", "1 1 2"),
        ("0112", "0 1 1 2"),
        ("01122", "0 1 1, 2 2"),
        ("5550123", "5 5 5, 0 1 2 3"),
        ("55501234", "5 5 5, 0 1 2, 3 4"),
        ("+49 5550", "plus 4 9 5, 5 5 0"),
        ("\uff11\uff12", "1 2"),
        ("mom", "mom"),
        ("*21#", "*21#"),
        ("", ""),
    ],
)
def test_how_a_number_is_said(number: str, said: str) -> None:
    assert spoken(number) == said
