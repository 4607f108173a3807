"""One error root for the contract layer; each child also is the builtin a caller would expect."""


class VehicleApiError(Exception):
    """Root of every error this package raises. The message is one sentence with the remedy."""


class InvalidSpec(VehicleApiError, ValueError):
    """A function's specification contradicts itself."""


class UnknownFunction(VehicleApiError, KeyError):
    """No catalogued or packed function has this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class InvalidCall(VehicleApiError, ValueError):
    """A call's arguments do not fit its specification.

    ``function`` and ``parameter`` name the place; ``parameter`` is empty when the call as a whole is wrong.
    """

    def __init__(self, message: str, *, function: str = "", parameter: str = "") -> None:
        super().__init__(message)
        self.function = function
        self.parameter = parameter


class InvalidPlan(VehicleApiError, ValueError):
    """A plan has a cycle, an unknown reference, or too many steps."""


class CatalogueError(VehicleApiError, ValueError):
    """The catalogue or a pack cannot be loaded: duplicate name, unknown token, missing entry points."""


class CodecError(VehicleApiError, ValueError):
    """A token sequence is not a well-formed plan."""
