"""The short campaign: everything that once was a finding, and some thousand new inputs, the same in every run."""

import json
import random
import sys
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from dbus_next.signature import SignatureTree
from hypothesis import given, settings
from hypothesis import strategies as st
from support.calls import plans

from fuzz.campaign import CORPUS, RECORD, Result, corpus_of, fuzz, keep, shares, table
from fuzz.guard import Ended, Hang, attempt, hang_detector, memory_bound
from fuzz.minimise import minimised
from fuzz.mutate import Mutator
from fuzz.parts.crc import check_value, is_authentic, sealed
from fuzz.parts.world import catalogue
from fuzz.target import Form, Target
from fuzz.targets import NAMES, judge_lines, load, plan_json, plan_tokens, rejudged
from state_machines.crash_latch import CLEAR
from vehicle_apis.codec import encode
from vehicle_apis.e2e import E2EStatus, Profile1, Profile2

INPUTS = 100  # of each target; those of the full campaign are in campaign.json
SEED = 20260101


@pytest.fixture
def watched() -> Iterator[None]:
    """Deprecations inside libraries are no findings; every other warning is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _target(name: str) -> Target:
    target = load(name)
    if target is None:
        pytest.skip("what it tests is not installed")
    return target


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("watched")
def test_no_input_breaks_a_promise(name: str) -> None:
    result = fuzz(_target(name), INPUTS, SEED, minimise=False)
    assert result.findings == {}
    assert sum(result.outcomes.values()) == result.inputs == INPUTS


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
@pytest.mark.usefixtures("watched")
def test_what_was_found_once_stays_mended(path: Path) -> None:
    with hang_detector():
        ended = attempt(_target(path.parent.name), path.read_bytes())
    assert not ended.is_finding, ended.problem


@pytest.mark.parametrize(
    ("place", "instead", "name"),
    [
        ("vehicle_agent.backends.can.signals.E2EReceiver.receive", lambda *_: E2EStatus.OK, "frames_forged"),
        ("state_machines.limits.BETTER_AFTER_S", 0.2, "frames"),
        ("state_machines.limits.CREEPING_BELOW_KMH", 9.0, "frames"),
        ("vehicle_apis.params.EnumParam.normalise", lambda _, value: value, "plan_tokens"),
        ("state_machines.rulebook.app_key", lambda _app: "spotify", "judge_lines"),
        ("simulators.car.car.E2EReceiver.receive", lambda *_: E2EStatus.OK, "car_commands"),
        ("vehicle_agent.backends.dbus.backend.intelligible", lambda _what: nullcontext(), "dbus_replies"),
        ("vehicle_agent.latch_file.decode", lambda _: (CLEAR, ""), "latch"),
        ("vehicle_agent.message_bus.signatures.tree", SignatureTree._get, "dbus_stream"),
        ("vehicle_agent.message_bus.bus.one_line", lambda text: f"{text}\n", "dbus_stream"),
    ],
)
def test_a_defect_of_the_product_is_found(
    place: str, instead: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attribute = place.rpartition(".")[2]
    monkeypatch.setattr(place, instead)
    target = _target(name)
    if hasattr(sys.modules[target.run.__module__], attribute):  # imported by name
        monkeypatch.setattr(sys.modules[target.run.__module__], attribute, instead)
    try:
        found = bool(fuzz(target, 250, SEED, minimise=False).findings)
    except (AssertionError, TypeError):
        found = True  # by the very first seed
    assert found


def test_the_recorded_campaign_is_whole_and_found_nothing_that_is_left() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    rows = {row["target"]: row for row in record["targets"]}
    assert set(rows) == set(NAMES), "run `python -m fuzz --at-least 20000 --inputs 1 --target NEW --record ...`"
    assert min(row["inputs"] for row in rows.values()) >= 20_000
    assert sum(row["inputs"] for row in rows.values()) == record["inputs"] >= 1_000_000
    assert [row["findings"] for row in rows.values() if row["findings"]] == []
    assert table(RECORD).count("\n") == len(NAMES) + 2


def test_every_kept_input_belongs_to_a_target() -> None:
    assert {path.parent.name for path in CORPUS.glob("*/*")} <= set(NAMES)


@settings(max_examples=40)
@given(plans())
def test_every_valid_plan_survives_the_token_target(plan: object) -> None:
    pieces = encode(plan, catalogue())  # type: ignore[arg-type]  # plans() says what it makes
    if "".join(pieces).isascii() and "|" not in "".join(pieces):  # the target writes pieces as bytes
        assert isinstance(plan_tokens.run("|".join(pieces).encode()), tuple)


@settings(max_examples=40)
@given(
    st.recursive(st.none() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_json_of_any_shape_is_no_question(document: object) -> None:
    data = json.dumps(document).encode()
    with hang_detector():
        for target in (judge_lines.TARGET, plan_json.TARGET, rejudged.TARGET):
            assert not attempt(target, data).is_finding


# --- the engine itself ------------------------------------------------------------------------------------------------


def _toy(run: object, **changes: object) -> Target:
    given_: dict[str, object] = {"name": "toy", "run": run, "allowed": (KeyError,), "seeds": lambda: [b"seed"]}
    return Target(**{**given_, **changes})  # type: ignore[arg-type]


def _ended(run: object) -> Ended:
    with hang_detector():
        return attempt(_toy(run), b"x")


def _raise(error: BaseException) -> object:
    raise error


def test_an_allowed_error_is_no_finding_but_must_be_one_sentence() -> None:
    assert _ended(lambda _: _raise(KeyError("no such key"))).kind == "KeyError"
    assert _ended(lambda _: _raise(KeyError())).problem.startswith("KeyError without a message")
    several = _toy(lambda _: _raise(ValueError("one\ntwo")), allowed=(ValueError,))
    with hang_detector():
        assert attempt(several, b"x").problem.startswith("ValueError with a message of several lines")


def test_what_is_not_allowed_is_a_finding_named_without_the_input() -> None:
    first, second = (_ended(lambda _, n=n: _raise(TypeError(f"bad {n}"))) for n in (1, 22))
    assert first.is_finding
    assert first.problem.startswith("TypeError: bad _")
    assert second.problem.startswith("TypeError: bad _")


def test_a_hang_and_a_greedy_input_are_findings() -> None:
    def endless(_: bytes) -> None:
        while True:
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001, S112 - nothing under test can swallow the alarm
                continue

    assert _ended(endless).problem.startswith("takes more than a second")
    with memory_bound(50 << 20):
        assert _ended(lambda _: bytearray(200 << 20)).problem.startswith("takes more memory")
    assert issubclass(Hang, BaseException)
    assert not issubclass(Hang, Exception)


def test_a_planted_defect_is_found_made_small_and_kept(tmp_path: Path) -> None:
    def run(data: bytes) -> int:
        assert b"\xff" not in data[2:], "a byte of 255"
        return len(data)

    result = fuzz(_toy(run, seeds=lambda: [b"a long and harmless seed"]), 1500, 1)
    assert len(result.findings) == 1
    (found,) = result.findings.values()
    assert len(found) == 3
    (path,) = keep(result, tmp_path)
    assert path.read_bytes() == found
    assert keep(result, tmp_path) == []


def test_a_campaign_is_the_same_each_time() -> None:
    def once() -> tuple[Result, list[bytes]]:
        seen: list[bytes] = []

        def run(data: bytes) -> int:
            seen.append(data)
            return len(data)

        return fuzz(_toy(run), 300, 9), seen

    (first, inputs), (second, again) = once(), once()
    assert inputs == again
    assert first.outcomes == second.outcomes
    assert len(set(inputs)) > 150


@pytest.mark.parametrize("form", ["bytes", "text", "json", "jsonl", "toml", "yaml"])
def test_mutation_keeps_its_bounds_and_often_the_form(form: Form) -> None:
    seed = b"a = 1\n[b]\nc = [1, 2]" if form == "toml" else b'{"a": [1, "b", {"c": null}]}'
    mutator = Mutator(random.Random(1), form, (b"word",), 200)
    made = [mutator.of([seed]) for _ in range(300)]
    assert max(map(len, made)) <= 200
    reads = tomllib.loads if form == "toml" else json.loads

    def is_whole(data: bytes) -> bool:
        try:
            reads(data.decode())
        except (ValueError, RecursionError):
            return False
        return True

    changed = [data for data in made if data != seed]
    assert len(changed) > 200
    if form in {"json", "jsonl", "toml", "yaml"}:
        assert sum(map(is_whole, changed)) > 100


def test_making_smaller_keeps_what_matters() -> None:
    ticks = iter(range(10_000))
    assert minimised(b"xxaxxbxx", lambda d: d.find(b"a") < d.find(b"b"), clock=lambda: 0.0) == b"b"
    assert len(minimised(b"x" * 50, lambda d: len(d) > 3, clock=lambda: next(ticks), max_s=3)) > 4


def test_shares_give_every_target_its_least() -> None:
    some = [_toy(print, name="slow", share=0), _toy(print, name="quick", share=3), _toy(print, name="other", share=1)]
    assert shares(some, 100, 20) == {"slow": 20, "quick": 50, "other": 30}


def test_the_check_values_are_those_of_the_specification() -> None:
    # shared/design/bus.md: eight zero bytes, counter 0, and what follows
    first = Profile1(data_id=0x123)
    assert check_value(first, bytes(8)) == 0xCC
    assert sealed(first, bytes(8), 1)[:2] == b"\x91\x01"
    second = Profile2(data_id_list=bytes(range(1, 17)))
    crcs = [sealed(second, bytes(8), n)[0] for n in range(17)]
    assert bytes(crcs).hex() == "0e1b98310d189b65081d9e370b1e9dcd0e"
    assert is_authentic(first, sealed(first, b"\0\xf7abcdef", 14))
    assert not is_authentic(first, sealed(first, b"\0\xf7abcdef", 14)[:7])


@pytest.mark.parametrize("name", NAMES)
def test_the_first_seed_of_every_target_is_a_good_one(name: str) -> None:
    target = _target(name)
    target.run(target.seeds()[0])
    assert corpus_of(name) == sorted((CORPUS / name).glob("*"))
