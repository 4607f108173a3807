"""Simulated time: it jumps when all is idle, stands while frames are under way, flows while others work."""

import asyncio
import threading
import time

import can
import pytest

from simulators.simulated_time import START_S, SimulatedTimeLoop, run_simulated
from simulators.timing import timing
from simulators.wire import Wire


def _loop() -> SimulatedTimeLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedTimeLoop)
    return loop


def test_an_hour_takes_no_time() -> None:
    order: list[str] = []

    async def ring(after_s: float, name: str) -> None:
        await asyncio.sleep(after_s)
        order.append(name)

    async def main() -> float:
        await asyncio.gather(ring(3600, "last"), ring(1, "first"), ring(60, "second"))
        return _loop().time()

    began_s = time.monotonic()
    assert run_simulated(main()) == pytest.approx(START_S + 3600, abs=1)
    assert time.monotonic() - began_s < 60
    assert order == ["first", "second", "last"]


def test_a_time_out_is_one_of_simulated_time() -> None:
    async def main() -> float:
        began_s = _loop().time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(500):
                await asyncio.Event().wait()
        return _loop().time() - began_s

    assert run_simulated(main()) == pytest.approx(500, abs=0.1)


def test_work_in_a_thread_takes_the_time_it_takes() -> None:
    async def main() -> float:
        began_s = _loop().time()
        async with asyncio.timeout(60):  # must not strike while the thread works
            await asyncio.to_thread(time.sleep, 0.1)
        return _loop().time() - began_s

    assert 0.05 <= run_simulated(main()) < 60


def test_no_time_passes_while_it_must_stand() -> None:
    async def main() -> tuple[float, bool]:
        loop = _loop()
        busy = threading.Event()
        busy.set()
        loop.stand_while(busy.is_set)
        woken = asyncio.Event()

        def finish() -> None:
            time.sleep(0.05)
            loop.call_soon_threadsafe(woken.set)
            busy.clear()

        threading.Thread(target=finish).start()
        began_s = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        # the thread's event came first although it took longer than the time-out in real time
        return loop.time() - began_s, woken.is_set()

    passed_s, woken = run_simulated(main())
    assert passed_s == pytest.approx(0.01, abs=0.001)
    assert woken


def test_real_time_while_others_are_started() -> None:
    async def main() -> float:
        loop = _loop()
        began_s = loop.time()
        with loop.real_time():
            process = await asyncio.create_subprocess_exec("sleep", "0.05")
            async with asyncio.timeout(60):
                await process.wait()
        return loop.time() - began_s

    assert 0.03 <= run_simulated(main()) < 60


def test_frames_arrive_in_the_moment_they_are_sent() -> None:
    """However long the readers' threads take in real time."""

    async def main() -> list[float]:
        loop, times = _loop(), timing()
        sender, receiver = times.opener(), times.opener()
        came: list[float] = []

        def take(_message: can.Message) -> None:
            time.sleep(0.002)
            loop.call_soon_threadsafe(lambda: came.append(loop.time()))

        notifier = can.Notifier(receiver, [take], timeout=0.05)
        sent = []
        for _ in range(20):
            await asyncio.sleep(0.02)
            sent.append(loop.time())
            sender.send(can.Message(arbitration_id=1, is_extended_id=False, data=b"x"))
        await asyncio.sleep(0.02)
        with loop.real_time():
            await asyncio.to_thread(notifier.stop)
        sender.shutdown()
        receiver.shutdown()
        return [b - a for a, b in zip(sent, came, strict=True)]

    assert max(run_simulated(main())) < 0.001


def test_a_wire_delivers_copies_to_all_but_the_sender() -> None:
    wire = Wire(lambda: 5.0)
    one, two, three = wire.open(), wire.open(can_filters=[{"can_id": 2, "can_mask": 0x7FF}]), wire.open()
    message = can.Message(arbitration_id=1, is_extended_id=False, data=b"abc")
    one.send(message)
    message.data[0] = 0
    got = three.recv(0)
    assert got is not None
    assert (bytes(got.data), got.timestamp, got.is_rx) == (b"abc", 5.0, True)
    assert two.recv(0) is None
    assert one.recv(0) is None
    assert wire.is_busy
    assert three.recv(0) is None  # who comes again has dealt with the last one
    assert not wire.is_busy
    for end in (one, two, three, three):
        end.shutdown()
    with pytest.raises(can.CanOperationError):
        one.send(message)


def test_what_nobody_reads_any_more_is_not_under_way() -> None:
    wire = Wire(lambda: 0.0)
    one, two = wire.open(), wire.open()
    one.send(can.Message(arbitration_id=1))
    assert wire.is_busy
    two.shutdown()
    assert not wire.is_busy
    one.shutdown()
