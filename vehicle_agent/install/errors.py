"""Failure of an installation."""

from vehicle_agent.errors import ModelError


class InstallError(ModelError):
    """An asset could not be fetched or placed; nothing of it is left. One sentence with the remedy."""
