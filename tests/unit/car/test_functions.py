"""Every CAN function of the catalogue, encoded as the binding says, is carried out by the simulated car."""

from collections.abc import Iterator

import pytest

from simulators.car.ecu import Command
from simulators.car.model import CarModel
from vehicle_apis.binding import CarBinding, CommandFunction, Exchange, SignalRef, load_binding
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.params import EnumParam, Scalar


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def binding(catalogue: Catalogue) -> CarBinding:
    return load_binding(catalogue)


REQUIRED: dict[str, object] = {
    "temperature": 22.5,
    "level": 3,
    "position": 40,
    "slot": 2,
    "speed": 120,
    "percent": 90,
    "amount": 2,
}
SETTINGS = {"control_charging": {"plugged_in": "yes"}}


def calls(catalogue: Catalogue) -> Iterator[Call]:
    """Each CAN function with every word of every closed argument."""
    for spec in catalogue:
        if spec.backend != "can":
            continue
        base = {
            p.name: p.values[0] if isinstance(p, EnumParam) else REQUIRED[p.name]
            for p in spec.params
            if p.default is None
        }
        yield catalogue.call(spec.name, **base)
        for param in spec.params:
            if isinstance(param, EnumParam) and param.name != "unit":
                for word in param.values:
                    yield catalogue.call(spec.name, **{**base, param.name: word})


def execute(model: CarModel, binding: CarBinding, exchange: Exchange) -> None:
    for command in exchange.commands:
        data = binding.network.encode(command.message, {**command.values, "RequestId": 9, "TimeToLive": 500})
        commanded = next(c for c in model.wiring.commanded.values() if c.name == command.message)
        request = model.command(commanded.node, Command(commanded.group, model.wiring.decode(commanded, data)))
        for _ in range(1000):
            if request.result != "accepted":
                break
            model.step(0.02)
            request.refresh()
        assert (request.result, request.reason) == ("done", "none"), exchange.call


def test_every_function(model: CarModel, binding: CarBinding, catalogue: Catalogue) -> None:
    def read(ref: SignalRef) -> Scalar | None:
        return model.shown(ref.signal)

    done = 0
    for call in calls(catalogue):
        function = binding.function(call.name)
        if not isinstance(function, CommandFunction) or binding.missing(call) is not None:
            continue
        for name, value in SETTINGS.get(call.name, {}).items():
            model.set(name, value)
        if call.name == "operate_charge_port":
            model.set("plugged_in", "no")
        if call.name == "make_emergency_call":
            model.set("emergency_call", "idle")
        exchange = function.plan(call, read)
        execute(model, binding, exchange)
        model.step(0.0)
        for expectation in exchange.expectations:
            assert expectation.is_met_by(model.shown(expectation.ref.signal)), (call, expectation)
        done += 1
    assert done > 150
