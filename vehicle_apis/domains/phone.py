"""Telephone, messages, Bluetooth devices and contacts."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, TextParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Hearing, RunsAfter, Telephone
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="call_contact",
        domain="phone",
        doc="Call someone from the phone book.",
        phrase=ByValue(
            parameter="number_type",
            templates={"any": "call {name}"},
            otherwise="call {name} on the {number_type} number",
        ),
        backend="dbus",
        service="org.ofono.VoiceCallManager",
        params=(
            TextParam(name="name"),
            EnumParam(name="number_type", values=("any", "mobile", "home", "work"), default="any"),
        ),
        idempotent=False,
        questions={"name": Question(text="Who should I call?")},
        runs_after=(RunsAfter(function="control_call", arguments={"action": "hang_up"}),),
        may_overlap=True,
        telephone=Telephone(party="{name}"),
    ),
    ApiSpec(
        name="dial_number",
        domain="phone",
        doc="Dial a spoken number.",
        phrase="dial {number}",
        backend="dbus",
        service="org.ofono.VoiceCallManager",
        params=(TextParam(name="number", digits=True),),
        idempotent=False,
        questions={"number": Question(text="Which number should I dial?")},
        runs_after=(RunsAfter(function="control_call", arguments={"action": "hang_up"}),),
        may_overlap=True,
        telephone=Telephone(number="number"),
    ),
    ApiSpec(
        name="control_call",
        domain="phone",
        doc="Handle the present or incoming call.",
        phrase=ByValue(
            parameter="action",
            templates={
                "answer": "answer the call",
                "reject": "reject the call",
                "hang_up": "hang up",
                "hold": "put the call on hold",
            },
        ),
        backend="dbus",
        service="org.ofono.VoiceCallManager",
        params=(EnumParam(name="action", values=("answer", "reject", "hang_up", "hold")),),
        idempotent=False,
        questions={"action": Question(text="Should I answer, reject, hold or hang up?")},
    ),
    ApiSpec(
        name="send_text_message",
        domain="phone",
        doc="Send a text message.",
        phrase="text {recipient}: {message}",
        backend="dbus",
        service="org.ofono.MessageManager",
        params=(
            TextParam(name="recipient"),
            TextParam(name="message", accepts_result=True),
        ),
        idempotent=False,
        result_words="what I find out",
        questions={
            "recipient": Question(text="Who should I text?", link="to"),
            "message": Question(text="What should the message say?", link="saying"),
        },
        refusal=Refusal(what="Sending a text message"),
        confirmation="Send {recipient} the text: {message}?",
        may_overlap=True,
        telephone=Telephone(party="{recipient}", dials=False),
    ),
    ApiSpec(
        name="read_messages",
        domain="phone",
        doc="Read unread messages aloud.",
        phrase="read your messages",
        backend="dbus",
        params=(TextParam(name="sender", default=""),),
        reads_only=True,
    ),
    ApiSpec(
        name="connect_bluetooth_device",
        domain="phone",
        doc="Connect or pair a Bluetooth device.",
        phrase="connect {device}",
        backend="dbus",
        service="org.bluez",
        params=(TextParam(name="device"),),
        questions={"device": Question(text="Which device should I connect?")},
        refusal=Refusal(what="Connecting a device"),
    ),
    ApiSpec(
        name="set_do_not_disturb",
        domain="phone",
        doc="Hold back calls and notifications.",
        phrase="turn do not disturb {state}",
        backend="dbus",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should do not disturb be on or off?")},
        hearing=Hearing(inverted=True),
    ),
    ApiSpec(
        name="get_contact_address",
        domain="phone",
        doc="Look up the address of someone in the phone book.",
        phrase="look up the address of {name}",
        backend="dbus",
        params=(TextParam(name="name"),),
        returns="place",
        reads_only=True,
        questions={"name": Question(text="Whose address do you need?", link="of")},
    ),
)

PACK = ApiPack(name="phone", version="1", apis=APIS)
