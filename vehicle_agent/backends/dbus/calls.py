"""Telephone calls as oFono shows them: who is calling, in which state, on which telephone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from state_machines.telephone import normalised, spoken
from vehicle_agent.backends.dbus.client import Client, MethodCall
from vehicle_agent.backends.dbus.config import Endpoint
from vehicle_agent.backends.dbus.modems import VOICE
from vehicle_agent.backends.dbus.naming import cleaned
from vehicle_agent.backends.dbus.phonebook import name_of
from vehicle_agent.errors import BackendError

_MOST_CALLS: Final = 32
# what telephones and networks put in the place of a number that is not shown
_HIDDEN: Final = frozenset(
    {
        *("withheld", "unknown", "anonymous", "private", "private number", "hidden", "restricted", "unavailable"),
        *("not available", "blocked", "no caller id", "no number", "unknown number", "payphone", "none"),
    }
)
NOBODY_KNOWN: Final = "an unknown caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephoneCall:
    """``state``: oFono's word, "" for an odd one. ``number``, ``name``: "" when hidden. ``on``: the telephone."""

    path: str
    state: str
    number: str
    name: str
    is_multiparty: bool
    on: Endpoint

    @property
    def endpoint(self) -> Endpoint:
        return replace(self.on, path=self.path)


def _shown(value: object) -> str:
    text = cleaned(value)
    return "" if text.strip("<>()[]").lower() in _HIDDEN else text


def _call(row: object, modem: Endpoint) -> TelephoneCall | None:
    match row:
        case [str(path), dict() as values] if path:
            return TelephoneCall(
                path=path,
                state=cleaned(values.get("State")).lower(),
                number=_shown(values.get("LineIdentification")),
                name=_shown(values.get("Name")),
                is_multiparty=values.get("Multiparty") is True,
                on=modem,
            )
        case _:
            return None


async def calls_on(client: Client, modem: Endpoint) -> list[TelephoneCall]:
    (rows,) = await client.ask(MethodCall(to=modem, interface=VOICE, member="GetCalls"))
    if not isinstance(rows, list):
        raise TypeError("calls come as a list")
    return [call for row in rows[:_MOST_CALLS] if (call := _call(row, modem)) is not None]


async def calls_on_all(client: Client, modems: Iterable[Endpoint]) -> list[TelephoneCall]:
    """The calls of every telephone that answers. Raises what the last one that does not answer raises, if none does."""
    found: list[TelephoneCall] = []
    failure: Exception | None = None
    answered = False
    for modem in modems:
        try:
            found += await calls_on(client, modem)
        except (BackendError, TypeError, ValueError) as e:
            failure = e
        else:
            answered = True
    if failure is not None and not answered:
        raise failure
    return found


async def who(client: Client, call: TelephoneCall) -> str:
    """The contact, else what the network shows, else the number. A phone book that does not answer holds nothing up."""
    if normalised(call.number) is None:
        return call.name or call.number or NOBODY_KNOWN
    number = spoken(call.number)
    try:
        named = await name_of(client, call.number)
    except (BackendError, TypeError, ValueError):
        named = number
    return call.name or number if named == number else named
