"""What others rely on, compared with what it was: commands, keys of files, names in expectations, entry points."""

import pytest
from support.surfaces import SURFACES, WRITE, differences


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_is_as_it_was(name: str) -> None:
    found = differences(name, SURFACES[name]())
    assert not found, "\n".join([*found, f"if that is meant, and nobody relies on the old one: {WRITE}"])


def test_a_difference_is_told_with_its_place() -> None:
    now = SURFACES["command_line"]()
    changed = now["vehicle-agent ask"]["parameters"]["connect"]
    changed["names"] = ["--attach"]
    changed["hidden"] = True
    del now["vehicle-agent undo"]
    assert differences("command_line", now) == [
        "command_line > vehicle-agent ask > parameters > connect > hidden: is new",
        "command_line > vehicle-agent ask > parameters > connect > names: '--connect' is gone",
        "command_line > vehicle-agent ask > parameters > connect > names: '--attach' is new",
        "command_line > vehicle-agent undo: is gone",
    ]
