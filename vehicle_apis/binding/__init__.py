"""Ties vehicle functions to a car's CAN network, as `vehicle.toml` and a DBC describe it.

    binding = load_binding(load_catalogue())
    function = binding.function("control_window")            # a CommandFunction
    exchange = function.plan(call, read)                      # commands, expectations, inverse calls
    data = binding.network.encode(command.message, command.values)

`model` documents every key of the file. Errors are BindingError and name file, key and remedy.
"""

from vehicle_apis.binding.command import CommandFunction
from vehicle_apis.binding.exchange import Command, Exchange, Expectation, NotReported, Read
from vehicle_apis.binding.files import CarFiles, NetworkFile, default_binding_path, read_binding_file, read_car_files
from vehicle_apis.binding.load import BoundFunction, CarBinding, GateSource, Rerouted, load_binding
from vehicle_apis.binding.network import BindingError, Network, SignalRef, to_raw
from vehicle_apis.binding.reading import CodeReading, ItemReading, trouble_code

__all__ = [
    "BindingError",
    "BoundFunction",
    "CarBinding",
    "CarFiles",
    "CodeReading",
    "Command",
    "CommandFunction",
    "Exchange",
    "Expectation",
    "GateSource",
    "ItemReading",
    "Network",
    "NetworkFile",
    "NotReported",
    "Read",
    "Rerouted",
    "SignalRef",
    "default_binding_path",
    "load_binding",
    "read_binding_file",
    "read_car_files",
    "to_raw",
    "trouble_code",
]
