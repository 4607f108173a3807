"""The phone book: who is meant, and under which number."""

from dataclasses import dataclass
from typing import Final

from state_machines.expansion import EMERGENCY_NUMBERS
from vehicle_agent.backends.dbus.client import Client, Command
from vehicle_agent.backends.dbus.naming import find
from vehicle_agent.errors import Impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """``numbers``: type -> digits, the preferred one first."""

    name: str
    numbers: dict[str, str]
    address: str


_FORMATTING: Final = str.maketrans("", "", " -/().")


async def _all(client: Client) -> list[Contact]:
    (rows,) = await client.ask(Command(to=client.config.contacts, member="GetAll"))
    return [
        Contact(name=name, numbers={kind: n.translate(_FORMATTING) for kind, n in numbers}, address=address)
        for name, numbers, address in rows
    ]


async def look_up(client: Client, spoken: str) -> Contact:
    """Raises Impossible when nobody, or more than one, has this name."""
    return find(spoken, await _all(client), lambda c: c.name, kind="contact", where="in the phone book")


async def name_of(client: Client, number: str) -> str:
    """The name belonging to a number, else the number."""
    return next((c.name for c in await _all(client) if number in c.numbers.values()), number)


def number_of(contact: Contact, number_type: str, *, prefer: str = "") -> str:
    """Raises Impossible without such a number, or when it is an emergency number, which has its own question."""
    if not contact.numbers:
        raise Impossible(f"{contact.name} has no number in the phone book.")
    if number_type == "any":
        number = contact.numbers.get(prefer) or next(iter(contact.numbers.values()))
    elif number_type in contact.numbers:
        number = contact.numbers[number_type]
    else:
        known = " and ".join(contact.numbers)
        raise Impossible(f"{contact.name} has no {number_type} number; there is {known}.")
    if number in EMERGENCY_NUMBERS:
        raise Impossible(f"{contact.name} is an emergency number; say: call {' '.join(number)}.")
    return number
