"""What each known set is, for the evaluation page."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "dev": """\
Utterances as an offline recogniser writes them: single calls over all functions, plans of several calls, lines to be
refused, incomplete ones. Slices overlap where a sentence has several tags; those of few lines say little, as their
intervals show.""",
    "field": """\
Kinds of sentences that broke in use: taken back in the same breath (`revoke`), numbers as written and as spoken,
extremes, equipment that is missing, bystanders (speech that is not for the car), long free text (`dense`).""",
    "conversations": """\
Turns that mean what they mean by what was said before. The planner hears each with its own plans of the turns before
it, mistakes included; a conversation is right if all its turns are. The simpler methods hear every turn for itself.""",
    "routes": """\
Requests that no vehicle function answers: for the manual, for general knowledge, for talk; and speech for nobody,
which may reach no specialist. A line is exact when the specialist is as labelled and the calls are. The wording of
the question handed over is not scored.""",
    "near-packs": """\
The car's own commands that resemble what an installable pack brings, scored without the pack.""",
    "absent": """\
What other people say to packs that this car has not installed (trailer, camper): confident commands to equipment it
lacks. It must neither act nor ask.""",
    "voices": """\
Recordings of people ordering coffee (Picovoice speech-to-intent benchmark), as the project's own recogniser wrote
them down (Whisper base, transcripts kept in `models/compare/transcripts.json`). Said to the car they are speech for
somebody else: it must neither act nor ask.""",
}
