"""The media player: MPRIS with a search and a picture of its own."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from dbus_next.signature import Variant

from simulators.headunit.content import MEDIA, Medium
from simulators.headunit.service import Interface, ServiceFailure, method

NO_TRACK = "/org/mpris/MediaPlayer2/TrackList/NoTrack"


def _words(text: str) -> set[str]:
    return {w for w in "".join(c if c.isalnum() else " " for c in text.lower()).split() if w not in _FILLERS}


_FILLERS = frozenset(
    {"the", "a", "an", "by", "some", "song", "songs", "music", "playlist", "of", "from", "my", "video"}
)


class Root(Interface):
    """org.mpris.MediaPlayer2"""

    name = "org.mpris.MediaPlayer2"

    def __init__(self) -> None:
        super().__init__()
        self.declare("Identity", "s", "Vehicle Player")
        self.declare("CanQuit", "b", False)
        self.declare("CanRaise", "b", False)
        self.declare("HasTrackList", "b", False)
        self.declare("SupportedUriSchemes", "as", ["usb", "stream"])
        self.declare("SupportedMimeTypes", "as", ["audio/mpeg", "video/mp4"])


class Picture(Interface):
    """Where the video is shown; ``Blanked`` switches the picture off, whatever plays."""

    name = "org.vehicleagent.VideoOutput"
    writable = frozenset({"Blanked"})

    def __init__(self) -> None:
        super().__init__()
        self.declare("Blanked", "b", True)


class Search(Interface):
    """Finds media by words. A query nobody knows still finds the streaming service's own search."""

    name = "org.vehicleagent.MediaSearch"

    @method("ss", "a(ssss)")
    def find(self, query: str, kind: str) -> list[list[str]]:
        """``kind``: audio or video. Best first: uri, title, artist, kind."""
        return [[m.uri, m.title, m.artist, m.kind] for m in find_media(query, kind)]


def find_media(query: str, kind: str) -> list[Medium]:
    wanted = _words(query)
    known = [m for m in MEDIA if (m.kind == "video") == (kind == "video")]
    scored = [(len(wanted & _words(f"{m.title} {m.artist} {' '.join(m.tags)}")), m) for m in known]
    found = [m for score, m in sorted(scored, key=lambda s: -s[0]) if score and score * 2 >= len(wanted)]
    return found or [_streamed(query, kind)]


def _streamed(query: str, kind: str) -> Medium:
    shape = "video" if kind == "video" else "audio"
    return Medium(
        uri=f"stream:{shape}/{quote(query)}",
        title=query,
        artist="streaming search",
        kind="video" if kind == "video" else "music",
        length_s=240,
    )


class Player(Interface):
    """org.mpris.MediaPlayer2.Player. ``on_start(source)`` hears which source begins to play (usb or streaming)."""

    name = "org.mpris.MediaPlayer2.Player"
    writable = frozenset({"Shuffle", "LoopStatus", "Volume"})

    def __init__(self, picture: Picture, on_start: Callable[[str], None]) -> None:
        super().__init__()
        self._picture = picture
        self._on_start = on_start
        self.current: Medium | None = None
        self.declare("PlaybackStatus", "s", "Stopped")
        self.declare("LoopStatus", "s", "None")
        self.declare("Shuffle", "b", False)
        self.declare("Volume", "d", 1.0)
        self.declare("Rate", "d", 1.0)
        self.declare("Position", "x", 0)
        self.declare("Metadata", "a{sv}", self._metadata())
        for ability in ("CanPlay", "CanPause", "CanGoNext", "CanGoPrevious", "CanSeek", "CanControl"):
            self.declare(ability, "b", True)

    @property
    def status(self) -> str:
        return str(self.get("PlaybackStatus"))

    @property
    def title(self) -> str:
        return self.current.title if self.current else ""

    def _metadata(self) -> dict[str, Any]:
        medium = self.current
        if medium is None:
            # what Play would begin with
            return {"mpris:trackid": Variant("o", NO_TRACK), "vehicleagent:kind": Variant("s", MEDIA[0].kind)}
        return {
            "mpris:trackid": Variant("o", "/org/vehicleagent/track/" + "".join(c for c in medium.uri if c.isalnum())),
            "mpris:length": Variant("x", medium.length_s * 1_000_000),
            "xesam:title": Variant("s", medium.title),
            "xesam:artist": Variant("as", [medium.artist] if medium.artist else []),
            "xesam:url": Variant("s", medium.uri),
            "vehicleagent:kind": Variant("s", medium.kind),
        }

    def _start(self, medium: Medium) -> None:
        self.later(lambda: self._start_now(medium))

    def _start_now(self, medium: Medium) -> None:
        if self.stuck:
            return
        self.current = medium
        self.put(Metadata=self._metadata(), PlaybackStatus="Playing", Position=0)
        self._picture.put(Blanked=medium.kind != "video")
        self._on_start("usb" if medium.uri.startswith("usb:") else "streaming")

    def unload(self) -> None:
        """The source changed: a video is let go, anything else only pauses."""
        if self.current is not None and self.current.kind == "video":
            self.current = None
            self.put(Metadata=self._metadata(), PlaybackStatus="Stopped", Position=0)
            self._picture.put(Blanked=True)
        elif self.status == "Playing":
            self.pause()

    @method("s")
    def open_uri(self, uri: str) -> None:
        known = next((m for m in MEDIA if m.uri == uri), None) or _from_stream(uri)
        if known is None:
            raise ServiceFailure("NotFound", f"there is nothing at {uri}")
        self._start(known)

    @method()
    def play(self) -> None:
        if self.current is None:
            self._start(MEDIA[0])
        else:
            self.later(self._resume)

    def _resume(self) -> None:
        if self.current is not None:
            self.put(PlaybackStatus="Playing")
            self._picture.put(Blanked=self.current.kind != "video")
            self._on_start("usb" if self.current.uri.startswith("usb:") else "streaming")

    @method()
    def pause(self) -> None:
        if self.status == "Playing":
            self.put(PlaybackStatus="Paused")

    @method()
    def play_pause(self) -> None:
        if self.status == "Playing":
            self.pause()
        else:
            self.play()

    @method()
    def stop(self) -> None:
        self.put(PlaybackStatus="Stopped", Position=0)

    @method()
    def next(self) -> None:
        self._skip(1)

    @method()
    def previous(self) -> None:
        self._skip(-1)

    def _skip(self, by: int) -> None:
        """Within the same kind: skipping through songs never ends up in a video."""
        current = self.current
        if current is None:
            return
        queue = [m for m in MEDIA if m.kind == current.kind]
        index = queue.index(current) if current in queue else 0
        self._start(queue[(index + by) % len(queue)])

    @method("ox")
    def set_position(self, track: str, position_us: int) -> None:
        if track == self._metadata()["mpris:trackid"].value:
            self.put(Position=position_us)
            self.signal("Seeked", "x", [position_us])


def _from_stream(uri: str) -> Medium | None:
    for kind in ("audio", "video"):
        prefix = f"stream:{kind}/"
        if uri.startswith(prefix):
            return _streamed(unquote(uri[len(prefix) :]), kind)
    return None
