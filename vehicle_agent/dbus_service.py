"""The agent on D-Bus: org.vehicleagent.Agent1 at /org/vehicleagent/Agent.

Every method answers with the JSON document of `ask`. Said tells what the assistant would speak unasked (a timer, a
standing rule); StateChanged the driving state.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Final

from dbus_next.errors import DBusError
from dbus_next.service import ServiceInterface, method, signal

from vehicle_agent.assistant import Assistant, Turn
from vehicle_agent.turn_json import turn_json
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import VehicleApiError

BUS_NAME: Final = "org.vehicleagent.Agent"
OBJECT_PATH: Final = "/org/vehicleagent/Agent"
INTERFACE: Final = "org.vehicleagent.Agent1"
INVALID: Final = "org.vehicleagent.Error.InvalidArguments"

Frames = Callable[[], list[dict[str, object]]]
"""Takes the frames sent since it was last asked."""


class AgentService(ServiceInterface):
    """Answers programs of the head unit and `vehicle-agent ... --connect`."""

    def __init__(
        self, assistant: Assistant, catalogue: Catalogue, take_frames: Frames, state: Callable[[], str]
    ) -> None:
        super().__init__(INTERFACE)
        self._assistant = assistant
        self._catalogue = catalogue
        self._take_frames = take_frames
        self._state = state

    async def _answer(self, turn: Awaitable[Turn], text: str | None = None) -> str:
        self._take_frames()
        return json.dumps(turn_json(await turn, text=text, frames=self._take_frames()), default=str)

    @method()
    async def Ask(self, text: "s") -> "s":  # noqa: N802 - D-Bus names
        return await self._answer(self._assistant.ask(text), text)

    @method()
    async def Call(self, name: "s", arguments: "a{ss}") -> "s":  # noqa: N802
        try:
            call = self._catalogue.call(name, **self._catalogue[name].parse(arguments))
        except VehicleApiError as e:
            raise DBusError(INVALID, str(e)) from e
        return await self._answer(self._assistant.call(call))

    @method()
    async def Confirm(self, question: "u", yes: "b") -> "s":  # noqa: N802
        return await self._answer(self._assistant.answer(question, yes=yes))

    @method()
    async def Undo(self) -> "s":  # noqa: N802
        return await self._answer(self._assistant.call(self._catalogue.call("undo_last_action")))

    @method()
    async def Cancel(self) -> "s":  # noqa: N802
        return await self._answer(self._assistant.cancel())

    @method()
    def State(self) -> "s":  # noqa: N802
        return self._state()

    @signal()
    def Said(self, text) -> "s":  # noqa: N802, ANN001
        return text

    @signal()
    def StateChanged(self, state) -> "s":  # noqa: N802, ANN001
        return state
