"""Whether what a player plays is sound alone, and is thereby judged as sound. Pure text.

Only a positive statement makes it so: unknown is judged like a video.
"""

import re
from enum import Enum
from typing import Final
from urllib.parse import unquote

from state_machines import limits


class MediaKind(Enum):
    """What is loaded in a player. Everything but SOUND may show a picture."""

    SOUND = "sound"
    VIDEO = "video"
    UNKNOWN = "unknown"

    @property
    def may_show(self) -> bool:
        return self is not MediaKind.SOUND


# `vehicleagent:kind` of our own player
SOUND_WORDS: Final = frozenset({"music", "podcast", "audiobook", "radio"})

# Endings of files that hold sound and nothing else. Not here, as they may hold pictures: ogg, mp4, webm, 3gp, asf, rm,
# mod, and every playlist (m3u, pls, cue), which may lead anywhere.
_SOUND: Final = (
    "aac|ac3|adts|aif|aifc|aiff|alac|amr|ape|au|caf|dff|dsf|flac|m4a|m4b|m4r|mid|midi|mka|mp2|mp3|mpc|mpga|oga|opus"
    "|snd|spx|tak|tta|wav|weba|wma|wv"
)
SOUND_ENDINGS: Final = frozenset(_SOUND.split("|"))
_VIDEO: Final = (
    "264|265|3g2|3gp|3gpp|asf|asx|av1|avi|bik|divx|dv|evo|f4v|flv|h264|h265|hevc|ifo|ivf|m1v|m2t|m2ts|m2v|m4v|mjpeg"
    "|mjpg|mk3d|mkv|mov|mp2v|mp4|mpe|mpeg|mpg|mpv|mts|mxf|nut|ogm|ogv|ogx|qt|rm|rmvb|swf|tp|trp|ts|vob|webm|wmv|xvid"
    "|y4m"
)
_SOUND_ENDING: Final = re.compile(rf".+\.(?:{_SOUND})", re.DOTALL)
_VIDEO_ENDING: Final = re.compile(rf"\.(?:{_VIDEO})(?![a-z0-9])")
# in other addresses (data:, blob:, rtsp:, ...) the last letters name no file
_FILES: Final = frozenset({"", "file", "ftp", "http", "https", "mtp", "nfs", "sftp", "smb", "usb"})
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):")
# Services whose addresses of this form are songs. Their podcasts and clips, which may be films, are not here.
_SONGS: Final = re.compile(
    r"spotify:track:[a-z0-9]+"
    r"|/com/spotify/track/[a-z0-9]+"
    r"|https://open\.spotify\.com/(?:intl-[a-z]+/)?track/[a-z0-9]+/?(?:\?[^#]*)?"
    r"|https://(?:www\.)?deezer\.com/(?:[a-z]{2}/)?track/[0-9]+/?(?:\?[^#]*)?"
    r"|https://(?:listen\.)?tidal\.com/(?:browse/)?track/[0-9]+/?(?:\?[^#]*)?"
    r"|cdda:/.*"
)


def kind_of(*, said: str, url: str, track_id: str = "", sound_only: bool = False) -> MediaKind:
    """``said``: the player's `vehicleagent:kind`, "" = none; ``sound_only``: the configuration says so of this player.

    Statements that contradict each other are no statement.
    """
    word, address = said.strip().lower(), url.strip().lower()
    shows = word == "video" or names_video(address)
    sounds = sound_only or word in SOUND_WORDS or _names_sound(address) or _is_song(address or track_id.strip().lower())
    if shows:
        return MediaKind.UNKNOWN if sounds else MediaKind.VIDEO
    return MediaKind.SOUND if sounds and (not word or word in SOUND_WORDS) else MediaKind.UNKNOWN


def file_name(url: str) -> str:
    """The last part of the address's path, decoded; "" when it has none."""
    path = _split(url)[1]
    if path.startswith("//") and "/" not in path[2:]:
        return ""  # a host alone; its last letters are no ending of a file
    return unquote(path).replace("\\", "/").rpartition("/")[2]


def names_video(url: str) -> bool:
    """Whether the file's name, the query or the fragment holds the ending of a video's name, however encoded."""
    _, path, rest = _split(url.lower())
    text = path.rpartition("/")[2] + rest
    for _ in range(limits.ADDRESS_DECODED_TIMES):
        if _VIDEO_ENDING.search(text):
            return True
        text = unquote(text)
    return bool(_VIDEO_ENDING.search(text))


def _names_sound(url: str) -> bool:
    return _split(url)[0] in _FILES and _SOUND_ENDING.fullmatch(file_name(url)) is not None


def _is_song(address: str) -> bool:
    return _SONGS.fullmatch(address) is not None


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, path (with the host), and what follows it. Cuts only at what is not encoded."""
    match = _SCHEME.match(url.lower())
    scheme = match[1] if match else ""
    rest = url[match.end() :] if match else url
    path = re.split(r"[?#]", rest)[0]
    return scheme, path, rest[len(path) :]
