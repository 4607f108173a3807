"""Recognisers off the event loop."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from concurrent.futures import ThreadPoolExecutor

from vehicle_agent.voice.types import AudioFrame, Engine, Heard, NoSpeech, Recording, Transcript


async def transcribe(engine: Engine, recording: Recording) -> Transcript | NoSpeech:
    """`Engine.transcribe` in a thread."""
    return await asyncio.to_thread(engine.transcribe, recording)


async def listen(engine: Engine, frames: AsyncIterable[AudioFrame]) -> AsyncGenerator[Heard]:
    """What ``engine`` hears in ``frames``, as it hears it; ends with the frames. Raises what ``frames`` raises.

    One thread of its own works through the frames in order; the next frame is asked for when the last is done, so the
    source's bounded queue holds what waits.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="recogniser")
    try:
        stream = await loop.run_in_executor(thread, engine.stream)
        async for frame in frames:
            heard = await loop.run_in_executor(thread, stream.feed, frame)
            if heard is not None:
                yield heard
        last = await loop.run_in_executor(thread, stream.finish)
        if last is not None:
            yield last
    finally:
        thread.shutdown(wait=False)  # a decode under way may take a second, which the loop must not wait
