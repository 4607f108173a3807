"""What an MPRIS player says of itself, read with tolerance: a field that is missing or wrong costs that field alone.

The names are those of org.mpris.MediaPlayer2.Player, version 2.2.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from dbus_next.validators import is_object_path_valid

from state_machines.media_kind import SOUND_ENDINGS, MediaKind, file_name, kind_of, names_video

Status = Literal["Playing", "Paused", "Stopped", ""]
Loop = Literal["None", "Track", "Playlist"]

NO_TRACK: Final = "/org/mpris/MediaPlayer2/TrackList/NoTrack"
_US_PER_S: Final = 1e6
_LONGEST_NAME_CHARS: Final = 200
_STATUSES: Final[Mapping[str, Status]] = {"playing": "Playing", "paused": "Paused", "stopped": "Stopped"}
_LOOPS: Final[Mapping[str, Loop]] = {"none": "None", "track": "Track", "playlist": "Playlist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerState:
    """One reading. "" and None: the player does not say. ``can_*``: False only where it says so itself."""

    status: Status = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    track_id: str = ""
    url: str = ""
    length_s: float | None = None
    position_s: float | None = None
    shuffle: bool | None = None
    loop: Loop | None = None
    can_control: bool = True
    can_play: bool = True
    can_pause: bool = True
    can_seek: bool = True
    can_go_next: bool = True
    can_go_previous: bool = True
    kind: MediaKind = MediaKind.UNKNOWN

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells one track from another, empty when the player tells nothing of it."""
        told = (self.track_id, self.url, self.title, self.artists, self.length_s)
        return told if any(told) else ()

    @property
    def is_loaded(self) -> bool:
        """Whether there is something to pause, skip or restart; a player that says nothing at all may have it."""
        return self.status != "Stopped" or bool(self.identity)

    @property
    def may_show(self) -> bool:
        return self.kind.may_show

    @property
    def is_at_rest(self) -> bool:
        return self.status in {"Paused", "Stopped"}

    @property
    def track_path(self) -> str:
        """The track id where it can be sent back as an object path, else ""."""
        return self.track_id if is_object_path_valid(self.track_id) else ""

    @property
    def name(self) -> str:
        """Title and artist, else the file's name, else ""."""
        title = self.title or _words_of_file(self.url)
        by = " and ".join(a for a in self.artists if a != "streaming search")
        return f"{title} by {by}" if title and by else title

    @property
    def spoken(self) -> str:
        unnamed = f"something from {self.album}" if self.album else "the music"
        return self.name or ("the video" if self.kind is MediaKind.VIDEO else unnamed)


def read_state(values: Mapping[str, object], *, sound_only: bool = False) -> PlayerState:
    """From the player's properties without Variants, of whatever types they are. Never raises.

    ``sound_only``: the configuration says that this player shows no pictures.
    """
    given = values.get("Metadata")
    metadata: Mapping[object, object] = given if isinstance(given, Mapping) else {}
    track_id = _text(metadata.get("mpris:trackid"))
    if track_id == NO_TRACK:
        track_id = ""
    url = _raw(metadata.get("xesam:url"))
    shuffle = values.get("Shuffle")
    return PlayerState(
        status=_STATUSES.get(_text(values.get("PlaybackStatus")).lower(), ""),
        title=" ".join(_texts(metadata.get("xesam:title"))),
        artists=_texts(metadata.get("xesam:artist")) or _texts(metadata.get("xesam:albumArtist")),
        album=_text(metadata.get("xesam:album")),
        track_id=track_id,
        url=url,
        length_s=_seconds(metadata.get("mpris:length")) or None,
        position_s=_seconds(values.get("Position")),
        shuffle=bool(shuffle) if isinstance(shuffle, bool | int) else None,
        loop=_LOOPS.get(_text(values.get("LoopStatus")).lower()),
        can_control=values.get("CanControl") is not False,
        can_play=values.get("CanPlay") is not False,
        can_pause=values.get("CanPause") is not False,
        can_seek=values.get("CanSeek") is not False,
        can_go_next=values.get("CanGoNext") is not False,
        can_go_previous=values.get("CanGoPrevious") is not False,
        kind=kind_of(
            said=_said_kind(metadata.get("vehicleagent:kind")), url=url, track_id=track_id, sound_only=sound_only
        ),
    )


def _raw(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _said_kind(value: object) -> str:
    """A kind that is no word is still a statement, though none of sound."""
    return "" if value is None else value if isinstance(value, str) else "?"


def _text(value: object) -> str:
    """One line that can be spoken; "" for what is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        text = str(value)
    except ValueError:  # a number of more digits than Python prints
        return ""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:_LONGEST_NAME_CHARS]


def _texts(value: object) -> tuple[str, ...]:
    """The specification wants a list of texts; some players give one text, and some the other way round."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(text for v in values[:8] if (text := _text(v)))


def _seconds(value: object) -> float | None:
    """Microseconds of any numeric type, or written out."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value) / _US_PER_S
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _words_of_file(url: str) -> str:
    """A file's name without its ending; "" where the address names no file, as of a web page."""
    stem, _, ending = file_name(url).rpartition(".")
    is_file = not url.lower().startswith("http") or ending.lower() in SOUND_ENDINGS or names_video(url)
    return _text(stem.replace("_", " ")) if is_file else ""
