"""Vehicle status, drive modes, assistance, charging and emergency calls."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="get_vehicle_status",
        domain="vehicle",
        doc="Tell a value of the vehicle.",
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
    ),
    ApiSpec(
        name="run_diagnostics",
        domain="vehicle",
        doc="Read the stored trouble codes.",
        backend="can",
        returns="text",
        reads_only=True,
    ),
    ApiSpec(
        name="set_drive_mode",
        domain="vehicle",
        doc="Choose the drive mode.",
        backend="can",
        params=(EnumParam(name="mode", values=("eco", "normal", "comfort", "sport", "snow", "offroad")),),
    ),
    ApiSpec(
        name="set_driver_assistance",
        domain="vehicle",
        doc="Switch a driver assistance function.",
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
    ),
    ApiSpec(
        name="set_speed_warning",
        domain="vehicle",
        doc="Warn above a speed; 0 is off.",
        backend="can",
        params=(
            IntegerParam(name="speed", min=0, max=200),
            EnumParam(name="unit", values=("kmh", "mph"), default="kmh"),
        ),
    ),
    ApiSpec(
        name="control_charging",
        domain="vehicle",
        doc="Start or stop charging.",
        backend="can",
        params=(EnumParam(name="action", values=("start", "stop")),),
    ),
    ApiSpec(
        name="set_charge_limit",
        domain="vehicle",
        doc="Set the state of charge at which charging ends.",
        backend="can",
        params=(IntegerParam(name="percent", min=50, max=100, unit="percent"),),
    ),
    ApiSpec(
        name="show_camera",
        domain="vehicle",
        doc="Show a camera picture.",
        backend="can",
        params=(EnumParam(name="view", values=("front", "rear", "left", "right", "surround")),),
    ),
    ApiSpec(
        name="set_valet_mode",
        domain="vehicle",
        doc="Switch valet mode.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="make_emergency_call",
        domain="vehicle",
        doc="Place an eCall.",
        backend="can",
        idempotent=False,
    ),
    ApiSpec(
        name="call_roadside_assistance",
        domain="vehicle",
        doc="Call roadside assistance.",
        backend="dbus",
        idempotent=False,
    ),
)

PACK = ApiPack(name="vehicle", version="1", apis=APIS)
