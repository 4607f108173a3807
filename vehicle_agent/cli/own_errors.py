"""The project's own errors, with the exit statuses they end a command with."""

from state_machines.rulebook import RuleError
from vehicle_agent.cli.exits import Exit
from vehicle_agent.errors import BackendError, VehicleAgentError
from vehicle_apis.errors import VehicleApiError


def status_of(error: Exception) -> Exit | None:
    """None for one that is not ours: a defect."""
    match error:
        case BackendError():
            return Exit.REFUSED_OR_FAILED
        case VehicleAgentError() | VehicleApiError() | RuleError():
            return Exit.BAD_INPUT
        case _:
            return None
