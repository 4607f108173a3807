"""What an expectation can ask about, and where the answer comes from."""

from typing import TYPE_CHECKING, Final

from simulators.car.domain import Value
from simulators.scenario.driver import Driver, Exchange

if TYPE_CHECKING:
    from simulators.headunit import HeadUnit
    from simulators.tap import BusTap
    from simulators.world import World

# of the assistant: live ones first, then those of an exchange
LIVE: Final = ("state", "question", "said")
OF_EXCHANGE: Final = ("verdict", "rule", "status", "reply", "reason", "calls")
AGENT_FACTS: Final = (*LIVE, *OF_EXCHANGE)
HEAD_UNIT_FACTS: Final = ("video", "media", "app", "source", "volume")


def of_exchange(exchange: Exchange, part: str) -> str:
    """``deny`` when all calls have the same word, ``allow, deny`` when not, in the order of the plan."""
    match part:
        case "reply":
            return exchange.reply
        case "calls":
            return "; ".join(exchange.calls)
        case "reason":
            return " ".join(exchange.reasons)
    words = {"verdict": exchange.verdicts, "rule": exchange.rules, "status": exchange.statuses}[part]
    return words[0] if len(set(words)) == 1 else ", ".join(words)


def of_driver(driver: Driver, part: str, since_s: float) -> Value:
    match part:
        case "state":
            return driver.state
        case "question":
            return "none" if driver.question is None else "open"
    return " ".join(said.text for said in driver.said if said.time_s >= since_s)


def of_head_unit(unit: "HeadUnit", part: str) -> Value:
    """``video``: playing, paused, blanked or none; ``media``: what plays; ``app``, ``source``: by name."""
    player, blanked = unit.player, bool(unit.picture.get("Blanked"))
    medium = player.current
    match part:
        case "app":
            return unit.display.app
        case "source":
            return str(unit.mixer.get("Source"))
        case "volume":
            return float(dict(unit.mixer.get("Volumes"))["media"])
        case "media":
            return medium.title if medium is not None and player.status == "Playing" else "none"
    if medium is None or medium.kind != "video":
        return "none"
    if player.status != "Playing":
        return "blanked" if blanked else "paused"
    return "blanked" if blanked else "playing"


def of_car(world: "World", tap: "BusTap", name: str) -> Value | None:
    """``Message.Signal`` as last seen on the bus in a good frame, else what the car shows."""
    message, dot, signal = name.partition(".")
    if not dot:
        return world.car.state().get(name)
    heard = tap.latest(message)
    if heard is None or not heard.is_good or heard.values is None:
        return None
    return heard.values.get(signal)
