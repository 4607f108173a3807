"""Typed or recognised text on its way to the model, without the model."""

from collections.abc import Hashable

from fuzz.target import Target
from vehicle_agent.planning.normalise import MAX_WORDS, Unhearable, normalise
from vehicle_agent.planning.said_numbers import said_numbers
from vehicle_agent.planning.spoken_digits import spoken_numbers
from vehicle_apis.codec import prompt

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz' ")


def run(data: bytes) -> Hashable:
    text = data.decode("utf-8", "surrogateescape")
    numbers = said_numbers(text)
    digits = spoken_numbers(text)
    assert all(run.isascii() and run.isdigit() for run in digits), "no telephone number"
    heard = normalise(text)
    assert heard, "nothing was heard"
    assert set(heard) <= _LETTERS, "letters the model was not trained on"
    assert len(heard.split()) <= MAX_WORDS
    assert heard == " ".join(heard.split())
    assert normalise(heard) == heard, "hearing it twice changes it"
    assert prompt(heard) == f" {heard}\n"
    assert all(0 <= number < 1_000_000 for number in said_numbers(heard))
    assert len(said_numbers(heard)) <= MAX_WORDS
    return (len(heard.split()), len(numbers), len(spoken_numbers(heard)))


def seeds() -> list[bytes]:
    texts = [
        *("Open the driver's window to 50%.", "Set it to 21.5\u00b0C, please!", "Call 0800 123 456 at 7:30 pm"),
        *(
            "dial oh seven seven double oh nine hundred",
            "one hundred and ten",
            "Navigiere nach Hause",
            "caf\u00e9 na\u00efve",
        ),
        *(
            "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
            "\u202eevil",
            "a\u0300" * 20,
            "9" * 100,
            "1.5.2.7",
            "12.30h",
            "00:00",
            "99:99",
            "''' ' '",
            "",
        ),
        *("\ufb01ne \u216b \u00bd \u2460 \uff21", "x " * 90, "x" * 601, "&+%", "999999999999999.999999999999999"),
    ]
    return [text.encode("utf-8", "surrogatepass") for text in texts]


TARGET = Target(
    name="spoken",
    run=run,
    allowed=(Unhearable,),
    seeds=seeds,
    form="text",
    dictionary=(
        *(
            b"double ",
            b"hundred ",
            b"and ",
            b"twenty ",
            b"oh ",
            b"for ",
            b"7:30",
            b"21.5",
            b"\xc2\xb0c",
            b"\xe2\x80\x99",
        ),
        *(
            b"\xc2\xb2",
            b"\xe0\xa5\xa7",
            b"\xef\xac\x81",
            b"\xcc\x81",
            b"\xd9\xa1",
            b"\xe2\x85\xab",
            b"\xf0\x9d\x9f\x98",
        ),
    ),
    max_bytes=1500,
    share=1,
)
