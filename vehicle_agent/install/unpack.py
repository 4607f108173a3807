"""Archives into folders, without letting a name inside lead outside."""

import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from vehicle_agent.install.errors import InstallError

MAX_FILES: Final = 5_000
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def _inside(name: str, folder: PurePosixPath) -> PurePosixPath | None:
    """``name`` relative to ``folder``; None where it lies elsewhere in the archive. Raises InstallError on escapes."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or ":" in name:
        raise InstallError(f"the archive names a file outside its own folder ({name!r}); it was thrown away")
    return path.relative_to(folder) if path.is_relative_to(folder) else None


def unpack(archive: Path, folder: str, to: Path, *, max_bytes: int) -> None:
    """The files under ``folder`` of the zip ``archive`` into ``to``. Raises InstallError, OSError."""
    root = PurePosixPath(folder)
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = [(m, p) for m in zipped.infolist() if (p := _inside(m.filename, root)) and not m.is_dir()]
            if not members or len(members) > MAX_FILES or sum(m.file_size for m, _ in members) > max_bytes:
                raise InstallError(f"the archive {archive.name} holds not what it should; it was thrown away")
            for member, path in members:
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise InstallError(f"the archive holds a link ({member.filename!r}); it was thrown away")
                if member.compress_type not in _PACKED:  # LZMA's header alone may ask for gigabytes
                    raise InstallError(f"the archive packs {member.filename!r} in an unusual way; it was thrown away")
                target = to / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(member) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out, 1 << 18)
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError, EOFError, RuntimeError) as e:
        # ValueError: a name that is no text in its code page, an offset before the beginning
        raise InstallError(f"the archive {archive.name} is damaged ({e}); try again") from e


def join(folder: Path, joined: Mapping[str, tuple[str, ...]]) -> None:
    """Makes whole files of pieces in ``folder`` and removes the pieces. Raises InstallError."""
    for name, pieces in joined.items():
        with (folder / name).open("wb") as out:
            for piece in pieces:
                try:
                    with (folder / piece).open("rb") as source:
                        shutil.copyfileobj(source, out, 1 << 18)
                except FileNotFoundError as e:
                    raise InstallError(f"the packages lack {piece}; they are not the ones expected") from e
                (folder / piece).unlink()
