"""A new built-in function, added for real: the edits of docs/adding-an-api.md on a copy of the tree, then run there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "adding-an-api.md"
PACKAGES: Final = ("vehicle_apis", "state_machines", "vehicle_agent", "simulators", "tests")
COMMAND: Final = (sys.executable, "-c", "from vehicle_agent.cli import main; main()")
MOST: Final = 8
LAST: Final = None  # at the end of the file

_SPEC: Final = """    ApiSpec(
        name="set_charge_current",
        domain="vehicle",
        doc="Set the current that charging may take.",
        phrase="charge with {amperes} amperes",
        backend="can",
        params=(IntegerParam(name="amperes", min=6, max=32, unit="A"),),
        questions={"amperes": Question(text="With how many amperes should the car charge?", link="to")},
        refusal=Refusal(what="Changing the charge current"),
        runs_after=(RunsAfter(function="operate_charge_port"),),
    ),
"""
_MESSAGES: Final = """BO_ 588 ChargeCurrentCommand: 8 Agent
 SG_ Crc : 0|8@1+ (1,0) [0|255] "" Charging
 SG_ Counter : 8|4@1+ (1,0) [0|15] "" Charging
 SG_ RequestId : 16|8@1+ (1,0) [1|255] "" Charging
 SG_ TimeToLive : 24|8@1+ (10,0) [10|2550] "ms" Charging
 SG_ TargetCurrent : 32|8@1+ (1,0) [6|32] "A" Charging

BO_ 589 ChargeCurrentStatus: 8 Charging
 SG_ RequestId : 0|8@1+ (1,0) [0|255] "" Agent
 SG_ Result : 8|4@1+ (1,0) [0|3] "" Agent
 SG_ Reason : 12|4@1+ (1,0) [0|12] "" Agent
 SG_ ChargeCurrent : 16|8@1+ (1,0) [6|32] "A" Agent

"""
_KINDS: Final = """BA_ "GenMsgSendType" BO_ 588 2;
BA_ "GenMsgCycleTime" BO_ 589 200;
BA_ "GenMsgSendType" BO_ 589 1;
"""
_REASONS: Final = (
    'VAL_ 589 Result 0 "idle" 1 "accepted" 2 "rejected" 3 "done" ;\n'
    'VAL_ 589 Reason 0 "none" 1 "not_available" 2 "blocked" 3 "expired" 4 "out_of_range" 5 "busy" 6 "vehicle_moving" '
    '7 "not_plugged" 8 "plugged_in" 9 "locked" 10 "empty" 11 "ignition_off" 12 "stopped" ;\n'
)
_BINDING: Final = """[functions.set_charge_current]
command = "ChargeCurrentCommand"
status = "ChargeCurrentStatus"
args.amperes = "TargetCurrent"
readback.amperes = { signal = "ChargeCurrent" }
say = "the car charges with up to {amperes} amperes"

"""
_UNIT: Final = """        if args.message == "ChargeCurrentCommand":
            return self.put({"ChargeCurrent": args.get("TargetCurrent")})
"""
_ENTRY: Final = (
    '    set_charge_current: {backend: can, doc: "Set the current that charging may take.", '
    "params: {amperes: {type: integer, min: 6, max: 32, unit: A}}}\n"
)

# file -> (text, what is put before it); LAST: put at the end
EDITS: Final[dict[str, tuple[tuple[str | None, str], ...]]] = {
    "vehicle_apis/domains/vehicle.py": (
        ("from vehicle_apis.wording import", "from vehicle_apis.traits import RunsAfter\n"),
        (")\n\nPACK = ", _SPEC),
    ),
    "vehicle_apis/token_table.txt": ((LAST, "set_charge_current\n"),),
    "vehicle_apis/dbc/vehicle.dbc": (
        ("CM_ ", _MESSAGES),
        ('BA_ "GenMsgSendType" BO_ 576', _KINDS),
        ("VAL_ 576", _REASONS),
    ),
    "vehicle_apis/dbc/vehicle.toml": (
        ("CameraCommand = ", "ChargeCurrentCommand = { profile = 1, data_id = 0x124c }\n"),
        ("[functions.show_camera]", _BINDING),
    ),
    "state_machines/rules.py": (
        (
            '    "precondition_cabin"',
            '    "set_charge_current": (RuleSpec(allow=("parked",), confirm=("standstill",)),),\n',
        ),
    ),
    "simulators/car/ecus/charging.py": (
        (")\n\n    def initial", ' "ChargeCurrent"'),
        ('"ChargeLimit": 80}', '"ChargeCurrent": 16, '),
        ("        match args.get", _UNIT),
    ),
    "tests/safety_spec/catalogue.yaml": (("    show_camera:", _ENTRY),),
    "tests/safety_spec/safety.yaml": (
        ("  precondition_cabin:", "  set_charge_current: [{allow: [parked], confirm: [standstill]}]\n"),
    ),
}


def listed_files() -> list[str]:
    """The files that the page lists for a built-in function."""
    section = PAGE.read_text(encoding="utf-8").split("## A built-in function", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_page_lists_every_file_and_no_more_than_eight() -> None:
    assert sorted(listed_files()) == sorted(EDITS)
    assert len(EDITS) <= MOST


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages with the function added."""
    root = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for name, edits in EDITS.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        for before, added in edits:
            assert before is None or text.count(before) >= 1, f"{name}: {before!r} is gone"
            at = len(text) if before is None else text.index(before)
            text = text[:at] + added + text[at:]
        path.write_text(text, encoding="utf-8")
    _run(root, sys.executable, "-m", "support.function_record", cwd=root / "tests")
    return root


def _run(root: Path, *command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=cwd or root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout if done.returncode == 0 else done.stdout + done.stderr


def _called(root: Path, *words: str) -> dict[str, Any]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    document: dict[str, Any] = json.loads(_run(root, *COMMAND, "call", "set_charge_current", *words, "--json"))
    return document


@pytest.mark.timeout(180)
def test_it_goes_to_a_frame_and_back(tree: Path) -> None:
    document = _called(tree, "amperes=10")
    (outcome,) = document["outcomes"]
    assert (outcome["verdict"], outcome["status"]) == ("allow", "done")
    assert outcome["observed"]["values"] == {"ChargeCurrent": 10}
    assert document["reply"] == "The car charges with up to 10 amperes."
    assert {frame["name"] for frame in document["frames"]} == {"ChargeCurrentCommand", "ChargeCurrentStatus"}


@pytest.mark.timeout(180)
def test_it_is_refused_by_its_rule_in_its_words(tree: Path) -> None:
    document = _called(tree, "amperes=10", "--set", "gear=D", "--set", "speed=50")
    (outcome,) = document["outcomes"]
    assert (outcome["verdict"], outcome["status"]) == ("deny", "refused")
    assert document["reply"] == "Changing the charge current works only while the car stands still."


@pytest.mark.timeout(180)
def test_it_is_spoken_of_and_every_check_of_the_catalogue_holds(tree: Path) -> None:
    asked = """
from vehicle_agent.conversation.feedback import clarifying_question, doubt_question
from vehicle_agent.planning.ordering import ordered
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete
known = load_catalogue(with_packs=False)
call = known.call("set_charge_current", amperes=8)
print(doubt_question([call]))
print(clarifying_question(Incomplete(known["set_charge_current"])))
print(ordered(Plan.of(known.call("operate_charge_port", action="open"), call)).steps[1].after)
"""
    assert _run(tree, sys.executable, "-c", asked).splitlines() == [
        "Did you mean: charge with 8 amperes?",
        "With how many amperes should the car charge?",
        "(1,)",
    ]
    checks = (
        "tests/unit/apis/test_catalogue.py",
        "tests/unit/apis/test_golden_tokens.py",
        "tests/golden/test_functions.py",
    )
    told = _run(tree, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *checks)
    assert "FAILED" not in told, told
    assert "ERROR" not in told, told
    assert "[100%]" in told, told
