import pytest

from simulators.car.model import CarModel
from simulators.car.wiring import Wiring, load_wiring


@pytest.fixture(scope="session")
def wiring() -> Wiring:
    return load_wiring()


@pytest.fixture
def model(wiring: Wiring) -> CarModel:
    return CarModel(wiring)
