"""A fake tokenizer for the grammar: words as the model would see them, some of them split into two pieces."""

from collections.abc import Sequence

from vehicle_agent.planning.grammar import Grammar, Walk
from vehicle_agent.planning.values import GAP
from vehicle_apis import tokens as wire
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import Utterance, decode, encode_earlier
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier


class FakeTokenizer:
    """Word-level: " word" is one id, a word of more than six letters two; anything else one id a character."""

    def __init__(self) -> None:
        self.special = {name: i for i, name in enumerate(wire.special_tokens())}
        self.pieces: list[str] = list(wire.special_tokens())
        self._ids = {piece: i for i, piece in enumerate(self.pieces)}

    def _id(self, piece: str) -> int:
        if piece not in self._ids:
            self._ids[piece] = len(self.pieces)
            self.pieces.append(piece)
        return self._ids[piece]

    def tokenize(self, text: str) -> list[int]:
        ids: list[int] = []
        for number, part in enumerate(text.split(" ")):
            if number == 0:
                ids += [self._id(c) for c in part]
            elif len(part) > 6:
                ids += [self._id(" " + part[:4]), self._id(part[4:])]
            else:
                ids.append(self._id(" " + part))
        return ids

    def text_of(self, ids: Sequence[int]) -> str:
        return "".join(self.pieces[i] for i in ids)

    def is_start(self, token: int) -> bool:
        return self.pieces[token].startswith(" ")

    def codec_pieces(self, ids: Sequence[int]) -> list[str]:
        """Special tokens by name, the plain ones between them joined."""
        out: list[str] = []
        plain = ""
        for token in ids:
            if self.pieces[token] in self.special:
                out += [plain] if plain else []
                out.append(self.pieces[token])
                plain = ""
            else:
                plain += self.pieces[token]
        return out + ([plain] if plain else [])


class GrammarBench:
    """The real grammar on the fake tokenizer."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.tokenizer = FakeTokenizer()
        t = self.tokenizer
        words = frozenset(t.tokenize(" what does this light mean"))
        self.grammar = Grammar(catalogue, t.tokenize, t.text_of, t.special, words)

    def begin(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Walk:
        """As the planner begins one: texts may be copied from ``earlier`` too, never across a special token."""
        t = self.tokenizer
        ids: list[int] = []
        for piece in encode_earlier(earlier, self.catalogue):
            ids += [GAP] if piece in t.special else t.tokenize(piece)
        ids += [GAP] * bool(ids) + t.tokenize(f" {text}")
        starts = [*(token != GAP and t.is_start(token) for token in ids), True]
        ends = [*(start or token == GAP for start, token in zip(starts, ids, strict=False)), True]
        return self.grammar.begin(text, ids, starts, ends, earlier)

    def meaning(self, output: Sequence[int], earlier: Earlier = NOTHING_BEFORE) -> Utterance:
        ids = list(output)
        if ids[-1] != self.grammar.end:
            ids.append(self.grammar.end)
        return decode(self.tokenizer.codec_pieces(ids), self.catalogue, earlier)

    def force(self, text: str, *wanted: str, earlier: Earlier = NOTHING_BEFORE) -> tuple[Walk, list[int]]:
        """Feeds the ids of these pieces; each must be allowed."""
        walk, out = self.begin(text, earlier), []
        for piece in wanted:
            ids = [self.tokenizer.special[piece]] if piece in self.tokenizer.special else self.tokenizer.tokenize(piece)
            for token in ids:
                assert token in walk.allowed(), (piece, self.tokenizer.pieces[token])
                walk.feed(token)
                out.append(token)
        return walk, out

    def fn(self, name: str) -> str:
        return wire.fn_token(self.catalogue.token_index(name))
