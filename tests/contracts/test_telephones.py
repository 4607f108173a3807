"""Every function of the telephone against every habit of real telephones, phone books and message stores."""

from collections.abc import AsyncIterator, Callable

import pytest
from dbus_next.signature import Variant
from headunit_bench import needs_bus
from support.car import BY_STATE, CRASHED
from support.fakes import call
from support.ofono import GONE, MESSAGES, VOICE, Driver, Line, Street, Telephone, open_street

from vehicle_agent.backends.dbus.meaning import MEANINGS
from vehicle_agent.conversation.outcome import Status

pytestmark = needs_bus


@pytest.fixture
async def driver() -> AsyncIterator[Driver]:
    async with open_street() as driver:
        yield driver


# --- habits

Habit = Callable[[Street], None]
HABITS: dict[str, Habit] = {}
ONLY_VOICE = [VOICE, "org.ofono.Handsfree"]


def habit(fn: Habit) -> Habit:
    HABITS[fn.__name__] = fn
    return fn


def _set(street: Street, **properties: object) -> None:
    street.telephone.properties.update(properties)


def _without(street: Street, *names: str) -> None:
    for name in names:
        street.telephone.properties.pop(name, None)


@habit
def as_it_should_be(street: Street) -> None:
    pass


@habit
def hands_free_without_messages(street: Street) -> None:
    _set(street, Interfaces=ONLY_VOICE)


@habit
def says_nothing_of_power(street: Street) -> None:
    _without(street, "Powered", "Online", "Name")


@habit
def odd_types_of_properties(street: Street) -> None:
    _set(street, Powered="yes", Online=1, Name=Variant("i", 5))


@habit
def offline_one_first(street: Street) -> None:
    street.telephones.insert(0, Telephone(path="/built_in"))
    _set(street, Online=False, Powered=False, Name="Built In")


@habit
def hands_free_and_a_modem_for_messages(street: Street) -> None:
    _set(street, Interfaces=ONLY_VOICE)
    other = Telephone(path="/built_in")
    other.properties["Interfaces"] = [MESSAGES]
    street.telephones.append(other)


@habit
def odd_rows_among_the_modems(street: Street) -> None:
    good = ["/hfp/1", {"Interfaces": Variant("as", [VOICE, MESSAGES])}]
    street.modem_rows = lambda: (
        "av",
        [[Variant("s", "none"), Variant("(oa{sv})", ["/odd", {}]), Variant("(s)", ["x"]), Variant("(oa{sv})", good)]],
    )


@habit
def no_emergency_numbers_said(street: Street) -> None:
    street.telephone.emergency = None


@habit
def emergency_numbers_of_another_type(street: Street) -> None:
    street.telephone.emergency = "112"


@habit
def no_properties_of_calls_at_all(street: Street) -> None:
    street.telephone.missing.add("GetProperties")


@habit
def another_path_for_the_new_call(street: Street) -> None:
    telephone = street.telephone
    telephone.other_path = "/elsewhere"
    dial = telephone.ask

    def ask(path: str, member: str, body: list[str]) -> object:
        if member == "Dial":
            telephone.ring(body[0], "alerting")
        return dial(path, member, body)

    telephone.ask = ask  # type: ignore[method-assign,assignment]


@habit
def a_phone_book_without_addresses(street: Street) -> None:
    street.book.rows = [row[:2] for row in street.book.rows]
    street.book.signature = "a(sa(ss))"


@habit
def a_phone_book_of_mappings(street: Street) -> None:
    street.book.rows = [[name, dict(numbers), address] for name, numbers, address in street.book.rows]
    street.book.signature = "a(sa{ss}s)"


@habit
def odd_rows_in_the_phone_book(street: Street) -> None:
    good = [Variant("(sa(ss)s)", row) for row in street.book.rows]
    odd = [
        *(Variant("s", "x"), Variant("i", 5), Variant("(s)", [""]), Variant("(si)", ["Zed", 5]), Variant("as", [])),
        *(Variant("(sas)", ["Yve", ["5550123"]]), Variant("(sa(sss))", ["Xan", [["a", "b", "c"]]])),
    ]
    street.book.rows = [*odd, *good]
    street.book.signature = "av"


@habit
def everybody_twice(street: Street) -> None:
    street.book.rows = street.book.rows * 2


@habit
def unknown_types_of_numbers(street: Street) -> None:
    for row in street.book.rows:
        row[1] = [["", text] if kind == "work" else [{"mobile": "CELL"}.get(kind, kind), text] for kind, text in row[1]]


@habit
def no_swapping_of_calls(street: Street) -> None:
    street.telephone.missing |= {"SwapCalls", "HoldAndAnswer"}


@habit
def no_swapping_implemented(street: Street) -> None:
    errors = dict.fromkeys(("SwapCalls", "HoldAndAnswer"), "org.ofono.Error.NotImplemented")
    street.telephone.errors |= errors


@habit
def busy_with_a_call(street: Street) -> None:
    street.telephone.errors["Dial"] = "org.ofono.Error.InProgress"


@habit
def calls_vanish_when_touched(street: Street) -> None:
    street.telephone.vanishing = True


@habit
def the_only_telephone_is_off(street: Street) -> None:
    _set(street, Powered=False, Online=False, Interfaces=[])


@habit
def flight_mode(street: Street) -> None:
    _set(street, Online=False, Interfaces=[])


@habit
def no_telephone(street: Street) -> None:
    street.telephones.clear()


@habit
def vanishes_before_it_is_used(street: Street) -> None:
    street.telephone.errors |= dict.fromkeys(("Dial", "SendMessage", "SwapCalls", "HoldAndAnswer"), GONE)
    street.telephone.vanishing = True


# --- functions


async def dials(d: Driver) -> str:
    outcome = await d.says("dial_number", number="5550123")
    return _told(outcome.status, outcome.reason, outcome.observed.text if outcome.observed else "")


async def calls_somebody(d: Driver) -> str:
    return await _run(d, "call_contact", name="ben")


async def calls_the_breakdown_service(d: Driver) -> str:
    return await _run(d, "call_roadside_assistance")


async def writes(d: Driver) -> str:
    return await _run(d, "send_text_message", recipient="ann", message="on my way")


async def answers(d: Driver) -> str:
    if d.street.telephones:
        d.street.telephone.ring("+12025550108")
    return await _run(d, "control_call", action="answer")


async def answers_a_second_one(d: Driver) -> str:
    if d.street.telephones:
        d.street.telephone.ring("5550177", "active")
        d.street.telephone.ring("withheld", "waiting")
    return await _run(d, "control_call", action="answer")


async def hangs_up(d: Driver) -> str:
    if d.street.telephones:
        d.street.telephone.ring("0044 20 7946 0018", "active")
    return await _run(d, "control_call", action="hang_up")


async def holds(d: Driver) -> str:
    if d.street.telephones:
        d.street.telephone.ring("", "active", Name="Zoe Hall")
    return await _run(d, "control_call", action="hold")


async def reads(d: Driver) -> str:
    return await _run(d, "read_messages")


async def looks_up(d: Driver) -> str:
    return await _run(d, "get_contact_address", name="anna weber")


async def connects(d: Driver) -> str:
    return await _run(d, "connect_bluetooth_device", device="pixel phone")


async def _run(d: Driver, name: str, /, **arguments: object) -> str:
    outcome = await d.call(call(name, **arguments))
    return _told(outcome.status, outcome.reason, outcome.observed.text if outcome.observed else "")


def _told(status: Status, reason: str, text: str) -> str:
    return text if status is Status.DONE else f"{status.value}: {reason}"


FUNCTIONS = {
    dials: "Calling 5 5 5, 0 1 2 3.",
    calls_somebody: "Calling Ben Carter.",
    calls_the_breakdown_service: "Calling roadside assistance.",
    writes: "The message to Anna Weber is on its way.",
    answers: "You are talking to Ben Carter.",
    answers_a_second_one: "You are talking to an unknown caller.",
    hangs_up: "The call with Anna Weber has ended.",
    holds: "The call with Zoe Hall is on hold.",
    reads: "You have one unread message. Anna Weber says: hello",
    looks_up: "Anna Weber lives at 9 Kite Hill.",
    connects: "Pixel Phone is connected.",
}
_PHONES = (dials, calls_somebody, calls_the_breakdown_service, writes, answers, answers_a_second_one, hangs_up, holds)
_DIALS = (dials, calls_somebody, calls_the_breakdown_service)
_SECOND = "failed: This telephone cannot take a second call from here; end the first one, or take it on the telephone."
_HOLD = "failed: This telephone cannot put a call on hold from here; do it on the telephone."
_LEFT = "failed: The telephone is not connected any more."
_CANNOT_WRITE = "failed: The telephone Pixel cannot send messages."
# habit -> what is told instead, by function
INSTEAD: dict[str, dict[object, str]] = {
    "hands_free_without_messages": {writes: _CANNOT_WRITE},
    "a_phone_book_without_addresses": {looks_up: "failed: Anna Weber has no address in the phone book."},
    "no_swapping_of_calls": {answers_a_second_one: _SECOND, holds: _HOLD},
    "no_swapping_implemented": {answers_a_second_one: _SECOND, holds: _HOLD},
    "busy_with_a_call": dict.fromkeys(_DIALS, "failed: The telephone is busy with another call; end it first."),
    "calls_vanish_when_touched": {answers: "failed: The call is over already."},
    "the_only_telephone_is_off": dict.fromkeys(_PHONES, "failed: The telephone Pixel is switched off; switch it on."),
    "flight_mode": dict.fromkeys(_PHONES, "failed: The telephone Pixel is not online; switch its flight mode off."),
    "no_telephone": dict.fromkeys(_PHONES, "failed: No telephone is connected; connect one by Bluetooth."),
    "vanishes_before_it_is_used": {
        **dict.fromkeys((*_DIALS, writes), _LEFT),
        **dict.fromkeys((answers, answers_a_second_one, holds), "failed: The call is over already."),
    },
}


@pytest.mark.parametrize("name", HABITS)
async def test_every_function_with_every_habit(name: str) -> None:
    wrong = []
    for function, usual in FUNCTIONS.items():
        async with open_street() as driver:
            HABITS[name](driver.street)
            told = await function(driver)
            wanted = INSTEAD.get(name, {}).get(function, usual)
            if told != wanted:
                wrong.append(f"{function.__name__}: {told!r}, wanted {wanted!r}")
    assert not wrong, "\n".join(wrong)


# --- what is dialled


@pytest.mark.parametrize(
    ("name", "question", "number"),
    [
        ("rescue", "Call Rescue, the emergency number plus 1 1 2?", "+112"),
        ("full width", "Call Full Width, the emergency number 1 1 2?", "112"),
        ("police", "Call Police, the emergency number 1 1 0?", "110"),
    ],
)
async def test_a_stored_emergency_number_is_asked_about_until_there_was_a_crash(
    driver: Driver, name: str, question: str, number: str
) -> None:
    assert (await driver.says("call_contact", name=name, yes=False)).status is Status.REFUSED
    assert (driver.asked, driver.street.telephone.dialled) == ([question], [])
    for word, signals in BY_STATE.items():
        driver.shell.drive(signals)
        driver.asked.clear()
        driver.street.telephone.lines.clear()
        assert (await driver.says("call_contact", name=name)).status is Status.DONE
        assert driver.asked == ([] if word == "crashed" else [question])
    assert driver.street.telephone.dialled == [number] * len(BY_STATE)


async def test_a_code_in_the_phone_book_is_dialled_in_no_state(driver: Driver) -> None:
    for signals in BY_STATE.values():
        driver.shell.drive(signals)
        for asked in (
            ("call_contact", {"name": "forward"}),
            ("send_text_message", {"recipient": "forward", "message": "x"}),
            ("send_text_message", {"recipient": "**21*5550199#", "message": "x"}),
            ("send_text_message", {"recipient": "\uff0a\uff0a21\uff0a5550199\uff03", "message": "x"}),
        ):
            outcome = await driver.call(call(asked[0], **asked[1]))
            assert outcome.status in {Status.REFUSED, Status.FAILED}, asked
    assert (driver.asked, driver.street.telephone.dialled, driver.street.telephone.texts) == ([], [], [])


async def test_the_breakdown_number_of_the_configuration_is_judged_too(driver: Driver) -> None:
    for number, rule in (("*100#", "never_dialled"), ("0112", "make_emergency_call[0]")):
        object.__setattr__(driver.backend.client.config, "roadside_number", number)
        assert (await driver.says("call_roadside_assistance", yes=False)).rule == rule
    assert driver.asked == ["Call roadside assistance, the emergency number 0 1 1 2?"]
    object.__setattr__(driver.backend.client.config, "roadside_number", "0800 555-0199")
    await driver.says("call_roadside_assistance")
    assert driver.street.telephone.dialled == ["08005550199"]


async def test_the_telephones_own_emergency_numbers_are_added(driver: Driver) -> None:
    assert (await driver.says("call_contact", name="seven")).status is Status.DONE
    assert driver.asked == []
    driver.street.telephone.emergency = ["112", "777", "*99#", ""]
    driver.street.telephone.lines.clear()
    await driver.says("call_contact", name="seven", yes=False)
    await driver.says("dial_number", number="0777", yes=False)
    assert driver.asked == [
        "Call Seven, the emergency number 7 7 7?",
        "Call the emergency services on 0 7 7 7?",
    ]
    driver.shell.drive(CRASHED)
    await driver.says("dial_number", number="777")
    assert (len(driver.asked), driver.street.telephone.dialled) == (2, ["777", "777"])


async def test_the_number_that_was_judged_is_the_one_that_is_dialled(driver: Driver) -> None:
    """The phone book changes between any two looks: what is dialled is what was judged then, or nothing."""
    row = driver.street.book.rows[1]

    def change() -> None:
        row[1][0][1] = "112" if row[1][0][1] != "112" else "2025550108"

    driver.street.book.before_look = change
    for _ in range(2):  # a friend's number first, then the emergency number
        outcome = await driver.says("call_contact", name="ben")
        assert (outcome.status, driver.street.telephone.dialled) == (Status.FAILED, [])
        assert "changed meanwhile" in outcome.reason
        change()
    assert driver.asked == ["Call Ben Carter, the emergency number 1 1 2?"]


async def test_a_phone_book_that_does_not_answer_lets_nothing_through(driver: Driver) -> None:
    driver.street.book.signature = "s"
    driver.street.book.rows = "nobody"  # type: ignore[assignment]
    for signals in BY_STATE.values():
        driver.shell.drive(signals)
        assert (await driver.says("call_contact", name="ben")).status is Status.FAILED
        assert (await driver.says("send_text_message", recipient="ben", message="x")).status is Status.FAILED
    assert (driver.street.telephone.dialled, driver.street.telephone.texts, driver.asked) == ([], [], [])
    assert not [j for j in driver.shell.judgements if j.decision == "allow"]


async def test_a_number_no_telephone_has(driver: Driver) -> None:
    assert (await driver.says("dial_number", number="1" * 20)).status is Status.DONE
    outcome = await driver.says("dial_number", number="1" * 21)
    assert outcome.reason.endswith("has 21 digits; no telephone number is that long.")


# --- who is meant


@pytest.mark.parametrize(
    ("recipient", "question", "number"),
    [
        ("ann", "Send Anna Weber, mobile, the text: hi?", "+447700900123"),
        ("BEN", "Send Ben Carter the text: hi?", "2025550108"),
        ("555 0177", "Send 5 5 5, 0 1 7 7, the text: hi?", "5550177"),
        ("\u0665\u0665\u0665 \u0660\u0661\u0667\u0667", "Send 5 5 5, 0 1 7 7, the text: hi?", "5550177"),
        ("112", "Send 1 1 2 the text: hi?", "112"),
        ("rescue", "Send Rescue the text: hi?", "+112"),
    ],
)
async def test_the_question_names_who_gets_the_text(driver: Driver, recipient: str, question: str, number: str) -> None:
    await driver.says("send_text_message", recipient=recipient, message="hi", yes=False)
    assert (driver.asked, driver.street.telephone.texts) == ([question], [])
    await driver.says("send_text_message", recipient=recipient, message="hi")
    assert driver.street.telephone.texts == [(number, "hi")]
    assert {j.call.arguments["message"] for j in driver.shell.judgements} == {"hi"}
    # the journal has both: what was said, and what was judged
    last = driver.shell.judgements[-1]
    assert (last.binding, last.confirmed, last.context.number) == (True, True, number)
    first = driver.shell.judgements[0]
    assert (first.said or first.call).arguments["recipient"] == " ".join(recipient.split())


@pytest.mark.parametrize(
    ("recipient", "sentence"),
    [
        ("chris", "Chris Baker and Chris Young both match chris; say the whole name."),
        ("zebedee", "There is no contact called zebedee in the phone book."),
    ],
)
async def test_nobody_or_several_is_said_before_any_question(driver: Driver, recipient: str, sentence: str) -> None:
    outcome = await driver.says("send_text_message", recipient=recipient, message="hi")
    assert (outcome.status, outcome.reason, driver.asked) == (Status.FAILED, sentence, [])


def _renamed(street: Street) -> None:
    street.book.rows[0][0] = "Annabel Weber"


def _another_number(street: Street) -> None:
    street.book.rows[0][1][0][1] = "+44 7700 900999"


def _another_first(street: Street) -> None:
    street.book.rows[0][1] = [["mobile", "112"], *street.book.rows[0][1]]


def _removed(street: Street) -> None:
    del street.book.rows[0]


def _one_number_left(street: Street) -> None:
    del street.book.rows[0][1][0]


@pytest.mark.parametrize("change", [_renamed, _another_number, _another_first, _removed, _one_number_left])
async def test_an_entry_that_changes_under_the_question_is_not_used(driver: Driver, change: Habit) -> None:
    text = call("send_text_message", recipient="ann", message="hi")
    outcome = await driver.call(text, then=lambda: change(driver.street))
    assert (outcome.status, driver.street.telephone.texts) == (Status.FAILED, [])
    assert outcome.reason.endswith((".", "?"))
    assert "inside the agent" not in outcome.reason


@pytest.mark.parametrize("name", ["Ann", "ann", "Anna Weber"])
async def test_a_better_match_that_comes_up_later_changes_nothing(driver: Driver, name: str) -> None:
    """The yes is for the one that was named, even if the words now mean somebody else."""
    other = [name, [["mobile", "5550100"]], ""]
    text = call("send_text_message", recipient="ann", message="hi")
    await driver.call(text, then=lambda: driver.street.book.rows.append(other))
    assert driver.street.telephone.texts == [("+447700900123", "hi")]


async def test_a_result_filled_in_is_in_the_question(driver: Driver) -> None:
    look, text = call("get_contact_address", name="anna"), call("send_text_message", recipient="ben", message="$1")
    await driver.does(look, text)
    assert driver.asked == ["Send Ben Carter the text: Anna Weber, 9 Kite Hill?"]
    assert driver.street.telephone.texts == [("2025550108", "Anna Weber, 9 Kite Hill")]


async def test_what_a_name_means_is_found_again(driver: Driver) -> None:
    """Looking up what a look-up gave finds the same."""
    asked = [
        *(call("call_contact", name=name) for name in ("ann", "ben", "rescue", "seven")),
        *(call("call_contact", name="anna", number_type=kind) for kind in ("home", "mobile")),
        *(call("send_text_message", recipient=to, message="$1") for to in ("ann", "ben carter", "555 0123", "+1 5")),
        call("connect_bluetooth_device", device="the pixel"),
        call("dial_number", number="112"),
        call("call_roadside_assistance"),
    ]
    assert {c.name for c in asked} == MEANINGS.keys() - {"switch_driver_profile"}
    for wanted in asked:
        meant = await driver.backend.meant(wanted)
        assert await driver.backend.meant(meant.call) == meant


# --- callers


@pytest.mark.parametrize(
    ("shown", "name", "who"),
    [
        *(
            (hidden, None, "an unknown caller")
            for hidden in ("", "withheld", "unknown", "Anonymous", "<private>", None)
        ),
        ("withheld", "withheld", "an unknown caller"),
        ("withheld", "Zoe Hall", "Zoe Hall"),
        ("5550199", "Zoe Hall", "Zoe Hall"),
        ("5550199", "", "5 5 5, 0 1 9 9"),
        ("2025550108", "Somebody Else", "Ben Carter"),
        ("+12025550108", None, "Ben Carter"),
        ("0012025550108", None, "Ben Carter"),
        ("12025550108", None, "Ben Carter"),
        ("+442079460018", None, "Anna Weber"),
        ("02079460018", None, "Anna Weber"),
        ("00442079460018", None, "Anna Weber"),
        ("07700900123", None, "Anna Weber"),
        ("+492079460018", None, "Anna Weber"),  # 020 7946 0018 says no country
        ("+445550108", None, "plus 4 4 5, 5 5 0, 1 0 8"),
        ("0108", None, "0 1 0 8"),
        ("sip:anna@example", None, "sip:anna@example"),
    ],
)
async def test_who_is_calling(driver: Driver, shown: str | None, name: str | None, who: str) -> None:
    more = {} if name is None else {"Name": name}
    driver.street.telephone.ring(shown, "incoming", **more)
    assert (await driver.says("control_call", action="answer")).observed.text == f"You are talking to {who}."  # type: ignore[union-attr]


async def test_a_long_phone_book(driver: Driver) -> None:
    driver.street.book.rows += [[f"Somebody {n}", [["mobile", f"30355{n:05}"]], ""] for n in range(1000)]
    driver.street.telephone.ring("+12025550108")
    assert (await driver.says("control_call", action="answer")).observed.text == "You are talking to Ben Carter."  # type: ignore[union-attr]
    await driver.says("send_text_message", recipient="somebody 777", message="hi")
    assert driver.street.telephone.texts == [("3035500777", "hi")]
    assert (await driver.says("call_contact", name="zebedee")).reason.startswith("There is no contact called zebedee")


async def test_a_number_of_two_people_is_said(driver: Driver) -> None:
    driver.street.book.rows.append(["Carla Carter", [["home", "+1 202 555 0108"]], ""])
    driver.street.telephone.ring("2025550108")
    text = (await driver.says("control_call", action="reject")).observed.text  # type: ignore[union-attr]
    assert text == "The call from Ben Carter was rejected."  # stored in this very form
    driver.street.book.rows.append(["Dora Carter", [["home", "2025550108"]], ""])
    driver.street.telephone.ring("2025550108")
    text = (await driver.says("control_call", action="reject")).observed.text  # type: ignore[union-attr]
    assert text == "The call from 2 0 2, 5 5 5, 0 1 0 8 was rejected."


@pytest.mark.parametrize("state", [5, "", "ACTIVE", "ringing", None, ["active"]])
async def test_odd_states_of_a_call_cost_that_call_alone(driver: Driver, state: object) -> None:
    driver.street.telephone.ring("5550188", state)
    driver.street.telephone.ring("2025550108", "held")
    outcome = await driver.says("control_call", action="hang_up")
    assert outcome.status is Status.DONE
    left = [line.number for line in driver.street.telephone.lines]
    assert left == (["2025550108"] if state == "ACTIVE" else ["5550188"])


async def test_a_conference_is_ended_as_one(driver: Driver) -> None:
    for number in ("5550101", "5550102", "5550103"):
        driver.street.telephone.ring(number, "active", Multiparty=True)
    driver.street.telephone.ring("5550104", "held", Multiparty=False)
    outcome = await driver.says("control_call", action="hang_up")
    assert outcome.observed is not None
    assert outcome.observed.text == "The call with the conference has ended."
    assert [line.number for line in driver.street.telephone.lines] == ["5550104"]


@pytest.mark.parametrize(
    ("states", "action", "left"),
    [
        (("active", "held"), "hang_up", ["held"]),
        (("held", "active"), "hang_up", ["held"]),
        (("active", "waiting"), "hang_up", ["waiting"]),
        (("active", "waiting"), "reject", ["active"]),
        (("incoming",), "hang_up", []),
        (("waiting",), "hang_up", []),
        (("held", "incoming"), "reject", ["held"]),
        (("active", "held"), "hold", ["held", "active"]),
        (("disconnected", "active"), "hang_up", ["disconnected"]),
    ],
)
async def test_which_of_several_calls(driver: Driver, states: tuple[str, ...], action: str, left: list[str]) -> None:
    for n, state in enumerate(states):
        driver.street.telephone.ring(f"555010{n}", state)
    assert (await driver.says("control_call", action=action)).status is Status.DONE
    assert [line.state for line in driver.street.telephone.lines] == left


async def test_the_telephone_with_the_call_is_the_one_that_is_controlled(driver: Driver) -> None:
    second, third = Telephone(path="/second"), Telephone(path="/third")
    third.errors["GetCalls"] = "org.ofono.Error.Failed"
    driver.street.telephones += [second, third]
    second.ring("2025550108", "active")
    await driver.says("control_call", action="hang_up")
    assert second.lines == []


async def test_no_telephone_that_answers_is_said(driver: Driver) -> None:
    driver.street.telephone.silent.add("GetCalls")
    outcome = await driver.says("control_call", action="hang_up")
    assert outcome.reason == "The telephone does not answer; restart the service org.ofono."


async def test_a_telephone_comes_back(driver: Driver) -> None:
    telephone = driver.street.telephones.pop()
    assert "No telephone" in (await driver.says("dial_number", number="5550123")).reason
    driver.street.telephones.append(telephone)
    assert (await driver.says("dial_number", number="5550123")).status is Status.DONE
    driver.street.telephones.pop()
    assert "No telephone" in (await driver.says("control_call", action="hang_up")).reason


async def test_an_old_call_to_the_same_number_is_no_new_one(driver: Driver) -> None:
    telephone = driver.street.telephone
    telephone.lines.append(Line("/hfp/1/voicecall09", "5550123", "active"))
    telephone.other_path = "/nowhere"
    outcome = await driver.says("dial_number", number="5550123")
    assert (outcome.status, outcome.reason) == (Status.FAILED, "The telephone shows no change (calls 1).")


# --- messages


@pytest.mark.parametrize(
    ("signature", "rows", "told"),
    [
        ("a(ss)", [["+1 202 555 0108", "hello"]], "You have one unread message. Ben Carter says: hello"),
        ("a(ss)", [["5550199", "hello"]], "You have one unread message. 5 5 5, 0 1 9 9 says: hello"),
        ("a(ss)", [["", "hello\n you"]], "You have one unread message. An unknown sender says: hello you"),
        ("a(ss)", [["Anna", " "]], "There are no unread messages."),
        ("a(sss)", [["Anna", "hello", "2024"]], "You have one unread message. Anna says: hello"),
        ("a(si)", [["Anna", 5]], "There are no unread messages."),
        ("as", ["hello"], "There are no unread messages."),
        ("av", [Variant("(ss)", ["Anna", "x"]), Variant("i", 5)], "You have one unread message. Anna says: x"),
        ("a(ss)", [], "There are no unread messages."),
    ],
)
async def test_odd_messages_cost_that_message_alone(
    driver: Driver, signature: str, rows: list[object], told: str
) -> None:
    driver.street.unread = (signature, [rows])
    outcome = await driver.says("read_messages")
    assert outcome.observed is not None
    assert outcome.observed.text == told


# --- Bluetooth

DEVICE = "/org/bluez/hci0/dev_1"


@pytest.mark.parametrize(
    ("properties", "said", "name"),
    [
        ({"Name": "Pixel Phone", "Address": "00:11", "Paired": False}, "pixel", "Pixel Phone"),
        ({"Alias": "", "Name": "Pixel"}, "pixel", "Pixel"),
        ({"Alias": 5, "Address": "00:11"}, "00:11", "00:11"),
        ({"Alias": "Pixel", "Paired": "yes", "Connected": "no"}, "pixel", "Pixel"),
    ],
)
async def test_a_device_that_says_little_of_itself(
    driver: Driver, properties: dict[str, object], said: str, name: str
) -> None:
    driver.street.devices = {"/org/bluez/hci0/dev_0": {"Paired": True}, DEVICE: properties}
    outcome = await driver.says("connect_bluetooth_device", device=said)
    assert outcome.observed is not None, outcome.reason
    assert outcome.observed.text == f"{name} is connected."


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("org.bluez.Error.InProgress", "failed: Pixel Phone is being connected already; wait a moment."),
        (
            "org.bluez.Error.AuthenticationRejected",
            "failed: Pixel Phone rejected the pairing; confirm it on the device.",
        ),
        (GONE, "failed: Pixel Phone is not there any more."),
    ],
)
async def test_why_a_device_was_not_connected(driver: Driver, error: str, told: str) -> None:
    driver.street.device_errors["Connect"] = error
    assert await connects(driver) == told


async def test_a_device_that_is_connected_already(driver: Driver) -> None:
    driver.street.devices[DEVICE]["Connected"] = True
    driver.street.device_errors["Connect"] = "org.bluez.Error.AlreadyConnected"
    assert await connects(driver) == "Pixel Phone is connected."
