"""Downloaded archives: no name inside leads outside, none grows beyond its bound."""

import io
import shutil
import zipfile
from collections.abc import Hashable

from fuzz.parts.world import as_file
from fuzz.target import Target
from vehicle_agent.install.errors import InstallError
from vehicle_agent.install.unpack import unpack

_MAX_BYTES = 1 << 20


def run(data: bytes) -> Hashable:
    archive = as_file("model.zip", data)
    to = archive.parent / "unpacked"
    beside = set(archive.parent.iterdir()) - {to}
    try:
        unpack(archive, "model", to, max_bytes=_MAX_BYTES)
    finally:
        files = [path for path in to.rglob("*") if path.is_file()] if to.exists() else []
        size = sum(path.stat().st_size for path in files)
        linked = any(path.is_symlink() for path in files)
        shutil.rmtree(to, ignore_errors=True)
        assert set(archive.parent.iterdir()) == beside, "something was written outside"
        assert size <= _MAX_BYTES, "more was written than allowed"
        assert not linked, "a link was written"
    return len(files)


def _zip(*names: str, method: int = zipfile.ZIP_DEFLATED, content: bytes = b"x" * 50) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as zipped:
        for name in names:
            zipped.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, method)
    return buffer.getvalue()


def seeds() -> list[bytes]:
    names = [
        ("model/a", "model/b/c"),
        ("model/../evil",),
        ("/model/a",),
        ("model/a", "model/a/b"),
        ("other/a",),
        ("model/",),
    ]
    more = [_zip("model/a", content=b"\0" * 900_000), _zip("model/x", method=zipfile.ZIP_STORED), b"PK", b""]
    return [
        *(_zip(*some) for some in names),
        *more,
        _zip("model/" + "d" * 300),
        _zip("model/a", method=zipfile.ZIP_LZMA),
    ]


TARGET = Target(
    name="archive",
    run=run,
    allowed=(InstallError, OSError),  # as `unpack` documents
    seeds=seeds,
    dictionary=(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"model/",
        b"../",
        b"\\",
        b"\xff\xff\xff\xff",
        b"\x0e\0",
        b"\x0c\0",
    ),
    max_bytes=2_500,
    share=0,
)
