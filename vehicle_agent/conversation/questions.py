"""What to ask when a command lacks something, and how its answer is joined to it."""

from vehicle_apis.codec import Incomplete
from vehicle_apis.spec import ApiSpec
from vehicle_apis.wording import Question


def _asked(spec: ApiSpec, missing: str) -> Question | None:
    """The question; of a command that does not tell what it lacks, the one about its first required parameter."""
    if not missing and spec.required:
        missing = spec.required[0]
    return spec.questions.get(missing)


def clarifying_question(incomplete: Incomplete) -> str:
    """What to ask when a command lacks something."""
    spec, missing = incomplete.spec, incomplete.missing
    known = _asked(spec, missing)
    if known is not None:
        return known.text
    # an optional parameter, or a pack that brings no question
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
