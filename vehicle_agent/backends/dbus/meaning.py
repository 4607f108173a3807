"""Who or what the words of a call stand for: looked up once, before it is judged and asked about.

Each look-up only asks. Given its own answer it finds the same again, so that what was asked about can be told from
what has changed since.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from state_machines.telephone import normalised, spoken
from vehicle_agent.backends.base import Meant
from vehicle_agent.backends.dbus import bluetooth, display
from vehicle_agent.backends.dbus.modems import MESSAGES, VOICE, able, emergency_numbers
from vehicle_agent.backends.dbus.phonebook import look_up, look_up_recipient, not_too_long, number_of
from vehicle_agent.backends.dbus.request import Reached, Request

_TYPES: Final = frozenset({"mobile", "home", "work"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    meant: Meant
    reached: Reached | None = None


async def _to_dial(r: Request, who: str, number: str, **arguments: str) -> Found:
    by = (await able(r.client, VOICE))[0].endpoint
    meant = Meant(
        call=r.call.with_arguments(**arguments) if arguments else r.call,
        number=not_too_long(number, who),
        emergency_numbers=await emergency_numbers(r.client, by),
    )
    return Found(meant=meant, reached=Reached(who=who, number=number, by=by))


async def _call_contact(r: Request) -> Found:
    contact = await look_up(r.client, r.text("name"))
    number = number_of(contact, r.text("number_type"))
    several = len(contact.numbers) > 1 and number.kind in _TYPES
    number_type = number.kind if several else r.text("number_type")
    who = contact.name if number_type == "any" else f"{contact.name} on the {number_type} number"
    return await _to_dial(r, who, number.text, name=contact.name, number_type=number_type)


async def _dial_number(r: Request) -> Found:
    return await _to_dial(r, spoken(r.text("number")), r.text("number"))


async def _roadside(r: Request) -> Found:
    number = r.config.roadside_number
    return await _to_dial(r, "roadside assistance", normalised(number) or number)


async def _send_text(r: Request) -> Found:
    wanted = r.text("recipient")
    number = normalised(wanted)
    if number is not None:
        who, recipient = spoken(number), number
    elif "*" in wanted or "#" in wanted:
        who = recipient = number = wanted  # nobody's name: the gate refuses it
    else:
        contact, stored = await look_up_recipient(r.client, wanted)
        who, recipient, number = contact.name, contact.called(stored), stored.text
    by = (await able(r.client, MESSAGES))[0].endpoint
    meant = Meant(call=r.call.with_arguments(recipient=recipient), number=not_too_long(number, who))
    return Found(meant=meant, reached=Reached(who=who, number=number, by=by))


async def _device(r: Request) -> Found:
    name, _, _ = await bluetooth.device(r)
    return Found(meant=Meant(call=r.call.with_arguments(device=name)))


async def _profile(r: Request) -> Found:
    name, _ = await display.profile(r)
    return Found(meant=Meant(call=r.call.with_arguments(name=name)))


Meaning: TypeAlias = Callable[[Request], Awaitable[Found]]

MEANINGS: Final[Mapping[str, Meaning]] = {
    "call_contact": _call_contact,
    "dial_number": _dial_number,
    "call_roadside_assistance": _roadside,
    "send_text_message": _send_text,
    "connect_bluetooth_device": _device,
    "switch_driver_profile": _profile,
}


async def find_out(r: Request) -> Found:
    """Raises Impossible, Unavailable, NotConfirmed; whatever an odd answer of a service makes Python raise."""
    look = MEANINGS.get(r.call.name)
    return Found(meant=Meant(call=r.call)) if look is None else await look(r)
