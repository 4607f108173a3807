"""Bluetooth devices as BlueZ shows them."""

from typing import Final

from simulators.headunit.content import DEVICES
from simulators.headunit.service import Interface, ServiceFailure, method

ADAPTER: Final = "/org/bluez/hci0"


class Adapter(Interface):
    name = "org.bluez.Adapter1"
    writable = frozenset({"Powered"})

    def __init__(self) -> None:
        super().__init__()
        self.declare("Name", "s", "Vehicle")
        self.declare("Powered", "b", True)


class Device(Interface):
    """``in_range`` = False: it does not answer."""

    name = "org.bluez.Device1"

    def __init__(self, name: str, address: str, *, paired: bool) -> None:
        super().__init__()
        self.in_range = True
        self.path = f"{ADAPTER}/dev_{address.replace(':', '_')}"
        self.declare("Name", "s", name)
        self.declare("Alias", "s", name)
        self.declare("Address", "s", address)
        self.declare("Paired", "b", paired)
        self.declare("Connected", "b", False)
        self.declare("Adapter", "o", ADAPTER)

    @property
    def connected(self) -> bool:
        return bool(self.get("Connected"))

    def _reach(self) -> None:
        if not self.in_range:
            raise ServiceFailure("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout")

    @method()
    def connect(self) -> None:
        self._reach()
        if not self.get("Paired"):
            raise ServiceFailure("org.bluez.Error.NotReady", "not paired")
        self.put(Connected=True)

    @method()
    def pair(self) -> None:
        """Pairing connects, as in BlueZ."""
        self._reach()
        if self.get("Paired"):
            raise ServiceFailure("org.bluez.Error.AlreadyExists", "paired already")
        self.put(Paired=True, Connected=True)

    @method()
    def disconnect(self) -> None:
        self.put(Connected=False)


def all_devices() -> list[Device]:
    return [Device(name, address, paired=paired) for name, address, paired in DEVICES]
