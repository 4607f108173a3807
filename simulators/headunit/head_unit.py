"""All services of the simulated head unit on a session and a system bus."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from dbus_next.aio.message_bus import MessageBus

from simulators.headunit import link
from simulators.headunit.audio import Mixer, Radio
from simulators.headunit.bluetooth import ADAPTER, Adapter, Device, all_devices
from simulators.headunit.display import Display, Notifications
from simulators.headunit.information import Contacts, Information
from simulators.headunit.navigation import Navigation
from simulators.headunit.phone import MODEM, Inbox, Manager, MessageManager, VoiceCallManager
from simulators.headunit.player import Picture, Player, Root, Search
from simulators.headunit.service import Exporter

PLAYER_NAME: Final = "org.mpris.MediaPlayer2.vehicle"
PLAYER_PATH: Final = "/org/mpris/MediaPlayer2"


def local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class HeadUnit:
    """The services as plain objects; what they hold is the head unit's state.

    ``session_address``, ``system_address``: may be the same bus. ``now``: the local time.
    """

    def __init__(
        self, session_address: str, system_address: str | None = None, *, now: Callable[[], datetime] = local_now
    ) -> None:
        self._session_address = session_address
        self._system_address = system_address or session_address
        self._buses: dict[str, MessageBus] = {}
        self._exporters: dict[str, Exporter] = {}
        self.picture = Picture()
        self.player = Player(self.picture, self._player_started)
        self.mixer = Mixer(self._source_selected)
        self.radio = Radio(self._radio_started)
        self.modems = Manager()
        self.calls = VoiceCallManager(lambda: self._exporters.get("system"))
        self.messages = MessageManager()
        self.inbox = Inbox(self.messages)
        self.adapter = Adapter()
        self.devices: dict[str, Device] = {str(d.get("Name")): d for d in all_devices()}
        self.navigation = Navigation(now)
        self.display = Display()
        self.notifications = Notifications()
        self.contacts = Contacts()
        self.information = Information()

    def _player_started(self, source: str) -> None:
        self.radio.put(Playing=False)
        self.mixer.put(Source=source)

    def _radio_started(self) -> None:
        self.player.unload()
        self.mixer.put(Source="radio")

    def _source_selected(self, source: str) -> None:
        if source == "radio":
            self.radio.start()
        else:
            self.radio.put(Playing=False)
            self.player.unload()

    async def start(self) -> None:
        for role, address in (("session", self._session_address), ("system", self._system_address)):
            bus = self._buses[role] = await link.connect(address)
            self._exporters[role] = Exporter(bus)
        session, system = self._exporters["session"], self._exporters["system"]
        session.export(PLAYER_PATH, Root(), self.player, Search(), self.picture)
        own = (
            self.mixer,
            self.radio,
            self.inbox,
            self.navigation,
            self.display,
            self.notifications,
            self.contacts,
            self.information,
        )
        for service in own:
            session.export("/" + service.name.replace(".", "/"), service)
        system.export("/", self.modems)
        system.export(MODEM, self.calls, self.messages)
        system.export(ADAPTER, self.adapter)
        for device in self.devices.values():
            system.export(device.path, device)
        for name in (PLAYER_NAME, *(service.name for service in own)):
            await self._buses["session"].request_name(name)
        for name in ("org.ofono", "org.bluez"):
            await self._buses["system"].request_name(name)

    async def stop(self) -> None:
        self._exporters.clear()
        while self._buses:
            await link.close(self._buses.popitem()[1])

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def withdraw(self, name: str) -> None:
        """A fault: the service with this bus name goes away."""
        await self._bus_of(name).release_name(name)

    async def bring_back(self, name: str) -> None:
        """The end of `withdraw`."""
        await self._bus_of(name).request_name(name)

    def _bus_of(self, name: str) -> MessageBus:
        return self._buses["system" if name in {"org.ofono", "org.bluez"} else "session"]

    def silence(self, name: str) -> None:
        """A fault: the service with this bus name no longer answers."""
        for exporter in self._exporters.values():
            exporter.silent.add(name)

    def answer_again(self) -> None:
        """The end of every `silence`."""
        for exporter in self._exporters.values():
            exporter.silent.clear()

    def lose_picture(self) -> None:
        """A fault: the player no longer tells whether it shows a picture."""
        self._exporters["session"].unexport(PLAYER_PATH, self.picture)
