"""The one command that reproduces the artifact."""

from pathlib import Path

from models.recipe import EMBEDDING, KIND, stages


def test_the_second_stage_goes_on_from_the_first_and_rounds(tmp_path: Path) -> None:
    first, second = stages(tmp_path, (1, 2.5))
    out = first[first.index("--out") + 1]
    assert first[first.index("--qat-from") + 1] == "1"
    assert second[second.index("--start") + 1].startswith(out)
    assert second[second.index("--minutes") + 1] == "2.5"
    assert (KIND, EMBEDDING) == ("q4_0", "q8_0")
