"""A sender of cyclic traffic in a process of its own, as control units are apart from the agent.

Run as a module it is that process: the traffic is the argument; each line on standard input is answered with one JSON
line, what was sent and what the process takes by then; at the end of the input it stops.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Final, Protocol, Self, get_args

from simulators.errors import SimulatorError
from simulators.workbench.bench.resources import Resources
from simulators.workbench.bench.senders import SenderKind, sending
from vehicle_agent.config import BusConfig
from vehicle_agent.errors import Unavailable

_READY: Final = "ready"
_START_S: Final = 60.0
_ANSWER_S: Final = 20.0
_STOP_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReport:
    sent: int
    send_failed: int
    resources: Resources

    @classmethod
    def now(cls, counts: Mapping[str, int]) -> Self:
        """This process, at this moment."""
        return cls(
            sent=counts.get("sent", 0),
            send_failed=counts.get("send_failed", 0),
            resources=Resources.of_this_process(),
        )

    @classmethod
    def of_json(cls, line: str) -> Self:
        told = json.loads(line)
        return cls(sent=told["sent"], send_failed=told["send_failed"], resources=Resources(**told["resources"]))


class Sender(Protocol):
    async def report(self) -> SenderReport:
        """What was sent up to now."""

    async def finish(self) -> SenderReport:
        """Ends the traffic; the last counts."""


class SenderProcess:
    """The parent's end; made by `sender_process`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def report(self) -> SenderReport:
        """Raises Unavailable when the process has ended."""
        return SenderReport.of_json(await self._line("report\n"))

    async def finish(self) -> SenderReport:
        """Raises Unavailable."""
        return SenderReport.of_json(await self._line("finish\n"))

    async def _line(self, question: str = "", timeout_s: float = _ANSWER_S) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise Unavailable("the sending process has no pipes")
        line = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(timeout_s):
                self._process.stdin.write(question.encode())
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
        if not line:
            raise Unavailable("the sending process has ended; what it wrote to standard error says why")
        return line.decode()

    async def ready(self) -> None:
        await self._line(timeout_s=_START_S)


@asynccontextmanager
async def sender_process(kind: SenderKind, bus: BusConfig, cycle_s: float) -> AsyncIterator[SenderProcess]:
    """A process that sends until the context ends. Raises Unavailable."""
    what = json.dumps({"kind": kind, "bus": bus.model_dump(), "cycle_s": cycle_s})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators.workbench.bench.sender_process", what, stdin=PIPE, stdout=PIPE
    )
    sender = SenderProcess(process)
    try:
        await sender.ready()
        yield sender
    finally:
        try:
            async with asyncio.timeout(_STOP_S):
                await process.communicate()  # the end of its input ends it
        except TimeoutError:
            process.kill()
            await process.communicate()


class SenderHere:
    """A sender in this process and event loop."""

    def __init__(self, kind: SenderKind, bus: BusConfig, cycle_s: float) -> None:
        self._traffic = sending(kind, bus, cycle_s)
        self._stack = AsyncExitStack()
        self._counts: Mapping[str, int] = {}

    async def __aenter__(self) -> Self:
        self._counts = await self._stack.enter_async_context(self._traffic)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def report(self) -> SenderReport:
        return SenderReport.now(self._counts)

    async def finish(self) -> SenderReport:
        await self._stack.aclose()
        return SenderReport.now(self._counts)


def sender_for(kind: SenderKind, bus: BusConfig, cycle_s: float) -> AbstractAsyncContextManager[Sender]:
    """Traffic from another process; from this one on `virtual`, which reaches no further. Raises as `sending` does."""
    if bus.interface == "virtual":
        return SenderHere(kind, bus, cycle_s)
    return sender_process(kind, bus, cycle_s)


async def _serve(kind: SenderKind, bus: BusConfig, cycle_s: float) -> None:
    async with sending(kind, bus, cycle_s) as counts:
        print(_READY, flush=True)
        while (line := await asyncio.to_thread(sys.stdin.readline)) == "report\n":
            _tell(counts)
    if line:  # the traffic has ended: these are the last counts
        _tell(counts)


def _tell(counts: Mapping[str, int]) -> None:
    print(json.dumps(asdict(SenderReport.now(counts))), flush=True)


def main() -> None:
    """The sending process; its one argument is JSON. Raises SystemExit with a sentence."""
    what = json.loads(sys.argv[1])
    if what["kind"] not in get_args(SenderKind):
        raise SystemExit(f"no such sender: {what['kind']}")
    try:
        asyncio.run(_serve(what["kind"], BusConfig.model_validate(what["bus"]), float(what["cycle_s"])))
    except (SimulatorError, Unavailable) as e:
        raise SystemExit(str(e)) from e


if __name__ == "__main__":
    main()
