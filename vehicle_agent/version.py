"""Which version of the agent this is."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    try:
        return version("vehicle-agent")
    except PackageNotFoundError:
        return "not installed"
