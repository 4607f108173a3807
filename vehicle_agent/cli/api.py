"""`api`: the functions there are."""

import json
from typing import Annotated

import typer

from vehicle_agent.cli.new_pack import write_example
from vehicle_agent.cli.output import BadInput, one_sentence, print_json
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.pack import ApiPack
from vehicle_apis.params import Param
from vehicle_apis.schema import openai_tools, parameters_schema
from vehicle_apis.spec import ApiSpec

app = typer.Typer(
    no_args_is_help=True, help="The vehicle functions: list, show, export, check a pack, begin a new one."
)


def _range(param: Param) -> str:
    match param.kind:
        case "enum":
            return " | ".join(param.values)
        case "integer" | "number":
            return f"{param.min:g}..{param.max:g}" + (f" {param.unit}" if param.unit else "")
        case "time":
            return "HH:MM"
        case _:
            return "digits" if param.digits else "text"


def _as_json(spec: ApiSpec, catalogue: Catalogue) -> dict[str, object]:
    return {**spec.signature(), "token": f"<fn_{catalogue.token_index(spec.name)}>"}


@app.command("list")
def list_(json_out: Annotated[bool, typer.Option("--json")] = False) -> None:
    """All functions, by domain. Example: vehicle-agent api list"""
    with one_sentence():
        catalogue = load_catalogue()
    if json_out:
        print_json([_as_json(spec, catalogue) for spec in catalogue])
        return
    from rich import console, table

    shown = table.Table("function", "parameters", "does", title=f"{len(catalogue)} vehicle functions", show_lines=False)
    domain = ""
    for spec in catalogue:
        if spec.domain != domain:
            domain = spec.domain
            shown.add_section()
            shown.add_row(f"[bold]{domain}[/]", "", "")
        names = ", ".join(p.name if p.default is None else f"\\[{p.name}]" for p in spec.params)
        shown.add_row(spec.name, names, spec.doc)
    console.Console().print(shown)


@app.command()
def show(name: str, json_out: Annotated[bool, typer.Option("--json")] = False) -> None:
    """One function in full. Example: vehicle-agent api show control_window"""
    with one_sentence():
        catalogue = load_catalogue()
        spec = catalogue[name]
    if json_out:
        print_json(_as_json(spec, catalogue))
        return
    print(f"{spec.name}: {spec.doc}")
    print(f"  domain {spec.domain}, backend {spec.backend}, token <fn_{catalogue.token_index(name)}>")
    for param in spec.params:
        default = "required" if param.default is None else f"default {param.default!r}"
        print(f"  {param.name}: {_range(param)} ({default}){' - ' + param.note if param.note else ''}")
    if spec.returns:
        print(f"  returns: {spec.returns}")
    example = " ".join(f"{p.name}={_example(p)}" for p in spec.params if p.default is None)
    print(f"  try: vehicle-agent call {spec.name} {example}".rstrip())


def _example(param: Param) -> str:
    match param.kind:
        case "enum":
            return param.values[0]
        case "integer" | "number":
            return f"{param.min:g}"
        case "time":
            return "07:30"
        case _:
            return "5550142" if param.digits else "something"


@app.command()
def export(
    fmt: Annotated[str, typer.Option("--format", help="openai or jsonschema")] = "openai",
    json_out: Annotated[bool, typer.Option("--json", help="One line without indentation.")] = False,
) -> None:
    """The functions as tool definitions. Example: vehicle-agent api export --format openai > tools.json"""
    with one_sentence():
        catalogue = load_catalogue()
        match fmt:
            case "openai":
                document: object = openai_tools(catalogue)
            case "jsonschema":
                document = {spec.name: parameters_schema(spec) for spec in catalogue}
            case _:
                raise BadInput(f"there is no format {fmt!r}; use openai or jsonschema")
    print(json.dumps(document, indent=None if json_out else 2))


PackArgument = Annotated[str, typer.Argument(help="Folder, entry point name or module:OBJECT of the pack.")]


@app.command()
def check(pack: PackArgument, json_out: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Checks an OEM pack. Example: vehicle-agent api check ./my_car"""
    from vehicle_agent.cli.packs import check_pack

    with one_sentence():
        found, catalogue = check_pack(pack)
    show_checked(found, catalogue, json_out=json_out)


def show_checked(found: ApiPack, catalogue: Catalogue, *, json_out: bool) -> None:
    """What a pack brings, all of it in order."""
    if json_out:
        print_json({"name": found.name, "version": found.version, "functions": [s.name for s in found.apis]})
        return
    for spec in found.apis:
        rules = "its own rules" if spec.name in found.rules else "no rule of its own: allowed only when parked"
        print(f"{spec.name}: token <fn_{catalogue.token_index(spec.name)}>, {rules}")
    print(f"pack {found.name} {found.version}: {len(found.apis)} functions, all in order")


@app.command()
def new(directory: str) -> None:
    """Begins an OEM pack. Example: vehicle-agent api new my_car"""
    with one_sentence():
        path = write_example(directory)
    print(
        f"{path} written; `vehicle-agent api check {path}` checks it, and after `pip install -e {path}` "
        "`vehicle-agent api list` shows its function"
    )
