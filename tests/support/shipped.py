"""The model that is part of the project."""

from pathlib import Path

import pytest

from vehicle_agent.errors import ModelError
from vehicle_agent.planning.model_file import find_model


def shipped_model() -> Path:
    """Its path; skips the test where the file is not there."""
    try:
        return find_model()
    except ModelError as e:
        pytest.skip(str(e))
