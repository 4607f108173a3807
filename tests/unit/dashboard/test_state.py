"""Boards and what has changed on them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.dashboard.state import Board, apply, delta, told

_values = st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2) | st.booleans()
_boards = st.dictionaries(
    st.sampled_from(["car", "bus", "signals", "turns"]), st.dictionaries(st.sampled_from("abcd"), _values), max_size=4
)


def _full(board: Board) -> dict[str, dict[str, object]]:
    return {name: dict(section) for name, section in board.items() if section}


@settings(max_examples=60)
@given(_boards, _boards)
def test_a_page_that_applies_the_changes_knows_the_new_board(old: Board, new: Board) -> None:
    new = {name: new.get(name, {}) for name in {*old, *new}}  # a desk's sections never go away
    assert _full(apply(old, delta(old, new))) == _full(new)


@settings(max_examples=30)
@given(_boards)
def test_nothing_is_told_twice(board: Board) -> None:
    assert delta(board, board) == {}


def test_only_what_changed_is_told() -> None:
    old: Board = {"car": {"gear": "P", "rain": "no"}, "faults": {"jam trunk": True}}
    new: Board = {"car": {"gear": "D", "rain": "no"}, "faults": {}}
    assert delta(old, new) == {"car": {"gear": "D"}, "faults": {"jam trunk": None}}


def test_a_paused_bus_is_told_as_a_whole_when_it_goes_on() -> None:
    def paused(section: str) -> bool:
        return section != "bus"

    first: Board = {"bus": {"Gear": 1}, "car": {"gear": "P"}}
    second: Board = {"bus": {"Gear": 9}, "car": {"gear": "D"}}
    known: Board = told({}, first, lambda _section: True)
    assert delta(known, second, paused) == {"car": {"gear": "D"}}
    known = told(known, second, paused)
    assert delta(known, second) == {"bus": {"Gear": 9}}
