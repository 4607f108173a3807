"""An agent on a simulated world, by that world's clocks: for scenarios and the soak."""

from simulators.world import World
from vehicle_agent.agent import Agent
from vehicle_agent.config import BusConfig, Config, DBusConfig, JournalConfig
from vehicle_agent.conversation.assistant import PlansText
from vehicle_apis.catalogue import Catalogue


def timed_agent(
    world: World,
    catalogue: Catalogue,
    planner: PlansText | None,
    *,
    journal: str = "",
) -> Agent:
    """Not started yet. The world's time stands while it sends and goes on while it waits for services."""
    times = world.timing
    config = Config(
        bus=BusConfig.model_validate({"interface": world.interface, "channel": world.channel}),
        dbus=DBusConfig(session=world.dbus_address, system=world.dbus_address),
        journal=JournalConfig(path=journal),
    )
    agent = Agent(
        catalogue,
        config,
        planner,
        clock=times.clock,
        wall_clock=times.wall_clock,
        opener=lambda _config: world.open_bus(),
    )
    times.stand_while(lambda: agent.is_sending)
    times.flow_while(lambda: agent.waits_for_services)
    return agent
