import asyncio
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sounds import noise, s16, tone, wav
from support.waiting import until

from vehicle_agent.errors import AudioError
from vehicle_agent.voice import source
from vehicle_agent.voice.source import open_source, pcm_frames, recorder_command
from vehicle_agent.voice.types import AudioFrame


async def collected(name: str, *, frame_ms: int = 50, queue_frames: int = 64) -> list[AudioFrame]:
    async with open_source(name, frame_ms=frame_ms, queue_frames=queue_frames) as frames:
        return [frame async for frame in frames]


def joined(frames: list[AudioFrame]) -> bytes:
    return b"".join(f.pcm for f in frames)


def stream(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(data))


async def test_a_wav_comes_in_frames_in_order(tmp_path: Path) -> None:
    sound = noise(1.01, 0.1)
    (tmp_path / "a.wav").write_bytes(wav([sound]) + b"LIST\x04\x00\x00\x00abcd")
    frames = await collected(str(tmp_path / "a.wav"), queue_frames=3)
    assert joined(frames) == s16(sound)
    assert [len(f.pcm) for f in frames] == [1600] * 20 + [320]
    assert frames[20].start_s == pytest.approx(1.0)


@pytest.mark.parametrize("suffix", [".raw", ".pcm"])
async def test_bare_samples(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(s16(tone(0.33)) + b"x")  # an odd byte at the end is no sample
    assert joined(await collected(str(file), frame_ms=20)) == s16(tone(0.33))


@pytest.mark.parametrize(("rate_hz", "channels", "bits"), [(48_000, 2, 24), (22_050, 1, 16), (8_000, 1, 8)])
def test_other_formats_are_resampled_as_they_come(rate_hz: int, channels: int, bits: int) -> None:
    pytest.importorskip("soxr")
    data = wav([tone(1.0, rate_hz)] * channels, rate_hz=rate_hz, bits=bits)
    pcm = joined(list(pcm_frames(stream(data), "x")))
    got = np.frombuffer(pcm, "<i2") / 32768
    assert len(got) == pytest.approx(16_000, abs=20)
    assert np.abs(np.fft.rfft(got)).argmax() == pytest.approx(440, abs=2)


async def test_a_fifo_from_another_program(tmp_path: Path) -> None:
    fifo = tmp_path / "mic"
    os.mkfifo(fifo)
    sound = s16(noise(0.5, 0.1))
    writer = threading.Thread(target=lambda: fifo.write_bytes(sound))
    writer.start()
    assert joined(await collected(str(fifo))) == sound
    writer.join()


async def test_leaving_while_the_fifo_is_silent_does_not_hang(tmp_path: Path) -> None:
    fifo = tmp_path / "mic"
    os.mkfifo(fifo)
    async with asyncio.timeout(5):
        async with open_source(str(fifo)) as frames:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(frames), 0.05)


def test_standard_input_of_a_program_that_ends_early() -> None:
    # the writer keeps the pipe open; the reader takes two frames and must still exit cleanly
    program = """
import asyncio
from vehicle_agent.voice.source import open_source
async def main():
    async with open_source("-") as frames:
        got = [(await anext(frames)).duration_s for _ in range(2)]
    print(got)
asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(s16(tone(0.1)))
        process.stdin.flush()
        assert process.stdout.read() == b"[0.05, 0.05]\n"
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


async def test_a_slow_listener_holds_the_reader_back() -> None:
    made = 0

    def endless() -> object:
        nonlocal made
        while True:
            made += 1
            yield AudioFrame(pcm=bytes(640), start_s=0.0)

    pump = source.Pump(endless(), "x", 5)  # type: ignore[arg-type]
    frames = pump.frames(paced=False)
    await anext(frames)
    await asyncio.sleep(0.1)
    assert made <= 5 + 2  # the queue, the one taken, the one in the thread's hand
    pump.stop()
    await frames.aclose()


async def test_paced_frames_come_as_they_were_spoken(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav([tone(0.3)]))
    started = asyncio.get_running_loop().time()
    async with open_source(str(tmp_path / "a.wav"), paced=True) as frames:
        assert len([f async for f in frames]) == 6
    assert asyncio.get_running_loop().time() - started >= 0.28


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.wav", b"ID3" + bytes(99), "MP3"),
        ("a.raw", b"OggS" + bytes(99), "Ogg"),
        ("a.wav", bytes(99), "not a WAV"),
        ("a.wav", b"", "gave no sound"),
        ("a.wav", wav([tone()])[:30], "cut short"),
    ],
)
async def test_what_is_no_sound_is_refused(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError, match=expected):
        await collected(str(tmp_path / name))


async def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="there is no file"):
        await collected(str(tmp_path / "none.wav"))
    with pytest.raises(AudioError, match="cannot be opened"):
        await collected(str(tmp_path))


async def test_any_failure_of_the_reader_reaches_the_listener() -> None:
    def broken() -> object:
        yield AudioFrame(pcm=bytes(640), start_s=0.0)
        raise RuntimeError("the device went away")

    pump = source.Pump(broken(), "the microphone", 5)  # type: ignore[arg-type]
    frames = pump.frames(paced=False)
    await anext(frames)
    with pytest.raises(AudioError, match=r"the microphone could not be read further \(the device went away\)"):
        await anext(frames)
    pump.stop()


async def test_a_microphone_is_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "arecord"
    (tmp_path / "sound").write_bytes(s16(tone(0.2)))
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/sound\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(source, "_RECORDERS", ((str(program),),))
    async with open_source("microphone") as frames:
        got = [await anext(frames) for _ in range(4)]
    assert joined(got) == s16(tone(0.2))


async def test_a_recorder_whose_listener_leaves_while_it_starts_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "arecord"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(source, "_RECORDERS", ((str(program),),))
    start, begun, go = subprocess.Popen, threading.Event(), threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def slowly(*args: Any, **how: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - whatever Popen takes
        begun.set()
        go.wait(30)
        started.append(start(*args, **how))
        return started[0]

    async def listen() -> None:
        async with open_source(source.MICROPHONE):
            raise AssertionError("it was left before it had begun")

    monkeypatch.setattr(subprocess, "Popen", slowly)
    listening = asyncio.create_task(listen())
    assert await asyncio.to_thread(begun.wait, 30)
    listening.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await listening
    await until(lambda: bool(started) and started[0].poll() is not None, 30)


def test_no_recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="alsa-utils"):
        recorder_command()
