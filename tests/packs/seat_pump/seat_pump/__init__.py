"""Lumbar support of the comfort seats: an air cushion in each front seat, blown up by one pump."""

from pathlib import Path

from vehicle_apis.pack import ApiPack, RuleSpec
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Activity, Ending, RunsAfter
from vehicle_apis.wording import ByValue, Question, Refusal

_HERE = Path(__file__).parent
_SEAT = EnumParam(name="seat", values=("driver", "passenger", "all"), default="driver")

PACK = ApiPack(
    name="seat_pump",
    version="1.2.0",
    apis=(
        ApiSpec(
            name="set_lumbar_support",
            domain="seats",
            doc="Set how firmly a front seat supports the lower back.",
            backend="can",
            params=(IntegerParam(name="pressure", min=0, max=100, unit="percent"), _SEAT),
            phrase=ByValue(
                parameter="pressure",
                templates={"0": "let the air out of {seat}"},
                otherwise="blow up {seat} to {pressure} percent",
            ),
            value_words={"seat": {"all": "both front seats"}},
            questions={"pressure": Question(text="How firm should the support be, in percent?", link="to")},
            refusal=Refusal(what="Blowing up the {seat} seat"),
            runs_after=(RunsAfter(function="recall_seat_memory", needs_success=True),),
            actuator="lumbar_cushions",
        ),
        ApiSpec(
            name="adjust_lumbar_support",
            domain="seats",
            doc="Make the lower back's support firmer or softer.",
            backend="can",
            params=(
                EnumParam(name="direction", values=("up", "down")),
                IntegerParam(name="amount", min=5, max=500, unit="mbar", default=50),
                _SEAT,
            ),
            actuator="lumbar_cushions",
        ),
        ApiSpec(
            name="calibrate_seat_pump",
            domain="seats",
            doc="Measure the pump's pressure anew; the cushions go flat.",
            backend="can",
            activity=Activity(ending=Ending.STOP_MOTION),
        ),
    ),
    # the driver's own back may be troubled only while the car stands; without a rule a function is for the parked car
    rules={
        "set_lumbar_support": (
            RuleSpec(args={"seat": "passenger"}, allow="any"),
            RuleSpec(allow=("parked", "standstill"), confirm=("creeping", "driving")),
        ),
        "adjust_lumbar_support": (RuleSpec(args={"amount": "<101"}, allow="any"), RuleSpec(allow=("parked",))),
    },
    dbc=_HERE / "seat_pump.dbc",
    binding=_HERE / "seat_pump.toml",
)
