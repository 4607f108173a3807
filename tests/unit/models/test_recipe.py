"""The one command that reproduces the artifact."""

from pathlib import Path

from models.recipe import EMBEDDING, KIND, stages


def _value(stage: list[str], option: str) -> str:
    return stage[stage.index(option) + 1]


def test_each_stage_goes_on_from_the_one_before_and_all_but_the_first_round(tmp_path: Path) -> None:
    first, second, third = stages(tmp_path, (1, 2.5, 3))
    assert _value(first, "--qat-from") == "1"
    assert _value(second, "--start").startswith(_value(first, "--out"))
    assert _value(third, "--start").startswith(_value(second, "--out"))
    assert [_value(s, "--minutes") for s in (first, second, third)] == ["1", "2.5", "3"]
    assert "--qat-from" not in second + third
    assert (KIND, EMBEDDING) == ("q4_0", "q8_0")


def test_a_finished_model_needs_the_last_stage_alone(tmp_path: Path) -> None:
    (only,) = stages(tmp_path, (1, 2, 3), "planner.gguf")
    assert (_value(only, "--start"), _value(only, "--minutes")) == ("planner.gguf", "3")
