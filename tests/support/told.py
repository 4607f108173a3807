"""What an agent tells, collected."""

from collections.abc import Callable

from vehicle_agent.events import Degraded, Events, Recovered, Said
from vehicle_agent.health import Health


def said_by(events: Events) -> list[str]:
    """What is said unasked from now on."""
    said: list[str] = []
    events.subscribe(lambda event: said.append(event.text), Said)
    return said


def health_telling(told: Callable[[str], object]) -> Health:
    """``told`` hears the whole of what is wrong after each change."""
    events = Events()
    events.subscribe(lambda event: told(event.health), Degraded, Recovered)
    return Health(events)
