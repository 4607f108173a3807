"""Which calls may begin while the rest of the plan is still being decoded.

A call is complete when the model has begun the next one. It may begin at once if it stands alone (no `$n`, nothing it
waits for), may be carried out twice without harm (no call, text or reminder goes out on half a sentence) and is beyond
doubt. Everything else waits for the whole plan; so does the last call, because only the end completes it.
"""

from dataclasses import dataclass
from typing import Final

from vehicle_apis.call import Step

EARLY_LEAST: Final = 0.9
_TINY: Final = 1e-9  # 0 = perhaps not meant for the car


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """A step of a plan that is not finished yet; in the finished plan it is the same step with the same id.

    ``least``: the least probability of any of its choices; ``confidence``: that of the plan up to here; ``ask_below``:
    the planner's threshold for asking; ``after_ms``: time since the utterance came.
    """

    step: Step
    least: float
    confidence: float
    ask_below: float = 0.0
    after_ms: float = 0.0

    @property
    def may_begin(self) -> bool:
        call = self.step.call
        return (
            not self.step.waits_for
            and call.spec.is_idempotent(call.arguments)
            and self.least >= EARLY_LEAST
            and self.confidence >= max(self.ask_below, _TINY)
        )
