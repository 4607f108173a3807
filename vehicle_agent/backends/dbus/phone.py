"""Calls and messages over oFono, Bluetooth over BlueZ, and the phone book."""

from typing import Any, Final

from dbus_next.signature import Variant

from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.client import Client, Command, set_property
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.naming import words
from vehicle_agent.backends.dbus.phonebook import look_up, name_of, number_of
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import BackendError, Impossible

VOICE: Final = "org.ofono.VoiceCallManager"
CALL: Final = "org.ofono.VoiceCall"
MESSAGES: Final = "org.ofono.MessageManager"
_DIALLED: Final = frozenset({"dialing", "alerting", "active"})


async def _modem(client: Client, interface: str) -> Endpoint:
    modem = await client.modem(interface)
    if modem is None:
        raise Impossible("No telephone is connected; connect one by Bluetooth.")
    return modem


async def _calls(client: Client, modem: Endpoint) -> list[tuple[str, dict[str, Any]]]:
    (calls,) = await client.ask(Command(to=modem, interface=VOICE, member="GetCalls"))
    return [(path, values) for path, values in calls]


async def _dial(r: Request, number: str, who: str) -> Prepared:
    modem = await _modem(r.client, VOICE)
    await _calls(r.client, modem)  # a telephone that does not answer is found before anything is sent

    async def read_back(replies: Replies) -> Observed | NotYet:
        path = replies[0][0]
        for other, values in await _calls(r.client, modem):
            if other == path and values["State"] in _DIALLED:
                state = str(values["State"])
                return Observed(text=f"Calling {who}.", values={"state": state, "number": number})
        return NotYet({"calls": len(await _calls(r.client, modem))})

    return Prepared(
        commands=(Command(to=modem, interface=VOICE, member="Dial", signature="ss", body=(number, "")),),
        read_back=read_back,
        undo=r.inverse("control_call", action="hang_up"),
    )


async def call_contact(r: Request) -> Prepared:
    contact = await look_up(r.client, r.text("name"))
    number_type = r.text("number_type")
    number = number_of(contact, number_type)
    who = contact.name if number_type == "any" else f"{contact.name} on the {number_type} number"
    return await _dial(r, number, who)


async def dial_number(r: Request) -> Prepared:
    return await _dial(r, r.text("number"), " ".join(r.text("number")))


async def call_roadside_assistance(r: Request) -> Prepared:
    return await _dial(r, r.config.roadside_number, "roadside assistance")


# action -> states it applies to, best first; what is missing else; the state that shows it ("" = the call is gone)
_CONTROLS: Final = {
    "answer": (("incoming", "waiting"), "Nobody is calling.", "active"),
    "reject": (("incoming", "waiting"), "Nobody is calling.", ""),
    "hang_up": (("active", "dialing", "alerting", "held", "incoming"), "There is no call to end.", ""),
    "hold": (("active",), "There is no call to put on hold.", "held"),
}
_TEXTS: Final = {
    "answer": "You are talking to {who}.",
    "reject": "The call from {who} was rejected.",
    "hang_up": "The call with {who} has ended.",
    "hold": "The call with {who} is on hold.",
}


async def control_call(r: Request) -> Prepared:
    action = r.text("action")
    states, missing, wanted = _CONTROLS[action]
    modem = await _modem(r.client, VOICE)
    calls = await _calls(r.client, modem)
    chosen = next(((p, v) for state in states for p, v in calls if v["State"] == state), None)
    if chosen is None:
        raise Impossible(missing)
    path, values = chosen
    who = await _who(r.client, str(values["LineIdentification"]))
    one = Endpoint(what=modem.what, name=modem.name, path=path, bus=modem.bus)
    match action:
        case "answer" if values["State"] == "waiting":
            command = Command(to=modem, interface=VOICE, member="HoldAndAnswer")
        case "answer":
            command = Command(to=one, interface=CALL, member="Answer")
        case "hold":
            command = Command(to=modem, interface=VOICE, member="SwapCalls")
        case _:
            command = Command(to=one, interface=CALL, member="Hangup")

    async def read_back(_: Replies) -> Observed | NotYet:
        state = next((str(v["State"]) for p, v in await _calls(r.client, modem) if p == path), "")
        if state == wanted or (not wanted and state == "disconnected"):
            return Observed(text=_TEXTS[action].format(who=who), values={"state": state or "ended"})
        return NotYet({"state": state})

    return Prepared(commands=(command,), read_back=read_back)


async def _who(client: Client, number: str) -> str:
    """A call is never held up by a phone book that does not answer."""
    try:
        return await name_of(client, number)
    except BackendError:
        return number


async def send_text_message(r: Request) -> Prepared:
    spoken = r.text("recipient")
    digits = spoken.replace(" ", "")
    if digits.isascii() and digits.lstrip("+").isdigit():
        who, number = spoken, digits
    else:
        contact = await look_up(r.client, spoken)
        who, number = contact.name, number_of(contact, "any", prefer="mobile")
    modem = await _modem(r.client, MESSAGES)
    body = (number, r.text("message"))

    async def read_back(replies: Replies) -> Observed | NotYet:
        # oFono gives the path of the message it took on; delivery is the network's business
        path = str(replies[0][0]) if replies[0] else ""
        return Observed(text=f"The message to {who} is on its way.", values={"message": path}) if path else NotYet()

    command = Command(to=modem, interface=MESSAGES, member="SendMessage", signature="ss", body=body)
    return Prepared(commands=(command,), read_back=read_back)


async def read_messages(r: Request) -> Prepared:
    sender = r.text("sender")
    wanted = set(words(sender)) if sender else set()

    async def read_back(replies: Replies) -> Observed | NotYet:
        unread = [(name, text) for name, text in replies[0][0] if wanted <= set(words(name))]
        source = f" from {sender}" if sender else ""
        if not unread:
            return Observed(text=f"There are no unread messages{source}.", values={"unread": 0})
        count = "one unread message" if len(unread) == 1 else f"{len(unread)} unread messages"
        told = " ".join(f"{name} says: {text}" for name, text in unread)
        return Observed(text=f"You have {count}{source}. {told}", values={"unread": len(unread)})

    return Prepared(commands=(Command(to=r.config.messages, member="ListUnread"),), read_back=read_back)


async def set_do_not_disturb(r: Request) -> Prepared:
    to, on = r.config.notifications, r.text("state") == "on"
    before = bool((await r.client.values(to))["DoNotDisturb"])

    async def read_back(_: Replies) -> Observed | NotYet:
        now = bool((await r.client.values(to))["DoNotDisturb"])
        text = f"Do not disturb is {'on' if now else 'off'}."
        return Observed(text=text, values={"on": now}) if now is on else NotYet({"on": now})

    return Prepared(
        commands=(set_property(to, "DoNotDisturb", Variant("b", on)),),
        read_back=read_back,
        undo=r.inverse("set_do_not_disturb", state="on" if before else "off"),
    )


async def get_contact_address(r: Request) -> Prepared:
    spoken = r.text("name")

    async def read_back(_: Replies) -> Observed | NotYet:
        contact = await look_up(r.client, spoken)
        if not contact.address:
            raise Impossible(f"{contact.name} has no address in the phone book.")
        return Observed(
            text=f"{contact.name} lives at {contact.address}.",
            values={"address": contact.address},
            result=Place(name=contact.name, address=contact.address),
        )

    return Prepared(commands=(Command(to=r.config.contacts, member="GetAll"),), read_back=read_back)


FUNCTIONS: Final = {
    "call_contact": call_contact,
    "dial_number": dial_number,
    "call_roadside_assistance": call_roadside_assistance,
    "control_call": control_call,
    "send_text_message": send_text_message,
    "read_messages": read_messages,
    "set_do_not_disturb": set_do_not_disturb,
    "get_contact_address": get_contact_address,
}
