"""What happens in the agent, as events of the journal."""

from importlib.metadata import PackageNotFoundError, version
from typing import assert_never

from vehicle_agent.backends.can import FrameRecord
from vehicle_agent.conversation.judgement import Judgement
from vehicle_agent.record.journal import Journal
from vehicle_agent.record.rejudge import judgement_event, known_apps
from vehicle_agent.voice.types import Heard, NoSpeech, Partial, Transcript
from vehicle_apis.catalogue import Catalogue


class DriveLog:
    """``words``: whether free text in the arguments of calls is kept."""

    def __init__(self, journal: Journal, catalogue: Catalogue, *, words: bool) -> None:
        self._journal = journal
        self._catalogue = catalogue
        self._words = words
        self._apps = known_apps(catalogue)

    def started(self, clock_s: float) -> None:
        """``clock_s``: the agent's clock now, which the times of frames count by."""
        try:
            agent = version("vehicle-agent")
        except PackageNotFoundError:
            agent = "not installed"
        self._journal.write(
            "start", version=agent, catalogue=self._catalogue.wire_hash(), clock_s=round(clock_s, 6), words=self._words
        )

    def stopped(self) -> None:
        self._journal.write("stop")

    def judgement(self, judgement: Judgement) -> None:
        self._journal.write("judgement", **judgement_event(judgement, words=self._words, apps=self._apps))

    def frame(self, record: FrameRecord) -> None:
        self._journal.write(
            "frame",
            direction=record.direction,
            id=record.frame_id,
            name=record.name,
            data=record.data.hex(),
            at_s=round(record.time_s, 6),
        )

    def heard(self, heard: Heard) -> None:
        """What a recogniser made of a sound; what is then done about it comes as an input."""
        match heard:
            case Transcript():
                self._journal.write(
                    "transcript",
                    text=heard.text,
                    engine=heard.engine,
                    confidence=round(heard.confidence, 3),
                    rtf=round(heard.rtf, 3),
                )
            case NoSpeech():
                self._journal.write("no_speech", engine=heard.engine)
            case Partial():
                pass  # for display alone
            case _:
                assert_never(heard)
