"""Figures, the fixed utterances, and the parts of `bench` that need no model."""

import shutil
import tomllib
from collections import Counter

import pytest
from support.scripted_model import ScriptedModel, scripted_planner

from simulators.workbench.bench.agent_process import _config
from simulators.workbench.bench.early_start import measure_early_start
from simulators.workbench.bench.figures import percentile, spread
from simulators.workbench.bench.machine import describe_machine
from simulators.workbench.bench.model_stage import measure_model
from simulators.workbench.bench.safety_gate import measure_binding, measure_gate, run_gate
from simulators.workbench.bench.utterances import AT_ONCE, IN_ONE_BREATH, MODEL, WITH_MOTION, Said
from simulators.workbench.bench.whole_way import measure_whole_way
from vehicle_agent.config import Config
from vehicle_agent.evaluation.procfs import kib_of
from vehicle_agent.planning.normalise import normalise
from vehicle_agent.planning.planner import Planned
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

CATALOGUE = load_catalogue(with_packs=False)
MEANT: dict[str, tuple[str, dict[str, object]]] = {
    "set the fan to two": ("set_fan_speed", {"level": 2}),
    "set the volume to thirty percent": ("set_volume", {"level": 30}),
    "headlights on": ("set_fan_speed", {"level": 5}),  # misunderstood
    "open my window a quarter": ("control_window", {"position": 5}),
}


class Understands:
    """A planner that needs no model."""

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        del earlier
        return self.plan(text)

    def plan(self, text: str) -> Planned:
        name, arguments = MEANT.get(text, MEANT["set the fan to two"])
        plan = Plan.of(CATALOGUE.call(name, **arguments))
        return Planned(heard=text, utterance=plan, model_ms=2.0, total_ms=3.0, first_token_ms=1.0, tokens_in=8)


def test_percentiles_are_measured_values() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert percentile(samples, 95) == 95
    assert percentile(samples, 99) == 99
    assert percentile([7.0], 95) == 7
    assert percentile([3.0, 1.0, 2.0], 50) == 2


def test_a_spread_names_its_unit() -> None:
    assert spread("reply", [1.0, 3.0]) == {"reply_median_ms": 2.0, "reply_p95_ms": 3.0}
    assert spread("reply", []) == {"reply_median_ms": None, "reply_p95_ms": None}


def test_the_machine_is_described() -> None:
    machine = describe_machine()
    assert machine["cpu_model"]
    assert int(str(machine["cpu_cores"])) >= 1
    assert (kib_of("/proc/self/status", "VmRSS") or 0) > 1000
    assert kib_of("/proc/self/nothing", "VmRSS") is None


def test_the_utterances_are_fixed_and_of_every_kind() -> None:
    texts = [said.text for said in (*MODEL, *AT_ONCE, *WITH_MOTION, *IN_ONE_BREATH)]
    assert len(set(texts)) == len(texts)
    assert 38 <= len(MODEL) <= 45
    assert all(normalise(text) == text for text in texts), "as the recogniser would write it"
    kinds = Counter(said.kind for said in MODEL)
    assert min(kinds[kind] for kind in ("single", "several", "nested", "refused")) >= 5


def test_every_command_of_the_whole_way_is_a_function() -> None:
    assert all(said.function in CATALOGUE for said in (*AT_ONCE, *WITH_MOTION))


def test_the_model_stage_counts_by_kind() -> None:
    report = measure_model(Understands().plan, 2, MODEL[:3])
    assert report["model_utterances"] == 3
    assert report["model_median_ms"] == 2.0
    assert report["model_single_p95_ms"] == 2.0
    assert report["model_nested_median_ms"] is None
    assert report["model_tokens_in_mean"] == 8


def test_the_gate_is_asked_about_every_function_in_every_state() -> None:
    report = measure_gate(CATALOGUE, 1)
    assert report["gate_decisions_measured"] == len(CATALOGUE) * 7
    assert int(str(report["gate_decisions_per_s"])) > 0


def test_the_binding_decision_gives_permits_in_every_state_but_the_unknown() -> None:
    report = measure_binding(CATALOGUE, 1)
    assert report["gate_binding_decisions_measured"] == report["gate_observations_measured"] == len(CATALOGUE) * 7
    share = float(str(report["gate_binding_permits_share"]))
    assert 0.5 < share < 1, "a gate that has settled allows most of what is harmless"


def test_the_gates_figures_come_with_their_target() -> None:
    report = run_gate(CATALOGUE, 1)
    assert isinstance(report["gate_target_reached"], bool)
    assert (report["gate_target_p99_us"], report["gate_target_per_s"]) == (100.0, 20_000)


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
async def test_the_whole_way_is_split_into_its_stages() -> None:
    wanted = [s for s in AT_ONCE if s.text in MEANT]
    report = await measure_whole_way(Understands(), 1, at_once=tuple(wanted), with_motion=WITH_MOTION[:1])
    assert report["whole_way_runs"] == 3
    assert report["whole_way_runs_done_as_meant"] == 2, "what was misunderstood does not count"
    assert report["window_runs_done_as_meant"] == 1
    for key in ("whole_way", "stage_can_sent_to_accepted", "stage_dbus_sent_to_confirmed", "window_motion"):
        assert isinstance(report[f"{key}_median_ms"], float), key
    assert int(str(report["can_frames_checked_per_s_at_most"])) > 0


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
async def test_several_calls_are_measured_with_and_without_an_early_start() -> None:
    light, fan = CATALOGUE.call("set_cabin_light", state="on"), CATALOGUE.call("set_fan_speed", level=2)
    model = ScriptedModel({"light and fan": Plan.of(light, fan), "fan": Plan.of(fan)})
    planner = scripted_planner(model)
    try:
        said = (Said(text="light and fan", calls=2), Said(text="fan", calls=3))
        report = await measure_early_start(planner, 2, utterances=said)
    finally:
        planner.close()
    assert (report["several_calls_runs"], report["several_calls_runs_done_as_meant"]) == (4, 2)
    assert report["several_calls_begun_early_share"] == 1.0
    for key in ("first_sent_early_start", "first_sent_whole_plan", "all_done_early_start", "all_done_whole_plan"):
        assert isinstance(report[f"several_calls_{key}_median_ms"], float), key


def test_the_daemons_configuration_is_one() -> None:
    text = _config("239.74.163.20", "unix:path=/x,guid=1", None, 1)
    config = Config.model_validate(tomllib.loads(text))
    assert config.dbus.session == config.dbus.system == "unix:path=/x,guid=1"
    assert config.model.path == ""
