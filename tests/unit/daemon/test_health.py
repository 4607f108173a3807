"""What is wrong is told once, and once when it is over."""

from support.told import health_telling


def test_each_change_is_told_once() -> None:
    told: list[str] = []
    health = health_telling(told.append)
    assert health.text == ""
    health.degraded("microphone", "the recorder ended")
    health.degraded("microphone", "the recorder ended")
    health.degraded("CAN bus", "no frames")
    assert health.text == "degraded: CAN bus: no frames; microphone: the recorder ended"
    health.recovered("microphone")
    health.recovered("microphone")
    health.recovered("CAN bus")
    assert told == [
        "degraded: microphone: the recorder ended",
        "degraded: CAN bus: no frames; microphone: the recorder ended",
        "degraded: CAN bus: no frames",
        "",
    ]
