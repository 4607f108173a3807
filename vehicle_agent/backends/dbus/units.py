"""Distances and temperatures in the units the driver has chosen."""

from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.errors import BackendError
from vehicle_apis.units import KMH_PER_MPH


async def imperial(client: Client) -> bool:
    """Metric when the display does not say."""
    try:
        return (await client.values(client.config.display)).get("Units") == "imperial"
    except BackendError:
        return False


def distance_text(distance_km: float, *, use_miles: bool) -> str:
    if use_miles:
        return f"{distance_km / KMH_PER_MPH:.1f} miles"
    return f"{round(distance_km * 1000)} metres" if distance_km < 1 else f"{distance_km:.1f} kilometres"


def degrees(celsius: float, *, fahrenheit: bool) -> int:
    return round(celsius * 9 / 5 + 32) if fahrenheit else round(celsius)
