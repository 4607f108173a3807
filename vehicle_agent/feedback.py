"""Outcomes as the sentence the driver hears."""

from vehicle_agent.outcome import Outcome, Progress, Status
from vehicle_apis.codec import Incomplete

_ASK_FOR = {
    ("call_contact", "name"): "Who should I call?",
    ("dial_number", "number"): "Which number should I dial?",
    ("send_text_message", "recipient"): "Who should I text?",
    ("send_text_message", "message"): "What should the message say?",
    ("navigate_to", "destination"): "Where should I take you?",
    ("add_waypoint", "place"): "Which stop should I add?",
    ("find_nearby", "category"): "What kind of place should I look for?",
    ("set_timer", "minutes"): "For how long should the timer run?",
    ("set_alarm", "time"): "For what time should I set the alarm?",
    ("create_reminder", "text"): "What should I remind you of?",
    ("play_media", "query"): "What should I play?",
    ("play_video", "title"): "Which video should I play?",
    ("tune_radio", "station"): "Which station should I tune to?",
    ("open_app", "app"): "Which app should I open?",
    ("switch_driver_profile", "name"): "Whose profile should I load?",
    ("connect_bluetooth_device", "device"): "Which device should I connect?",
    ("get_contact_address", "name"): "Whose address do you need?",
    ("set_drive_mode", "mode"): "Which drive mode would you like?",
    ("adjust_mirror", "mirror"): "Which mirror, left or right?",
    ("adjust_mirror", "direction"): "Which way should I tilt the mirror?",
    ("set_charge_limit", "percent"): "At how many percent should charging end?",
    ("control_window", "position"): "How far should I move the window?",
    ("set_climate_temperature", "temperature"): "To what temperature?",
    ("set_fan_speed", "level"): "To which level, from zero to seven?",
    ("set_volume", "level"): "To how many percent?",
}


def clarifying_question(incomplete: Incomplete) -> str:
    """What to ask when a command lacks something."""
    spec, missing = incomplete.spec, incomplete.missing
    known = _ASK_FOR.get((spec.name, missing))
    if known is not None:
        return known
    what = spec.doc.rstrip(".").lower()
    param = spec.by_name.get(missing)
    values = getattr(param, "values", ())
    if values:
        return f"Which {missing.replace('_', ' ')} to {what}: {', '.join(v.replace('_', ' ') for v in values)}?"
    return f"To {what}, what {missing.replace('_', ' ') or 'exactly'} would you like?"


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def of_outcome(outcome: Outcome) -> str:
    """One sentence for one call."""
    if outcome.status is Status.DONE:
        return _sentence(outcome.observed.text if outcome.observed is not None else "Done")
    return _sentence(outcome.reason or outcome.status.value)


def reply(progress: Progress) -> str:
    """The whole answer: what is done, what is not and why, and the open question last."""
    sentences = [of_outcome(o) for o in progress.outcomes if o.status is not Status.PENDING]
    if progress.question is not None:
        sentences.append(_sentence(progress.question.text))
    seen: dict[str, None] = dict.fromkeys(s for s in sentences if s)
    return " ".join(seen)
