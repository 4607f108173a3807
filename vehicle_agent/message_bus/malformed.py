"""What is no D-Bus."""

from vehicle_agent.errors import VehicleAgentError


class Malformed(VehicleAgentError, ValueError):
    """A message breaks the D-Bus specification; the connection may go on after it."""


class NotDBus(Malformed):
    """The stream itself cannot be followed any more; the connection is lost."""
