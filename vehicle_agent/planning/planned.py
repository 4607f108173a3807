"""What one utterance means. Without the planner, so that who only reads it need not load a model's library."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from vehicle_agent.planning.confidence import DecodeStatistics
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Utterance

Answer: TypeAlias = Literal["yes", "no", "cancel"]
CONFIRMATION: Final = "confirmation"
NOT_OURS: Final = "that is nothing I can do in this car"
# What to say of a request for a specialist, to follow "Sorry, ": nobody is there to answer it yet.
NOBODY_ANSWERS: Final = {
    "manual": "that is a question for the manual, and I cannot look it up yet",
    "knowledge": "that is general knowledge, and I have nobody to ask for it yet",
    "talk": "I cannot chat yet; I can only work the car",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What one utterance means.

    ``heard``: the text as the model read it; ``utterance``: the plan (with its ordering), a refusal or an incomplete
    command; ``why``: a sentence when nothing was understood; ``confidence``: the probability that it is right, 0..1,
    calibrated where the calibration belongs to the model (else the least probability of any choice), from
    ``statistics``;
    ``doubtful``: the plan would change something and is less sure than the threshold, so it is asked about first, or
    the answer is a yes that is less sure;
    ``route``: the specialist whom the request is for and the question reworded for it; ``answer``: the open yes/no
    question's;
    ``taken_back``: the speaker withdrew it in the same breath, so nothing is to be done;
    ``begun``: ids of the steps that were begun before the plan was complete; ``model_ms``/``total_ms``: wall time;
    ``tokens_in``/``tokens_out``: model tokens.
    """

    heard: str
    utterance: Utterance
    why: str = ""
    confidence: float = 0.0
    statistics: DecodeStatistics = DecodeStatistics()  # noqa: RUF009 - frozen
    doubtful: bool = False
    route: tuple[str, str] | None = None
    answer: Answer | None = None
    taken_back: bool = False
    begun: tuple[int, ...] = ()
    model_ms: float = 0.0
    total_ms: float = 0.0
    first_token_ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def plan(self) -> Plan:
        """What would be done, asked about or not."""
        return self.utterance if isinstance(self.utterance, Plan) else Plan()

    @property
    def unasked(self) -> Utterance:
        """What is done without a question: of a doubtful plan nothing, it is a question itself."""
        if not self.doubtful or not self.plan.steps:
            return self.utterance
        return Incomplete(next(c.spec for c in self.plan.calls if not c.spec.reads_only), CONFIRMATION)
