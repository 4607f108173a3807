"""Scenarios: what happens to a car over time and what must be so then, in YAML. docs/scenarios.md tells how.

``load`` or ``parse`` a `Scenario`, then ``run`` it on a `Stage`; the `Report` knows what was met.
"""

from simulators.scenario.driver import Driver, Exchange, Said
from simulators.scenario.model import Scenario, Step
from simulators.scenario.reading import built_in, load, parse, parse_call
from simulators.scenario.report import Check, Event, Report, write_junit
from simulators.scenario.runner import Stage, run

__all__ = [
    "Check",
    "Driver",
    "Event",
    "Exchange",
    "Report",
    "Said",
    "Scenario",
    "Stage",
    "Step",
    "built_in",
    "load",
    "parse",
    "parse_call",
    "run",
    "write_junit",
]
