"""The dashboard: a web page that shows the simulated car, its bus and the agent, and lets a tester drive it."""

from simulators.dashboard.bus_view import Tap
from simulators.dashboard.commands import BadCommand
from simulators.dashboard.desk import Desk
from simulators.dashboard.port import (
    AgentEvent,
    AgentPort,
    AgentRefused,
    Judged,
    OpenQuestion,
    Planned,
    PlannedStep,
    Said,
    Settled,
    StateChanged,
)
from simulators.dashboard.server import Dashboard, is_loopback

__all__ = [
    "AgentEvent",
    "AgentPort",
    "AgentRefused",
    "BadCommand",
    "Dashboard",
    "Desk",
    "Judged",
    "OpenQuestion",
    "Planned",
    "PlannedStep",
    "Said",
    "Settled",
    "StateChanged",
    "Tap",
    "is_loopback",
]
