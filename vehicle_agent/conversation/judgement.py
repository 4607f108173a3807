"""One answer of the gate, as the journal and other listeners get it."""

from dataclasses import dataclass

from state_machines.expansion import Context
from vehicle_apis.call import Call
from vehicle_apis.signals import Signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One answer of the gate with all it was based on, for the journal. ``binding``: it was the one before sending.

    ``confirmed``: the driver's yes to exactly this call was there. An undo's calls all have the undo's ``step``.
    ``said``: the call in the driver's own words, where ``call`` has the names of the head unit instead.
    """

    call: Call
    signals: Signals
    context: Context
    state: str
    decision: str
    rule: str
    binding: bool
    step: int = 0
    confirmed: bool = False
    said: Call | None = None
