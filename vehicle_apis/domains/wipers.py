"""Wipers and washers."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="set_wipers",
        domain="wipers",
        doc="Choose the wiper mode.",
        phrase=ByValue(
            parameter="mode",
            templates={"off": "turn the {window} wipers off", "auto": "set the {window} wipers to automatic"},
            otherwise="set the {window} wipers to {mode}",
        ),
        backend="can",
        params=(
            EnumParam(name="mode", values=("off", "intermittent", "slow", "fast", "auto")),
            EnumParam(name="window", values=("front", "rear"), default="front"),
        ),
        questions={
            "mode": Question(text="Should the wipers be off, intermittent, slow, fast or automatic?", link="to")
        },
        refusal=Refusal(what="Switching the wipers off in the rain"),
    ),
    ApiSpec(
        name="wash_windshield",
        domain="wipers",
        doc="Wash a window with washer fluid.",
        phrase="wash the {window}",
        backend="can",
        params=(EnumParam(name="window", values=("front", "rear"), default="front"),),
        idempotent=False,
    ),
)

PACK = ApiPack(name="wipers", version="1", apis=APIS)
