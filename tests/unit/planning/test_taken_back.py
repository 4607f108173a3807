"""Sentences that take something back: nothing is done, or the last thing said, never the opposite."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.said import Said, sentences
from support.shipped import shipped_model

from vehicle_agent.planning.planner import Planned, Planner, _Hearing
from vehicle_agent.planning.revocation import RevocationKind, needs_before, read, withdraws
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Refusal

SAID = sentences("taken_back")
MEANT = {
    "-": {RevocationKind.NOTHING, RevocationKind.INSTEAD},  # of a rest that means nothing, nothing comes
    "~": {RevocationKind.NOTHING, RevocationKind.PERHAPS_NOTHING},
    "=": {
        RevocationKind.AS_SAID,
        RevocationKind.NOTHING,
        RevocationKind.PERHAPS_NOTHING,
    },  # the model has the last word on texts and titles
    ">": {RevocationKind.INSTEAD, RevocationKind.AS_SAID, RevocationKind.NOTHING},
}


def read_right(said: Said) -> bool:
    reading = read(said.text)
    if said.expected == "=" and reading.meant is not RevocationKind.AS_SAID:
        return reading.own_words
    if said.expected == "-":
        return reading.meant is RevocationKind.NOTHING
    return reading.meant in MEANT[said.expected[0]]


@pytest.mark.parametrize("said", [s for s in SAID if not s.held_out], ids=lambda s: s.text)
def test_what_a_sentence_amounts_to(said: Said) -> None:
    assert read_right(said)


def test_sentences_no_rule_was_written_for() -> None:
    held_out = [said for said in SAID if said.held_out]
    assert len(held_out) > 120
    assert sum(map(read_right, held_out)) / len(held_out) > 0.94


@pytest.mark.parametrize(
    ("text", "head", "rest"),
    [
        ("fan to three forget it fan to two", "fan to three", "fan to two"),
        ("lock the doors no cancel that unlock them", "lock the doors", "unlock them"),
        ("open the roof never mind it's raining", "open the roof", ""),
        ("open the roof no forget it close the windows actually cancel that", "open the roof", ""),
        ("open the roof and um forget it", "open the roof", ""),
    ],
)
def test_head_and_rest(text: str, head: str, rest: str) -> None:
    reading = read(text)
    assert (reading.head, reading.rest) == (head, rest)


@pytest.mark.parametrize(
    "text", ["no forget it", "i changed my mind", "never mind then", "no", "no thanks", "uh scrap that"]
)
def test_a_sentence_that_only_takes_back(text: str) -> None:
    assert withdraws(text)
    assert read(text).meant is RevocationKind.AS_SAID  # nothing was said before it


@pytest.mark.parametrize("text", ["cancel the navigation", "forget the route", "stop", "yes", "", "no turn it off"])
def test_a_command_takes_nothing_back(text: str) -> None:
    assert not withdraws(text)


def test_a_value_and_what_points_back_need_what_was_said_before() -> None:
    assert needs_before("twenty two")
    assert needs_before("tilt it")
    assert not needs_before("turn the fan down")


WORDS = sorted({word for said in SAID for word in said.text.split()})


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30))
def test_any_words_are_read(words: list[str]) -> None:
    text = " ".join(words)
    reading = read(text)
    assert text.startswith(reading.head)
    assert reading.rest in text
    assert bool(reading.rest) == (reading.meant is RevocationKind.INSTEAD)
    assert bool(reading.head) == (reading.meant is not RevocationKind.AS_SAID)


def test_the_longest_sentence_is_read_in_no_time() -> None:
    for phrase in ("no forget it ", "never mind ", "don't ", "it is ", "i don't want to ", "wait a second "):
        text = " ".join(("open the roof " + phrase * 40).split()[:80])
        read(text)  # the test's own time limit is the bound


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    planner = Planner.load(load_catalogue(with_packs=False), shipped_model(), threads=1)
    yield planner
    planner.close()


def done_right(planner: Planner, said: Said, planned: Planned) -> bool:
    calls = planned.plan.calls
    match said.expected[0]:
        case "-":
            return isinstance(planned.utterance, Refusal)
        case "~":
            return planned.doubtful or all(call.spec.reads_only for call in calls)
        case "=":
            as_said = planner._as_said(planned.heard, _Hearing())
            return (as_said.utterance, as_said.doubtful) == (planned.utterance, planned.doubtful)
        case _:
            return calls == planner.plan(said.expected[2:]).plan.calls and not planned.doubtful


@pytest.mark.timeout(600)
def test_with_the_shipped_model(planner: Planner) -> None:
    """The figures are printed with `-s`; the bounds are wide of them."""
    right, total, acts = Counter[bool](), Counter[bool](), []
    for said in SAID:
        planned = planner.plan(said.text)
        good = done_right(planner, said, planned)
        total[said.held_out] += 1
        right[said.held_out] += good
        if not good and planned.plan.steps and not planned.doubtful:
            acts.append(said.text)
    for held_out in (False, True):
        print(f"{'held out' if held_out else 'rules written with'}: {right[held_out]} of {total[held_out]} right")
    print(f"did something unwanted: {len(acts)}")
    assert right[False] / total[False] > 0.96
    assert right[True] / total[True] > 0.92
    assert len(acts) <= 8, acts


@pytest.mark.parametrize(
    "text",
    [
        "lock the doors no cancel that", "close all windows actually don't", "fold the mirrors no stop",
        "unlock the doors no forget it", "open all windows scratch that", "turn the lights off wait no",
    ],
)  # fmt: skip
def test_never_the_opposite(planner: Planner, text: str) -> None:
    planned = planner.plan(text)
    assert planned.plan.calls == ()
    assert (planned.taken_back, planned.why) == (True, "you took that back")
