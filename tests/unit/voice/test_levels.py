import numpy as np
import pytest
from sounds import noise, s16, tone

from vehicle_agent.voice.levels import Endpointer, EndpointLimits, is_silent, level_dbfs
from vehicle_agent.voice.types import Recording


def utterances(sound: np.ndarray, limits: EndpointLimits | None = None, frame_ms: int = 50) -> list[Recording]:
    endpointer = Endpointer(limits)
    found = [endpointer.feed(frame) for frame in Recording(pcm=s16(sound)).frames(frame_ms)]
    return [r for r in (*found, endpointer.finish()) if r is not None]


def quiet(seconds: float, level: float = 0.0005) -> np.ndarray:
    return noise(seconds, level)


def speech(seconds: float, level: float = 0.3) -> np.ndarray:
    return tone(seconds, level=level)


def test_levels() -> None:
    assert level_dbfs(s16(tone(level=1.0))) == pytest.approx(-3.0, abs=0.1)
    assert level_dbfs(s16(tone(level=0.1))) == pytest.approx(-23.0, abs=0.1)
    assert level_dbfs(bytes(3200)) == -100.0
    assert level_dbfs(s16(np.full(1600, 0.4))) == -100.0  # a constant offset is no sound


def test_silence_is_the_loudest_moment_below_60_dbfs() -> None:
    just_under, just_over = 10 ** (-57.5 / 20), 10 ** (-56.5 / 20)  # a sine's level is 3 dB below its peak
    assert is_silent(Recording(pcm=s16(tone(level=just_under))))
    assert not is_silent(Recording(pcm=s16(tone(level=just_over))))
    assert not is_silent(Recording(pcm=s16(np.concatenate([quiet(3, 0.0), tone(0.05), quiet(3, 0.0)]))))


@pytest.mark.parametrize("frame_ms", [20, 50, 100])
def test_one_utterance_is_cut_out_with_its_edges(frame_ms: int) -> None:
    (found,) = utterances(np.concatenate([quiet(2), speech(1.5), quiet(2)]), frame_ms=frame_ms)
    assert found.duration_s == pytest.approx(0.3 + 1.5 + 0.7, abs=0.2)


def test_two_utterances_and_a_pause_for_thought() -> None:
    sound = [quiet(1), speech(1), quiet(0.5), speech(1), quiet(1.5), speech(0.5), quiet(1)]
    first, second = utterances(np.concatenate(sound))
    assert first.duration_s == pytest.approx(3.5, abs=0.2)
    assert second.duration_s == pytest.approx(1.5, abs=0.2)


def test_a_click_starts_nothing() -> None:
    assert utterances(np.concatenate([quiet(1), speech(0.05), quiet(1)])) == []


def test_speech_over_a_noisy_road() -> None:
    road = noise(5, 0.02)
    road[32_000:56_000] += speech(1.5)
    (found,) = utterances(road)
    assert found.duration_s == pytest.approx(2.5, abs=0.3)


def test_noise_that_sets_in_and_stays_becomes_the_floor() -> None:
    found = utterances(np.concatenate([quiet(1), noise(40, 0.05), quiet(1)]))
    assert sum(r.duration_s for r in found) < 22


def test_a_source_that_ends_in_the_middle_of_speech() -> None:
    (found,) = utterances(np.concatenate([quiet(1), speech(1)]))
    assert found.duration_s == pytest.approx(1.3, abs=0.1)


def test_nobody_speaks_for_ever() -> None:
    limits = EndpointLimits(longest_s=2.0)
    found = utterances(np.concatenate([quiet(1), speech(5), quiet(1)]), limits)
    assert max(r.duration_s for r in found) <= 2.05
