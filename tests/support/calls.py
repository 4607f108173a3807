"""Random valid calls, plans and model outputs of the real catalogue."""

from hypothesis import strategies as st

from vehicle_apis.call import Call, Plan, Step
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, Utterance
from vehicle_apis.earlier import Earlier, PastTurn, WantedPiece
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.ref import Ref
from vehicle_apis.spec import ApiSpec
from vehicle_apis.tokens import ROUTES

CATALOGUE = load_catalogue(with_packs=False)
SPECS = tuple(CATALOGUE)

_words = st.lists(
    st.text(st.characters(categories=("L", "N"), include_characters="'-."), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
).map(" ".join)


def values(param: Param, *, unit: str | None = None) -> st.SearchStrategy[object]:
    """Valid values of ``param``."""
    match param:
        case EnumParam():
            return st.sampled_from(param.values)
        case IntegerParam():
            return st.integers(param.min, param.max)
        case NumberParam():
            low, high = param.by_unit[unit] if unit is not None and param.by_unit else (param.min, param.max)
            return st.floats(low, high, allow_nan=False) | st.integers(int(low) + 1, int(high))
        case TextParam():
            return st.text("0123456789", min_size=1, max_size=15) if param.digits else _words
        case TimeParam():
            clock = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
            return clock if param.default is None else clock | st.just(param.default)


@st.composite
def calls(draw: st.DrawFn, spec: ApiSpec | None = None) -> Call:
    """One valid call, defaults left out or written."""
    spec = spec or draw(st.sampled_from(SPECS))
    arguments: dict[str, object] = {}
    unit = draw(values(spec.by_name["unit"])) if "unit" in spec.by_name else None
    for param in spec.params:
        if param.name == "unit":
            arguments["unit"] = unit
        elif param.default is None or "unit" in spec.by_name or draw(st.booleans()):
            arguments[param.name] = draw(values(param, unit=str(unit) if unit is not None else None))
    return CATALOGUE.call(spec.name, **arguments)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan of up to five calls, some using an earlier result."""
    out: list[Call] = []
    for _ in range(draw(st.integers(1, 5))):
        call = draw(calls())
        producers = [i for i, c in enumerate(out, 1) if c.spec.returns is not None]
        takers = [p.name for p in call.spec.params if isinstance(p, TextParam) and p.accepts_result]
        if producers and takers and draw(st.booleans()):
            call = call.with_arguments(**{takers[0]: Ref(draw(st.sampled_from(producers)))})
        out.append(call)
    return Plan(tuple(Step(id=i, call=c) for i, c in enumerate(out, 1)))


@st.composite
def incompletes(draw: st.DrawFn) -> Incomplete:
    spec = draw(st.sampled_from(SPECS))
    return Incomplete(spec, draw(st.sampled_from(["", *(p.name for p in spec.params)])))


def routes() -> st.SearchStrategy[Routed]:
    """A request for a specialist, alone or after calls, with or without words."""
    return st.builds(Routed, st.sampled_from(ROUTES), st.just("") | _words, st.just(Plan()) | plans())


def utterances() -> st.SearchStrategy[Utterance]:
    answers = st.sampled_from([Reply("yes"), Reply("no"), Reply("cancel")])
    return plans() | st.just(Refusal()) | incompletes() | answers | routes()


@st.composite
def earliers(draw: st.DrawFn) -> Earlier:
    """Up to three turns, the last of them declined or not, and a question or a piece that is open."""
    done = draw(st.lists(plans(), max_size=3))
    declined = draw(st.booleans())
    turns = [PastTurn(n, plan, declined=declined and n == len(done)) for n, plan in enumerate(done, 1)]
    match draw(st.sampled_from(["nothing", "asked", "wanted"])):
        case "asked":
            return Earlier(tuple(turns), asked=draw(plans()))
        case "wanted":
            missing = draw(incompletes())
            return Earlier(tuple(turns), wanted=WantedPiece(draw(_words), missing.spec.name, missing.missing))
        case _:
            return Earlier(tuple(turns))
