"""Token text of a model that is not to be trusted, through the codec."""

from collections.abc import Hashable

from fuzz.parts.world import catalogue, oracle
from fuzz.target import Target
from vehicle_apis import tokens as wire
from vehicle_apis.call import MAX_STEPS, Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, decode, encode
from vehicle_apis.errors import CodecError

_CUT = "|"


def pieces_of(data: bytes) -> list[str]:
    """Pieces divided by "|"; a byte of 0x80 and more stands for a special token."""
    special = wire.special_tokens()
    text = data.decode("latin-1")
    pieces = []
    for part in text.split(_CUT):
        if len(part) == 2 and part[0] >= "\x80":
            pieces.append(special[(ord(part[0]) << 8 | ord(part[1])) % len(special)])
        elif part:
            pieces.append(part)
    return pieces


def run(data: bytes) -> Hashable:
    meaning = decode(pieces_of(data), catalogue())
    if meaning == Plan():
        return "nothing"  # written as a refusal
    again = decode(encode(meaning, catalogue()), catalogue())
    assert again == meaning, "it does not survive encoding"
    match meaning:
        case Refusal():
            return "refusal"
        case Incomplete(spec=spec, missing=missing):
            assert not missing or missing in spec.by_name
            return ("incomplete", spec.name)
        case Reply(answer=answer):
            return ("reply", answer)
        case Routed(to=to, query=query, plan=plan):
            assert to in wire.ROUTES
            assert query == " ".join(query.split())
            return (to, *_names(plan))
        case Plan():
            return _names(meaning)


def _names(plan: Plan) -> tuple[str, ...]:
    assert len(plan) <= MAX_STEPS
    for call in plan.calls:
        assert Call(catalogue()[call.name], dict(call.arguments)) == call, "a call is not valid as it stands"
        if not call.refs and all(_is_plain(value) for value in call.arguments.values()):
            assert oracle().complete(call.name, call.arguments) is not None, "no call of the specification"
    return tuple(call.name for call in plan.calls)


def _is_plain(value: object) -> bool:
    """Not left out: the empty default of a text is no value of the specification's types."""
    return value != ""


def _text(*pieces: str) -> bytes:
    return _CUT.join(pieces).encode()


def seeds() -> list[bytes]:
    def plan(name: str, /, **arguments: object) -> bytes:
        return _text(*encode(Plan.of(catalogue().call(name, **arguments)), catalogue()))

    two = Plan.of(catalogue().call("find_nearby", category="hotel"), catalogue().call("navigate_to", destination="$1"))
    return [
        plan("set_climate_temperature", temperature=70, unit="fahrenheit"),
        plan("control_window", position=50, window="driver"),
        plan("dial_number", number="5550123"),
        plan("set_alarm", time="07:30"),
        plan("open_app", app="netflix"),
        plan("send_text_message", recipient="mom", message="i am late"),
        _text(*encode(two, catalogue())),
        _text("<refuse>", "<end>"),
        _text("<clarify>", "<fn_3>", "<arg_0>", "<end>"),
        _text("<fn_1>", "nan", "<end>"),
        _text("<no>", "<end>"),
        _text("<route_1>", " how high is the zugspitze", "<end>"),
    ]


TARGET = Target(
    name="plan_tokens",
    run=run,
    allowed=(CodecError,),
    seeds=seeds,
    form="text",
    dictionary=(
        *(token.encode() + b"|" for token in wire.special_tokens()),
        *(b" on", b" off", b" all", b"$1", b"1e999", b"-0", b"nan", b"inf", b"1_0", b"0x10", b"12:34", b"|", b" "),
    ),
    share=15,
)
