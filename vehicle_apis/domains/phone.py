"""Telephone, messages, Bluetooth devices and contacts."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, TextParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="call_contact",
        domain="phone",
        doc="Call someone from the phone book.",
        backend="dbus",
        service="org.ofono.VoiceCallManager",
        params=(
            TextParam(name="name"),
            EnumParam(name="number_type", values=("any", "mobile", "home", "work"), default="any"),
        ),
        idempotent=False,
    ),
    ApiSpec(
        name="dial_number",
        domain="phone",
        doc="Dial a spoken number.",
        backend="dbus",
        service="org.ofono.VoiceCallManager",
        params=(TextParam(name="number", digits=True),),
        idempotent=False,
    ),
    ApiSpec(
        name="control_call",
        domain="phone",
        doc="Handle the present or incoming call.",
        backend="dbus",
        service="org.ofono.VoiceCallManager",
        params=(EnumParam(name="action", values=("answer", "reject", "hang_up", "hold")),),
        idempotent=False,
    ),
    ApiSpec(
        name="send_text_message",
        domain="phone",
        doc="Send a text message.",
        backend="dbus",
        service="org.ofono.MessageManager",
        params=(
            TextParam(name="recipient"),
            TextParam(name="message", accepts_result=True),
        ),
        idempotent=False,
    ),
    ApiSpec(
        name="read_messages",
        domain="phone",
        doc="Read unread messages aloud.",
        backend="dbus",
        params=(TextParam(name="sender", default=""),),
        reads_only=True,
    ),
    ApiSpec(
        name="connect_bluetooth_device",
        domain="phone",
        doc="Connect or pair a Bluetooth device.",
        backend="dbus",
        service="org.bluez",
        params=(TextParam(name="device"),),
    ),
    ApiSpec(
        name="set_do_not_disturb",
        domain="phone",
        doc="Hold back calls and notifications.",
        backend="dbus",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="get_contact_address",
        domain="phone",
        doc="Look up the address of someone in the phone book.",
        backend="dbus",
        params=(TextParam(name="name"),),
        returns="place",
        reads_only=True,
    ),
)

PACK = ApiPack(name="phone", version="1", apis=APIS)
