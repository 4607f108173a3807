import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from sounds import RATE_HZ, noise, s16, tone, wav

from vehicle_agent.errors import AudioError
from vehicle_agent.voice import audio
from vehicle_agent.voice.audio import decode_wav, read_wav, wav_bytes
from vehicle_agent.voice.types import AudioFrame, Recording, frame_bytes

has_soxr = pytest.importorskip("soxr", reason="the resampler soxr is not installed")


def decoded(data: bytes, max_seconds: float = 60.0) -> Recording:
    return decode_wav(io.BytesIO(data), "clip.wav", max_seconds=max_seconds)


def samples(recording: Recording) -> np.ndarray:
    return np.frombuffer(recording.pcm, "<i2") / 32768


def message(data: bytes, **options: float) -> str:
    with pytest.raises(AudioError) as caught:
        decoded(data, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("clip.wav ")
    return text


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(
    ("bits", "is_float", "error"),
    [(8, False, 1 / 128), (16, False, 1e-4), (24, False, 1e-4), (32, False, 1e-4), (32, True, 1e-4), (64, True, 1e-4)],
)
def test_every_width_gives_the_same_sound(bits: int, is_float: bool, error: float, extensible: bool) -> None:
    sound = tone()
    got = samples(decoded(wav([sound], bits=bits, is_float=is_float, extensible=extensible)))
    assert len(got) == len(sound)
    assert np.abs(got - sound).max() <= error


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_becomes_16_khz(rate_hz: int) -> None:
    got = samples(decoded(wav([tone(1.0, rate_hz)], rate_hz=rate_hz)))
    assert len(got) == pytest.approx(RATE_HZ, abs=2)
    spectrum = np.abs(np.fft.rfft(got[:RATE_HZ]))
    assert spectrum.argmax() == pytest.approx(440, abs=1)
    assert np.abs(got[1000:-1000]).max() == pytest.approx(0.5, abs=0.02)


def test_what_lies_above_8_khz_does_not_fold_back() -> None:
    got = samples(decoded(wav([tone(1.0, 48_000, hz=12_000)], rate_hz=48_000)))
    assert np.abs(got[1000:-1000]).max() < 0.01


def test_stereo_becomes_the_mean_of_both() -> None:
    left, right = tone(hz=300), tone(hz=500)
    assert np.abs(samples(decoded(wav([left, right]))) - (left + right) / 2).max() < 1e-4


def test_one_dead_channel_is_no_loss() -> None:
    got = samples(decoded(wav([tone(), 0 * tone()])))
    assert np.abs(got).max() == pytest.approx(0.25, abs=0.01)


def test_channels_of_opposite_phase_do_not_cancel_out() -> None:
    got = samples(decoded(wav([tone(), -tone()])))
    assert np.abs(got).max() == pytest.approx(0.5, abs=0.01)


def test_digital_silence_in_stereo_is_silence() -> None:
    assert not np.any(samples(decoded(wav([0 * tone(), 0 * tone()]))))


def test_samples_that_are_no_numbers_or_too_loud_are_tamed() -> None:
    sound = tone()
    sound[:3] = [np.nan, np.inf, 7.0]
    assert list(samples(decoded(wav([sound], bits=32, is_float=True)))[:3]) == pytest.approx([0, 1, 1], abs=1e-4)


def test_chunks_before_the_sound_are_skipped() -> None:
    extra = b"LIST\x05\x00\x00\x00abcde\x00"  # an odd chunk and its pad byte
    assert decoded(wav([tone()], extra=extra)).duration_s == pytest.approx(0.5)


def test_what_follows_the_sound_is_no_sound() -> None:
    assert decoded(wav([tone()]) + b"LIST\x04\x00\x00\x00abcd").duration_s == pytest.approx(0.5)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF024, 0x7FFFFFDB])
def test_a_writer_on_a_pipe_cannot_know_the_size(size: int) -> None:
    assert decoded(wav([tone()], data_size=size)).duration_s == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ID3\x04" + bytes(50), "MP3"),
        (b"\xff\xfb\x90\x00" + bytes(50), "MP3"),
        (b"fLaC" + bytes(50), "FLAC"),
        (b"OggS" + bytes(50), "Ogg"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(50), "M4A"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "not a WAV"),
        (b"\x7fELF" + bytes(60), "a program"),
        (b"PK\x03\x04" + bytes(60), "ZIP"),
        (b"turn on the radio, please", "not a WAV"),
        (bytes(100), "not a WAV"),
        (b"hi", "not a WAV"),
    ],
)
def test_other_files_are_named_and_refused(head: bytes, kind: str) -> None:
    text = message(head)
    assert kind in text
    assert "ffmpeg" in text


def test_an_empty_file() -> None:
    assert message(b"") == "clip.wav is empty; record it again"


def test_every_cut_inside_the_header_says_so() -> None:
    whole = wav([tone()])
    for size in range(1, 44):
        assert "cut short" in message(whole[:size]), size


def test_a_header_without_sound() -> None:
    assert "holds no sound" in message(wav([tone()[:0]]))


def test_a_click_is_no_word() -> None:
    assert "too short" in message(wav([tone(0.049)]))
    assert decoded(wav([tone(0.05)])).duration_s == pytest.approx(0.05)


def test_a_cut_recording_is_refused_rather_than_half_understood() -> None:
    text = message(wav([tone(2.0)])[:-32_000])
    assert "promises 2.0 s" in text
    assert "1.0 s are there" in text


def test_the_limit_of_length() -> None:
    assert decoded(wav([tone(2.0)]), max_seconds=2.0).duration_s == pytest.approx(2.0)
    assert "at most 2 s" in message(wav([tone(2.01)]), max_seconds=2.0)
    assert "2 s that are taken" in message(wav([tone(2.01)], data_size=0xFFFFFFFF), max_seconds=2.0)


def test_a_lying_header_makes_nobody_read_gigabytes() -> None:
    assert "at most 60 s" in message(wav([tone()], data_size=0x7000_0000))


@pytest.mark.parametrize(
    ("tag", "name"), [(2, "ADPCM"), (6, "A-law"), (7, "mu-law"), (0x55, "MP3"), (0x1234, "codec 0x1234")]
)
def test_compressed_sound_is_named(tag: int, name: str) -> None:
    assert name in message(wav([tone()], tag=tag))


def test_headers_that_cannot_be() -> None:
    whole = bytearray(wav([tone()]))
    for at, value, expected in (
        (22, b"\x00\x00", "damaged"),  # no channel
        (24, b"\x00\x00\x00\x00", "0 samples a second"),
        (24, b"\xff\xff\xff\x7f", "samples a second"),
        (32, b"\x07\x00", "damaged"),  # bytes a block
        (34, b"\x0c\x00", "12-bit"),
        (16, b"\x04\x00\x00\x00", "damaged"),  # a format chunk too small
        (16, b"\xff\xff\xff\x7f", "damaged"),  # and one too large
        (12, b"xxxx", "damaged"),  # no format at all
    ):
        broken = bytes(whole[:at]) + value + bytes(whole[at + len(value) :])
        assert expected in message(broken), (at, value)


def test_no_bytes_raise_anything_else() -> None:
    whole = wav([tone(0.1)], extensible=True)
    random = np.random.default_rng(7)
    for _ in range(500):
        broken = bytearray(whole)
        for at in random.integers(0, 72, 3):
            broken[at] = random.integers(0, 256)
        with contextlib.suppress(AudioError):
            decoded(bytes(broken))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="there is no file"):
        read_wav(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="is a folder"):
        read_wav(tmp_path)
    with pytest.raises(AudioError, match="cannot be read"):
        read_wav("nul\0byte.wav")
    loop = tmp_path / "loop.wav"
    loop.symlink_to(loop)
    with pytest.raises(AudioError, match="cannot be read"):
        read_wav(loop)


def test_a_locked_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(AudioError, match=r"may not be read; .*chmod"):
        read_wav(tmp_path / "locked.wav")


def test_files_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a b.wav"
    file.write_bytes(wav([tone()]))
    assert read_wav(file) == read_wav(str(file))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    assert read_wav("-") == read_wav(file)


def test_without_the_resampler_only_16_khz_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "soxr", None)
    assert decoded(wav([tone()])).duration_s == pytest.approx(0.5)
    with pytest.raises(AudioError, match=r"pip install -e '\.\[voice\]'"):
        decoded(wav([tone(rate_hz=8000)], rate_hz=8000))


def test_a_recording_survives_its_own_file() -> None:
    recording = Recording(pcm=s16(noise(0.3, 0.1)))
    assert decoded(wav_bytes(recording)) == recording


def test_frames_cover_the_recording() -> None:
    recording = Recording(pcm=s16(noise(0.33, 0.1)))
    for frame_ms in (20, 50, 100):
        frames = list(recording.frames(frame_ms))
        assert b"".join(f.pcm for f in frames) == recording.pcm
        assert all(f.duration_s == pytest.approx(frame_ms / 1000) for f in frames[:-1])
        assert [f.start_s for f in frames] == pytest.approx([i * frame_ms / 1000 for i in range(len(frames))])


@pytest.mark.parametrize("frame_ms", [19, 101, 0, -50])
def test_frames_of_other_lengths_do_not_exist(frame_ms: int) -> None:
    with pytest.raises(ValueError, match="20 to 100 ms"):
        frame_bytes(frame_ms)


@pytest.mark.parametrize("pcm", [b"", b"\x00", bytes(3202)])
def test_invalid_frames_do_not_exist(pcm: bytes) -> None:
    with pytest.raises(ValueError, match=r"PCM|100 ms"):
        AudioFrame(pcm=pcm, start_s=0.0)


def test_limits_as_documented() -> None:
    assert audio.MAX_UTTERANCE_S == 60.0
