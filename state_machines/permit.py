"""Permits: the only thing a backend accepts. Only the gate makes them."""

from typing import NoReturn, SupportsIndex, final

from state_machines import limits
from vehicle_apis.call import Call

_GATE_KEY = object()


class PermitRefused(Exception):
    """A permit was used twice, too late, for another call, or did not come from the gate."""


@final
class Permit:
    """Leave to send one call once, within PERMIT_LIFE_S of the judgement."""

    __slots__ = ("_call", "_expires_s", "_used")

    def __init__(self, call: Call, now_s: float, *, key: object) -> None:
        if key is not _GATE_KEY:
            raise PermitRefused("only the safety gate makes permits")
        self._call = call
        self._expires_s = now_s + limits.PERMIT_LIFE_S
        self._used = False

    def redeem(self, call: Call, now_s: float) -> None:
        """Uses the permit up. Raises PermitRefused unless it is fresh, unused and for exactly ``call``."""
        if self._used:
            raise PermitRefused(f"the permit for {self._call.name} was used already")
        self._used = True
        if call != self._call:
            raise PermitRefused(f"the permit is for {self._call}, not for {call}")
        if not self._expires_s - limits.PERMIT_LIFE_S <= now_s <= self._expires_s:
            raise PermitRefused(f"the permit for {self._call.name} has expired; it must be judged again")

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """A copy would be a second use."""
        raise PermitRefused("a permit cannot be copied or stored")

    def revoke(self) -> None:
        """Makes the permit worthless (the driving state changed)."""
        self._used = True


def issue(call: Call, now_s: float) -> Permit:
    """For the gate alone."""
    return Permit(call, now_s, key=_GATE_KEY)
