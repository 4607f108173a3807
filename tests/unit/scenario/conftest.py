import pytest

from simulators.car.wiring import Wiring, load_wiring


@pytest.fixture(scope="session")
def wiring() -> Wiring:
    return load_wiring()
