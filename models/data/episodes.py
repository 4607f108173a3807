"""Episodes in which functions are known by their description alone: invented ones, and real ones left out of the table.

The description stands before the utterance under a spare token, drawn anew each time, so that only the description can
tell what the token does.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

from models.data.example import Example, to_call
from models.data.lines import Line
from models.data.tools import Invented
from vehicle_apis.call import Call, Plan
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import encode_call, encode_tool
from vehicle_apis.spec import ApiSpec
from vehicle_apis.tokens import CLARIFY, END, N_FUNCTION_TOKENS, REFUSE, arg_token, fn_token

FIRST_SPARE: Final = 128
MAX_OTHERS: Final = 2
_PLAIN_WORDS: Final = "set get run control operate open close start stop check turn adjust read show play on off to the"
_PLAIN: Final = frozenset(_PLAIN_WORDS.split())


class Episodes:
    def __init__(self, catalogue: Catalogue, invented: Sequence[Invented]) -> None:
        self._catalogue = catalogue
        self._invented = invented

    def of_invented(self, known: Invented, line: Line, rng: Random) -> Example:
        """``line`` of an invented function, with its description among others. Raises VehicleApiError."""
        others = [rng.choice(self._invented).spec for _ in range(rng.randint(0, MAX_OTHERS))]
        return self._episode(line, [known.spec, *others], rng)

    def of_real(self, line: Line, rng: Random) -> Example:
        """A filled line of built-in functions, one of which is described as if it were new. Raises VehicleApiError."""
        name = rng.choice(line.calls).name
        others = [rng.choice(self._invented).spec for _ in range(rng.randint(0, 1))] if self._invented else []
        return self._episode(line, [self._catalogue[name], *others], rng)

    def beside(self, line: Line, rng: Random) -> Example:
        """A line that has nothing to do with the functions described beside it. Raises VehicleApiError."""
        others = [rng.choice(self._invented).spec for _ in range(rng.randint(1, MAX_OTHERS))]
        said = set(line.text.split())
        # a line that names the thing may be a command to it once the function is there
        return self._episode(line, [spec for spec in others if not said & (set(spec.name.split("_")) - _PLAIN)], rng)

    def _episode(self, line: Line, described: list[ApiSpec], rng: Random) -> Example:
        # the first of a name is the one the line is about: two writers may have invented different ones
        described = list({spec.name: spec for spec in reversed(described)}.values())
        rng.shuffle(described)
        free = rng.sample(range(FIRST_SPARE, N_FUNCTION_TOKENS), len(described))
        tokens = {spec.name: token for spec, token in zip(described, free, strict=True)}
        specs = {spec.name: spec for spec in described}
        before = [piece for spec in described for piece in encode_tool(spec, tokens[spec.name])]
        pieces: list[str] = []
        if line.clarify:
            name, missing = line.clarify
            spec = specs.get(name) or self._catalogue[name]
            token = tokens.get(name)
            pieces = [CLARIFY, fn_token(self._catalogue.token_index(name) if token is None else token)]
            if missing:
                pieces.append(arg_token([p.name for p in spec.params].index(missing)))
        else:
            calls = []
            for raw in line.calls:
                known = specs.get(raw.name)
                calls.append(
                    to_call(raw, self._catalogue)
                    if known is None
                    else Call(known, known.bind_words(dict(raw.arguments)))
                )
            Plan.of(*calls)
            for call in calls:
                token = tokens.get(call.name)
                pieces += (
                    encode_call(call, self._catalogue)
                    if token is None
                    else encode_call(call, self._catalogue, token=token)
                )
            pieces = pieces or [REFUSE]
        return Example(line.text, (*pieces, END), tuple(before))
