"""The agent on D-Bus: org.vehicleagent.Agent1 at /org/vehicleagent/Agent.

Every method answers with the JSON document of `ask`, or with one of five errors (docs/d-bus.md) and a sentence. Said
tells what the assistant would speak unasked (a timer, a standing rule); StateChanged the driving state.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

from dbus_next.errors import DBusError
from dbus_next.service import ServiceInterface, method, signal

from vehicle_agent import events
from vehicle_agent.conversation.assistant import Assistant, Turn, never_waits
from vehicle_agent.conversation.turn_json import turn_json
from vehicle_agent.events import Frame
from vehicle_agent.message_bus import BUSY, INVALID, NOT_READY, TOO_LONG, Header, Rejection, caller, one_line
from vehicle_agent.service.admission import Admission, Busy
from vehicle_apis import call as calls
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import VehicleApiError

BUS_NAME: Final = "org.vehicleagent.Agent"
OBJECT_PATH: Final = "/org/vehicleagent/Agent"
INTERFACE: Final = "org.vehicleagent.Agent1"

MAX_ARGUMENTS: Final = 16
MAX_NAME_CHARS: Final = 64
MAX_ARGUMENT_BYTES: Final = 4096  # a text parameter takes 500 characters

_LANES: Final = {"Ask": "turns", "Call": "turns", "Undo": "turns", "Confirm": "answers", "Cancel": "cancels"}
_SHORT_BYTES: Final = 64  # of a body: a word such as "cancel" is shorter
_MAX_FRAMES: Final = 1000  # of one turn; more are not in its answer
_NOTED: Final = 20  # invalid calls that the journal takes in a minute

_F = TypeVar("_F", bound=Callable[..., Any])


def _exported(kind: Callable[[], Callable[..., Any]], *, result: str, **arguments: str) -> Callable[[_F], _F]:
    """dbus-next reads D-Bus signatures from annotations; ours are Python's until this decorator replaces them."""

    def wrap(function: _F) -> _F:
        function.__annotations__ = {**arguments, "return": result}
        return cast("_F", kind()(function))

    return wrap


def _refused(error: str, text: str) -> DBusError:
    return DBusError(error, one_line(text))  # type: ignore[no-untyped-call]


class _Frames:
    """The frames of the turn under way."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []

    def add(self, frame: Frame) -> None:
        if len(self._frames) < _MAX_FRAMES:
            self._frames.append(frame)

    def take(self) -> list[dict[str, object]]:
        """Those since it was last asked; their times count from the first."""
        frames, self._frames = self._frames, []
        return [frame.to_json(frames[0].time_s) for frame in frames]


class AgentService(ServiceInterface):
    """Answers programs of the head unit and `vehicle-agent ... --connect`.

    Commands go to the assistant one at a time and wait here, so that an answer or a "cancel" passes them. ``clock``:
    monotonic seconds; ``state``: the driving state with what is degraded, in words.
    """

    def __init__(
        self,
        assistant: Assistant,
        catalogue: Catalogue,
        told: events.Events,
        state: Callable[[], str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(INTERFACE)
        self._assistant = assistant
        self._catalogue = catalogue
        self._frames = _Frames()
        self._state = state
        self._clock = clock
        self.admission = Admission(clock)
        self._turn = asyncio.Lock()
        self._notes_left = float(_NOTED)
        self._notes_at_s = clock()
        told.subscribe(self._frames.add, Frame)
        told.subscribe(lambda event: self.Said(event.text), events.Said)
        told.subscribe(lambda event: self.StateChanged(event.new), events.StateChanged)
        told.subscribe(lambda _event: self.StateChanged(state()), events.Degraded, events.Recovered)

    def refuse(self, header: Header) -> Rejection | None:
        """Why a call is not even read, by its header alone: a flood costs no more than this."""
        too_often = self.admission.too_often(header.sender)
        if too_often:
            return Rejection(BUSY, too_often)
        lane = _LANES.get(header.member, "")
        may_pass = header.member == "Ask" and header.body_bytes <= _SHORT_BYTES
        full = "" if may_pass or not lane else self.admission.full(lane, header.sender)
        return Rejection(BUSY, full) if full else None

    def refuse_body(self, header: Header, body: bytes) -> Rejection | None:
        """The same with the body: whether a short text is a command, which would have to wait."""
        if header.member != "Ask" or never_waits(body[4:-1].decode(errors="replace")):
            return None
        full = self.admission.full("turns", header.sender)
        return Rejection(BUSY, full) if full else None

    async def _answer(self, turn: Awaitable[Turn], text: str | None = None) -> str:
        self._frames.take()
        return json.dumps(turn_json(await turn, text=text, frames=self._frames.take()), default=str)

    @contextmanager
    def _place(self, lane: str) -> Iterator[None]:
        try:
            with self.admission.place(lane, caller.get()):
                yield
        except Busy as e:
            raise _refused(BUSY, str(e)) from e

    @_exported(method, text="s", result="s")
    async def Ask(self, text: str) -> str:  # noqa: N802 - D-Bus names
        began_s = self._assistant.now_s  # before any waiting
        if not self._assistant.takes_text:
            raise _refused(NOT_READY, "The agent does not understand text yet; try again in a moment.")
        if never_waits(text):
            with self._place("answers"):
                return await self._answer(self._assistant.ask(text, began_s=began_s), text)
        with self._place("turns"):
            async with self._turn:
                return await self._answer(self._assistant.ask(text, began_s=began_s), text)

    @_exported(method, name="s", arguments="a{ss}", result="s")
    async def Call(self, name: str, arguments: dict[str, str]) -> str:  # noqa: N802 - D-Bus names
        with self._place("turns"):
            call = self._checked(name, arguments)
            async with self._turn:
                return await self._answer(self._assistant.call(call))

    def _checked(self, name: str, arguments: dict[str, str]) -> calls.Call:
        if len(arguments) > MAX_ARGUMENTS:
            raise _refused(TOO_LONG, f"A call has at most {MAX_ARGUMENTS} arguments, not {len(arguments)}.")
        if len(name) > MAX_NAME_CHARS or any(len(key) > MAX_NAME_CHARS for key in arguments):
            raise _refused(TOO_LONG, f"A name has at most {MAX_NAME_CHARS} characters.")
        if any(len(value.encode()) > MAX_ARGUMENT_BYTES for value in arguments.values()):
            raise _refused(TOO_LONG, f"An argument has at most {MAX_ARGUMENT_BYTES} bytes.")
        try:
            call = self._catalogue.call(name, **self._catalogue[name].parse(arguments))
            calls.Plan.of(call)  # a call of its own has no earlier call whose result it could use
        except VehicleApiError as e:
            why = one_line(str(e))
            if self._may_note():
                self._assistant.invalid(one_line(name), why)
            raise _refused(INVALID, why) from e
        return call

    def _may_note(self) -> bool:
        """Whoever makes mistakes all the time must not push the drive out of the journal."""
        now_s = self._clock()
        self._notes_left = min(_NOTED, self._notes_left + (now_s - self._notes_at_s) * _NOTED / 60)
        self._notes_at_s = now_s
        if self._notes_left < 1:
            return False
        self._notes_left -= 1
        return True

    @_exported(method, question="u", yes="b", result="s")
    async def Confirm(self, question: int, yes: bool) -> str:  # noqa: N802 - D-Bus names
        with self._place("answers"):
            return await self._answer(self._assistant.answer(question, yes=yes))

    @_exported(method, result="s")
    async def Undo(self) -> str:  # noqa: N802 - D-Bus names
        with self._place("turns"):
            async with self._turn:
                return await self._answer(self._assistant.call(self._catalogue.call("undo_last_action")))

    @_exported(method, result="s")
    async def Cancel(self) -> str:  # noqa: N802 - D-Bus names
        with self._place("cancels"):
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
