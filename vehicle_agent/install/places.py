"""Where data lies: one place to write, several to read."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "VEHICLE_AGENT_DATA"
MANIFEST: Final = "installed.json"
SERVICE_DIR: Final = Path("/var/lib/vehicle-agent")
SYSTEM_DIR: Final = Path("/usr/share/vehicle-agent")


def data_dir(env: Mapping[str, str] | None = None, *, uid: int | None = None) -> Path:
    """Where `install` writes: $VEHICLE_AGENT_DATA, /var/lib/vehicle-agent for root, else the user's data folder."""
    env = os.environ if env is None else env
    if env.get(VARIABLE):
        return Path(env[VARIABLE]).expanduser()
    if (os.getuid() if uid is None else uid) == 0:
        return SERVICE_DIR
    base = env.get("XDG_DATA_HOME", "")
    # the base directory specification tells to ignore relative paths
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share") / "vehicle-agent"


def search_dirs(env: Mapping[str, str] | None = None, *, uid: int | None = None) -> list[Path]:
    """Where `installed` looks, first match wins; $VEHICLE_AGENT_DATA, when set, alone."""
    env = os.environ if env is None else env
    own = data_dir(env, uid=uid)
    return [own] if env.get(VARIABLE) else list(dict.fromkeys((own, SERVICE_DIR, SYSTEM_DIR)))


def installed(name: str, env: Mapping[str, str] | None = None) -> Path | None:
    """The folder of an installed asset; None where it is not installed, or not readable for this user."""
    for place in search_dirs(env):
        folder = place / "models" / name
        if os.access(folder / MANIFEST, os.R_OK):
            return folder
    return None
