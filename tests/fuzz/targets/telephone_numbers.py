"""Telephone numbers as phone books, networks and configurations write them."""

from collections.abc import Hashable

from safety_spec import matrix
from safety_spec.oracle import plain_number

from fuzz.parts.world import oracle
from fuzz.target import Target
from state_machines.telephone import is_emergency, normalised, spoken
from vehicle_agent.backends.dbus.alike import Alike, alike

_OWN = ("777", "+4455", "*9#")


def run(data: bytes) -> Hashable:
    """The input: lines of text; each is a number, and each two are compared."""
    texts = data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace").split("|")[:4]
    ends = []
    for text in texts:
        number = normalised(text)
        # the second reading of the specification may only differ in what it drops before the scheme of an address
        assert "tel" in text.lower() or number == plain_number(text), "read otherwise than specified"
        if number is None:
            assert not is_emergency(text, (text, *_OWN)), "never dialled, yet an emergency number"
            assert spoken(text) == text
        else:
            assert number.isascii(), "dialled in another script"
            assert number.removeprefix("+").isdigit(), "dialled with something that is no digit"
            assert normalised(number) == number
            assert is_emergency(text, _OWN) == oracle().calls_for_help(number, _OWN)
            assert spoken(text).replace("plus ", "+").replace(",", "").replace(" ", "") == number
        ends.append((number is None, number is not None and is_emergency(number, _OWN)))
    degrees = set()
    for one in texts:
        for other in texts:
            degree = alike(one, other)
            assert degree is alike(other, one), "one is like the other, but not the other like the one"
            degrees.add(degree)
        assert (alike(one, one) is Alike.SAME) == (normalised(one) is not None)
    return tuple(ends), tuple(sorted(degrees))


def seeds() -> list[bytes]:
    numbers = ("+44 20 7946 0018|020 7946 0018", "0039 06 1234567|06 1234567", "+7 495 1234567|8 495 1234567")
    return [text.encode() for text in (*numbers, *matrix.STORED_NUMBERS)]


TARGET = Target(
    name="telephone_numbers",
    run=run,
    allowed=(UnicodeDecodeError,),
    seeds=seeds,
    form="text",
    dictionary=(
        *(b"+", b"00", b"(0)", b"tel:", b";ext=", b",", b"p", b"w", b"*", b"#", b"|", b"112", b"000", b"0"),
        *("\uff10\u0661\u0967\uff0b\uff0a\u200e\u00a0".encode()[i : i + 3] for i in (0, 3, 5, 8, 11)),
    ),
    max_bytes=200,
    share=1,
)
