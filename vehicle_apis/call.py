"""Call and Plan: what the planner proposes, the gate judges and the executor runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vehicle_apis.errors import InvalidCall, InvalidPlan
from vehicle_apis.params import Scalar
from vehicle_apis.ref import EarlierRef, Ref
from vehicle_apis.spec import ApiSpec, Argument

MAX_STEPS = 8  # conventions allow five spoken calls; undo of a plan may need a few more


@dataclass(frozen=True, slots=True)
class Call:
    """One validated call: arguments are complete (defaults filled in) and in catalogue order.

    Raises InvalidCall when ``arguments`` do not fit ``spec``.
    """

    spec: ApiSpec
    arguments: Mapping[str, Argument] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", MappingProxyType(self.spec.bind(self.arguments)))

    def __hash__(self) -> int:
        return hash((self.spec.name, tuple(self.arguments.items())))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Call):
            return NotImplemented
        return self.spec.name == other.spec.name and dict(self.arguments) == dict(other.arguments)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def refs(self) -> tuple[int, ...]:
        """Ids of the steps of the same plan whose results this call uses."""
        return tuple(v.step for v in self.arguments.values() if isinstance(v, Ref))

    @property
    def uses_results(self) -> bool:
        """Whether an argument is the result of another call, of this plan or an earlier one."""
        return any(isinstance(v, Ref | EarlierRef) for v in self.arguments.values())

    def with_arguments(self, **changes: Argument) -> "Call":
        return Call(self.spec, {**self.arguments, **changes})

    def spoken_arguments(self) -> dict[str, Argument]:
        """The arguments that differ from their defaults (what the wire format carries)."""
        return {
            p.name: self.arguments[p.name]
            for p in self.spec.params
            if p.default is None or self.arguments[p.name] != p.default
        }

    def json_arguments(self) -> dict[str, Scalar]:
        return {k: str(v) if isinstance(v, Ref | EarlierRef) else v for k, v in self.arguments.items()}

    def __str__(self) -> str:
        inside = ", ".join(f"{k}={v}" for k, v in self.spoken_arguments().items())
        return f"{self.name}({inside})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call with its id (>= 1) and the ids it waits for besides its `$n`."""

    id: int
    call: Call
    after: tuple[int, ...] = ()

    @property
    def waits_for(self) -> frozenset[int]:
        return frozenset(self.after) | frozenset(self.call.refs)

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.call.name,
            "arguments": self.call.json_arguments(),
            "after": sorted(self.after),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in spoken order. Acyclic by construction: a step waits only for steps before it.

    Raises InvalidPlan for duplicate ids, references to later, unknown or result-less steps, or more than
    MAX_STEPS steps.
    """

    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        if len(self.steps) > MAX_STEPS:
            raise InvalidPlan(f"a plan has at most {MAX_STEPS} steps, this one has {len(self.steps)}")
        seen: dict[int, Call] = {}
        for step in self.steps:
            if step.id < 1 or step.id in seen:
                raise InvalidPlan(f"step ids must be distinct and at least 1, not {step.id}")
            for ref in step.waits_for:
                if ref not in seen:
                    raise InvalidPlan(f"step {step.id} ({step.call.name}) waits for step {ref}, which is not before it")
            for ref in step.call.refs:
                if seen[ref].spec.returns is None:
                    raise InvalidPlan(f"step {step.id} uses ${ref}, but {seen[ref].name} gives no result")
            seen[step.id] = step.call

    @classmethod
    def of(cls, *calls: Call) -> "Plan":
        """Calls numbered 1.. in order, without ordering constraints. Raises InvalidPlan."""
        if len(calls) == 1 and calls[0].refs:
            raise InvalidPlan(
                f"{calls[0].name} refers to the result of another call (${calls[0].refs[0]}), but it is a single call; "
                "write what is meant"
            )
        return cls(tuple(Step(id=i, call=c) for i, c in enumerate(calls, 1)))

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(step.call for step in self.steps)

    def to_json(self) -> list[dict[str, object]]:
        return [step.to_json() for step in self.steps]


__all__ = ["MAX_STEPS", "Call", "InvalidCall", "Plan", "Step"]
