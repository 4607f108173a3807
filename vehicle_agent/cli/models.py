"""`models`: the planner model and the speech models."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from vehicle_agent.cli.options import JsonOption, ModelOption
from vehicle_agent.cli.output import BadInput, Exit, fail, one_sentence, print_json
from vehicle_agent.errors import ModelError
from vehicle_agent.install import assets, installed
from vehicle_agent.install import install as bring
from vehicle_agent.packages import problem
from vehicle_agent.planning.model_file import HASH_KEY, check_catalogue, check_file, find_model, sha256
from vehicle_agent.planning.trial import Fails, try_out
from vehicle_apis.catalogue import load_catalogue

app = typer.Typer(no_args_is_help=True, help="The planner model and the speech models.")


@app.command("list")
def list_(json_out: JsonOption = False) -> None:
    """What is installed and what can be. Example: vehicle-agent models list"""
    rows: list[dict[str, object]] = []
    try:
        planner = find_model()
        rows.append(
            {"name": "planner", "installed": str(planner), "about": "text to vehicle calls, part of the project"}
        )
    except ModelError as e:
        rows.append({"name": "planner", "installed": None, "about": str(e)})
    for asset in assets():
        where = installed(asset.name)
        rows.append({"name": asset.name, "installed": None if where is None else str(where), "about": asset.title})
    if json_out:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['name']:<14} {row['installed'] or 'not installed':<60} {row['about']}")


@app.command()
def install(name: Annotated[str, typer.Argument(help="vosk-en, vosk-ko or whisper-base.")]) -> None:
    """Brings a speech model. Example: vehicle-agent models install whisper-base"""
    with one_sentence():
        path = bring(name, lambda p: print(f"{p.asset}: {p.stage}", file=sys.stderr))
    print(f"{name} is installed in {path}")


@app.command()
def verify(model: ModelOption = None, json_out: JsonOption = False) -> None:
    """Checks the planner's checksum, format and catalogue, and tries it out. Example: vehicle-agent models verify"""
    from vehicle_agent.planning.llama import Llama

    with one_sentence():
        path = find_model(model)
        check_file(path, checksum=True)
        tried = try_out(path)
        if isinstance(tried, Fails):
            raise ModelError(tried.why)
        llama = Llama(path, threads=1, repack=tried.repack)
        try:
            check_catalogue(llama, path, load_catalogue())
            report = {
                "path": str(path),
                "bytes": path.stat().st_size,
                "sha256": sha256(path),
                "catalogue_hash": llama.metadata(HASH_KEY),
                "vocabulary": llama.n_vocab,
                "tried": str(tried),
                "ok": True,
            }
        finally:
            llama.close()
    if json_out:
        print_json(report)
        return
    for key, value in report.items():
        print(f"{key}: {value}")


def _training_tools() -> None:
    if not Path("models/train.py").is_file():
        raise BadInput("training runs from a checkout of the project; change into it first")
    try:
        import torch  # noqa: F401
    except ImportError as e:
        raise BadInput(f"training needs more packages: {problem(e) or e}") from e


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def train(context: typer.Context) -> None:
    """Trains and builds the shipped planner; options go to models/recipe.py. Example: vehicle-agent models train"""
    with one_sentence():
        _training_tools()
    _run_module("models.recipe", context.args)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def build(context: typer.Context) -> None:
    """Exports and quantizes a trained checkpoint. Example: vehicle-agent models build models/runs/a"""
    with one_sentence():
        _training_tools()
    _run_module("models.build", context.args)


def _run_module(module: str, arguments: list[str]) -> None:
    # the checkout's `models` package is not installed, so it is found through the working directory
    status = subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
    if status:
        fail(f"{module} ended with status {status}", Exit.REFUSED_OR_FAILED)
