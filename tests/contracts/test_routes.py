"""Which backend carries a function out is the car's matter: its binding file may route it to another one."""

import asyncio
import re
from pathlib import Path
from typing import Final

import pytest
from support.waiting import until

from simulators.car import Car
from vehicle_agent.agent import Agent
from vehicle_agent.backends.agent import AGENT_FUNCTIONS
from vehicle_agent.backends.base import Backend
from vehicle_agent.backends.build import KINDS, BackendKind, Surroundings, build
from vehicle_agent.backends.can import CanBackend
from vehicle_agent.config import BusConfig, CarConfig, Config
from vehicle_agent.config_check import problems_of
from vehicle_agent.conversation.outcome import Status
from vehicle_apis.binding import BindingError, default_binding_path, load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.pack import ApiPack

CATALOGUE: Final = load_catalogue(with_packs=False)


def routed(folder: Path, route: str, *, unbound: str = "") -> Path:
    """The example car with ``route`` in its file, and without the table of the function ``unbound``."""
    text = default_binding_path().read_text(encoding="utf-8")
    text = text.replace('dbc = "vehicle.dbc"', f'dbc = "{default_binding_path().with_name("vehicle.dbc")}"')
    if unbound:
        text, times = re.subn(rf"\[+functions\.{unbound}(\.\w+)*\]+\n.*?(?=\n\[)", "", text, flags=re.DOTALL)
        assert times
    path = folder / "vehicle.toml"
    path.write_text(f"{text}\n[route]\n{route}\n", encoding="utf-8")
    return path


def test_without_a_route_the_specification_says_it() -> None:
    car = load_binding(CATALOGUE)
    assert {name: car.backend_of(CATALOGUE[name]) for name in ("set_fan_speed", "set_volume", "get_time")} == {
        "set_fan_speed": "can",
        "set_volume": "dbus",
        "get_time": "agent",
    }


class OtherBus(CanBackend):
    """A further backend: the same protocol on a bus of its own."""

    async def close(self) -> None:
        await self.stop()


def agent_with_comfort(folder: Path, function: str, channel: str) -> Agent:
    """An agent on the bus ``channel``-main, whose ``function`` goes to another backend, on ``channel``-comfort."""
    path = routed(folder, f'{function} = "comfort"', unbound=function)
    config = Config(bus=BusConfig(interface="virtual", channel=f"{channel}-main"), car=CarConfig(binding=str(path)))

    def comfort(around: Surroundings) -> Backend:
        bus = Config(bus=BusConfig(interface="virtual", channel=f"{channel}-comfort"))
        return OtherBus(around.catalogue, bus, around.clock)

    kinds = {**KINDS, "comfort": BackendKind(make=comfort, carries=lambda name: name == function)}
    backends = build(Surroundings(catalogue=CATALOGUE, config=config), kinds)
    return Agent(CATALOGUE, config, None, backends=backends)


async def test_a_function_goes_to_the_backend_that_the_car_names(tmp_path: Path) -> None:
    async with Car("routes-main") as main, Car("routes-comfort") as other:
        async with agent_with_comfort(tmp_path, "set_fan_speed", "routes") as agent:
            assert (await agent.ready(30)).word == "parked"
            fan = (await agent.assistant.call(CATALOGUE.call("set_fan_speed", level=5))).progress.outcomes[0]
            lock = (await agent.assistant.call(CATALOGUE.call("set_child_lock", state="on"))).progress.outcomes[0]
        assert (fan.status, lock.status) == (Status.DONE, Status.DONE)
        assert (other.state()["fan_speed"], main.state()["fan_speed"]) == (5, Car("unused").state()["fan_speed"])
        assert (other.state()["left_child_lock"], main.state()["left_child_lock"]) == ("off", "on")


async def test_a_stop_reaches_the_motors_of_every_backend(tmp_path: Path) -> None:
    async with (
        Car("stops-main"),
        Car("stops-comfort", time_scale=0.1) as other,
        agent_with_comfort(tmp_path, "control_window", "stops") as agent,
    ):
        assert (await agent.ready(30)).word == "parked"
        opening = asyncio.ensure_future(agent.assistant.call(CATALOGUE.call("control_window", position=100)))
        await until(lambda: 0 < float(str(other.state()["driver_window"])) < 50, timeout_s=30)
        turn = await agent.assistant.cancel()
        assert turn.reply.startswith("The driver window stopped at")
        await opening
        stands_at = other.state()["driver_window"]
        await asyncio.sleep(0.3)
        assert other.state()["driver_window"] == stands_at


@pytest.mark.parametrize(
    ("route", "unbound", "sentence"),
    [
        ('set_fan_speed = "kuksa"', "set_fan_speed", "no backend 'kuksa'; the backends are agent, can, dbus"),
        ('set_fan_speed = "dbus"', "set_fan_speed", "the backend 'dbus' has no function set_fan_speed; name another"),
        ('set_fan_speed = "agent"', "", "'set_fan_speed' is no function of the CAN backend; correct the name or"),
        ('set_fan = "can"', "", "route.set_fan: there is no function 'set_fan'; correct the name or remove it"),
        ('set_volume = "can"', "", "functions.set_volume: this function of the catalogue is not bound; add it"),
        ('set_fan_speed = ""', "", "route.set_fan_speed: String should match pattern"),
        ('operate_trunk = "agent"', "operate_trunk", "must be ended when the car drives off, which only 'can' can do"),
        ('play_video = "agent"', "", "must be ended when the car drives off, which only 'dbus' can do; remove"),
    ],
)
def test_a_mistake_is_one_sentence_and_seen_before_the_start(
    tmp_path: Path, route: str, unbound: str, sentence: str
) -> None:
    config = Config(car=CarConfig(binding=str(routed(tmp_path, route, unbound=unbound))))
    (problem,) = problems_of(config)
    assert problem.startswith(f"car.binding: {tmp_path}/vehicle.toml: ")
    assert sentence in problem
    assert "\n" not in problem
    with pytest.raises(BindingError) as caught:
        build(Surroundings(catalogue=load_catalogue(), config=config))
    assert problem == f"car.binding: {caught.value}"


def test_a_pack_routes_its_own_functions(tmp_path: Path) -> None:
    spec = CATALOGUE["set_valet_mode"].model_copy(update={"name": "set_scent"})
    path = tmp_path / "scent.toml"
    catalogue = Catalogue(CATALOGUE.builtin, [ApiPack(name="scent", version="1", apis=(spec,), binding=path)])
    path.write_text('version = 1\n[route]\nset_scent = "diffuser"\n', encoding="utf-8")
    assert load_binding(catalogue).backend_of(spec) == "diffuser"
    path.write_text('version = 1\n[route]\nset_fan_speed = "diffuser"\n', encoding="utf-8")
    with pytest.raises(BindingError, match=r"route\.set_fan_speed: .* is not a function of the pack 'scent'"):
        load_binding(catalogue)


def test_what_the_kinds_carry_is_what_the_specifications_give_them() -> None:
    for spec in CATALOGUE:
        assert spec.takes_back or KINDS[spec.backend].carries(spec.name), spec.name
    assert all(CATALOGUE[name].backend == "agent" for name in AGENT_FUNCTIONS)
