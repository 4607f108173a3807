"""Stand-ins for what a dashboard works with: an agent that answers as told, a tap that hears what a test says."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulators.car import Value
from simulators.dashboard import AgentEvent, AgentRefused, OpenQuestion
from simulators.tap import Heard
from vehicle_apis.e2e import E2EStatus
from vehicle_apis.params import Scalar


@dataclass
class FakeAgent:
    """``done``: what was asked of it; ``fails``: what the next turn raises; ``held``: turns wait for it when set."""

    understands_text: bool = True
    done: list[tuple[object, ...]] = field(default_factory=list)
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    fails: Exception | None = None
    held: asyncio.Event | None = None
    open: OpenQuestion | None = None
    word: str = "parked"
    listeners: list[Callable[[AgentEvent], None]] = field(default_factory=list)

    def functions(self) -> Mapping[str, object]:
        return {"set_fan_speed": {"type": "object", "properties": {}, "required": []}}

    async def _turn(self, *what: object) -> Mapping[str, object]:
        self.done.append(what)
        if self.held is not None:
            await self.held.wait()
        if self.fails is not None:
            raise self.fails
        return self.answers.get(str(what[1]) if len(what) > 1 else "", {"reply": f"{what[0]} done"})

    async def ask(self, text: str) -> Mapping[str, object]:
        if not self.understands_text:
            raise AgentRefused("there is no language model")
        return await self._turn("ask", text)

    async def call(self, name: str, arguments: Mapping[str, Scalar]) -> Mapping[str, object]:
        return await self._turn("call", name, dict(arguments))

    async def answer(self, question_id: int, *, yes: bool) -> Mapping[str, object]:
        return await self._turn("answer", question_id, yes)

    async def cancel(self) -> Mapping[str, object]:
        return await self._turn("cancel")

    async def undo(self) -> Mapping[str, object]:
        return await self._turn("undo")

    def state(self) -> str:
        return self.word

    def question(self) -> OpenQuestion | None:
        return self.open

    def subscribe(self, listener: Callable[[AgentEvent], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, event: AgentEvent) -> None:
        for listener in tuple(self.listeners):
            listener(event)


class FakeTap:
    """Hears what `hear` is given."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Heard], None]] = []

    def subscribe(self, callback: Callable[[Heard], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def hear(self, frame: Heard) -> None:
        for listener in tuple(self.listeners):
            listener(frame)


def heard(
    name: str = "Gear",
    *,
    time_s: float = 0.0,
    frame_id: int = 0x102,
    values: Mapping[str, Value] | None = None,
    e2e: E2EStatus | None = E2EStatus.OK,
    data: bytes = b"\x01\x02",
) -> Heard:
    return Heard(
        name=name,
        frame_id=frame_id,
        is_extended=False,
        data=data,
        time_s=time_s,
        values={"Crc": 1, "Counter": 2, "Gear": "P"} if values is None else values,
        e2e=e2e,
    )
