"""Training examples: what was before, an utterance, and the output's pieces, as the codec writes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.data.lines import Line, RawCall
from models.data.talks import Conversation
from models.spm import Tokenizer
from vehicle_agent.planning.memory import Memory
from vehicle_agent.planning.number_words import CARDINALS
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import (
    Incomplete,
    Refusal,
    Reply,
    Routed,
    Utterance,
    encode,
    encode_call,
    encode_earlier,
    prompt,
)
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, stepped
from vehicle_apis.tokens import END

_NUMBER: Final = rf"(?:{'|'.join(sorted(CARDINALS))})"
# words that give a value itself, not a step from the one before
_WHOLLY: Final = re.compile(
    r"\b(?:all|way|fully?|complete(?:ly)?|max(?:imum)?|min(?:imum)?|half(?:way)?|quarter|nothing|a lot|lots|loads|"
    r"as far|far (?:more|less)|totally|entirely|right (?:up|down|open|shut)|(?<!too )(?<!so )(?<!that )(?<!bit )much|"
    rf"(?:to|at|level|make it) (?:level )?{_NUMBER})\b"
)
# words that give it unless the others say that it is a step
_ABSOLUTE: Final = re.compile(
    rf"\b(?:off|shut|closed?|open|on|{_NUMBER}|low|lowest|medium|high|highest|gentle|strong|again|same)\b"
)
_STEP: Final = re.compile(
    r"\b(?:bit|more|less|further|little|touch|notch|crack|smidge|tad|inch|another|too \w+|step|level|up|down|wide|"
    r"still)\b"
)


@dataclass(frozen=True, slots=True)
class Example:
    """``pieces``: the whole output, special tokens and texts; ``before``: what precedes the utterance."""

    text: str
    pieces: tuple[str, ...]
    before: tuple[str, ...] = ()


def to_call(raw: RawCall, catalogue: Catalogue) -> Call:
    spec = catalogue[raw.name]
    return Call(spec, spec.bind_words(dict(raw.arguments)))


def to_utterance(line: Line, catalogue: Catalogue) -> Utterance:
    """What the line means. Raises VehicleApiError when its label is invalid."""
    if line.clarify:
        return Incomplete(catalogue[line.clarify[0]], line.clarify[1])
    if line.answer:
        return Reply(line.answer)  # type: ignore[arg-type]  # the parser knows the three
    plan = Plan.of(*(to_call(raw, catalogue) for raw in line.calls))
    if line.route:
        return Routed(line.route[0], line.route[1] if line.route[0] != "talk" else "", plan)
    return plan if plan.steps else Refusal()


def to_example(line: Line, catalogue: Catalogue, earlier: Earlier = NOTHING_BEFORE) -> Example:
    """Raises VehicleApiError when the line's label is invalid."""
    meaning = to_utterance(line, catalogue)
    before = tuple(encode_earlier(earlier, catalogue))
    if isinstance(meaning, Plan) and earlier:
        return Example(line.text, (*_encode_in_context(meaning, line.text, earlier, catalogue), END), before)
    return Example(line.text, tuple(encode(meaning, catalogue)), before)


def _encode_in_context(plan: Plan, text: str, earlier: Earlier, catalogue: Catalogue) -> Iterator[str]:
    for call in plan.calls:
        yield from encode_call(call, catalogue, steps_of(call, text, earlier))


def steps_of(call: Call, text: str, earlier: Earlier) -> dict[str, int]:
    """The parameters of ``call`` that ``text`` gives as one step more or less than before. A value that stayed the
    same was not stepped, even at the end of its range."""
    if _WHOLLY.search(text) or (_ABSOLUTE.search(text) and not _STEP.search(text)):
        return {}
    found: dict[str, int] = {}
    for name in call.spec.steps:
        others = {k: v for k, v in call.arguments.items() if k != name}
        before = earlier.calls_of(call.name)
        same = [c for c in before if all(c.arguments[k] == v for k, v in others.items())]
        for by in (1, -1):
            last = next(iter(same or before), None)
            moved = last is not None and last.arguments[name] != call.arguments[name]
            if last is not None and moved and stepped(last, name, by) == call.arguments[name]:
                found.setdefault(name, by)
    return found


def conversation_turns(conversation: Conversation, catalogue: Catalogue) -> Iterator[tuple[Line, Earlier]]:
    """Each turn and what was before it. Raises VehicleApiError when a label is invalid."""
    memory = Memory()
    for number, turn in enumerate(conversation, 1):
        memory.begin(0.0)
        if turn.line.text:
            yield turn.line, memory.earlier(asked=turn.asked)
        memory.understood(to_utterance(turn.line, catalogue), turn.line.text, asked=turn.asked)
        if memory.number != number:
            raise AssertionError("a conversation counts its turns from 1")


def conversation_examples(conversation: Conversation, catalogue: Catalogue) -> Iterator[tuple[Line, Example]]:
    """Each turn in the light of those before it. Raises VehicleApiError when a label is invalid."""
    for line, earlier in conversation_turns(conversation, catalogue):
        yield line, to_example(line, catalogue, earlier)


def token_ids(example: Example, tokenizer: Tokenizer) -> tuple[list[int], int]:
    """All ids from <bos> to <end>, and where the output begins."""
    ids = [tokenizer.ids["<bos>"], *_ids(example.before, tokenizer), *tokenizer.encode(prompt(example.text))]
    start = len(ids)
    return ids + _ids(example.pieces, tokenizer), start


def _ids(pieces: tuple[str, ...], tokenizer: Tokenizer) -> list[int]:
    ids: list[int] = []
    for piece in pieces:
        if piece.startswith("<"):
            ids.append(tokenizer.ids[piece])
        else:
            ids += tokenizer.encode(piece)
    return ids
