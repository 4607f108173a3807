"""Media playback, radio, volumes and video."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam, TextParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Activity, Ending, Hearing, RunsAfter
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="play_media",
        domain="media",
        doc="Play music, a podcast or an audiobook by what was asked for.",
        phrase="play {query}",
        backend="dbus",
        service="org.mpris.MediaPlayer2",
        params=(TextParam(name="query"),),
        questions={"query": Question(text="What should I play?")},
        runs_after=(
            RunsAfter(function="select_media_source"),
            RunsAfter(function="open_app"),
        ),
        actuator="player",
    ),
    ApiSpec(
        name="control_playback",
        domain="media",
        doc="Control what is playing.",
        phrase=ByValue(
            parameter="action",
            templates={
                "play": "start playing",
                "pause": "pause the music",
                "stop": "stop the music",
                "next": "skip to the next one",
                "previous": "go back to the previous one",
                "restart": "play it from the beginning",
                "shuffle_on": "turn shuffle on",
                "shuffle_off": "turn shuffle off",
                "repeat_on": "turn repeat on",
                "repeat_off": "turn repeat off",
            },
        ),
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
        questions={"action": Question(text="What should I do with the music: play, pause, stop, next or previous?")},
        runs_after=(
            RunsAfter(function="select_media_source"),
            RunsAfter(function="open_app"),
        ),
        actuator="player",
        resumes={"action": ("play", "restart", "next", "previous")},
    ),
    ApiSpec(
        name="set_volume",
        domain="media",
        doc="Set a volume.",
        phrase="set the {channel} volume to {level} percent",
        backend="dbus",
        params=(
            IntegerParam(name="level", min=0, max=100, unit="percent"),
            EnumParam(name="channel", values=("media", "navigation", "phone", "assistant"), default="media"),
        ),
        questions={"level": Question(text="To how many percent should I set the volume?", link="to")},
        actuator="volume",
    ),
    ApiSpec(
        name="adjust_volume",
        domain="media",
        doc="Turn a volume up or down.",
        phrase="turn the {channel} volume {direction} by {amount} percent",
        backend="dbus",
        params=(
            EnumParam(name="direction", values=("up", "down")),
            IntegerParam(name="amount", min=1, max=100, unit="percent", default=10),
            EnumParam(name="channel", values=("media", "navigation", "phone", "assistant"), default="media"),
        ),
        questions={"direction": Question(text="Louder or quieter?")},
        actuator="volume",
    ),
    ApiSpec(
        name="set_mute",
        domain="media",
        doc="Mute or unmute a channel.",
        phrase=ByValue(
            parameter="state", templates={"on": "mute the {channel} sound", "off": "unmute the {channel} sound"}
        ),
        backend="dbus",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="channel", values=("media", "navigation", "phone", "assistant"), default="media"),
        ),
        questions={"state": Question(text="Should I mute or unmute it?")},
        actuator="volume",
        hearing=Hearing(inverted=True),
    ),
    ApiSpec(
        name="tune_radio",
        domain="media",
        doc="Tune the radio to a frequency or a station name.",
        phrase="tune the radio to {station}",
        backend="dbus",
        params=(
            TextParam(name="station", spoken_number=True),
            EnumParam(name="band", values=("fm", "am", "dab"), default="fm"),
        ),
        questions={"station": Question(text="Which station should I tune to?", link="to")},
        actuator="player",
    ),
    ApiSpec(
        name="select_media_source",
        domain="media",
        doc="Switch the audio source.",
        phrase="switch to {source}",
        backend="dbus",
        params=(
            EnumParam(
                name="source", values=("radio", "bluetooth", "usb", "streaming", "aux", "carplay", "android_auto")
            ),
        ),
        value_words={"source": {"usb": "USB", "aux": "AUX", "android_auto": "Android Auto"}},
        questions={"source": Question(text="Which source: radio, bluetooth, usb, streaming or aux?", link="to")},
    ),
    ApiSpec(
        name="adjust_equalizer",
        domain="media",
        doc="Raise or lower bass, mids or treble.",
        phrase="turn the {band} {direction} by {amount}",
        backend="dbus",
        params=(
            EnumParam(name="band", values=("bass", "mid", "treble")),
            EnumParam(name="direction", values=("up", "down")),
            IntegerParam(name="amount", min=1, max=10, default=1),
        ),
        questions={"band": Question(text="Bass, mids or treble?"), "direction": Question(text="More of it or less?")},
    ),
    ApiSpec(
        name="play_video",
        domain="media",
        doc="Play a video on the front screen.",
        phrase="play the video {title}",
        backend="dbus",
        service="org.mpris.MediaPlayer2",
        params=(TextParam(name="title"),),
        questions={"title": Question(text="Which video should I play?")},
        refusal=Refusal(what="Playing a video"),
        actuator="player",
        activity=Activity(ending=Ending.PAUSE_AND_BLANK_VIDEO),
    ),
)

PACK = ApiPack(name="media", version="1", apis=APIS)
