"""Frames of somebody who cannot make check values: whatever he sends, the car stays unknown.

One in 256 of his frames passes by chance. The target knows which, by a check of its own.
"""

from fuzz.target import Target
from fuzz.targets.frames import drive, seeds

TARGET = Target(
    name="frames_forged",
    run=lambda data: drive(data, may_seal=False),
    allowed=(),
    seeds=seeds,
    max_bytes=12 * 16,
    share=0,
)
