"""Calls in words: what a plan would do, to ask "Did you mean ...?"."""

from collections.abc import Sequence

from vehicle_apis.call import Call
from vehicle_apis.common_words import VALUE_WORDS
from vehicle_apis.ref import EarlierRef, Ref
from vehicle_apis.spec import ApiSpec, Argument
from vehicle_apis.wording import as_spelt


def _said(spec: ApiSpec, parameter: str, value: Argument) -> str:
    if isinstance(value, Ref | EarlierRef):
        return spec.result_words
    text = as_spelt(value)
    own, common = spec.value_words.get(parameter, {}), VALUE_WORDS.get(parameter, {})
    return own.get(text) or common.get(text) or text.replace("_", " ")


def in_words(call: Call) -> str:
    """What the call does, to follow "Did you mean: " or "Should I "."""
    words = {key: _said(call.spec, key, value) for key, value in call.arguments.items()}
    phrase = call.spec.phrase
    if not phrase:  # a pack need not bring words
        values = " ".join(words[key] for key in call.spoken_arguments())
        return f"{call.name.replace('_', ' ')} {values}".strip()
    if not isinstance(phrase, str):
        phrase = phrase.of(call.arguments[phrase.parameter])
    return phrase.format_map(words)


def all_in_words(calls: Sequence[Call]) -> str:
    """At least one call, in order."""
    parts = [in_words(call) for call in calls]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def doubt_question(calls: Sequence[Call]) -> str:
    """Asked before at least one call is carried out that may be misunderstood."""
    return f"Did you mean: {all_in_words(calls)}?"
