"""What was said and done before an utterance, as far as it decides what the utterance means."""

from collections.abc import Iterator
from dataclasses import dataclass

from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam
from vehicle_apis.ref import EarlierRef
from vehicle_apis.spec import Argument


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn in which something was done: ``number`` counts the turns of the conversation from 1.

    ``declined``: it was asked about and not wanted; nobody refers to it but by the persons it named.
    """

    number: int
    plan: Plan
    declined: bool = False


@dataclass(frozen=True, slots=True)
class WantedPiece:
    """A command that lacked something: the words of it, and what is open."""

    words: str
    function: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """``turns``: the last ones that acted, newest last. ``asked``: the calls that an open yes/no question is about.
    ``wanted``: the piece that was asked for."""

    turns: tuple[PastTurn, ...] = ()
    asked: Plan = Plan()  # noqa: RUF009 - frozen
    wanted: WantedPiece | None = None

    def __bool__(self) -> bool:
        return bool(self.turns or self.asked.steps or self.wanted is not None)

    def steps(self) -> Iterator[tuple[PastTurn, Step]]:
        """The calls that later words may refer to, newest first."""
        for turn in reversed(self.turns):
            if not turn.declined:
                yield from ((turn, step) for step in reversed(turn.plan.steps))

    def calls(self) -> Iterator[Call]:
        """Those asked about, then those that were carried out, newest first."""
        yield from self.asked.calls
        yield from (step.call for _, step in self.steps())

    def calls_of(self, function: str) -> list[Call]:
        """Earlier calls of ``function``, newest first."""
        return [call for call in self.calls() if call.name == function]

    def result_for(self, parameter: str) -> EarlierRef | None:
        """The newest result that ``parameter`` may stand for: of a place where one is wanted, else of any kind."""
        for turn, step in self.steps():
            returns = step.call.spec.returns
            if returns == "place" or (returns is not None and parameter not in PLACE_TAKERS):
                return EarlierRef(turn.number, step.id)
        return None


NOTHING_BEFORE = Earlier()
PLACE_TAKERS = frozenset({"destination", "place"})  # only a place can be driven to; a message takes any result


def stepped(last: Call, parameter: str, by: int) -> Argument:
    """The value ``by`` steps (+1, -1) from that of ``last``, within the range. KeyError: it has no steps."""
    param = last.spec.by_name[parameter]
    step = last.spec.steps[parameter] * by
    value = last.arguments[parameter]
    match param:
        case EnumParam():
            at = param.values.index(str(value)) + step
            return param.values[max(0, min(len(param.values) - 1, at))]
        case IntegerParam() | NumberParam():
            return param.normalise(max(param.min, min(param.max, float(str(value)) + step)))
        case _:
            raise KeyError(parameter)
