"""The agent on D-Bus: org.vehicleagent.Agent1 at /org/vehicleagent/Agent.

Every method answers with the JSON document of `ask`. Said tells what the assistant would speak unasked (a timer, a
standing rule); StateChanged the driving state.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, cast

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

_F = TypeVar("_F", bound=Callable[..., Any])


def _exported(kind: Callable[[], Callable[..., Any]], *, result: str, **arguments: str) -> Callable[[_F], _F]:
    """dbus-next reads D-Bus signatures from annotations; ours are Python's until this decorator replaces them."""

    def wrap(function: _F) -> _F:
        function.__annotations__ = {**arguments, "return": result}
        return cast("_F", kind()(function))

    return wrap


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

    @_exported(method, text="s", result="s")
    async def Ask(self, text: str) -> str:  # noqa: N802 - D-Bus names
        return await self._answer(self._assistant.ask(text, began_s=self._assistant.now_s), text)

    @_exported(method, name="s", arguments="a{ss}", result="s")
    async def Call(self, name: str, arguments: dict[str, str]) -> str:  # noqa: N802 - D-Bus names
        try:
            call = self._catalogue.call(name, **self._catalogue[name].parse(arguments))
        except VehicleApiError as e:
            self._assistant.invalid(name, str(e))
            raise DBusError(INVALID, str(e)) from e  # type: ignore[no-untyped-call]
        return await self._answer(self._assistant.call(call))

    @_exported(method, question="u", yes="b", result="s")
    async def Confirm(self, question: int, yes: bool) -> str:  # noqa: N802 - D-Bus names
        return await self._answer(self._assistant.answer(question, yes=yes))

    @_exported(method, result="s")
    async def Undo(self) -> str:  # noqa: N802 - D-Bus names
        return await self._answer(self._assistant.call(self._catalogue.call("undo_last_action")))

    @_exported(method, result="s")
    async def Cancel(self) -> str:  # noqa: N802 - D-Bus names
        return await self._answer(self._assistant.cancel())

    @_exported(method, result="s")
    def State(self) -> str:  # noqa: N802 - D-Bus names
        return self._state()

    @_exported(signal, text="s", result="s")
    def Said(self, text: str) -> str:  # noqa: N802 - D-Bus names
        return text

    @_exported(signal, state="s", result="s")
    def StateChanged(self, state: str) -> str:  # noqa: N802 - D-Bus names
        return state
