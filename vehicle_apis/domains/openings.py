"""Windows, roof, doors, trunk, ports and mirrors."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Activity, Ending, Hearing
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="control_window",
        domain="openings",
        doc="Move a side window; 0 closed, 100 fully open. 'crack' = 10, 'half' = 50.",
        phrase=ByValue(
            parameter="position",
            templates={"0": "close {window}", "100": "open {window}"},
            otherwise="open {window} to {position} percent",
        ),
        backend="can",
        params=(
            IntegerParam(name="position", min=0, max=100, unit="percent"),
            EnumParam(
                name="window",
                values=("driver", "passenger", "rear_left", "rear_right", "front", "rear", "all"),
                default="driver",
            ),
        ),
        value_words={
            "window": {
                "driver": "the driver's window",
                "passenger": "the passenger's window",
                "rear_left": "the rear left window",
                "rear_right": "the rear right window",
                "front": "the front windows",
                "rear": "the rear windows",
                "all": "all windows",
            }
        },
        questions={"position": Question(text="How far should I open the window?")},
        refusal=Refusal(what="Opening a window"),
        covers={"window": {"front": ("driver", "passenger")}},
        hearing=Hearing(ends={"position": ("close", "open")}),
        steps={"position": 25},
    ),
    ApiSpec(
        name="set_window_lock",
        domain="openings",
        doc="Lock or free the passengers' window switches.",
        phrase=ByValue(
            parameter="state", templates={"on": "lock the window switches", "off": "free the window switches"}
        ),
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should the window switches be locked or free?")},
        refusal=Refusal(what="Freeing the passengers' window switches"),
    ),
    ApiSpec(
        name="operate_sunroof",
        domain="openings",
        doc="Open, close or tilt the sunroof.",
        phrase=ByValue(
            parameter="intensity",
            templates={"100": "{action} the sunroof"},
            otherwise="{action} the sunroof by {intensity} percent",
        ),
        backend="can",
        params=(
            EnumParam(name="action", values=("open", "close", "tilt")),
            IntegerParam(name="intensity", min=0, max=100, unit="percent", default=100),
        ),
        questions={"action": Question(text="Should I open, close or tilt the sunroof?")},
        refusal=Refusal(what="Opening the sunroof"),
        steps={"intensity": 25},
    ),
    ApiSpec(
        name="operate_sunshade",
        domain="openings",
        doc="Open or close a sunshade.",
        phrase="{action} the {shade} sunshade",
        backend="can",
        params=(
            EnumParam(name="action", values=("open", "close")),
            EnumParam(name="shade", values=("roof", "rear"), default="roof"),
        ),
        questions={"action": Question(text="Should I open or close the sunshade?")},
    ),
    ApiSpec(
        name="set_door_locks",
        domain="openings",
        doc="Lock or unlock doors.",
        phrase="{state} {door}",
        backend="can",
        params=(
            EnumParam(name="state", values=("lock", "unlock")),
            EnumParam(
                name="door", values=("driver", "passenger", "rear_left", "rear_right", "rear", "all"), default="all"
            ),
        ),
        questions={"state": Question(text="Should I lock or unlock the doors?")},
        refusal=Refusal(
            what="Unlocking the doors", never={"state": {"unlock": "The doors stay locked while the car is rolling."}}
        ),
    ),
    ApiSpec(
        name="set_child_lock",
        domain="openings",
        doc="Switch the rear doors' child lock.",
        phrase="switch the child lock {side} {state}",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="side", values=("left", "right", "both"), default="both"),
        ),
        value_words={"side": {"left": "on the left", "right": "on the right", "both": "on both sides"}},
        questions={"state": Question(text="Should the child lock be on or off?")},
        refusal=Refusal(what="Releasing the child lock"),
    ),
    ApiSpec(
        name="operate_trunk",
        domain="openings",
        doc="Open or close the trunk (boot, tailgate).",
        phrase="{action} the trunk",
        backend="can",
        params=(EnumParam(name="action", values=("open", "close")),),
        questions={"action": Question(text="Should I open or close the trunk?")},
        refusal=Refusal(what="Opening the trunk"),
        activity=Activity(ending=Ending.STOP_MOTION),
    ),
    ApiSpec(
        name="operate_charge_port",
        domain="openings",
        doc="Open or close the charge port or fuel flap.",
        phrase="{action} the charge port",
        backend="can",
        params=(EnumParam(name="action", values=("open", "close")),),
        questions={"action": Question(text="Should I open or close the charge port?")},
        refusal=Refusal(
            what="Moving the charge port flap",
            never={"action": {"close": "The charge port stays open while the cable is plugged in."}},
        ),
    ),
    ApiSpec(
        name="adjust_mirror",
        domain="openings",
        doc="Tilt an outside mirror by one step of 2 degrees.",
        phrase="tilt the {mirror} mirror {direction}",
        backend="can",
        params=(
            EnumParam(name="mirror", values=("left", "right")),
            EnumParam(name="direction", values=("up", "down", "left", "right")),
        ),
        idempotent=False,
        questions={
            "mirror": Question(text="Which mirror, left or right?"),
            "direction": Question(text="Which way should I tilt the mirror?"),
        },
        refusal=Refusal(what="Tilting a mirror"),
        activity=Activity(ending=Ending.STOP_MOTION),
    ),
    ApiSpec(
        name="fold_mirrors",
        domain="openings",
        doc="Fold or unfold the outside mirrors.",
        phrase="{action} the mirrors",
        backend="can",
        params=(EnumParam(name="action", values=("fold", "unfold")),),
        questions={"action": Question(text="Should I fold the mirrors in or out?")},
        refusal=Refusal(what="Folding the mirrors"),
        activity=Activity(ending=Ending.STOP_MOTION),
    ),
)

PACK = ApiPack(name="openings", version="1", apis=APIS)
