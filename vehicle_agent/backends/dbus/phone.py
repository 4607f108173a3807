"""Calls and messages over oFono, and what the phone book and the message store know."""

from typing import Final

from dbus_next.signature import Variant

from state_machines.telephone import normalised, spoken
from vehicle_agent.backends.base import Observed, Place
from vehicle_agent.backends.dbus.action import NotYet, Prepared, Replies
from vehicle_agent.backends.dbus.calls import TelephoneCall, calls_on, calls_on_all, who
from vehicle_agent.backends.dbus.client import Client, MethodCall, set_property
from vehicle_agent.backends.dbus.modems import MESSAGES, VOICE, able
from vehicle_agent.backends.dbus.naming import cleaned, words
from vehicle_agent.backends.dbus.phonebook import look_up, name_of
from vehicle_agent.backends.dbus.request import Reached, Request
from vehicle_agent.errors import BackendError, Impossible, NotConfirmed

CALL: Final = "org.ofono.VoiceCall"
_DIALLED: Final = frozenset({"dialing", "alerting", "active"})
_OFONO: Final = "org.ofono.Error."
_DBUS: Final = "org.freedesktop.DBus.Error."
_MOST_READ: Final = 20  # messages read aloud at once
_CODE: Final = "That is a code or a number with additions; those I never dial."


def _reached(r: Request) -> Reached:
    if r.reached is None:
        raise Impossible("It is not known which number that would reach.")
    if normalised(r.reached.number) != r.reached.number:
        raise Impossible(_CODE)
    return r.reached


async def _dial(r: Request) -> Prepared:
    to = _reached(r)
    # a telephone that does not answer is found before anything is sent
    before = {call.path for call in await calls_on(r.client, to.by)}

    async def read_back(replies: Replies) -> Observed | NotYet:
        path = replies[0][0] if replies[0] else ""
        calls = await calls_on(r.client, to.by)
        for call in calls:
            # some telephones give the new call another name than they said
            is_new = call.path == path or (call.path not in before and call.number == to.number)
            if is_new and call.state in _DIALLED:
                return Observed(text=f"Calling {to.who}.", values={"state": call.state, "number": to.number})
        return NotYet({"calls": len(calls)})

    return Prepared(
        commands=(MethodCall(to=to.by, interface=VOICE, member="Dial", signature="ss", body=(to.number, "")),),
        read_back=read_back,
        undo=r.inverse("control_call", action="hang_up"),
        refusals={
            _OFONO + "InProgress": "The telephone is busy with another call; end it first.",
            _OFONO + "InvalidFormat": f"The telephone does not take {spoken(to.number)} for a number.",
            _OFONO + "NotAllowed": "The telephone does not allow this call.",
            _OFONO + "EmergencyActive": "The telephone is in an emergency call; end it first.",
            _OFONO + "NotAvailable": "The telephone has no network, or is busy with another call.",
            _OFONO + "SimNotReady": "The telephone's SIM card is locked; unlock it on the telephone.",
            _DBUS + "UnknownObject": "The telephone is not connected any more.",
        },
    )


# action -> states it applies to, best first; what is missing else; the state that shows it ("" = the call is gone)
_CONTROLS: Final = {
    "answer": (("incoming", "waiting"), "Nobody is calling.", "active"),
    "reject": (("incoming", "waiting"), "Nobody is calling.", ""),
    "hang_up": (("active", "dialing", "alerting", "held", "incoming", "waiting"), "There is no call to end.", ""),
    "hold": (("active",), "There is no call to put on hold.", "held"),
}
_TEXTS: Final = {
    "answer": "You are talking to {who}.",
    "reject": "The call from {who} was rejected.",
    "hang_up": "The call with {who} has ended.",
    "hold": "The call with {who} is on hold.",
}
_CONFERENCE: Final = "the conference"
_OVER: Final = "The call is over already."
_CANNOT_HOLD: Final = "This telephone cannot put a call on hold from here; do it on the telephone."


async def control_call(r: Request) -> Prepared:
    action = r.text("action")
    states, missing, wanted = _CONTROLS[action]
    telephones = [modem.endpoint for modem in await able(r.client, VOICE)]
    calls = await calls_on_all(r.client, telephones)
    chosen = next((call for state in states for call in calls if call.state == state), None)
    if chosen is None:
        raise Impossible(missing)
    together = _together(chosen, calls) if action in {"hang_up", "hold"} else [chosen]
    name = _CONFERENCE if len(together) > 1 else await who(r.client, chosen)
    paths = {call.path for call in together}

    async def read_back(_: Replies) -> Observed | NotYet:
        seen = [call.state for call in await calls_on(r.client, chosen.on) if call.path in paths]
        here = [state for state in seen if state != "disconnected"]
        if not here and wanted:
            raise NotConfirmed(_OVER, refused=True)
        if set(here) == ({wanted} if wanted else set()):
            return Observed(text=_TEXTS[action].format(who=name), values={"state": wanted or "ended"})
        return NotYet({"state": here[0] if here else "ended"})

    return Prepared(
        commands=(_command(action, chosen, is_conference=len(together) > 1),),
        read_back=read_back,
        refusals=_refusals(action),
        harmless=frozenset() if wanted else frozenset({_DBUS + "UnknownObject", _OFONO + "NotActive"}),
    )


def _together(chosen: TelephoneCall, calls: list[TelephoneCall]) -> list[TelephoneCall]:
    """The call, or all of the conference it belongs to."""
    if not chosen.is_multiparty:
        return [chosen]
    return [call for call in calls if call.is_multiparty and (call.on, call.state) == (chosen.on, chosen.state)]


def _command(action: str, call: TelephoneCall, *, is_conference: bool) -> MethodCall:
    match action:
        case "answer" if call.state == "waiting":
            return MethodCall(to=call.on, interface=VOICE, member="HoldAndAnswer")
        case "answer":
            return MethodCall(to=call.endpoint, interface=CALL, member="Answer")
        case "hold":
            return MethodCall(to=call.on, interface=VOICE, member="SwapCalls")
        case "hang_up" if is_conference:
            return MethodCall(to=call.on, interface=VOICE, member="HangupMultiparty")
        case _:
            return MethodCall(to=call.endpoint, interface=CALL, member="Hangup")


def _refusals(action: str) -> dict[str, str]:
    cannot = {
        "answer": "This telephone cannot take a second call from here; end the first one, or take it on the telephone.",
        "hold": _CANNOT_HOLD,
    }.get(action, "This telephone cannot end that call from here; do it on the telephone.")
    missing = (_DBUS + "UnknownMethod", _DBUS + "UnknownInterface", _OFONO + "NotImplemented", _OFONO + "NotSupported")
    return {
        **dict.fromkeys(missing, cannot),
        _DBUS + "UnknownObject": _OVER,
        _OFONO + "NotActive": _OVER,
        _OFONO + "InProgress": "The telephone is busy with another command; say it again in a moment.",
    }


async def send_text_message(r: Request) -> Prepared:
    to = _reached(r)

    async def read_back(replies: Replies) -> Observed | NotYet:
        # oFono gives the path of the message it took on; delivery is the network's business
        path = str(replies[0][0]) if replies[0] else ""
        return Observed(text=f"The message to {to.who} is on its way.", values={"message": path}) if path else NotYet()

    body = (to.number, r.text("message"))
    command = MethodCall(to=to.by, interface=MESSAGES, member="SendMessage", signature="ss", body=body)
    missing = (_DBUS + "UnknownMethod", _DBUS + "UnknownInterface", _OFONO + "NotImplemented")
    return Prepared(
        commands=(command,),
        read_back=read_back,
        refusals={
            **dict.fromkeys(missing, "This telephone cannot send messages from here; write it on the telephone."),
            _OFONO + "InvalidFormat": f"The telephone does not take {spoken(to.number)} for a number.",
            _DBUS + "UnknownObject": "The telephone is not connected any more.",
        },
    )


async def read_messages(r: Request) -> Prepared:
    sender = r.text("sender")
    wanted = set(words(sender)) if sender else set()

    async def read_back(replies: Replies) -> Observed | NotYet:
        rows = replies[0][0]
        if not isinstance(rows, list):
            raise TypeError("messages come as a list")
        messages = [message for row in rows if (message := _message(row)) is not None]
        names = await _senders(r.client, {name for name, _ in messages})
        unread = [(names[name], text) for name, text in messages if wanted <= set(words(names[name]))]
        source = f" from {sender}" if sender else ""
        if not unread:
            return Observed(text=f"There are no unread messages{source}.", values={"unread": 0})
        count = "one unread message" if len(unread) == 1 else f"{len(unread)} unread messages"
        told = " ".join(f"{name} says: {text}" for name, text in unread[:_MOST_READ])
        return Observed(text=f"You have {count}{source}. {told}", values={"unread": len(unread)})

    return Prepared(commands=(MethodCall(to=r.config.messages, member="ListUnread"),), read_back=read_back)


def _message(row: object) -> tuple[str, str] | None:
    """Sender and text; None for a row that is none."""
    match row:
        case [sender, str(text), *_] if text.strip():
            return cleaned(sender), " ".join(text.split())
        case _:
            return None


async def _senders(client: Client, senders: set[str]) -> dict[str, str]:
    """Sender as the store has it -> as it is said: numbers by the phone book, if it answers."""
    said = {}
    for sender in senders:
        if normalised(sender) is None:
            said[sender] = sender or "An unknown sender"
            continue
        try:
            said[sender] = await name_of(client, sender)
        except (BackendError, TypeError, ValueError):
            said[sender] = spoken(sender)
    return said


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
    wanted = r.text("name")

    async def read_back(_: Replies) -> Observed | NotYet:
        contact = await look_up(r.client, wanted)
        if not contact.address:
            raise Impossible(f"{contact.name} has no address in the phone book.")
        return Observed(
            text=f"{contact.name} lives at {contact.address}.",
            values={"address": contact.address},
            result=Place(name=contact.name, address=contact.address),
        )

    return Prepared(commands=(MethodCall(to=r.config.contacts, member="GetAll"),), read_back=read_back)


FUNCTIONS: Final = {
    "call_contact": _dial,
    "dial_number": _dial,
    "call_roadside_assistance": _dial,
    "control_call": control_call,
    "send_text_message": send_text_message,
    "read_messages": read_messages,
    "set_do_not_disturb": set_do_not_disturb,
    "get_contact_address": get_contact_address,
}
