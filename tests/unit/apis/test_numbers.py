"""Numbers that come as text, at every door they come in by."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from simulators.car.faults import parse_fault
from simulators.errors import SimulatorError
from vehicle_agent.config import BusConfig, ModelConfig
from vehicle_agent.record.drives.expectation import _count, _finite
from vehicle_apis.binding.model import GateSignal, ProtocolTable
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import decode
from vehicle_apis.errors import CodecError, InvalidCall, InvalidPlan
from vehicle_apis.numbers import any_float, is_number, number, whole_number
from vehicle_apis.ref import parse_ref

CATALOGUE = load_catalogue(with_packs=False)
FOREIGN = (
    "\u096b",
    "\uff15",
    "\u0665",
    "\u0be6",
    "1_0",
    "5_0",
    " 5",
    "5 ",
    "\u00b2",
    "0x5",
    "5e0",
    "+",
    "-",
    ".",
    "",
    "1.2.3",
)

odd_digits = st.text(
    st.characters(categories=["Nd", "Nl", "No", "Zs", "Pc"], max_codepoint=0x1FFFF), min_size=1, max_size=6
)


@given(st.text(max_size=12) | odd_digits)
@example("nan")
@example("inf")
@example("1_0")
def test_only_plain_ascii_is_a_number(text: str) -> None:
    plain = bool(text) and set(text) <= set("0123456789+-.")
    if is_number(text):
        assert plain
        assert float(text) == number(text)
    else:
        with pytest.raises(ValueError, match="write it with the digits"):
            number(text)
    if not plain:
        with pytest.raises(ValueError, match="no whole number"):
            whole_number(text)


@given(st.integers(-(10**17), 10**17) | st.floats(-1e6, 1e6).map(lambda f: round(f, 6)))
def test_what_is_written_plainly_is_read(value: float) -> None:
    text = str(value)
    assume("e" not in text)
    assert number(text) == value


@pytest.mark.parametrize("text", FOREIGN)
def test_no_other_digits_in_any_argument(text: str) -> None:
    for name, arguments in (
        ("set_fan_speed", {"level": text}),
        ("set_climate_temperature", {"temperature": text}),
        ("set_timer", {"minutes": text}),
        ("dial_number", {"number": text}),
        ("set_alarm", {"time": f"{text}:30"}),
        ("control_window", {"position": text}),
    ):
        if name == "dial_number" and text.strip() == "5":
            continue  # a text loses its blanks
        with pytest.raises(InvalidCall):
            CATALOGUE[name].parse(arguments)


@given(odd_digits)
def test_no_digits_of_other_scripts_in_a_time_or_a_telephone_number(text: str) -> None:
    assume(not text.isascii())
    for name, arguments in (("set_alarm", {"time": f"0{text}:30"}), ("dial_number", {"number": f"1{text}2"})):
        with pytest.raises(InvalidCall):
            CATALOGUE[name].parse(arguments)


@pytest.mark.parametrize("text", ["$\u0661", "$1\uff11", "$1_0", "$ 1"])
def test_no_reference_in_other_digits(text: str) -> None:
    assert parse_ref(text) is None


@pytest.mark.parametrize("text", ["\u0665", "1_0", "\uff15"])
def test_files_and_faults(text: str) -> None:
    for kind, given_ in (
        (BusConfig, {"bitrate": text}),
        (ModelConfig, {"threads": text}),
        (ProtocolTable, {"accept_timeout_ms": text}),
        (GateSignal, {"signal": "Gear", "cycle_ms": text}),
    ):
        if any(name in kind.model_fields for name in given_):
            with pytest.raises(ValidationError):
                kind.model_validate(given_)
    for fault in (f"drop Gear {text}", f"babble {text} 5", f"offset VehicleSpeed {text}"):
        if not fault.startswith("babble"):
            with pytest.raises(SimulatorError):
                parse_fault(fault)
    for reader in (_count, _finite, any_float):
        with pytest.raises(ValueError, match="number"):
            reader(text)


@pytest.mark.parametrize("text", ["\u0665", "1_0", "nan", "inf"])
def test_the_models_own_text(text: str) -> None:
    token = CATALOGUE.token_index("set_fan_speed")
    with pytest.raises(CodecError):
        decode(f"<fn_{token}><arg_0>{text}<end>", CATALOGUE)


@pytest.mark.parametrize("name", ["navigate_to", "add_waypoint", "send_text_message"])
@pytest.mark.parametrize("ref", ["$1", "$2", " $1 ", "$99"])
def test_a_single_call_has_no_result_to_refer_to(name: str, ref: str) -> None:
    spec = CATALOGUE[name]
    words = dict.fromkeys(spec.required, ref)
    if name == "send_text_message":
        words["recipient"] = "mum"
    with pytest.raises(InvalidCall, match=r"refers to the result of another call \(\$\d+\), but this is a single call"):
        spec.parse(words)
    with pytest.raises(InvalidPlan, match="it is a single call"):
        Plan.of(CATALOGUE.call(name, **words))
