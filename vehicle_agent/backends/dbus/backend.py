"""The backend itself: finds the function, prepares it, hands out the action."""

from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Final, Self, TypeAlias

from vehicle_agent.backends.base import Meant
from vehicle_agent.backends.dbus import audio, bluetooth, display, information, media, navigation, phone, radio
from vehicle_agent.backends.dbus.action import DbusAction, Prepared, intelligible
from vehicle_agent.backends.dbus.client import Client
from vehicle_agent.backends.dbus.config import DbusConfig
from vehicle_agent.backends.dbus.meaning import find_out
from vehicle_agent.backends.dbus.request import Request
from vehicle_agent.errors import BackendError
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue

Function: TypeAlias = Callable[[Request], Awaitable[Prepared]]

FUNCTIONS: Final[Mapping[str, Function]] = {
    **media.FUNCTIONS,
    **audio.FUNCTIONS,
    **radio.FUNCTIONS,
    **phone.FUNCTIONS,
    **bluetooth.FUNCTIONS,
    **navigation.FUNCTIONS,
    **display.FUNCTIONS,
    **information.FUNCTIONS,
}


class DbusBackend:
    """vehicle_agent.backends.base.Backend on the session and the system bus. ``clock``: the gate's clock."""

    def __init__(self, config: DbusConfig, clock: Callable[[], float], catalogue: Catalogue) -> None:
        self.client = Client(config)
        self._clock = clock
        self._catalogue = catalogue

    async def prepare(self, call: Call) -> DbusAction:
        """Raises Unavailable, Impossible, NotConfirmed (a service does not answer, or not as it should). Sends queries
        only."""
        function = FUNCTIONS.get(call.name)
        if function is None:
            raise BackendError(f"{call.name} is no function of the head unit.")
        if call.refs:
            raise BackendError(f"{call} still waits for the result of another call.")
        with intelligible(call.name.replace("_", " ")):
            found = await find_out(Request(call, self.client, self._catalogue))
            prepared = await function(Request(found.meant.call, self.client, self._catalogue, found.reached))
            for command in (*prepared.commands, *prepared.otherwise):
                command.check()
        for command in prepared.commands:
            await self.client.connect(command.to.bus)
        return DbusAction(call, found.meant, prepared, self.client, self._clock)

    async def meant(self, call: Call) -> Meant:
        """Who or what the words of the call stand for. Sends queries only. Raises as `prepare` does."""
        with intelligible(call.name.replace("_", " ")):
            return (await find_out(Request(call, self.client, self._catalogue))).meant

    async def close(self) -> None:
        await self.client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
