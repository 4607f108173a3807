"""All commands of the command line."""

import typer

from simulators.workbench import ask, audio, demo, sim
from simulators.workbench.bench import commands as bench
from vehicle_agent.cli import api, config, doctor, evaluate, journal, judge, models, serve

app = typer.Typer(
    name="vehicle-agent",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The offline in-car voice assistant. Try: vehicle-agent ask 'open my window halfway'",
)
app.command()(evaluate.plan)
app.command()(ask.ask)
app.command()(ask.call)
app.command()(audio.say)
app.command()(audio.transcribe)
app.command()(judge.judge)
app.command("eval")(evaluate.eval_)
app.command()(serve.serve)
app.command()(serve.confirm)
app.command()(serve.undo)
app.command()(serve.cancel)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.add_typer(api.app, name="api")
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")
app.add_typer(sim.app, name="sim")
app.add_typer(journal.app, name="journal")
app.add_typer(config.app, name="config")
