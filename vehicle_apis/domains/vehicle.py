"""Vehicle status, drive modes, assistance, charging and emergency calls."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec
from vehicle_apis.traits import Activity, Ending, RunsAfter, Telephone
from vehicle_apis.wording import ByValue, Question, Refusal

APIS = (
    ApiSpec(
        name="get_vehicle_status",
        domain="vehicle",
        doc="Tell a value of the vehicle.",
        phrase="tell you the {item}",
        backend="can",
        params=(
            EnumParam(
                name="item",
                values=(
                    "fuel_level",
                    "battery_level",
                    "range",
                    "tire_pressure",
                    "oil_life",
                    "coolant_temperature",
                    "washer_fluid",
                    "odometer",
                    "speed",
                    "outside_temperature",
                    "cabin_temperature",
                    "doors",
                    "windows",
                    "next_service",
                ),
            ),
        ),
        returns="text",
        reads_only=True,
        value_words={"item": {"next_service": "time to the next service"}},
        questions={"item": Question(text="What about the car would you like to know?")},
    ),
    ApiSpec(
        name="run_diagnostics",
        domain="vehicle",
        doc="Read the stored trouble codes.",
        phrase="read the trouble codes",
        backend="can",
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="set_drive_mode",
        domain="vehicle",
        doc="Choose the drive mode.",
        phrase="switch to {mode} mode",
        backend="can",
        params=(EnumParam(name="mode", values=("eco", "normal", "comfort", "sport", "snow", "offroad")),),
        questions={"mode": Question(text="Which drive mode would you like?", link="to")},
        refusal=Refusal(what="Offroad mode"),
    ),
    ApiSpec(
        name="set_driver_assistance",
        domain="vehicle",
        doc="Switch a driver assistance function.",
        phrase="turn {feature} {state}",
        backend="can",
        params=(
            EnumParam(
                name="feature",
                values=(
                    "lane_keeping",
                    "blind_spot",
                    "parking_sensors",
                    "collision_warning",
                    "speed_limit_assist",
                    "traction_control",
                    "auto_hold",
                    "start_stop",
                ),
            ),
            EnumParam(name="state", values=("on", "off")),
        ),
        questions={
            "feature": Question(text="Which assistance function do you mean?"),
            "state": Question(text="Should that assistance function be on or off?"),
        },
        refusal=Refusal(what="Switching that assistance function off"),
    ),
    ApiSpec(
        name="set_speed_warning",
        domain="vehicle",
        doc="Warn above a speed; 0 is off.",
        phrase=ByValue(
            parameter="speed", templates={"0": "turn the speed warning off"}, otherwise="warn you above {speed} {unit}"
        ),
        backend="can",
        params=(
            IntegerParam(name="speed", min=0, max=200),
            EnumParam(name="unit", values=("kmh", "mph"), default="kmh"),
        ),
        questions={"speed": Question(text="Above which speed should I warn you?", link="at")},
        steps={"speed": 10},
    ),
    ApiSpec(
        name="control_charging",
        domain="vehicle",
        doc="Start or stop charging.",
        phrase="{action} charging",
        backend="can",
        params=(EnumParam(name="action", values=("start", "stop")),),
        questions={"action": Question(text="Should I start or stop charging?")},
        refusal=Refusal(
            what="Starting to charge", never={"action": {"start": "Charging cannot start: no cable is plugged in."}}
        ),
        runs_after=(
            RunsAfter(function="operate_charge_port"),
            RunsAfter(function="set_charge_limit"),
        ),
    ),
    ApiSpec(
        name="set_charge_limit",
        domain="vehicle",
        doc="Set the state of charge at which charging ends.",
        phrase="charge to {percent} percent",
        backend="can",
        params=(IntegerParam(name="percent", min=50, max=100, unit="percent"),),
        questions={"percent": Question(text="At how many percent should charging end?", link="to")},
        steps={"percent": 10},
    ),
    ApiSpec(
        name="show_camera",
        domain="vehicle",
        doc="Show a camera picture.",
        phrase=ByValue(
            parameter="view", templates={"surround": "show the surround view"}, otherwise="show the {view} camera"
        ),
        backend="can",
        params=(EnumParam(name="view", values=("front", "rear", "left", "right", "surround")),),
        questions={"view": Question(text="Which camera: front, rear, left, right or all around?")},
        refusal=Refusal(what="Showing the camera"),
        activity=Activity(ending=Ending.CLOSE_CAMERA, cars_own_in_reverse={"view": "rear"}),
    ),
    ApiSpec(
        name="set_valet_mode",
        domain="vehicle",
        doc="Switch valet mode.",
        phrase="turn valet mode {state}",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
        questions={"state": Question(text="Should valet mode be on or off?")},
        refusal=Refusal(
            what="Changing valet mode", never={"state": {"off": "Leaving valet mode needs the PIN on the screen."}}
        ),
    ),
    ApiSpec(
        name="make_emergency_call",
        domain="vehicle",
        doc="Place an eCall.",
        phrase="call the emergency services",
        backend="can",
        idempotent=False,
        refusal=Refusal(what="Placing an emergency call"),
        confirmation="Call the emergency services?",
    ),
    ApiSpec(
        name="call_roadside_assistance",
        domain="vehicle",
        doc="Call roadside assistance.",
        phrase="call roadside assistance",
        backend="dbus",
        idempotent=False,
        refusal=Refusal(what="Calling roadside assistance"),
        confirmation="Call roadside assistance?",
        telephone=Telephone(party="roadside assistance"),
    ),
)

PACK = ApiPack(name="vehicle", version="1", apis=APIS)
