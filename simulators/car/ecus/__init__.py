"""The control units of the simulated car, one module for each."""

from typing import Final

from simulators.car.ecu import Ecu
from simulators.car.ecus.assistance import Assistance
from simulators.car.ecus.body import Body
from simulators.car.ecus.camera import Camera
from simulators.car.ecus.charging import Charging
from simulators.car.ecus.climate import Climate
from simulators.car.ecus.closures import Closures
from simulators.car.ecus.doors import Doors
from simulators.car.ecus.drive import Airbag, Brakes, Cluster, Powertrain
from simulators.car.ecus.gateway import Gateway
from simulators.car.ecus.lights import Lights
from simulators.car.ecus.mirrors import Mirrors
from simulators.car.ecus.roof import Roof
from simulators.car.ecus.seats import Seats
from simulators.car.ecus.telematics import Telematics
from simulators.car.ecus.windows import Windows
from simulators.car.ecus.wipers import Wipers

ECUS: Final[tuple[type[Ecu], ...]] = (
    Powertrain,
    Brakes,
    Airbag,
    Body,
    Climate,
    Seats,
    Windows,
    Roof,
    Doors,
    Closures,
    Mirrors,
    Lights,
    Wipers,
    Assistance,
    Charging,
    Camera,
    Telematics,
    Cluster,
    Gateway,
)
