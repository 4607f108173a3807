"""Who sends cyclic traffic in a measurement: the simulated car, python-can alone, or cantools' Tester.

All three send the same messages at the same cycle. The two others are there to compare with.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import can
from cantools.tester import Tester

from vehicle_agent.backends.can.bus import channel_of, open_bus
from vehicle_agent.config import BusConfig
from vehicle_apis.binding import CarBinding, default_binding_path, load_binding, read_binding_file
from vehicle_apis.binding.network import read_dbc
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.e2e import E2ESender, Protection

if TYPE_CHECKING:
    from simulators.car import Car

SenderKind = Literal["simulated_car", "python_can", "cantools_tester"]
SENDERS: Final[tuple[SenderKind, ...]] = ("simulated_car", "python_can", "cantools_tester")

_SPEED_KMH: Final = 50.0
_SWING_KMH: Final = 15.0
_SWING_S: Final = 20.0
_DRIVE_S: Final = 0.05
_STOP_TIMEOUT_S: Final = 2.0


def example_car() -> CarBinding:
    """The example car alone, whatever packs are installed: figures of different computers stay comparable."""
    return load_binding(load_catalogue(with_packs=False))


def messages_sent(binding: CarBinding) -> int:
    """How many cyclic messages the car has."""
    return len(binding.network.messages) - len(binding.network.commands)


@asynccontextmanager
async def sending(kind: SenderKind, bus: BusConfig, cycle_s: float) -> AsyncIterator[Mapping[str, int]]:
    """Traffic on ``bus`` for as long as the context lasts. Gives the counts ``sent`` and ``send_failed``, which go on;
    none for a sender that does not count. Raises SimulatorError, Unavailable.
    """
    if kind == "simulated_car":
        async with _driving_car(bus, cycle_s) as counts:
            yield counts
        return
    opened = await asyncio.to_thread(open_bus, bus)
    try:
        with _traffic(kind, opened, cycle_s):
            yield {}
    finally:
        await asyncio.to_thread(opened.shutdown)


def _traffic(kind: SenderKind, bus: can.BusABC, cycle_s: float) -> AbstractContextManager[None]:
    return _periodic(bus, cycle_s) if kind == "python_can" else _tester(bus, cycle_s)


@asynccontextmanager
async def _driving_car(bus: BusConfig, cycle_s: float) -> AsyncIterator[Mapping[str, int]]:
    from simulators.car import Car, load_wiring

    wiring = load_wiring()
    car = Car(
        channel_of(bus),
        interface=bus.interface,
        bus_options={"port": bus.port} if bus.interface == "udp_multicast" else {},
        wiring=replace(wiring, published=tuple(replace(p, cycle_s=cycle_s) for p in wiring.published)),
    )
    car.set("gear", "D")
    car.set("speed", _SPEED_KMH)
    async with car:
        driver = asyncio.create_task(_drive(car), name="driver")
        try:
            yield car.counts
        finally:
            driver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await driver


async def _drive(car: "Car") -> None:
    """Slowly faster and slower, so that the frames do not always say the same."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while True:
        swing = math.sin((loop.time() - began_s) / _SWING_S * math.tau)
        car.set("speed", round(_SPEED_KMH + _SWING_KMH * swing, 1))
        await asyncio.sleep(_DRIVE_S)


@contextmanager
def _periodic(bus: can.BusABC, cycle_s: float) -> Iterator[None]:
    """A `send_periodic` for each message; counter and check value are renewed where it has them."""
    network = example_car().network
    for name, message in network.messages.items():
        if name in network.commands:
            continue
        frame = can.Message(
            arbitration_id=message.frame_id, is_extended_id=message.is_extended_frame, data=bytes(message.length)
        )
        protection = network.protections.get(name)
        bus.send_periodic(frame, cycle_s, modifier_callback=None if protection is None else _renewing(protection))
    try:
        yield
    finally:
        bus.stop_all_periodic_tasks()


def _renewing(protection: Protection) -> Callable[[can.Message], None]:
    sender = E2ESender(protection)

    def renew(frame: can.Message) -> None:
        frame.data[:] = sender.protect(bytes(frame.data))

    return renew


@contextmanager
def _tester(bus: can.BusABC, cycle_s: float) -> Iterator[None]:
    """cantools' Tester in the place of all control units. It knows nothing of counters and check values."""
    path = default_binding_path()
    database = read_dbc(path.parent / (read_binding_file(path).dbc or ""))
    commands = example_car().network.commands
    for message in database.messages:
        message.cycle_time = None if message.name in commands else cycle_s * 1000  # type: ignore[assignment]  # 2.5 ms
    tester = Tester("", database, bus, database.messages[0].bus_name)  # type: ignore[no-untyped-call]
    tester.start()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        tester.stop()  # type: ignore[no-untyped-call]
        for notifier in can.Notifier.find_instances(bus):
            notifier.stop(_STOP_TIMEOUT_S)
