"""A signal of the gate with a condition and a rule of its own, added by hand to a copy of the sources: four lines."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = ("vehicle_apis", "state_machines", "vehicle_agent")
# file, the line before, the line that is added: the list, the condition, the rule, the car's source
ADDED: Final = (
    (
        "vehicle_apis/signals.py",
        '    rain: Reading | None = field(default=None, metadata=_words("rain", "no", "yes"))',
        '    trailer: Reading | None = field(default=None, metadata=_words("trailer", "no", "yes"))',
    ),
    (
        "state_machines/conditions.py",
        '    "rain": _surroundings("rain", when_unknown="yes"),',
        '    "trailer": _surroundings("trailer", when_unknown="yes"),',
    ),
    (
        "state_machines/rules.py",
        '    "operate_trunk": (',
        '        RuleSpec(args={"action": "open"}, when={"trailer": "yes"}, allow=()),',
    ),
    (
        "vehicle_apis/dbc/vehicle.toml",
        'rain = { signal = "Rain", cycle_ms = 100 }',
        'trailer = { signal = "PluggedIn", cycle_ms = 100 }',
    ),
)
ASKED: Final = """
from dataclasses import asdict

from state_machines.gate import Judge
from vehicle_agent.backends.can.frames import Received
from vehicle_agent.backends.can.signals import SignalStore
from vehicle_agent.cli.judge import question
from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.e2e import E2ESender

catalogue = load_catalogue(with_packs=False)
judge = Judge(catalogue)
TRUNK = {"name": "operate_trunk", "arguments": {"action": "open"}}

def verdict(signals):
    answer = judge.settled(TRUNK["name"], TRUNK["arguments"], signals)
    return answer.decision.word, answer.rule

def asked(**words):
    name, arguments, signals = question({"call": TRUNK, "signals": {"speed": [0, 0], "gear": "P", **words}})
    return verdict(signals)

assert asked(trailer="no") == ("allow", "operate_trunk[1]")
assert asked(trailer="yes") == asked() == asked(trailer="maybe") == ("deny", "operate_trunk[0]")

binding = load_binding(catalogue)
source, = (s for s in binding.gate if s.spec.key == "trailer")
message = binding.network.message(source.ref.message)
sender = E2ESender(binding.network.protections[message.name])
store = SignalStore(binding, lambda: 1.0)
for _ in range(2):
    frame = sender.protect(binding.network.encode(message.name, {"PluggedIn": "yes"}))
    store.receive(Received(message.frame_id, frame, 1.0))
seen = store.snapshot(1.0)
assert (seen.trailer.value, seen.trailer.valid) == ("yes", True)
assert [*asdict(seen)][-3:] == ["rain", "trailer", "plugged_in"]
print("as it should be")
"""


def test_four_lines_and_it_is_judged_by(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "_model"))
    for name, before, line in ADDED:
        path = tmp_path / name
        text = path.read_text(encoding="utf-8")
        assert text.count(f"{before}\n") == 1, name
        path.write_text(text.replace(f"{before}\n", f"{before}\n{line}\n"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.stderr) == ("as it should be", "")
