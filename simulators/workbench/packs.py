"""The OEM packs of the simulated car."""

from vehicle_apis.binding import load_binding
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.pack import ApiPack


def simulated_packs() -> tuple[ApiPack, ...]:
    """The installed packs, fit for the simulated car. Raises VehicleApiError."""
    catalogue = load_catalogue()
    if catalogue.packs:
        load_binding(catalogue)  # it says better than the simulated car what is wrong with a pack
    return catalogue.packs
