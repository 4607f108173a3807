"""`sim`: the simulated car alone, scenarios, recordings, the dashboard."""

import typer

from simulators.workbench.sim.car import car
from simulators.workbench.sim.dashboard import dashboard
from simulators.workbench.sim.recordings import record, replay
from simulators.workbench.sim.run import list_scenarios, run
from simulators.workbench.sim.sweep import sweep

app = typer.Typer(no_args_is_help=True, help="The simulated car: scenarios, faults, recordings, dashboard.")
app.command("run")(run)
app.command("list")(list_scenarios)
app.command("sweep")(sweep)
app.command("car")(car)
app.command("dashboard")(dashboard)
app.command("record")(record)
app.command("replay")(replay)
