"""The error root of the agent; messages are one sentence with the remedy."""

from collections.abc import Mapping
from typing import Final

from vehicle_apis.params import Scalar


class VehicleAgentError(Exception):
    """Root of every error the agent raises."""


class ConfigError(VehicleAgentError, ValueError):
    """A configuration file or option is wrong. ``problems``: one sentence each, where there may be several."""

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems or (message,)


class BackendError(VehicleAgentError):
    """A backend could not carry out a call. ``remote``: the name of the error a service answered with, "" for none."""

    remote = ""


class Unavailable(BackendError, ConnectionError):
    """The bus, the service or the ECU a call needs is not there. Nothing was sent."""


class NoService(Unavailable):
    """Nobody offers the service: it is not running, or has just ended."""


class NotOffered(Unavailable):
    """The service is there, but has no such object, method or property."""


class Impossible(BackendError, LookupError):
    """The call makes no sense now: no such contact or station, nothing playing, no route. Nothing was sent."""


class NotConfirmed(BackendError, TimeoutError):
    """The command was sent but the car's status never showed it, or the ECU rejected it.

    ``seen``: what the status showed instead. ``refused``: the ECU said so itself, so nothing is under way; without it
    a motor may still run.
    """

    def __init__(self, message: str, *, seen: Mapping[str, Scalar] | None = None, refused: bool = False) -> None:
        super().__init__(message)
        self.seen: Mapping[str, Scalar] = dict(seen or {})
        self.refused = refused


class NoAnswer(NotConfirmed):
    """The service was asked and said nothing in time; whether it does what was asked is not known."""


STOPPED: Final = "I stopped it before it was finished."


class Stopped(NotConfirmed):
    """It was ended before it was confirmed, because it must not go on or the driver said so. It is not tried again."""

    def __init__(self, *, seen: Mapping[str, Scalar] | None = None) -> None:
        super().__init__(STOPPED, seen=seen, refused=True)


class ModelError(VehicleAgentError):
    """The model file is missing, damaged or does not match the catalogue."""


class AudioError(VehicleAgentError, ValueError):
    """An audio file or stream cannot be used."""
