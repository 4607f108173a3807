"""Training examples: an utterance and the output's pieces, as the codec writes them."""

from dataclasses import dataclass

from models.data.lines import Line, RawCall
from models.spm import Tokenizer
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Incomplete, Refusal, Utterance, encode, prompt


@dataclass(frozen=True, slots=True)
class Example:
    """``pieces``: the whole output, special tokens and texts."""

    text: str
    pieces: tuple[str, ...]


def to_call(raw: RawCall, catalogue: Catalogue) -> Call:
    spec = catalogue[raw.name]
    return Call(spec, spec.bind_words(dict(raw.arguments)))


def to_utterance(line: Line, catalogue: Catalogue) -> Utterance:
    """What the line means. Raises VehicleApiError when its label is invalid."""
    if line.clarify:
        return Incomplete(catalogue[line.clarify[0]], line.clarify[1])
    if not line.calls:
        return Refusal()
    return Plan.of(*(to_call(raw, catalogue) for raw in line.calls))


def to_example(line: Line, catalogue: Catalogue) -> Example:
    return Example(line.text, tuple(encode(to_utterance(line, catalogue), catalogue)))


def token_ids(example: Example, tokenizer: Tokenizer) -> tuple[list[int], int]:
    """All ids from <bos> to <end>, and where the output begins."""
    ids = [tokenizer.ids["<bos>"], *tokenizer.encode(prompt(example.text))]
    start = len(ids)
    for piece in example.pieces:
        if piece.startswith("<"):
            ids.append(tokenizer.ids[piece])
        else:
            ids += tokenizer.encode(piece)
    return ids, start
