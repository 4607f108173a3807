"""The phone book: who is meant, under which number, and whose number it is."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from state_machines import limits
from state_machines.telephone import normalised, spoken
from vehicle_agent.backends.dbus.alike import Alike, alike
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.naming import cleaned, find
from vehicle_agent.errors import Impossible

T = TypeVar("T")

_KINDS: Final = {
    "cell": "mobile",
    "cellular": "mobile",
    "mobile phone": "mobile",
    "house": "home",
    "private": "home",
    "office": "work",
    "business": "work",
}
_FEW: Final = 300  # entries that are searched at once
_NO_KIND: Final = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """``text``: as it is dialled, or as it is stored if it never is. ``kind``: mobile, home, work or another word."""

    kind: str
    text: str

    @property
    def is_plain(self) -> bool:
        return normalised(self.text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """``numbers``: each once, the preferred one first."""

    name: str
    numbers: tuple[Number, ...] = ()
    address: str = ""

    def called(self, number: Number) -> str:
        """Its name; of several numbers it says which one."""
        return self.name if len(self.numbers) == 1 else f"{self.name}, {number.kind}"


def _number(row: object) -> Number | None:
    match row:
        case [kind, str(text)] if text.strip():
            word = cleaned(kind).lower() or _NO_KIND
            return Number(kind=_KINDS.get(word, word), text=normalised(text) or cleaned(text))
        case _:
            return None


def _contact(row: object) -> Contact | None:
    """None for a row that is none: one odd entry must not cost the whole phone book."""
    if not isinstance(row, list) or not row:
        return None
    name, numbers, address, *_ = [*row, None, None]
    name = cleaned(name)
    if not name:
        return None
    pairs = [[k, v] for k, v in numbers.items()] if isinstance(numbers, Mapping) else numbers
    found: dict[str, Number] = {}
    for pair in pairs if isinstance(pairs, list) else ():
        if (number := _number(pair)) is not None:
            found.setdefault(number.text, number)
    return Contact(name=name, numbers=tuple(found.values()), address=cleaned(address))


async def everybody(client: Client) -> list[Contact]:
    """All contacts; an entry that is there twice is one."""
    (rows,) = await client.ask(MethodCall(to=client.config.contacts, member="GetAll"))
    if not isinstance(rows, list):
        raise TypeError("contacts come as a list")
    found = (contact for row in rows if (contact := _contact(row)) is not None)
    return list(dict.fromkeys(found))


async def look_up(client: Client, wanted: str) -> Contact:
    """Raises Impossible when nobody, or more than one, has this name."""
    contacts = await everybody(client)
    return await _aside(len(contacts), lambda: _named(wanted, contacts))


def _named(wanted: str, contacts: list[Contact]) -> Contact:
    return find(wanted, contacts, lambda c: c.name, kind="contact", where="in the phone book")


async def _aside(many: int, search: Callable[[], T]) -> T:
    """Searching a long phone book takes tens of milliseconds, in which the event loop goes on."""
    return search() if many <= _FEW else await asyncio.to_thread(search)


async def look_up_recipient(client: Client, wanted: str) -> tuple[Contact, Number]:
    """Who gets a text message, and where: by name, or by what `Contact.called` made of it. Raises Impossible."""
    contacts = await everybody(client)
    written = [(c, n) for c in contacts if c.numbers and c.called(n := number_of(c, "any", prefer="mobile")) == wanted]
    if len(written) == 1:
        return written[0]
    contact = await _aside(len(contacts), lambda: _named(wanted, contacts))
    return contact, number_of(contact, "any", prefer="mobile")


def number_of(contact: Contact, number_type: str, *, prefer: str = "") -> Number:
    """The number that is meant; one that can be dialled before one that cannot. Raises Impossible without any."""
    if not contact.numbers:
        raise Impossible(f"{contact.name} has no number in the phone book.")
    of_type = [n for n in contact.numbers if number_type in {"any", n.kind}]
    if not of_type:
        known = " and ".join(dict.fromkeys(n.kind for n in contact.numbers))
        raise Impossible(f"{contact.name} has no {number_type} number; there is {known}.")
    return min(of_type, key=lambda n: (not n.is_plain, n.kind != prefer))


def not_too_long(number: str, who: str) -> str:
    """The number. Raises Impossible when no telephone number is that long."""
    digits = (normalised(number) or "").removeprefix("+")
    if len(digits) > limits.LONGEST_NUMBER_DIGITS:
        raise Impossible(f"The number of {who} has {len(digits)} digits; no telephone number is that long.")
    return number


async def name_of(client: Client, number: str) -> str:
    """The name belonging to a number, else the number digit by digit.

    A number is stored and shown in different forms: the form that is most like it counts, unless it is more than one
    contact's.
    """
    contacts = await everybody(client)
    return await _aside(len(contacts), lambda: _named_by(number, contacts)) or spoken(number)


def _named_by(number: str, contacts: list[Contact]) -> str:
    """The one name of the number, "" for none or several."""
    best, names = Alike.NO, set[str]()
    for contact in contacts:
        degree = max((alike(number, n.text) for n in contact.numbers), default=Alike.NO)
        if degree > best:
            best, names = degree, set()
        if degree is best is not Alike.NO:
            names.add(contact.name)
    return names.pop() if len(names) == 1 else ""
