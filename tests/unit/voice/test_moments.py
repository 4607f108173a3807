"""When speech began, on the clock that questions are put by."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import noise, s16, tone, wav

from vehicle_agent.voice.levels import Endpointer
from vehicle_agent.voice.moments import WINDOW_S, Moments
from vehicle_agent.voice.source import open_source
from vehicle_agent.voice.types import AudioFrame, Recording, Transcript
from vehicle_agent.voice.vosk_engine import VoskStream


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_late_frames_were_heard_in_time(delays: list[float]) -> None:
    """What came after one that was in time was heard where it stands, however late it arrives."""
    moments = Moments()
    moments.heard_s(0.0, 0.05, 100.05)
    for n, delay_s in enumerate(delays, 1):
        start_s = n * 0.05
        assert moments.heard_s(start_s, start_s + 0.05, 100.05 + start_s + delay_s) == pytest.approx(100 + start_s)


def test_lost_sound_is_made_up_for_after_the_window() -> None:
    moments = Moments()
    assert moments.heard_s(0.0, 0.05, 10.05) == pytest.approx(10.0)
    # two seconds of sound are lost: positions lag behind by two seconds
    assert moments.heard_s(0.05, 0.1, 12.1) == pytest.approx(10.05)  # too early is safe: such a yes does not count
    late_s = 10.05 + WINDOW_S
    assert moments.heard_s(late_s - 12.05, late_s - 12, late_s) == pytest.approx(late_s - 2 - 0.05)
    late_s += 0.01
    assert moments.heard_s(late_s - 12.05, late_s - 12, late_s) == pytest.approx(late_s - 0.05)


async def test_frames_of_a_source_carry_it(tmp_path: Any) -> None:  # noqa: ANN401
    (tmp_path / "a.wav").write_bytes(wav([tone(0.3)]))
    for paced in (False, True):
        ticks = iter(range(1000, 2000))
        async with open_source(str(tmp_path / "a.wav"), paced=paced, clock=lambda: float(next(ticks))) as frames:  # noqa: B023
            moments = [frame.heard_s async for frame in frames]
        assert len(moments) == 6
        assert all(moment is not None and 990 < moment < 1020 for moment in moments)


def heard(frames: Any, ahead_s: float = 0.0) -> list[AudioFrame]:  # noqa: ANN401
    return [AudioFrame(pcm=f.pcm, start_s=f.start_s, heard_s=1000 + f.start_s + ahead_s) for f in frames]


def test_an_utterance_cut_out_by_loudness_begins_with_its_first_loud_frame() -> None:
    sound = Recording(pcm=s16(noise(2.0, 0.0005)) + s16(tone(1.0, level=0.3)) + s16(noise(1.0, 0.0005)))
    endpointer = Endpointer()
    found = [r for frame in heard(sound.frames()) if (r := endpointer.feed(frame)) is not None]
    assert [r.began_s for r in found] == [pytest.approx(1002.0, abs=0.06)]
    endpointer = Endpointer()
    cut = [endpointer.feed(frame) for frame in sound.frames()]
    assert [r.began_s for r in cut if r is not None] == [None]


class Recognizer:
    """Ends an utterance with each frame."""

    def __init__(self, *results: str) -> None:
        self._results = iter(results)

    def AcceptWaveform(self, _data: bytes) -> int:  # noqa: N802
        return 1

    def Result(self) -> str:  # noqa: N802
        return next(self._results)

    PartialResult = FinalResult = Result


def word(start_s: float) -> str:
    return f'{{"text": "yes", "result": [{{"word": "yes", "start": {start_s}, "end": {start_s + 0.1}, "conf": 1.0}}]}}'


def test_vosk_begins_with_its_first_word() -> None:
    stream = VoskStream(Recognizer(word(0.03), '{"text": ""}', word(0.22), '{"text": "yes"}'), "vosk", lambda: 0.0)
    frames = heard(Recording(pcm=bytes(2 * 1600 * 4)).frames(100))
    found = [h.began_s for frame in frames if isinstance(h := stream.feed(frame), Transcript)]
    # without words' times: the beginning of the sound since the last utterance
    assert found == [pytest.approx(1000.03), pytest.approx(1000.22), pytest.approx(1000.3)]


def test_vosk_on_frames_without_a_time() -> None:
    stream = VoskStream(Recognizer(word(0.0)), "vosk", lambda: 0.0)
    (frame,) = Recording(pcm=bytes(3200)).frames(100)
    found = stream.feed(frame)
    assert isinstance(found, Transcript)
    assert found.began_s is None
