"""What programs get from this one, compared with what it was: JSON documents, exit statuses, the D-Bus interface."""

import pytest
from headunit_bench import needs_bus
from support.surfaces import WRITE, dbus, differences, documents

_MEANT = f"if that is meant, and nobody relies on the old one: {WRITE}"


@needs_bus
@pytest.mark.timeout(600)  # starts the program for each of them
def test_documents_and_exit_statuses_are_as_they_were() -> None:
    found = differences("documents", documents())
    assert not found, "\n".join([*found, _MEANT])


@needs_bus
async def test_the_interface_on_dbus_is_as_it_was() -> None:
    found = differences("dbus", await dbus())
    assert not found, "\n".join([*found, _MEANT])
