"""Media playback, radio, volumes and video."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, TextParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="play_media",
        domain="media",
        doc="Play music, a podcast or an audiobook by what was asked for.",
        backend="dbus",
        service="org.mpris.MediaPlayer2",
        params=(TextParam(name="query"),),
    ),
    ApiSpec(
        name="control_playback",
        domain="media",
        doc="Control what is playing.",
        backend="dbus",
        service="org.mpris.MediaPlayer2",
        params=(
            EnumParam(
                name="action",
                values=(
                    "play",
                    "pause",
                    "stop",
                    "next",
                    "previous",
                    "restart",
                    "shuffle_on",
                    "shuffle_off",
                    "repeat_on",
                    "repeat_off",
                ),
            ),
        ),
        idempotent_except={"action": ("next", "previous")},
    ),
    ApiSpec(
        name="set_volume",
        domain="media",
        doc="Set a volume.",
        backend="dbus",
        params=(
            IntegerParam(name="level", min=0, max=100, unit="percent"),
            EnumParam(name="channel", values=("media", "navigation", "phone", "assistant"), default="media"),
        ),
    ),
    ApiSpec(
        name="adjust_volume",
        domain="media",
        doc="Turn a volume up or down.",
        backend="dbus",
        params=(
            EnumParam(name="direction", values=("up", "down")),
            IntegerParam(name="amount", min=1, max=100, unit="percent", default=10),
            EnumParam(name="channel", values=("media", "navigation", "phone", "assistant"), default="media"),
        ),
    ),
    ApiSpec(
        name="set_mute",
        domain="media",
        doc="Mute or unmute a channel.",
        backend="dbus",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="channel", values=("media", "navigation", "phone", "assistant"), default="media"),
        ),
    ),
    ApiSpec(
        name="tune_radio",
        domain="media",
        doc="Tune the radio to a frequency or a station name.",
        backend="dbus",
        params=(
            TextParam(name="station", spoken_number=True),
            EnumParam(name="band", values=("fm", "am", "dab"), default="fm"),
        ),
    ),
    ApiSpec(
        name="select_media_source",
        domain="media",
        doc="Switch the audio source.",
        backend="dbus",
        params=(
            EnumParam(
                name="source", values=("radio", "bluetooth", "usb", "streaming", "aux", "carplay", "android_auto")
            ),
        ),
    ),
    ApiSpec(
        name="adjust_equalizer",
        domain="media",
        doc="Raise or lower bass, mids or treble.",
        backend="dbus",
        params=(
            EnumParam(name="band", values=("bass", "mid", "treble")),
            EnumParam(name="direction", values=("up", "down")),
            IntegerParam(name="amount", min=1, max=10, default=1),
        ),
    ),
    ApiSpec(
        name="play_video",
        domain="media",
        doc="Play a video on the front screen.",
        backend="dbus",
        service="org.mpris.MediaPlayer2",
        params=(TextParam(name="title"),),
    ),
)

PACK = ApiPack(name="media", version="1", apis=APIS)
