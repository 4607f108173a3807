"""What a prompted model wrote, read as leniently as is honest; spoken numbers; the prompt."""

import pytest
from support.compare_rows import CATALOGUE, plan

from models.compare.baselines.lenient import named, to_utterance
from models.compare.baselines.prompted import function_text, prompt_text
from models.compare.baselines.spoken import numbers, telephone_digits
from vehicle_apis.codec import Refusal


@pytest.mark.parametrize(
    "written",
    [
        ' set_fog_lights {"state": "on", "position": "rear"}',
        'set_fog_lights {"state": "On", "position": "rear"',
        "set_fog_lights(state=on, position='rear')",
        'set_fog_lights {"arguments": {"state": true, "position": "rear"}}',
        'Sure: set_fog_lights {"state": "on", "position": "rear", "colour": "blue"} and more',
    ],
)
def test_one_call_in_many_spellings(written: str) -> None:
    assert to_utterance(written, CATALOGUE) == plan("set_fog_lights", state="on", position="rear")


def test_numbers_are_read_with_their_units_and_unusable_options_are_dropped() -> None:
    assert to_utterance('set_volume {"level": "40 %"}', CATALOGUE) == plan("set_volume", level=40)
    assert to_utterance('set_fog_lights {"state": "on", "position": "middle"}', CATALOGUE) == plan(
        "set_fog_lights", state="on"
    )


@pytest.mark.parametrize("written", ["", "none", "fly_to_the_moon {}", "set_volume {}", 'set_volume {"level": 400}'])
def test_what_is_no_valid_call_does_nothing(written: str) -> None:
    assert to_utterance(written, CATALOGUE) == Refusal()


def test_a_function_counts_as_named_whatever_its_arguments() -> None:
    spec = named("I call set_volume {}", CATALOGUE)
    assert spec is not None
    assert spec.name == "set_volume"
    assert named("none of them", CATALOGUE) is None


def test_the_prompt_ends_where_the_answer_begins_and_shows_the_parameters() -> None:
    spec = CATALOGUE["set_fog_lights"]
    assert function_text(spec) == (
        'set_fog_lights {"state": on|off, "position": front|rear, default front}: Switch fog lights.'
    )
    text = prompt_text([spec], "fog lights on")
    assert text.endswith("Driver: fog lights on\nCall:")
    assert function_text(spec) in text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("set it to twenty one", [21]),
        ("one hundred and five point three please", [105.3]),
        ("nineteen and a half degrees", [19.5]),
        ("two and seventy", [2, 70]),
        ("nothing here", []),
    ],
)
def test_spoken_numbers(text: str, values: list[float]) -> None:
    assert [n.value for n in numbers(text.split())] == values


def test_telephone_digits() -> None:
    assert telephone_digits("oh seven double five one") == "07551"
    assert telephone_digits("my brother") == ""
