"""Reading recordings: every frame is used, or left out, counted and told."""

from simulators.reading.frame import kind_of
from simulators.reading.recording import Recording, Survey, open_recording, read_log
from simulators.reading.report import Report

__all__ = ["Recording", "Report", "Survey", "kind_of", "open_recording", "read_log"]
