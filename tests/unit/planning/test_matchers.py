"""Tries, spans of the utterance, and either."""

from vehicle_agent.planning.trie import build
from vehicle_agent.planning.values import GAP, AnyOf, SpanMatcher, TrieMatcher


def test_a_trie_offers_what_continues_a_value_and_knows_where_one_ends() -> None:
    m = TrieMatcher(build([[1, 2], [1, 2, 3], [4]]))
    assert (m.allowed(), m.can_stop()) == ({1, 4}, False)
    m.feed(1)
    assert (m.allowed(), m.can_stop()) == ({2}, False)
    m.feed(2)
    assert (m.allowed(), m.can_stop()) == ({3}, True)
    m.feed(3)
    assert (m.allowed(), m.can_stop()) == (set(), True)


# "go to bigbig town": 10 | 11 | 12 13 (one word in two pieces) | 14
PROMPT = [10, 11, 12, 13, 14]
STARTS = [True, True, True, False, True, True]


def test_a_span_begins_and_ends_at_words() -> None:
    m = SpanMatcher(PROMPT, STARTS)
    assert (m.allowed(), m.can_stop()) == ({10, 11, 12, 14}, False)
    m.feed(12)
    assert (m.allowed(), m.can_stop()) == ({13}, False)
    m.feed(13)
    assert (m.allowed(), m.can_stop()) == ({14}, True)
    m.feed(14)
    assert (m.allowed(), m.can_stop()) == (set(), True)


def test_a_word_said_twice_may_be_either() -> None:
    m = SpanMatcher([10, 11, 10, 12], [True] * 5)
    m.feed(10)
    assert m.allowed() == {11, 12}
    m.feed(12)
    assert m.allowed() == set()


def test_a_span_may_end_before_a_possessive() -> None:
    m = SpanMatcher([10, 11, 12], [True, False, True, True], [True, True, True, True])  # "ben" "'s" "house"
    m.feed(10)
    assert (m.allowed(), m.can_stop()) == ({11}, True)


def test_pointers_begin_no_value_unless_there_is_nothing_else() -> None:
    assert SpanMatcher([10, 11], [True] * 3, None, {10}).allowed() == {11}
    assert SpanMatcher([10], [True] * 2, None, {10}).allowed() == {10}


def test_a_span_never_crosses_a_gap() -> None:
    # "turn: mom | call dad": 10 | gap | 11 12
    m = SpanMatcher([10, GAP, 11, 12], [True, False, True, True, True], [True] * 5)
    assert m.allowed() == {10, 11, 12}
    m.feed(10)
    assert (m.allowed(), m.can_stop()) == (set(), True)


def test_an_empty_prompt_allows_nothing() -> None:
    assert SpanMatcher([], [True]).allowed() == set()


def test_any_of_follows_those_that_still_fit() -> None:
    m = AnyOf([TrieMatcher(build([[1, 2]])), TrieMatcher(build([[1, 3], [4]]))])
    assert (m.allowed(), m.can_stop()) == ({1, 4}, False)
    m.feed(1)
    assert m.allowed() == {2, 3}
    m.feed(3)
    assert (m.allowed(), m.can_stop()) == (set(), True)
