"""What `doctor` looks at with the agent's own modules, and so with the Python packages that they need."""

from collections.abc import Iterator

from vehicle_agent.cli.finding import Finding
from vehicle_agent.errors import ModelError
from vehicle_agent.install import assets, installed
from vehicle_agent.planning.model_file import check_file, find_model
from vehicle_agent.planning.trial import Fails, try_out
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.errors import VehicleApiError


def planner() -> Iterator[Finding]:
    """The file, its checksum, and one real sentence in a process of its own."""
    try:
        path = find_model()
        check_file(path)
    except ModelError as e:
        yield Finding(what="planner model", found="no", ok=False, needed=True, remedy=str(e))
        return
    tried = try_out(path)
    size = f"{path} ({path.stat().st_size / 1e6:.0f} MB)"
    if isinstance(tried, Fails):
        yield Finding(what="planner model", found=f"{size}, does not run", ok=False, needed=True, remedy=tried.why)
        return
    yield Finding(what="planner model", found=f"{size}, {tried}", ok=True, needed=True)


def functions() -> Iterator[Finding]:
    """The catalogue with its packs."""
    try:
        catalogue = load_catalogue()
    except VehicleApiError as e:
        yield Finding(what="vehicle functions", found="no", ok=False, needed=True, remedy=str(e))
        return
    packs = ", ".join(p.name for p in catalogue.packs) or "no OEM packs"
    yield Finding(what="vehicle functions", found=f"{len(catalogue)} ({packs})", ok=True, needed=True)


def speech_models() -> Iterator[Finding]:
    """Those that can be installed."""
    for asset in assets():
        path = installed(asset.name)
        yield Finding(
            what=f"speech model {asset.name}",
            found=str(path or "no"),
            ok=path is not None,
            needed=False,
            remedy=f"vehicle-agent models install {asset.name}",
        )
