"""The OEM packs of the simulated car."""

from simulators.car import load_wiring
from simulators.car.model import CarModel
from simulators.errors import SimulatorError
from vehicle_agent.cli.output import BadInput
from vehicle_agent.cli.packs import check_pack
from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.pack import ApiPack


def simulated_packs() -> tuple[ApiPack, ...]:
    """The installed packs, fit for the simulated car. Raises VehicleApiError."""
    catalogue = load_catalogue()
    if catalogue.packs:
        load_binding(catalogue)  # it says better than the simulated car what is wrong with a pack
    return catalogue.packs


def check_on_the_car(name: str) -> tuple[ApiPack, Catalogue]:
    """As `check_pack`, and that the simulated car can be built with it. Raises BadInput, VehicleApiError, RuleError."""
    found, catalogue = check_pack(name)
    try:
        CarModel(load_wiring(packs=catalogue.packs))
    except SimulatorError as e:
        raise BadInput(str(e)) from e
    return found, catalogue
