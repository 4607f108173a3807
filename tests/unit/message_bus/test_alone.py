"""The agent makes no connection that is not guarded."""

from pathlib import Path

import vehicle_agent

FOLDER = Path(vehicle_agent.__file__).parent


def test_nothing_else_connects_to_a_message_bus() -> None:
    guarded = FOLDER / "message_bus"
    found = [
        path.relative_to(FOLDER)
        for path in FOLDER.rglob("*.py")
        if guarded not in path.parents and any(word in path.read_text() for word in ("dbus_next.aio", "dbus_next.glib"))
    ]
    assert found == []
