"""What a recogniser wrote, in the style the planner reads."""

from typing import Final

from vehicle_agent.planning.normalise import Unhearable, normalise

# what Vosk and Whisper write for engine noise, breath and music; none of them is a command by itself
_NOISE_WORDS: Final = frozenset({"the", "a", "huh", "uh", "um", "hmm", "mm", "ah", "oh", "you", "and", "i", "[unk]"})

NOTHING_HEARD: Final = "I heard no speech; hold the button and speak towards the microphone"
SILENT: Final = "the sound is silent; check that the microphone is connected and not muted"


def spoken(text: str) -> str:
    """``text`` in the planner's style; "" where it holds no word. Text of other languages passes as it is: the planner
    tells the speaker."""
    try:
        words = normalise(text)
    except Unhearable:
        words = " ".join(text.split()) if any(c.isalnum() for c in text) else ""
    return "" if words in _NOISE_WORDS else words
