"""Models and other data that are fetched on request: what there is, where it lies, how it comes here."""

from vehicle_agent.install.assets import Asset, assets
from vehicle_agent.install.errors import InstallError
from vehicle_agent.install.installer import InstallProgress, ProgressCallback, install, verify
from vehicle_agent.install.places import data_dir, installed, search_dirs

__all__ = [
    "Asset",
    "InstallError",
    "InstallProgress",
    "ProgressCallback",
    "assets",
    "data_dir",
    "install",
    "installed",
    "search_dirs",
    "verify",
]
