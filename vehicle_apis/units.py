"""Unit conversions at the border between what is said and what the bus carries."""

KMH_PER_MPH = 1.609344


def celsius(value: float, unit: str) -> float:
    """``value`` in ``unit`` (celsius or fahrenheit) as celsius, rounded to 0.5 as the climate unit takes it."""
    degrees = (value - 32) * 5 / 9 if unit == "fahrenheit" else value
    return round(degrees * 2) / 2


def kmh(value: float, unit: str) -> float:
    """``value`` in ``unit`` (kmh or mph) as km/h."""
    return value * KMH_PER_MPH if unit == "mph" else value
