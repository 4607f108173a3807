"""The whole planner with a model that writes whatever it likes: grammar, decoding, codec and the checks behind it.

The input is a text, a zero byte, and the model's wishes: each byte chooses among the tokens the grammar allows.
"""

import itertools
from collections.abc import Hashable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from support.scripted_model import ScriptedModel, scripted_planner

from fuzz.parts.world import catalogue
from fuzz.target import Target
from vehicle_agent.planning.planner import Planner
from vehicle_apis.call import MAX_STEPS, Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Reply, Routed, decode, encode


class _Wilful(ScriptedModel):
    """Its logits come from the input."""

    wishes = b""

    def evaluate(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]:  # noqa: ARG002 - it does not read
        self.evaluations += 1
        if not self.wishes:
            return np.zeros(self.n_vocab, dtype=np.float32)
        start = self.evaluations * 7 % len(self.wishes)
        around = itertools.islice(itertools.cycle(self.wishes[start:] + self.wishes[:start]), self.n_vocab)
        logits = np.fromiter(around, dtype=np.float32, count=self.n_vocab)
        if self.wishes[0] == 255:  # a model that has gone wrong altogether
            logits[start % self.n_vocab] = np.nan
        return logits


@cache
def _planner() -> tuple[_Wilful, Planner]:
    model = _Wilful({})
    return model, scripted_planner(model)  # never closed: its thread is not started by `plan`


def run(data: bytes) -> Hashable:
    spoken, _, wishes = data.partition(b"\0")
    model, planner = _planner()
    model.wishes, model.evaluations = wishes[:64], 0
    planned = planner.plan(spoken.decode("utf-8", "replace"))
    assert 0.0 <= planned.confidence <= 1.0, "a confidence that is no probability"
    meaning = planned.utterance
    assert planned.why.count("\n") == 0
    match meaning:
        case Refusal():
            assert planned.why, "refused without a reason"
            return ("refused", planned.why.partition(",")[0][:40])
        case Incomplete(spec=spec):
            return ("incomplete", spec.name)
        case Plan():
            assert len(meaning) <= MAX_STEPS
            for call in meaning.calls:
                assert Call(catalogue()[call.name], dict(call.arguments)) == call
            bare = Plan.of(*meaning.calls)
            assert decode(encode(bare, catalogue()), catalogue()) == bare
            return tuple(sorted({call.name for call in meaning.calls}))[:2]
        case Reply() | Routed():
            raise AssertionError("an answer or a route in place of what is done")


def seeds() -> list[bytes]:
    texts = [
        *(
            "open the window to fifty percent",
            "navigate to the next hotel and call mom",
            "set it to seventy two degrees",
        ),
        *("dial oh seven seven double oh nine hundred", "text dad i am late", "play ninety eight point five"),
        *("wake me at half past seven", "volume to three hundred", "a", "there", "it's john's", "Fan auf drei!"),
    ]
    wishes = [bytes(range(0, 256, 5)), bytes(range(255, 0, -7)), b"\1\0\0\0\0\7", b"\377" * 9, b""]
    return [text.encode() + b"\0" + wish for text in texts for wish in wishes[:3]] + [b"\0", *wishes]


TARGET = Target(
    name="planner",
    run=run,
    allowed=(),
    seeds=seeds,
    dictionary=(b" one", b" hundred", b" and ", b" the ", b"'s", b" five", b" double", b" oh", b"\0", b"\xff", b" mom"),
    max_bytes=300,
    share=0,
)
