"""What to ask when a command lacks something, and how its answer is joined to it."""

from dataclasses import dataclass
from typing import Final

from vehicle_apis.codec import Incomplete
from vehicle_apis.spec import ApiSpec


@dataclass(frozen=True, slots=True)
class Asked:
    """``text``: the question; ``link``: a word that may lead from the command to its answer ("remind me" to "...")."""

    text: str
    link: str = ""


# (function, required parameter) -> question
QUESTIONS: Final[dict[tuple[str, str], Asked]] = {
    ("set_climate_temperature", "temperature"): Asked("To what temperature?", "to"),
    ("adjust_climate_temperature", "direction"): Asked("Warmer or cooler?"),
    ("set_fan_speed", "level"): Asked("To which fan level, from zero to seven?", "to"),
    ("adjust_fan_speed", "direction"): Asked("Should the fan go up or down?"),
    ("set_air_direction", "mode"): Asked("Where should the air go: face, feet, windshield or automatic?", "to"),
    ("set_air_conditioning", "state"): Asked("Should the air conditioning be on or off?"),
    ("set_air_recirculation", "state"): Asked("Should recirculation be on, off or automatic?"),
    ("set_defroster", "state"): Asked("Should the defroster be on or off?"),
    ("set_climate_auto", "state"): Asked("Should automatic climate be on or off?"),
    ("set_climate_sync", "state"): Asked("Should climate sync be on or off?"),
    ("set_climate_power", "state"): Asked("Should the climate system be on or off?"),
    ("adjust_seat_position", "direction"): Asked("Which way should I move the seat?"),
    ("recall_seat_memory", "slot"): Asked("Which seat position, one, two or three?"),
    ("save_seat_memory", "slot"): Asked("Under which number should I store it, one, two or three?", "as"),
    ("set_steering_wheel_heating", "state"): Asked("Should the steering wheel heating be on or off?"),
    ("control_window", "position"): Asked("How far should I open the window?"),
    ("set_window_lock", "state"): Asked("Should the window switches be locked or free?"),
    ("operate_sunroof", "action"): Asked("Should I open, close or tilt the sunroof?"),
    ("operate_sunshade", "action"): Asked("Should I open or close the sunshade?"),
    ("set_door_locks", "state"): Asked("Should I lock or unlock the doors?"),
    ("set_child_lock", "state"): Asked("Should the child lock be on or off?"),
    ("operate_trunk", "action"): Asked("Should I open or close the trunk?"),
    ("operate_charge_port", "action"): Asked("Should I open or close the charge port?"),
    ("adjust_mirror", "mirror"): Asked("Which mirror, left or right?"),
    ("adjust_mirror", "direction"): Asked("Which way should I tilt the mirror?"),
    ("fold_mirrors", "action"): Asked("Should I fold the mirrors in or out?"),
    ("set_headlights", "mode"): Asked("Should the headlights be off, automatic, parking, low or high?", "to"),
    ("set_fog_lights", "state"): Asked("Should the fog lights be on or off?"),
    ("set_hazard_lights", "state"): Asked("Should the hazard lights be on or off?"),
    ("set_cabin_light", "state"): Asked("Should the cabin light be on or off?"),
    ("set_wipers", "mode"): Asked("Should the wipers be off, intermittent, slow, fast or automatic?", "to"),
    ("play_media", "query"): Asked("What should I play?"),
    ("control_playback", "action"): Asked("What should I do with the music: play, pause, stop, next or previous?"),
    ("set_volume", "level"): Asked("To how many percent should I set the volume?", "to"),
    ("adjust_volume", "direction"): Asked("Louder or quieter?"),
    ("set_mute", "state"): Asked("Should I mute or unmute it?"),
    ("tune_radio", "station"): Asked("Which station should I tune to?", "to"),
    ("select_media_source", "source"): Asked("Which source: radio, bluetooth, usb, streaming or aux?", "to"),
    ("adjust_equalizer", "band"): Asked("Bass, mids or treble?"),
    ("adjust_equalizer", "direction"): Asked("More of it or less?"),
    ("play_video", "title"): Asked("Which video should I play?"),
    ("call_contact", "name"): Asked("Who should I call?"),
    ("dial_number", "number"): Asked("Which number should I dial?"),
    ("control_call", "action"): Asked("Should I answer, reject, hold or hang up?"),
    ("send_text_message", "recipient"): Asked("Who should I text?", "to"),
    ("send_text_message", "message"): Asked("What should the message say?", "saying"),
    ("connect_bluetooth_device", "device"): Asked("Which device should I connect?"),
    ("set_do_not_disturb", "state"): Asked("Should do not disturb be on or off?"),
    ("get_contact_address", "name"): Asked("Whose address do you need?", "of"),
    ("navigate_to", "destination"): Asked("Where should I take you?", "to"),
    ("add_waypoint", "place"): Asked("Which stop should I add?", "at"),
    ("find_nearby", "category"): Asked("What kind of place should I look for?"),
    ("set_route_preference", "feature"): Asked("Should that be about tolls, highways or ferries?"),
    ("control_map", "action"): Asked("What should I do with the map: zoom in, zoom out or show the overview?"),
    ("get_vehicle_status", "item"): Asked("What about the car would you like to know?"),
    ("set_drive_mode", "mode"): Asked("Which drive mode would you like?", "to"),
    ("set_driver_assistance", "feature"): Asked("Which assistance function do you mean?"),
    ("set_driver_assistance", "state"): Asked("Should that assistance function be on or off?"),
    ("set_speed_warning", "speed"): Asked("Above which speed should I warn you?", "at"),
    ("control_charging", "action"): Asked("Should I start or stop charging?"),
    ("set_charge_limit", "percent"): Asked("At how many percent should charging end?", "to"),
    ("show_camera", "view"): Asked("Which camera: front, rear, left, right or all around?"),
    ("set_valet_mode", "state"): Asked("Should valet mode be on or off?"),
    ("set_display_brightness", "level"): Asked("To how many percent should I set the brightness?", "to"),
    ("set_display_theme", "theme"): Asked("Should the display be day, night or automatic?", "to"),
    ("open_app", "app"): Asked("Which app should I open?"),
    ("set_units", "system"): Asked("Metric or imperial units?", "to"),
    ("switch_driver_profile", "name"): Asked("Whose profile should I load?", "to"),
    ("set_timer", "minutes"): Asked("For how long should the timer run?", "for"),
    ("set_alarm", "time"): Asked("For what time should I set the alarm?", "for"),
    ("create_reminder", "text"): Asked("What should I remind you of?", "to"),
}


def _asked(spec: ApiSpec, missing: str) -> Asked | None:
    """The question; of a command that does not tell what it lacks, the one about its first required parameter."""
    if not missing and spec.required:
        missing = spec.required[0]
    return QUESTIONS.get((spec.name, missing))


def clarifying_question(incomplete: Incomplete) -> str:
    """What to ask when a command lacks something."""
    spec, missing = incomplete.spec, incomplete.missing
    known = _asked(spec, missing)
    if known is not None:
        return known.text
    # an optional parameter, or a function of a pack
    what = spec.name.replace("_", " ")
    param = spec.by_name.get(missing)
    values = [str(v).replace("_", " ") for v in getattr(param, "values", ())]
    if values:
        listed = values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
        return f"Which {missing.replace('_', ' ')} for {what}: {listed}?"
    return f"Which {missing.replace('_', ' ')} for {what}?" if missing else f"What exactly do you mean by {what}?"


def joined(command: str, incomplete: Incomplete, answer: str) -> tuple[str, ...]:
    """The command with its answer, as one sentence; in the order in which to try them."""
    asked = _asked(incomplete.spec, incomplete.missing)
    plain = f"{command} {answer}"
    if asked is None or not asked.link or answer.split()[:1] == [asked.link] or command.split()[-1:] == [asked.link]:
        return (plain,)
    return (f"{command} {asked.link} {answer}", plain)
