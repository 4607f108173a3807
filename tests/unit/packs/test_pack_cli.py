"""The pack's side of the command line: seen, shown, exported, checked, begun."""

import json
import tomllib
from pathlib import Path

import pytest
from support.packs import SEAT_PUMP, Install
from typer.testing import CliRunner, Result

from vehicle_agent.cli import app
from vehicle_apis.catalogue import load_catalogue


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def sentence(result: Result) -> str:
    """The one sentence of a command that failed because of its input."""
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("vehicle-agent: ")
    assert result.stdout == ""
    return line


# --- an installed pack ------------------------------------------------------------------------------------------------


def test_the_catalogue_commands_know_it(install: Install) -> None:
    install(SEAT_PUMP)
    assert "set_lumbar_support" in [entry["name"] for entry in json.loads(run("api", "list", "--json").stdout)]
    shown = run("api", "show", "set_lumbar_support").stdout
    assert "pressure: 0..100 percent (required)" in shown
    assert "vehicle-agent call set_lumbar_support pressure=0" in shown
    tools = {tool["function"]["name"]: tool["function"] for tool in json.loads(run("api", "export").stdout)}
    assert tools["set_lumbar_support"]["parameters"]["required"] == ["pressure"]
    assert len(tools) == len(load_catalogue()) == len(load_catalogue(with_packs=False)) + 3


def test_the_built_in_tokens_stay(install: Install) -> None:
    alone = load_catalogue(with_packs=False)
    install(SEAT_PUMP)
    catalogue = load_catalogue()
    assert [catalogue.token_index(s.name) for s in alone] == list(range(len(alone)))
    assert catalogue.token_index("adjust_lumbar_support") == len(alone) + 1
    assert catalogue.wire_hash() == alone.wire_hash()


@pytest.mark.parametrize("name", ["seat_pump", "seat_pump:PACK", str(SEAT_PUMP)])
def test_check_by_entry_point_object_and_folder(install: Install, name: str) -> None:
    install(SEAT_PUMP)
    told = run("api", "check", name).stdout
    assert "set_lumbar_support: token" in told
    assert "calibrate_seat_pump: token <fn_86>, no rule of its own: allowed only when parked" in told
    assert "pack seat_pump 1.2.0: 3 functions, all in order" in told


def test_judged_by_its_rules_and_without_one_only_when_parked(install: Install, tmp_path: Path) -> None:
    install(SEAT_PUMP)
    questions = []
    for gear, speed in (("P", 0), ("D", 0), ("D", 50), ("D", 140)):
        for name, arguments in (
            ("calibrate_seat_pump", {}),
            ("set_lumbar_support", {"pressure": 50}),
            ("set_lumbar_support", {"pressure": 50, "seat": "passenger"}),
        ):
            call = {"name": name, "arguments": arguments}
            questions.append({"call": call, "signals": {"speed": [speed, speed], "gear": gear, "crash": "none"}})
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(q) for q in questions), encoding="utf-8")
    verdicts = [json.loads(line)["verdict"] for line in run("judge", str(file)).stdout.splitlines()]
    assert verdicts == [
        *("allow", "allow", "allow"),  # parked
        *("deny", "allow", "allow"),  # standstill
        *("deny", "confirm", "allow"),  # driving
        *("deny", "deny", "allow"),  # fast
    ]


# --- a pack that `api new` wrote --------------------------------------------------------------------------------------


def test_new_writes_a_pack_that_passes_its_check(install: Install, tmp_path: Path) -> None:
    folder = tmp_path / "coffee_maker"
    assert run("api", "new", str(folder)).exit_code == 0
    assert tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "coffee-maker"
    assert "pack coffee_maker 0.1.0: 1 functions, all in order" in run("api", "check", str(folder)).stdout
    install(folder)
    install(SEAT_PUMP)
    assert "all in order" in run("api", "check", "coffee_maker").stdout
    assert "set_coffee_maker_lamp" in load_catalogue()


@pytest.mark.parametrize("name", ["My-Car", "class", "json", "a" * 21, "x__y"])
def test_new_refuses_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    assert name in sentence(run("api", "new", str(tmp_path / name)))


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "my_car"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert "is not empty" in sentence(run("api", "new", str(folder)))
    assert [p.name for p in folder.iterdir()] == ["notes.txt"]


# --- bad packs --------------------------------------------------------------------------------------------------------

LAMP = "set_bad_car_lamp"
CAN = 'backend="can",'
MISTAKES = {
    "duplicate": ("__init__.py", LAMP, "set_headlights", "the function 'set_headlights' exists"),
    "foreign rule": ("__init__.py", f'{{"{LAMP}"', '{"set_headlights"', "a rule for 'set_headlights'"),
    "no object": ("__init__.py", "PACK = ", "OTHER = ", "cannot be loaded: module 'bad_car' has no attribute 'PACK'"),
    "no pack": ("__init__.py", "PACK = ApiPack(", "PACK = dict(", "is no ApiPack"),
    "import error": ("__init__.py", "from pathlib import Path", "import no_such_module", "No module named"),
    "syntax": ("__init__.py", "PACK = ", "PACK = = ", "cannot be loaded: invalid syntax"),
    "spec": ("__init__.py", f'name="{LAMP}"', 'name="Set-Lamp"', "must be lower_snake_case"),
    "no tuple": (
        "__init__.py",
        '"on", "off")),),\n        ),\n    ),',
        '"on", "off")),),\n        )\n    ),',
        "a tuple",
    ),
    "state": ("__init__.py", '"standstill"', '"flying"', "RuleSpec: "),
    "parameter of a rule": (
        "__init__.py",
        "RuleSpec(",
        'RuleSpec(args={"colour": "red"}, ',
        "has no parameter 'colour'",
    ),
    "backend": ("__init__.py", 'backend="can"', 'backend="dbus"', "a pack's functions go over CAN"),
    "phrase": ("__init__.py", CAN, f'{CAN} phrase="light {{colour}}",', "names {colour}, which is no parameter"),
    "half a phrase": (
        "__init__.py",
        CAN,
        f'{CAN} phrase={{"parameter": "state", "templates": {{"on": "light it"}}}},',
        "no words for state = off",
    ),
    "template": ("__init__.py", CAN, f'{CAN} phrase="light {{state!r}}",', "only a parameter's name"),
    "open brace": ("__init__.py", CAN, f'{CAN} phrase="light {{state",', "is no template"),
    "question": ("__init__.py", CAN, f'{CAN} questions={{"hue": {{"text": "Which?"}}}},', "no parameter 'hue'"),
    "value words": ("__init__.py", CAN, f'{CAN} value_words={{"state": {{"dim": "dim"}}}},', "state must be one of"),
    "refusal": ("__init__.py", CAN, f'{CAN} refusal={{"what": "Lighting {{hue}}"}},', "names {hue}"),
    "never": (
        "__init__.py",
        CAN,
        f'{CAN} refusal={{"what": "Lighting", "never": {{"state": {{"dim": "No."}}}}}},',
        "state must be one of on, off",
    ),
    "confirmation": ("__init__.py", CAN, f'{CAN} confirmation="Light {{hue}}?",', "names {hue}"),
    "runs after": ("__init__.py", CAN, f'{CAN} runs_after=({{"function": "set_hue"}},),', "names 'set_hue'"),
    "runs after no such call": (
        "__init__.py",
        CAN,
        f'{CAN} runs_after=({{"function": "set_mute", "arguments": {{"state": "dim"}}}},),',
        "set_mute: state must be one of",
    ),
    "runs after no such argument": (
        "__init__.py",
        CAN,
        f'{CAN} runs_after=({{"function": "set_mute", "arguments": {{"hue": "red"}}}},),',
        "set_mute has no parameter 'hue'",
    ),
    "built-in ending": ("__init__.py", CAN, f'{CAN} activity={{"ending": "home_screen"}},', "only built-in functions"),
    "no ending": ("__init__.py", CAN, f'{CAN} activity={{"ending": "stop_motion"}},', "add a `stop` command"),
    "undo": ("__init__.py", CAN, f"{CAN} takes_back=True,", "only built-in functions do that"),
    "player": ("__init__.py", CAN, f'{CAN} resumes={{"state": ("on",)}},', "only built-in functions do that"),
    "phone book": ("__init__.py", CAN, f"{CAN} telephone={{}},", "only built-in functions do that"),
    "no such number": ("__init__.py", CAN, f'{CAN} telephone={{"number": "hue"}},', "no parameter 'hue'"),
    "covers": ("__init__.py", CAN, f'{CAN} covers={{"state": {{"on": ("dim",)}}}},', "state must be one of"),
    "hearing": ("__init__.py", CAN, f'{CAN} hearing={{"duration": "hue"}},', "no parameter 'hue'"),
    "steps of nothing": ("__init__.py", CAN, f'{CAN} steps={{"hue": 1}},', "no parameter 'hue'"),
    "no step": ("__init__.py", CAN, f'{CAN} steps={{"state": 0}},', "a step of state is at least 1, not 0"),
    "unknown field": ("__init__.py", CAN, f'{CAN} phrases="light it",', "Extra inputs are not permitted"),
    "text path": ("__init__.py", '_HERE / "bad_car.dbc"', '"bad_car.dbc"', "must be a Path"),
    "dbc file": ("__init__.py", "bad_car.dbc", "none.dbc", "none.dbc: the DBC cannot be read: No such file"),
    "binding file": ("__init__.py", "bad_car.toml", "none.toml", "none.toml: the binding file cannot be read"),
    "no binding": ("__init__.py", 'binding=_HERE / "bad_car.toml",', "", f"{LAMP}: the function is not bound"),
    "unbound": ("bad_car.toml", f"[functions.{LAMP}]", "[functions.set_other]", "set_other is not a function"),
    "message": ("bad_car.toml", 'status = "BadCarStatus"', 'status = "BadStatus"', "no message 'BadStatus'"),
    "signal": ("bad_car.toml", '"BadCarLamp"', '"BadLamp"', "no signal 'BadLamp'"),
    "unprotected": ("bad_car.toml", "[e2e]", "[ecus2]", "ecus2"),
    "dbc": ("bad_car.dbc", "BO_ ", "BOO_ ", "the DBC is not valid"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_bad_pack_gets_one_clear_sentence(install: Install, tmp_path: Path, mistake: str) -> None:
    file, old, new, problem = MISTAKES[mistake]
    folder = tmp_path / "bad_car"
    run("api", "new", str(folder))
    path = folder / "bad_car" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    install(folder)
    told = sentence(run("api", "check", "bad_car"))
    assert problem in told
    assert "bad_car" in told or LAMP in told  # whose mistake it is


def test_the_other_commands_tell_of_a_broken_pack_too(install: Install, tmp_path: Path) -> None:
    folder = tmp_path / "bad_car"
    run("api", "new", str(folder))
    (folder / "bad_car" / "__init__.py").write_text("import no_such_module\n", encoding="utf-8")
    install(folder)
    assert "'bad_car' (bad_car:PACK) cannot be loaded" in sentence(run("api", "list"))
    doctor = run("doctor", "--json")
    found = {f["what"]: f for f in json.loads(doctor.stdout)}["vehicle functions"]
    assert doctor.exit_code == 1
    assert not found["ok"]
    assert "fix or uninstall it" in found["remedy"]
    # and a pack that is in order is still told so
    assert "all in order" in run("api", "check", str(SEAT_PUMP)).stdout


def test_two_packs_with_the_same_function(install: Install, tmp_path: Path) -> None:
    folder = tmp_path / "twin_car"
    run("api", "new", str(folder))
    for path in (folder / "twin_car").iterdir():
        text = path.read_text(encoding="utf-8").replace("set_twin_car_lamp", "set_lumbar_support")
        path.write_text(text, encoding="utf-8")
    install(folder)
    install(SEAT_PUMP)
    assert "the function 'set_lumbar_support' exists already" in sentence(run("api", "check", "twin_car"))
    assert "the function 'set_lumbar_support' exists already" in sentence(run("api", "list"))


def test_check_of_something_else() -> None:
    assert "'climate' is a domain of the project itself" in sentence(run("api", "check", "climate"))
    assert "no pack named 'nothing' is installed" in sentence(run("api", "check", "nothing"))
