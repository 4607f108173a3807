"""Shared by all tests: helper packages in this folder are importable, random tests are reproducible."""

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

# a busy machine is no failure: no deadlines; the same examples in every run: no surprises in somebody else's change
settings.register_profile(
    "project", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")
