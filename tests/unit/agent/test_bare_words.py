"""Whole utterances that bypass the model, and what only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_agent.conversation.bare_words import MAX_CHARS, Bare, bare, is_urgent

YES = (
    "yes", "Yes!", "yeah", "yep", "sure", "ok", "okay", "go ahead", "do it", "confirm", "yes please",
    "yes, do it", "yep go on",
    "yeah, sure", "please do", "please", "of course", "yes yes", "okay go ahead then", "yes thank you",
    "that's right",
    "absolutely", "yeah go for it", "send it", "sure, go on", "all right do it",
)  # fmt: skip
NO = (
    "no", "No.", "nope", "nah", "no thanks", "no thank you", "rather not", "I'd rather not", "don\u2019t", "no don't",
    "leave it", "never mind", "nevermind", "no, leave it", "please don't", "do not do that", "not now",
    "no no", "no way",
    "don't send it", "no, not that", "better not",
)  # fmt: skip
CANCEL = (
    "cancel", "stop", "Stop!", "stop that", "cancel that", "abort", "stop it", "stop stop stop",
    "please stop", "no stop",
    "halt", "hold it", "stop there", "stop the window", "stop the driver's window", "stop all the windows now",
    "stop moving the seat", "stop the trunk please", "forget it", "no cancel that", "stop the sunroof",
    "stop my seat",
    "stop closing the window",
)  # fmt: skip
STOP = ("that's enough", "enough", "wait", "whoa", "hold on", "no wait", "that'll do", "right there", "far enough stop")
NOTHING = (
    "yes and open the window", "no send it to bob instead", "yes no", "no yes", "no unlock the doors",
    "stop the music",
    "stop navigation", "stop charging", "stop the timer", "cancel the alarm", "cancel navigation",
    "ok thanks", "thank you",
    "what", "hmm", "", "...", "right", "yes to all the windows open", "don't stop", "do it at seven",
    "go on to the airport",
    "yes sir how is the weather", "no more heating", "leave it open", "please open it",
    "stop at the next gas station",
    "yesterday", "nobody", "okay google", "never mind the gap", "is it a yes or a no", "stop by the bank",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "texts"), [(Bare.YES, YES), (Bare.NO, NO), (Bare.CANCEL, CANCEL), (Bare.STOP, STOP), (None, NOTHING)]
)
def test_whole_utterances(kind: Bare | None, texts: tuple[str, ...]) -> None:
    assert {text: bare(text) for text in texts} == dict.fromkeys(texts, kind)


@given(st.sampled_from((*YES, *NO)), st.sampled_from(("open the window", "but louder", "bob", "seven", "and")))
def test_one_more_word_is_more_than_a_yes(answer: str, more: str) -> None:
    assert bare(f"{answer} {more}") not in {Bare.YES, Bare.NO}
    assert bare(f"{more} {answer}") not in {Bare.YES, Bare.NO}


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    kind = bare(text)
    assert kind is None or len(text) <= MAX_CHARS
    assert is_urgent(text) == (kind in {Bare.CANCEL, Bare.STOP})


@given(st.lists(st.sampled_from(["yes", "ok", "do", "it", "no", "stop", "the", "please", "never", "not"]), max_size=40))
def test_it_takes_no_time(words: list[str]) -> None:
    began = time.process_time()
    bare(" ".join(words)[:MAX_CHARS])
    assert time.process_time() - began < 1
