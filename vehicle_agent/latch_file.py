"""The crash latch on disk, so that neither a restart nor a power cut forgets a crash.

One small file, made beforehand and written over in place: that needs no space, so a full disk loses nothing. Where it
cannot be written over, it is renamed, which needs none either: a file of the name `PATH.crashed` is a crash, whatever
it holds. Only the exact text of "clear" is clear and only a whole record tells more than "latched", so a write that is
cut off anywhere leaves a crash latched. File and folder are synchronised.
"""

import logging
import os
import queue
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from state_machines.crash_latch import CLEAR, Latch

log = logging.getLogger(__name__)

RECORD_BYTES: Final = 128
AGAIN_S: Final = 1.0
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_CLEAR_WORD: Final = b"clear"
_WORDS: Final = {"on": False, "off": True}


def boot_id() -> str:
    """The kernel's name for the time since this computer was switched on; "" where it does not tell."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def encode(latch: Latch, boot: str) -> bytes:
    """The record: RECORD_BYTES of ASCII. ``boot``: when it was stored, as `boot_id` has it."""
    if not latch.latched:
        return _CLEAR_WORD.ljust(RECORD_BYTES - 1) + b"\n"
    text = f"latched ignition={'off' if latch.was_off else 'on'} boot={boot or '-'}"
    return f"{text} crc={zlib.crc32(text.encode()):08x}".encode().ljust(RECORD_BYTES - 1) + b"\n"


def decode(record: bytes) -> tuple[Latch, str]:
    """Latch and boot ("" = not known). What cannot be understood is a crash, and nothing more: the strict reading."""
    if record.strip() == _CLEAR_WORD:
        return CLEAR, ""
    parts = [part.decode("ascii", errors="replace") for part in record.split()]  # at ASCII blanks alone
    text, crc = " ".join(parts[:-1]), parts[-1] if parts else ""
    if len(parts) != 4 or crc != f"crc={zlib.crc32(text.encode()):08x}":
        return Latch(latched=True), ""
    word, _, ignition = parts[1].partition("=")
    key, _, boot = parts[2].partition("=")
    if (parts[0], word, key) != ("latched", "ignition", "boot") or ignition not in _WORDS:
        return Latch(latched=True), ""
    return Latch(latched=True, was_off=_WORDS[ignition]), "" if boot == "-" else boot


class Disk(Protocol):
    """What the latch needs of a disk. Each raises OSError."""

    def read(self, path: Path) -> bytes: ...

    def create(self, path: Path, data: bytes) -> None:
        """A new file, or a new one in the place of an old one, whole or not at all; lasting."""

    def overwrite(self, path: Path, data: bytes) -> None:
        """In place, where the file is; lasting."""

    def rename(self, path: Path, to: Path) -> None:
        """Lasting."""


class RealDisk:
    """The file system, each change carried through to the disk: file and folder."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def create(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        self._write(file, data)
        beside.replace(path)
        self._sync_folder(path)

    def overwrite(self, path: Path, data: bytes) -> None:
        self._write(os.open(path, os.O_WRONLY | os.O_CLOEXEC), data)

    def rename(self, path: Path, to: Path) -> None:
        path.replace(to)
        self._sync_folder(path)

    @staticmethod
    def _write(file: int, data: bytes) -> None:
        try:
            left = data
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)

    @staticmethod
    def _sync_folder(path: Path) -> None:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class LatchFile:
    """Reads and keeps one latch. Blocks; `keep` is not for the event loop.

    ``boot``: this boot's id. ``powered_by_ignition``: without ignition the computer has no power, so that another boot
    is another ignition cycle.
    """

    def __init__(self, path: Path, *, boot: str, powered_by_ignition: bool = False, disk: Disk | None = None) -> None:
        self._path = path
        self._crashed = path.with_name(path.name + ".crashed")
        self._boot = boot
        self._powered_by_ignition = powered_by_ignition
        self._disk = disk or RealDisk()

    def read(self) -> Latch:
        """What is stored; a file that cannot be read is a crash, none at all is none."""
        found = [self._read(path) for path in (self._crashed, self._path)]
        if found[0] is None:
            latch, boot = found[1] or (CLEAR, "")
        else:  # the name alone says it
            latch, boot = found[0] if found[0][0].latched else (Latch(latched=True), "")
        other_boot = bool(boot and self._boot and boot != self._boot)
        if latch.latched and self._powered_by_ignition and other_boot:
            return Latch(latched=True, was_off=True)
        return latch

    def _read(self, path: Path) -> tuple[Latch, str] | None:
        try:
            return decode(self._disk.read(path))
        except FileNotFoundError:
            return None
        except OSError:
            return Latch(latched=True), ""

    def keep(self, latch: Latch) -> None:
        """Stores it. Raises OSError; a crash may be stored even then, by the file's name alone."""
        record = encode(latch, self._boot)
        renamed = self._read(self._crashed) is not None
        try:
            self._store(self._crashed if renamed else self._path, record)
        except OSError:
            if latch.latched and not renamed:
                self._disk.rename(self._path, self._crashed)
            raise
        if renamed and not latch.latched:
            self._disk.rename(self._crashed, self._path)

    def _store(self, path: Path, record: bytes) -> None:
        try:
            whole = len(self._disk.read(path)) == RECORD_BYTES
        except FileNotFoundError:
            whole = False
        if whole:
            self._disk.overwrite(path, record)
        else:  # of another version, or cut off
            self._disk.create(path, record)


class LatchKeeper:
    """Stores a latch from a thread of its own, again and again until it works.

    ``trouble(why)`` hears, in that thread, why it did not work, and None when it did again.
    """

    def __init__(
        self, file: LatchFile, trouble: Callable[[str | None], None] = lambda _why: None, again_s: float = AGAIN_S
    ) -> None:
        self._file = file
        self._trouble = trouble
        self._again_s = again_s
        self._wanted: queue.SimpleQueue[Latch | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def keep(self, latch: Latch) -> None:
        """Returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="crash latch", daemon=True)
            self._thread.start()
        self._wanted.put(latch)

    def close(self, timeout_s: float = 2.0) -> None:
        """Waits until the last one is stored, at most ``timeout_s``."""
        if self._thread is not None:
            self._wanted.put(None)
            self._thread.join(timeout_s)
            self._thread = None

    def _run(self) -> None:
        latch: Latch | None = None
        closing = failed = False
        while not (closing and latch is None):
            try:
                wanted = self._wanted.get(timeout=self._again_s if latch is not None else None)
                closing = closing or wanted is None
                latch = wanted or latch
            except queue.Empty:
                pass
            if latch is None:
                continue
            try:
                self._file.keep(latch)
            except OSError as e:
                if not failed:
                    self._trouble(f"a crash cannot be kept on disk ({e.strerror}); free some space or check the disk")
                failed = True
                if closing:
                    return
            else:
                if failed:
                    self._trouble(None)
                latch, failed = None, False
