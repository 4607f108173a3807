"""Recorded drives: what the safety gate made of every frame, kept as an expectation that later versions must meet."""

from vehicle_agent.record.drives.drive import Drive, StateChange, Verdicts, judge_drive
from vehicle_agent.record.drives.expectation import differences, read_expectation, write_expectation

__all__ = [
    "Drive",
    "StateChange",
    "Verdicts",
    "differences",
    "judge_drive",
    "read_expectation",
    "write_expectation",
]
