"""Sentences that sound like commands and are none of ours: equipment the catalogue lacks, and orders at a counter.

Drawn by the thousand from word lists; the writers' lines carry what no list does.
"""

from functools import cache
from random import Random
from typing import Final

from models.data import words
from models.data.lines import Line
from models.paths import EQUIPMENT

_SWITCH: Final = (
    "turn on the {t}", "turn the {t} on", "switch on the {t}", "switch the {t} off", "turn off the {t}",
    "turn the {t} off", "{t} on", "{t} off", "put the {t} on", "start the {t}", "stop the {t}", "kill the {t}",
    "fire up the {t}", "activate the {t}", "deactivate the {t}", "enable the {t}", "disable the {t}",
    "get the {t} going", "shut the {t} down", "can you switch on the {t}", "i need the {t} on",
    "could you turn the {t} off", "sound the {t}", "run the {t}", "power up the {t}", "hit the {t}",
    "give me the {t}", "let's have the {t} on", "is the {t} on", "test the {t}", "we need the {t}",
    "turn that {t} off", "set the {t} going", "would you put the {t} on for me", "flick the {t} on",
)  # fmt: skip
_MOVE: Final = (
    "open the {t}", "close the {t}", "raise the {t}", "lower the {t}", "put the {t} up", "put the {t} down",
    "extend the {t}", "retract the {t}", "lift the {t}", "drop the {t}", "fold the {t} away", "fold out the {t}",
    "pop the {t}", "shut the {t}", "{t} up", "{t} down", "{t} out please", "bring the {t} in", "wind the {t} out",
    "roll the {t} up", "let the {t} down", "could you open the {t}", "can you close the {t}", "i want the {t} open",
    "lock the {t}", "unlock the {t}", "tilt the {t}", "release the {t}", "open up the {t} a bit",
    "move the {t} back", "crack the {t} open", "swing the {t} out",
)  # fmt: skip
_SETTING: Final = (
    "set the {t} to {n}", "{t} to {n}", "put the {t} at {n}", "raise the {t} to {n}", "drop the {t} to {n}",
    "make the {t} {n}", "bring the {t} down to {n}", "turn the {t} up", "turn the {t} down", "increase the {t}",
    "decrease the {t}", "turn the {t} up a bit", "lower the {t} by {n}", "i'd like the {t} at {n}",
    "what's the {t} set to",
)  # fmt: skip
_LEADS: Final = (
    "", "", "", "", "please ", "hey ", "okay ", "could you please ", "right ", "can you ", "quick ", "now ",
    "would you ",
)  # fmt: skip
_TRAILS: Final = (
    "", "", "", "", "", " please", " now", " for me", " thanks", " quickly", " when you can", " before we go",
    " it's cold", " we've arrived", " the kids are hungry", " again", " in the van", " outside", " at home",
    " on the trailer",
)  # fmt: skip
_SIZES: Final = (
    "small", "medium", "large", "regular", "big", "tall", "double", "single", "extra large", "half size", "kids",
)  # fmt: skip
_ITEMS: Final = (
    "latte", "cappuccino", "flat white", "black coffee", "americano", "hot chocolate", "chai", "iced tea",
    "lemonade", "milkshake", "cheeseburger", "chicken wrap", "fish and chips", "veggie burger", "portion of fries",
    "onion rings", "nuggets", "bagel", "breakfast muffin", "burrito", "taco", "pepperoni pizza", "caesar salad",
    "sausage roll", "bacon bap", "croissant", "vanilla cone", "coke", "diet coke", "orange juice", "sparkling water",
    "espresso", "macchiato", "cold brew", "decaf",
)  # fmt: skip
_WITH: Final = (
    "with oat milk", "with two sugars", "no sugar", "with extra cheese", "without onions", "no pickles", "with ice",
    "no ice", "with a shot of vanilla", "with cream on top", "extra hot", "to go", "to take away", "with ketchup",
    "hold the mayo", "with skimmed milk", "light roast", "with brown sugar", "a bit of cinnamon on it",
    "with an extra shot", "well done",
)  # fmt: skip
_ORDERS: Final = (
    "can i get a {o}", "i'll have a {o}", "could i have a {o} please", "one {o} please", "a {o}", "give me a {o}",
    "i'd like a {o}", "and a {o} for her", "make me a {o}", "two of the {o} please", "get me a {o}",
    "may i have a {o}", "let me get a {o}", "i want a {o}", "i would like to order a {o}",
    "we'd like a {o} and a {o2}", "hi can i get a {o} and a {o2}", "just a {o} thanks", "same for me and a {o}",
    "do you have a {o}", "i'd love a {o}", "can you make me a {o}",
)  # fmt: skip


@cache
def _things(how: str) -> tuple[str, ...]:
    """Equipment that is ``how``: switched, moved or set."""
    rows = EQUIPMENT.read_text(encoding="utf-8").splitlines()
    return tuple(row.removeprefix(f"{how}: ") for row in rows if row.startswith(f"{how}: "))


_USES: Final = (("switched", _SWITCH), ("switched", _SWITCH), ("moved", _MOVE), ("set", _SETTING))


def missing_equipment(rng: Random) -> Line:
    """A confident command to something this car has not."""
    how, templates = rng.choice(_USES)
    number = words.number(1, 90, 1, rng).words
    text = rng.choice(templates).format(t=rng.choice(_things(how)), n=number)
    return Line(f"{rng.choice(_LEADS)}{text}{rng.choice(_TRAILS)}".strip())


def order(rng: Random) -> Line:
    """What is said at a counter or a drive-through window."""

    def one() -> str:
        size = f"{rng.choice(_SIZES)} " if rng.random() < 0.6 else ""
        extra = f" {rng.choice(_WITH)}" if rng.random() < 0.6 else ""
        more = f" and {rng.choice(_WITH).removeprefix('with ')}" if extra and rng.random() < 0.3 else ""
        return f"{size}{rng.choice(_ITEMS)}{extra}{more}"

    return Line(" ".join(rng.choice(_ORDERS).format(o=one(), o2=one()).split()))


def negative(rng: Random) -> Line:
    return order(rng) if rng.random() < 0.2 else missing_equipment(rng)
