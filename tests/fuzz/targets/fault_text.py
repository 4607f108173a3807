"""Faults and settings of the simulated car, in words; whatever is accepted leaves a car that can still send."""

from collections.abc import Hashable

from fuzz.parts.world import wiring
from fuzz.target import Target
from simulators.car.faults import parse_fault
from simulators.car.model import CarModel
from simulators.car.transmitter import Transmitter
from simulators.errors import BadValue, UnknownName


def run(data: bytes) -> Hashable:
    """Lines: a fault, or name=value."""
    model = CarModel(wiring())
    transmitter = Transmitter(model, 0.0)
    took = []
    for line in data.decode("utf-8", "replace").splitlines()[:20]:
        name, equals, value = line.partition("=")
        if equals:
            model.set(name, value)
            took.append(name)
        else:
            fault = parse_fault(line)
            transmitter.inject(fault)
            took.append(type(fault).__name__)
    sent = 0
    for tick in range(2):
        model.step(0.05)
        for frame in transmitter.due(tick * 0.3):
            sent += 1
            message = wiring().network.message_of(frame.frame_id, is_extended=frame.extended)
            if message is not None:
                assert wiring().network.decode(message, frame.data) is not None, "the car sends what nobody can read"
    model.state()
    return (*sorted(set(took)), sent.bit_length())


def seeds() -> list[bytes]:
    lines = [
        *(b"unplug Windows", b"silence Gear", b"corrupt_crc Gear", b"freeze_counter Gear", b"speeds_apart 20"),
        *(b"jam driver_window", b"speed=50\ngear=D\nspeeds_apart -5", b"crash=detected", b"driver_window=55.5"),
        *(b"trouble_codes=P0420,C1201", b"trouble_codes=none", b"rain=yes", b"speed=invalid", b"odometer=12345.6"),
        *(b"drop Gear 0.5", b"delay Gear 100", b"babble 0x100 10", b"bus_off", b"reset Brakes", b"repeat Gear"),
        *(b"out_of_range VehicleSpeed", b"corrupt Gear 0.5", b"speeds_apart nan", b"speeds_apart inf"),
    ]
    good = []
    for line in lines:  # the faults there are grow; those of tomorrow are seeds as soon as they are known
        try:
            run(line)
        except (BadValue, UnknownName):
            continue
        except Exception:  # noqa: BLE001 - a finding, but the campaign's
            good.append(line)
        else:
            good.append(line)
    return [*good, *lines]


TARGET = Target(
    name="fault_text",
    run=run,
    allowed=(BadValue, UnknownName),
    seeds=seeds,
    form="text",
    dictionary=(
        *(b"unplug ", b"silence ", b"corrupt_crc ", b"freeze_counter ", b"speeds_apart ", b"jam ", b"drop ", b"delay "),
        *(
            b"Gear",
            b"VehicleSpeed",
            b"Crash",
            b"Windows",
            b"Powertrain",
            b"nan",
            b"inf",
            b"-1",
            b"1e308",
            b"1e999",
            b"=",
        ),
        *(b"speed=", b"gear=", b"rain=", b"trouble_codes=", b"invalid", b"freeze ", b"repeat ", b"reset ", b"bus_off"),
        *(name.encode() + b"=" for name in CarModel(wiring()).settings()),
    ),
    max_bytes=400,
    share=0,
)
