"""The un-tuned base model, prompted with four retrieved functions, one worked example, and the conversation so far."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.compare.answers import Answer
from models.compare.baselines.lenient import named, to_utterance
from models.compare.baselines.retrieval import Retriever
from models.compare.errors import CompareError
from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TimeParam
from vehicle_apis.spec import ApiSpec

RETRIEVED: Final = 4
LIMIT_TOKENS: Final = 64
EARLIER: Final = 2
_CONTEXT_TOKENS: Final = 1024
_HEAD: Final = 'Turn what the driver says into one call of one of the functions. Write "none" if no function fits.\n'
_EXAMPLE: Final = (
    "Driver: put the passenger's seat ventilation on level three\n"
    'Call: set_seat_ventilation {"level": 3, "seat": "passenger"}\n'
)


def parameter_text(param: Param) -> str:
    """ "level": integer 0-3, default 2"""
    match param:
        case EnumParam():
            kind = "|".join(param.values)
        case IntegerParam() | NumberParam():
            kind = f"{param.kind} {param.min:g}-{param.max:g}"
        case TimeParam():
            kind = "HH:MM"
        case _:
            kind = "text"
    default = f", default {param.default}" if param.default not in (None, "") else ""
    return f'"{param.name}": {kind}{default}'


def function_text(spec: ApiSpec) -> str:
    inside = ", ".join(parameter_text(param) for param in spec.params)
    return f"{spec.name} {{{inside}}}: {spec.doc}"


def prompt_text(specs: list[ApiSpec], text: str, before: Sequence[tuple[str, str]] = ()) -> str:
    """The whole prompt; the answer is the rest of its last line. ``before``: what was said in this conversation, and
    what was answered.

    The example comes first: right before the sentence, the model repeats its answer.
    """
    functions = "\n".join(function_text(spec) for spec in specs)
    turns = "".join(f"\nDriver: {said}\nCall: {answer}" for said, answer in before)
    return f"{_HEAD}{_EXAMPLE}\nFunctions:\n{functions}{turns}\nDriver: {text}\nCall:"


class Prompted:
    """Greedy decoding until a newline or LIMIT_TOKENS; every line is read from an empty cache, the last EARLIER turns
    of its conversation before it.

    ``retrieved`` and ``named`` of the last line: what was offered and what the model named.
    """

    name = "base model, prompted"

    def __init__(self, model: Path, *, threads: int) -> None:
        from llama_cpp import Llama

        self._catalogue = load_catalogue(with_packs=False)
        self._retriever = Retriever(self._catalogue)
        try:
            self._llama = Llama(
                str(model), n_ctx=_CONTEXT_TOKENS, n_threads=threads, n_threads_batch=threads, verbose=False
            )
        except (ValueError, OSError) as e:
            raise CompareError(f"llama.cpp cannot load the base model {model}: {e}") from e
        self.retrieved: list[str] = []
        self.named = ""
        self._dialogue = ""
        self._turns: list[tuple[str, str]] = []
        self.hear(SpokenLine(text="hello"))  # warm

    def close(self) -> None:
        self._llama.close()

    def hear(self, line: SpokenLine) -> Answer:
        began_s = time.perf_counter()
        if not line.dialogue or line.dialogue != self._dialogue:
            self._dialogue, self._turns = line.dialogue, []
        before = self._turns[-EARLIER:]
        specs = self._retriever.best(" ".join([*(said for said, _ in before), line.text]), RETRIEVED)
        text = prompt_text(specs, line.text, before)
        tokens = self._llama.tokenize(text.encode(), add_bos=True, special=False)
        self._llama.reset()  # type: ignore[no-untyped-call]  # no prefix of the line before is kept
        written: list[int] = []
        first_ms = 0.0
        for token in self._llama.generate(tokens, temp=0.0):
            first_ms = first_ms or (time.perf_counter() - began_s) * 1000
            if token == self._llama.token_eos():
                break
            written.append(token)
            if b"\n" in self._llama.detokenize([token]) or len(written) >= LIMIT_TOKENS:
                break
        ms = (time.perf_counter() - began_s) * 1000
        answer = self._llama.detokenize(written).decode("utf-8", "replace").split("\n")[0]
        self._turns.append((line.text, answer.strip()))
        self.retrieved = [spec.name for spec in specs]
        spec = named(answer, self._catalogue)
        self.named = spec.name if spec else ""
        return Answer(
            utterance=to_utterance(answer, self._catalogue),
            ms=ms,
            first_token_ms=first_ms,
            tokens_in=len(tokens),
            tokens_out=len(written),
        )
