"""How sure the planner may be: what a run saw (`DecodeStatistics`), and the probability that its plan is right.

The probability comes from a small logistic regression whose weights `python -m models.calibrate` writes beside this
file. Weights belong to one model file: for any other model the least probability of a choice stands in, uncalibrated,
and nothing is asked about on its account.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final, Self

from vehicle_agent.errors import ModelError

FILE_NAME: Final = "calibration.json"
FEATURES: Final = (
    "logit_least",
    "log_product",
    "logit_first",
    "logit_least_argument",
    "calls",
    "logit_least_margin",
    "log_outside",
    "contradictions",
    "unsaid_numbers",
    "log_silent",
    "in_context",
)
_LOGIT_LIMIT: Final = 8.0
_TINY: Final = 1e-6
_MANY: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeStatistics:
    """What was seen while decoding. Forced tokens are no choices; probabilities are over the whole vocabulary.

    ``least``: the least probability of any choice; ``log_product``: the sum of their logarithms (<= 0); ``first``: the
    probability of the first token (a function, a refusal or a question); ``least_argument``: the least one among
    markers and values; ``calls``: how many calls were written; ``least_margin``: the least lead over the second best
    allowed token, 0..1; ``outside``: the greatest share of probability that the constraint took away;
    ``contradictions``, ``unsaid_numbers``: values that disagree with the words said (see `agreement`); ``silent``: the
    probability of an output that does nothing; ``in_context``: something had been said before.
    """

    least: float = 1.0
    log_product: float = 0.0
    first: float = 1.0
    least_argument: float = 1.0
    calls: int = 0
    least_margin: float = 1.0
    outside: float = 0.0
    contradictions: int = 0
    unsaid_numbers: int = 0
    silent: float = 0.0
    in_context: bool = False


def _logit(p: float) -> float:
    if p <= 0.0 or p >= 1.0:
        return math.copysign(_LOGIT_LIMIT, p - 0.5)
    return max(-_LOGIT_LIMIT, min(_LOGIT_LIMIT, math.log(p / (1.0 - p))))


def features(statistics: DecodeStatistics) -> tuple[float, ...]:
    """The regression's inputs, in the order of FEATURES."""
    return (
        _logit(statistics.least),
        max(-_LOGIT_LIMIT, statistics.log_product),
        _logit(statistics.first),
        _logit(statistics.least_argument),
        float(statistics.calls),
        _logit(statistics.least_margin),
        math.log(statistics.outside + _TINY),
        float(min(_MANY, statistics.contradictions)),
        float(min(_MANY, statistics.unsaid_numbers)),
        math.log(statistics.silent + _TINY),
        float(statistics.in_context),
    )


class StatisticsCollector:
    """Collects the statistics of one run, choice by choice."""

    def __init__(self) -> None:
        self._least = 1.0
        self._log_product = 0.0
        self._first: float | None = None
        self._least_argument = 1.0
        self._calls = 0
        self._least_margin = 1.0
        self._outside = 0.0
        self._own_least = 1.0
        self._silent = 0.0

    def might_be_silent(self, probability: float) -> None:
        """The probability, at the first token, of an output that does nothing."""
        self._silent = probability

    def chose(self, probability: float, *, margin: float, outside: float, argument: bool) -> None:
        """A token was chosen. ``argument``: it is a marker or part of a value."""
        self._least = min(self._least, probability)
        self._log_product += math.log(max(probability, _TINY))
        if self._first is None:
            self._first = probability
        if argument:
            self._least_argument = min(self._least_argument, probability)
        self._least_margin = min(self._least_margin, margin)
        self._outside = max(self._outside, outside)
        self._own_least = min(self._own_least, probability)

    def call_began(self, probability: float) -> None:
        """A function token was written, with this probability (1 when forced)."""
        self._calls += 1
        self._own_least = probability

    @property
    def own_least(self) -> float:
        """The least probability of the call under way, from its function token on."""
        return self._own_least

    def statistics(self) -> DecodeStatistics:
        """Everything seen so far."""
        return DecodeStatistics(
            least=self._least,
            log_product=self._log_product,
            first=1.0 if self._first is None else self._first,
            least_argument=self._least_argument,
            calls=self._calls,
            least_margin=self._least_margin,
            outside=self._outside,
            silent=self._silent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Two logistic regressions over the same standardised `features`, for the model of that ``fingerprint``: how
    probable it is that the plan is right, and (``meant_weights``, ``meant_bias``) that the car was meant at all.

    ``ask_below``: a plan less probably right than this is asked about first; ``ignore_below``: words less probably
    meant for the car than this are left alone; 0 = never.
    """

    fingerprint: str
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    ask_below: float
    meant_weights: tuple[float, ...] = ()
    meant_bias: float = 0.0
    ignore_below: float = 0.0

    def __post_init__(self) -> None:
        if not len(self.centre) == len(self.scale) == len(self.weights) == len(FEATURES):
            raise ValueError(f"a calibration has {len(FEATURES)} weights")
        numbers = (*self.weights, *self.meant_weights, *self.centre, self.bias, self.meant_bias)
        if not all(s > 0 for s in self.scale) or not all(map(math.isfinite, numbers)):
            raise ValueError("a calibration's numbers are finite and its scales positive")
        if self.meant_weights and len(self.meant_weights) != len(FEATURES):
            raise ValueError(f"a calibration has {len(FEATURES)} weights of each kind")
        if not (0.0 <= self.ask_below <= 1.0 and 0.0 <= self.ignore_below <= 1.0):
            raise ValueError("ask_below and ignore_below are probabilities")

    def probability(self, statistics: DecodeStatistics) -> float:
        """The probability that the plan is right, 0..1."""
        return self._of(statistics, self.weights, self.bias)

    def meant(self, statistics: DecodeStatistics) -> float:
        """The probability that the words were meant for the car, 0..1."""
        return self._of(statistics, self.meant_weights, self.meant_bias) if self.meant_weights else 1.0

    def _of(self, statistics: DecodeStatistics, weights: tuple[float, ...], bias: float) -> float:
        total = bias
        for value, centre, scale, weight in zip(features(statistics), self.centre, self.scale, weights, strict=True):
            total += weight * (value - centre) / scale
        return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, total))))

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Self:
        """Raises ModelError for anything but what `python -m models.calibrate` writes."""
        if document.get("features") != list(FEATURES):
            raise ModelError(
                f"{FILE_NAME} was fitted for other features; write it anew with `python -m models.calibrate`"
            )
        try:
            return cls(
                fingerprint=str(document["model_fingerprint"]),
                centre=_numbers(document["centre"]),
                scale=_numbers(document["scale"]),
                weights=_numbers(document["weights"]),
                bias=float(str(document["bias"])),
                ask_below=float(str(document["ask_below"])),
                meant_weights=_numbers(document["meant_weights"]),
                meant_bias=float(str(document["meant_bias"])),
                ignore_below=float(str(document["ignore_below"])),
            )
        except (KeyError, TypeError, ValueError) as e:
            raise ModelError(f"{FILE_NAME} is unusable ({e}); write it anew with `python -m models.calibrate`") from e


def _numbers(value: object) -> tuple[float, ...]:
    if not isinstance(value, Sequence):
        raise TypeError(f"a list of numbers was expected, not {value!r}")
    return tuple(float(v) for v in value)


def shipped_calibration(fingerprint: str | None = None) -> Calibration | None:
    """The calibration in the package, None when there is none, or none for the model of that ``fingerprint``.

    Raises ModelError for a damaged one; what another model's says matters to nobody.
    """
    file = resources.files("vehicle_agent.planning") / FILE_NAME
    if not file.is_file():
        return None
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as e:
        raise ModelError(f"{FILE_NAME} is no JSON; write it anew with `python -m models.calibrate`") from e
    if not isinstance(document, dict):
        raise ModelError(f"{FILE_NAME} holds no JSON object; write it anew with `python -m models.calibrate`")
    owner = document.get("model_fingerprint")
    if fingerprint is not None and isinstance(owner, str) and owner != fingerprint:
        return None
    return Calibration.from_json(document)


@dataclass(frozen=True, slots=True)
class Confidence:
    """What the planner uses: ``calibration`` where it belongs to the loaded model, else the least probability."""

    calibration: Calibration | None = None

    @classmethod
    def for_model(cls, fingerprint: str) -> Self:
        """Raises ModelError when the calibration shipped for that model is damaged."""
        return cls(shipped_calibration(fingerprint))

    @property
    def ask_below(self) -> float:
        """The default threshold; 0 (never ask) without a calibration."""
        return 0.0 if self.calibration is None else self.calibration.ask_below

    @property
    def ignore_below(self) -> float:
        """The default threshold; 0 (never ignore) without a calibration."""
        return 0.0 if self.calibration is None else self.calibration.ignore_below

    def of(self, statistics: DecodeStatistics) -> float:
        return statistics.least if self.calibration is None else self.calibration.probability(statistics)

    def meant(self, statistics: DecodeStatistics) -> float:
        """The probability that the words were meant for the car; 1 without a calibration."""
        return 1.0 if self.calibration is None else self.calibration.meant(statistics)
