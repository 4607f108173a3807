"""The safety rules: normative, first match decides, a state not listed means deny.

`any` = parked to fast, not crashed. A catalogued function without an entry follows EVERY_OTHER_FUNCTION; a function of
a pack without rules of its own follows PACKED_FUNCTION; anything else is denied in every state.
"""

from typing import Final

from vehicle_apis.pack import RuleSpec

EVERY_OTHER_FUNCTION: Final = (RuleSpec(allow="any"),)
PACKED_FUNCTION: Final = (RuleSpec(allow=("parked",)),)

APP_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "video": ("netflix", "youtube", "disney plus", "prime video", "hulu", "video", "tv"),
    "game": ("chess", "games", "solitaire", "tetris", "arcade"),
    "browser": ("web browser", "browser", "chrome", "firefox", "facebook", "instagram", "tiktok", "twitter", "email"),
    "audio": ("spotify", "radio", "podcasts", "audible", "apple music", "youtube music", "music", "tidal", "deezer"),
    "navigation": ("maps", "google maps", "waze", "navigation"),
    "phone": ("phone", "contacts"),
    "messages": ("messages", "whatsapp", "telegram"),
    "weather": ("weather",),
    "calendar": ("calendar",),
    "settings": ("settings", "climate", "car settings", "energy"),
}

RULES: Final[dict[str, tuple[RuleSpec, ...]]] = {
    "play_video": (RuleSpec(allow=("parked",)),),
    "open_app": (
        RuleSpec(args={"app_kind": ("video", "game", "browser", "unknown")}, allow=("parked",)),
        RuleSpec(args={"app_kind": ("messages", "settings")}, allow=("parked", "standstill")),
        RuleSpec(allow="any"),
    ),
    "connect_bluetooth_device": (RuleSpec(allow=("parked", "standstill")),),
    "switch_driver_profile": (RuleSpec(allow=("parked",)),),
    "set_valet_mode": (
        RuleSpec(args={"state": "on"}, allow=("parked",)),
        RuleSpec(args={"state": "off"}, allow=()),
    ),
    "adjust_seat_position": (
        RuleSpec(args={"seat": "driver"}, allow=("parked", "standstill")),
        RuleSpec(args={"seat": "passenger", "direction": "recline"}, allow=("parked", "standstill")),
        RuleSpec(args={"seat": "passenger"}, allow="any"),
    ),
    "recall_seat_memory": (
        RuleSpec(args={"seat": "driver"}, allow=("parked", "standstill")),
        RuleSpec(args={"seat": "passenger"}, allow=("parked", "standstill"), confirm=("creeping", "driving", "fast")),
    ),
    "adjust_mirror": (RuleSpec(allow=("parked", "standstill", "creeping"), confirm=("driving", "fast")),),
    "fold_mirrors": (
        RuleSpec(args={"action": "fold"}, allow=("parked", "standstill", "creeping")),
        RuleSpec(args={"action": "unfold"}, allow="any"),
    ),
    "operate_trunk": (
        RuleSpec(args={"action": "open"}, allow=("parked",), confirm=("standstill",)),
        RuleSpec(args={"action": "close"}, allow="any"),
    ),
    "operate_charge_port": (
        RuleSpec(args={"action": "open"}, allow=("parked",)),
        RuleSpec(args={"action": "close"}, when={"plugged_in": "yes"}, allow=()),
        RuleSpec(args={"action": "close"}, allow="any"),
    ),
    "set_door_locks": (
        RuleSpec(args={"state": "unlock"}, when={"rolling": "yes"}, allow=()),
        RuleSpec(args={"state": "unlock"}, allow=("parked", "standstill", "crashed")),
        RuleSpec(args={"state": "lock"}, allow="any"),
    ),
    "set_child_lock": (
        RuleSpec(args={"state": "off"}, allow=("parked", "standstill")),
        RuleSpec(args={"state": "on"}, allow="any"),
    ),
    "control_window": (
        RuleSpec(args={"position": 0}, allow="any"),
        RuleSpec(allow=("parked", "standstill", "creeping", "driving", "crashed"), confirm=("fast",)),
    ),
    "operate_sunroof": (
        RuleSpec(args={"action": ("open", "tilt")}, allow=("parked", "standstill", "creeping", "driving")),
        RuleSpec(args={"action": "close"}, allow="any"),
    ),
    "set_headlights": (
        RuleSpec(args={"mode": ("off", "parking")}, when={"ambient_light": "night"}, allow=("parked",)),
        RuleSpec(
            args={"mode": ("off", "parking")}, allow=("parked", "standstill"), confirm=("creeping", "driving", "fast")
        ),
        RuleSpec(
            args={"mode": ("low", "auto")}, allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")
        ),
        RuleSpec(allow="any"),
    ),
    "set_hazard_lights": (
        RuleSpec(args={"state": "on"}, allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),
        RuleSpec(args={"state": "off"}, allow="any"),
    ),
    "set_wipers": (
        RuleSpec(
            args={"mode": "off", "window": "front"},
            when={"rain": "yes"},
            allow=("parked", "standstill"),
            confirm=("creeping", "driving", "fast"),
        ),
        RuleSpec(allow="any"),
    ),
    "set_driver_assistance": (
        RuleSpec(args={"state": "off", "feature": "auto_hold"}, allow=("parked",)),
        RuleSpec(
            args={"state": "off", "feature": ("collision_warning", "traction_control")}, allow=("parked", "standstill")
        ),
        RuleSpec(
            args={"state": "off", "feature": ("lane_keeping", "blind_spot", "parking_sensors", "speed_limit_assist")},
            allow=("parked", "standstill"),
            confirm=("creeping", "driving", "fast"),
        ),
        RuleSpec(allow="any"),
    ),
    "set_drive_mode": (
        RuleSpec(args={"mode": "offroad"}, allow=("parked", "standstill", "creeping")),
        RuleSpec(allow="any"),
    ),
    "control_charging": (
        RuleSpec(args={"action": "stop"}, allow="any"),
        RuleSpec(args={"action": "start"}, when={"plugged_in": "no"}, allow=()),
        RuleSpec(args={"action": "start"}, allow=("parked",)),
    ),
    "precondition_cabin": (
        RuleSpec(args={"time": "now"}, allow=("parked",)),
        RuleSpec(allow="any"),
    ),
    "show_camera": (RuleSpec(allow=("parked", "standstill", "creeping")),),
    "set_display_brightness": (
        RuleSpec(args={"screen": "cluster", "level": "<10"}, allow=("parked",)),
        RuleSpec(allow="any"),
    ),
    "send_text_message": (RuleSpec(confirm=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "make_emergency_call": (
        RuleSpec(allow=("crashed",), confirm=("parked", "standstill", "creeping", "driving", "fast")),
    ),
    "call_roadside_assistance": (
        RuleSpec(allow=("crashed",), confirm=("parked", "standstill", "creeping", "driving", "fast")),
    ),
    "set_window_lock": (
        RuleSpec(args={"state": "off"}, allow=("parked", "standstill")),
        RuleSpec(args={"state": "on"}, allow="any"),
    ),
    "set_mute": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "set_volume": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "adjust_volume": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "control_playback": (
        RuleSpec(
            args={"action": ("pause", "stop")}, allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")
        ),
        RuleSpec(allow="any"),
    ),
    "get_vehicle_status": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "set_cabin_light": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "call_contact": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "dial_number": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
    "control_call": (RuleSpec(allow=("parked", "standstill", "creeping", "driving", "fast", "crashed")),),
}
