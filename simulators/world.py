"""A whole vehicle to try things on: the simulated car and the simulated head unit, started together."""

import asyncio
import itertools
from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import can

from simulators.car import Car, Wiring, load_wiring
from simulators.errors import SimulatorError
from simulators.timing import Timing, real_timing
from vehicle_apis.pack import ApiPack

if TYPE_CHECKING:
    from simulators.headunit import HeadUnit

_numbers: Final = itertools.count(1)


class World:
    """Async context manager. Each world has buses of its own, so that several can live side by side.

    ``interface`` and ``channel``: the CAN bus; without a channel one that nobody else in this process uses.
    ``packs``: API packs whose functions the car has too, unless ``wiring`` says what it has. Raises NetworkMismatch.
    ``with_head_unit`` false: the car alone. ``dbus_address``: use this bus instead of starting a private one.
    ``timing``: clocks and kind of bus, real ones when left out. ``seed``: of everything random in the car's faults.
    """

    def __init__(
        self,
        *,
        interface: str = "virtual",
        channel: str | None = None,
        time_scale: float = 1.0,
        wiring: Wiring | None = None,
        packs: Iterable[ApiPack] = (),
        with_head_unit: bool = True,
        dbus_address: str | None = None,
        timing: Timing | None = None,
        seed: int = 0,
    ) -> None:
        self.interface = interface
        self.channel = channel or f"world-{next(_numbers)}"
        self.timing = timing or real_timing()
        self.car = Car(
            self.channel,
            interface=interface,
            time_scale=time_scale,
            wiring=wiring or load_wiring(packs=packs),
            clock=self.timing.clock,
            wall_clock=self.timing.wall_clock,
            opener=self.timing.opener,
            seed=seed,
        )
        self._with_head_unit = with_head_unit
        self._given_address = dbus_address
        self._address = ""
        self._head_unit: HeadUnit | None = None
        self._stack = AsyncExitStack()

    def open_bus(self, **options: object) -> can.BusABC:
        """One more bus object on the same wire, for whoever wants to listen or speak; may block shortly."""
        return self.timing.opener(interface=self.interface, channel=self.channel, **options)

    @property
    def dbus_address(self) -> str:
        """Session and system services are both here; "" without a head unit."""
        return self._address

    @property
    def head_unit(self) -> "HeadUnit":
        """Raises SimulatorError when there is none."""
        if self._head_unit is None:
            raise SimulatorError("this world has no head unit, or it has not been started")
        return self._head_unit

    async def start(self) -> None:
        """Raises BusUnavailable, and BusNotStarted when there is no D-Bus daemon."""
        # gather, not a task group: one failing start must not tear the other down half-way
        results = await asyncio.gather(self._start_car(), self._start_head_unit(), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                await self.stop()
                raise result

    async def _start_car(self) -> None:
        await self.car.start()
        self._stack.push_async_callback(self.car.stop)

    async def _start_head_unit(self) -> None:
        if not self._with_head_unit:
            return
        # only who wants a head unit needs D-Bus
        from simulators.headunit import HeadUnit, PrivateBus

        address = self._given_address
        if address is None:
            bus = PrivateBus()
            await bus.start()
            self._stack.push_async_callback(bus.stop)
            address = bus.address
        head_unit = HeadUnit(address)
        await self._stack.enter_async_context(head_unit)
        self._address, self._head_unit = address, head_unit

    async def stop(self) -> None:
        """Ends everything that was started. May be called twice."""
        self._address, self._head_unit = "", None
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
