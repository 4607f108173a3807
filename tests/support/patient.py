"""The example car with time for a busy computer: what is right must not fail because it came late."""

import re
from pathlib import Path

from vehicle_apis.binding import default_binding_path

LONG_MS = 60_000


def patient_binding(folder: Path, *, accept_ms: int = LONG_MS, reach_ms: int = LONG_MS) -> Path:
    """A copy of the example car's binding file, in ``folder``, in which every time-out is as given."""
    original = default_binding_path()
    text = original.read_text(encoding="utf-8")
    text = text.replace('dbc = "vehicle.dbc"', f'dbc = "{original.with_name("vehicle.dbc").as_posix()}"')
    text = re.sub(r"^accept_timeout_ms = \d+", f"accept_timeout_ms = {accept_ms}", text, flags=re.MULTILINE)
    text = re.sub(r"^time_to_live_ms = \d+", "time_to_live_ms = 2550", text, flags=re.MULTILINE)
    text = re.sub(r"^timeout_ms = \d+.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r'^(status = "\w+"\n)', rf"\1timeout_ms = {reach_ms}\n", text, flags=re.MULTILINE)
    path = folder / f"vehicle-{accept_ms}-{reach_ms}.toml"
    path.write_text(text, encoding="utf-8")
    return path
