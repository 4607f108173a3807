"""The simulated car: control units on any python-can bus, without root or a display."""

from simulators.car.car import Car
from simulators.car.domain import Value
from simulators.car.faults import Fault, FaultKind, fault_kinds, parse_fault
from simulators.car.wiring import Wiring, load_wiring

__all__ = ["Car", "Fault", "FaultKind", "Value", "Wiring", "fault_kinds", "load_wiring", "parse_fault"]
