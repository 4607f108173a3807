"""Vector's binary format. python-can decodes the frames; which objects there are is found here, so that none is lost.

python-can's own reader passes over other objects, unknown headers and the rest of a damaged container without a word.
"""

import struct
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Final

import can

from simulators.errors import RecordingError
from simulators.reading.report import Report

_HEADER_BYTES: Final = 144
_BASE: Final = struct.Struct("<4sHHLL")  # signature, header size, header version, object size, type
_CONTAINER: Final = struct.Struct("<H6xL4x")  # compression, uncompressed size
_SIGNATURE: Final = b"LOBJ"
_CONTAINER_TYPE: Final = 10
_FRAME_TYPES: Final = frozenset({1, 73, 86, 100, 101})
_ERROR_TYPES: Final = frozenset({2, 104})  # error frames that python-can does not decode
_STORED: Final = 0
_DEFLATED: Final = 2
_LONGEST_OBJECT: Final = 8 << 20  # pictures of a camera may be among the objects
_LARGEST_CONTAINER: Final = 16 << 20
_PADDING: Final = 8  # where the next object begins at the latest


def parse_blf(path: Path, name: Path, report: Report) -> Iterator[tuple[int, can.Message]]:
    """Numbers of objects and their frames, channels as numbered in the file. ``name``: what the user calls the file.

    Raises OSError, and RecordingError for what is no BLF file.
    """
    with path.open("rb") as file:
        try:
            reader = can.BLFReader(file)
        except Exception as e:  # python-can lets whatever its parser stumbles over through
            raise RecordingError(f"{name} is no file in Vector's binary format; look at its suffix") from e
        size = path.stat().st_size
        if size < reader.file_size:
            report.note(f"it is cut off: {size} of {reader.file_size} bytes are there")
        elif reader.file_size <= _HEADER_BYTES < size:
            report.note("it was not closed by who wrote it; what is there is used")
        for number, blob in enumerate(_Objects(file, report).objects(), 1):
            kind = _BASE.unpack_from(blob)[4]
            if kind in _ERROR_TYPES:
                report.skip("error", number)
            elif kind not in _FRAME_TYPES:
                report.skip("event", number, f"object type {kind}")
            else:
                yield from ((number, message) for message in _decoded(reader, blob, report, number))


def _decoded(reader: can.BLFReader, blob: bytes, report: Report, number: int) -> list[can.Message]:
    try:
        messages = list(reader._parse_data(blob))
    except Exception:  # noqa: BLE001 - as above
        messages = []
    if not messages:
        report.skip("damaged", number)
    for message in messages:
        message.channel = message.channel + 1 if isinstance(message.channel, int) else None
    return messages


class _Objects:
    def __init__(self, file: IO[bytes], report: Report) -> None:
        self._file = file
        self._report = report
        self._number = 0

    def objects(self) -> Iterator[bytes]:
        """The objects that are no containers, one after the other, whether they lie in containers or beside them."""
        tail = b""
        for is_container, data in self._outer():
            if not is_container:
                self._number += 1
                yield data
                continue
            tail += data
            tail = yield from self._inner(tail)
        if len(tail) > _PADDING or tail.strip(b"\0"):
            self._report.skip("cut off", self._number + 1)

    def _outer(self) -> Iterator[tuple[bool, bytes]]:
        """Whether it is the content of a container, and the bytes."""
        while header := self._file.read(_BASE.size):
            if len(header) < _BASE.size:
                if header.strip(b"\0"):
                    self._report.skip("cut off", self._number + 1)
                return
            signature, _, _, size, kind = _BASE.unpack(header)
            if signature != _SIGNATURE or not _BASE.size <= size <= _LARGEST_CONTAINER:
                if not self._resynchronise(header):
                    return
                continue
            body = self._file.read(size - _BASE.size)
            self._file.read(size % 4)
            is_whole = len(body) == size - _BASE.size
            if kind == _CONTAINER_TYPE:
                yield True, self._unpacked(body, is_whole=is_whole)
            elif is_whole:
                yield False, header + body
            else:
                self._report.skip("cut off", self._number + 1)

    def _resynchronise(self, read: bytes) -> bool:
        """Goes on at the next object. False when there is none."""
        self._report.skip("damaged", self._number + 1)
        window = read[1:]
        while True:
            at = window.find(_SIGNATURE)
            if at >= 0:
                self._file.seek(at - len(window), 1)
                return True
            more = self._file.read(1 << 16)
            if not more:
                return False
            window = window[-3:] + more

    def _unpacked(self, body: bytes, *, is_whole: bool) -> bytes:
        """What a container holds, as much of it as can be read."""
        if len(body) < _CONTAINER.size:
            self._report.skip("cut off" if not is_whole else "damaged", self._number + 1)
            return b""
        method, size = _CONTAINER.unpack_from(body)
        content = body[_CONTAINER.size :]
        if method == _STORED:
            return content
        if method != _DEFLATED:
            self._report.skip("damaged", self._number + 1, f"compression {method} is not known")
            return b""
        unpack = zlib.decompressobj()
        data = bytearray()
        try:
            while content and not unpack.eof and len(data) <= _LARGEST_CONTAINER:
                # in pieces: what comes before a damaged place is kept
                data += unpack.decompress(content[:4096], _LARGEST_CONTAINER)
                content = unpack.unconsumed_tail + content[4096:]
        except zlib.error:
            self._report.skip("damaged", self._number + 1)
            return bytes(data)
        if is_whole and len(data) < size:
            self._report.skip("damaged", self._number + 1)
        return bytes(data)

    def _inner(self, data: bytes) -> Generator[bytes, None, bytes]:
        """The whole objects in ``data``; returns what is left, the beginning of one that goes on."""
        at = 0
        while True:
            found = data.find(_SIGNATURE, at, at + _PADDING + len(_SIGNATURE))
            if found < 0:
                if len(data) - at <= _PADDING + len(_SIGNATURE):
                    return data[at:]
                self._report.skip("damaged", self._number + 1)
                at = data.find(_SIGNATURE, at)
                if at < 0:
                    return b""
                continue
            if found + _BASE.size > len(data):
                return data[found:]
            size = _BASE.unpack_from(data, found)[3]
            if not _BASE.size <= size <= _LONGEST_OBJECT:
                self._report.skip("damaged", self._number + 1)
                at = found + len(_SIGNATURE)
                continue
            if found + size > len(data):
                return data[found:]
            self._number += 1
            yield data[found : found + size]
            at = found + size
