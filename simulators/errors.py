"""One error root for the simulators; each child also is the builtin a caller would expect."""


class SimulatorError(Exception):
    """Root of every error this package raises. The message is one sentence with the remedy."""


class UnknownName(SimulatorError, KeyError):
    """The simulated car has no setting, part, message or control unit of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class BadValue(SimulatorError, ValueError):
    """A setting was given a value it cannot take."""


class BusUnavailable(SimulatorError, OSError):
    """The CAN bus cannot be opened or does not take frames."""


class NetworkMismatch(SimulatorError, ValueError):
    """The DBC, the binding and the simulated control units do not fit together."""


class ScenarioError(SimulatorError, ValueError):
    """A scenario file cannot be used. The message names file and line."""


class RecordingError(SimulatorError, ValueError):
    """A recording cannot be written or read. The message names file and frame."""
