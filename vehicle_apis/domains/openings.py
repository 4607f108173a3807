"""Windows, roof, doors, trunk, ports and mirrors."""

from vehicle_apis.pack import ApiPack
from vehicle_apis.params import EnumParam, IntegerParam
from vehicle_apis.spec import ApiSpec

APIS = (
    ApiSpec(
        name="control_window",
        domain="openings",
        doc="Move a side window; 0 closed, 100 fully open. 'crack' = 10, 'half' = 50.",
        backend="can",
        params=(
            IntegerParam(name="position", min=0, max=100, unit="percent"),
            EnumParam(
                name="window",
                values=("driver", "passenger", "rear_left", "rear_right", "front", "rear", "all"),
                default="driver",
            ),
        ),
    ),
    ApiSpec(
        name="set_window_lock",
        domain="openings",
        doc="Lock or free the passengers' window switches.",
        backend="can",
        params=(EnumParam(name="state", values=("on", "off")),),
    ),
    ApiSpec(
        name="operate_sunroof",
        domain="openings",
        doc="Open, close or tilt the sunroof.",
        backend="can",
        params=(
            EnumParam(name="action", values=("open", "close", "tilt")),
            IntegerParam(name="intensity", min=0, max=100, unit="percent", default=100),
        ),
    ),
    ApiSpec(
        name="operate_sunshade",
        domain="openings",
        doc="Open or close a sunshade.",
        backend="can",
        params=(
            EnumParam(name="action", values=("open", "close")),
            EnumParam(name="shade", values=("roof", "rear"), default="roof"),
        ),
    ),
    ApiSpec(
        name="set_door_locks",
        domain="openings",
        doc="Lock or unlock doors.",
        backend="can",
        params=(
            EnumParam(name="state", values=("lock", "unlock")),
            EnumParam(
                name="door", values=("driver", "passenger", "rear_left", "rear_right", "rear", "all"), default="all"
            ),
        ),
    ),
    ApiSpec(
        name="set_child_lock",
        domain="openings",
        doc="Switch the rear doors' child lock.",
        backend="can",
        params=(
            EnumParam(name="state", values=("on", "off")),
            EnumParam(name="side", values=("left", "right", "both"), default="both"),
        ),
    ),
    ApiSpec(
        name="operate_trunk",
        domain="openings",
        doc="Open or close the trunk (boot, tailgate).",
        backend="can",
        params=(EnumParam(name="action", values=("open", "close")),),
    ),
    ApiSpec(
        name="operate_charge_port",
        domain="openings",
        doc="Open or close the charge port or fuel flap.",
        backend="can",
        params=(EnumParam(name="action", values=("open", "close")),),
    ),
    ApiSpec(
        name="adjust_mirror",
        domain="openings",
        doc="Tilt an outside mirror by one step of 2 degrees.",
        backend="can",
        params=(
            EnumParam(name="mirror", values=("left", "right")),
            EnumParam(name="direction", values=("up", "down", "left", "right")),
        ),
        idempotent=False,
    ),
    ApiSpec(
        name="fold_mirrors",
        domain="openings",
        doc="Fold or unfold the outside mirrors.",
        backend="can",
        params=(EnumParam(name="action", values=("fold", "unfold")),),
    ),
)

PACK = ApiPack(name="openings", version="1", apis=APIS)
