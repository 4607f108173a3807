"""`sim`: the simulated car alone, scenarios, recordings, the dashboard."""

import typer

from vehicle_agent.cli.dashboard import dashboard
from vehicle_agent.cli.recordings import record, replay
from vehicle_agent.cli.sim.car import car
from vehicle_agent.cli.sim.run import list_scenarios, run
from vehicle_agent.cli.sim.sweep import sweep

app = typer.Typer(no_args_is_help=True, help="The simulated car: scenarios, faults, recordings, dashboard.")
app.command("run")(run)
app.command("list")(list_scenarios)
app.command("sweep")(sweep)
app.command("car")(car)
app.command("dashboard")(dashboard)
app.command("record")(record)
app.command("replay")(replay)
