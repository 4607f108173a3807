"""The decoding constraint: compiled once from the catalogue, walked once per utterance.

Only token sequences that decode to calls can come out; their numbers are then validated. Free text is copied from
the utterance; telephone numbers are those spoken in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum, auto
from typing import Final

from vehicle_agent.planning.spoken_digits import spoken_numbers
from vehicle_agent.planning.trie import Node, build
from vehicle_agent.planning.values import AnyOf, Matcher, SpanMatcher, TrieMatcher
from vehicle_apis import tokens as wire
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import enum_text, number_text
from vehicle_apis.earlier import NOTHING_BEFORE, PLACE_TAKERS, Earlier
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, Param, TextParam, TimeParam
from vehicle_apis.spec import ApiSpec

MAX_CALLS: Final = 5
_NUMBER_STEP: Final = 0.5
# A whole number up to this can be written even where the range forbids it: forced into the range, "ninety degrees"
# would become some other temperature; written as said, validation refuses it with the range.
_SAYABLE: Final = 999
_POINTERS: Final = ("it", "there", "that", "this", "here", "them", "him", "her", "me", "a", "an", "the")
_MAX_QUERY_TOKENS: Final = 24
_UNQUOTED: Final = wire.ROUTES.index("talk")  # its query is the words themselves


def _numbers(param: NumberParam) -> list[str]:
    """Values worth saying: halves over the range, finer near its small end (a timer of 0.75 minutes)."""
    values = {param.min, param.max}
    ranges = list(param.by_unit.values()) or [(param.min, param.max)]
    for low, high in ranges:
        steps = int((high - max(low, _NUMBER_STEP)) / _NUMBER_STEP)
        values |= {max(low, _NUMBER_STEP) + i * _NUMBER_STEP for i in range(steps + 1)}
    if param.min < 1:
        values |= {i / 10 for i in range(1, 100)} | {i + f for i in range(60) for f in (0.25, 0.75)}
    return [number_text(v) for v in sorted(values) if param.min <= v <= param.max]


def _numbers_dialled(earlier: Earlier) -> Iterator[str]:
    """Telephone numbers that were dialled before, which "again" may mean."""
    for call in earlier.calls():
        for param in call.spec.params:
            if isinstance(param, TextParam) and param.digits:
                yield str(call.arguments[param.name])


def _fm_am() -> list[str]:
    fm = [number_text(i / 20) for i in range(87 * 20, 108 * 20 + 1)]
    return fm + [str(i) for i in range(500, 1711)]


class Grammar:
    """``tokenize``/``text_of``: plain text to ids and back; ``special``: ids of the special tokens by name; ``words``:
    the ids of which a specialist's query may consist."""

    def __init__(
        self,
        catalogue: Catalogue,
        tokenize: Callable[[str], list[int]],
        text_of: Callable[[Sequence[int]], str],
        special: Mapping[str, int],
        words: AbstractSet[int] = frozenset(),
    ) -> None:
        self._tokenize = tokenize
        self.text_of = text_of
        self.refuse = special[wire.REFUSE]
        self.clarify = special[wire.CLARIFY]
        self.end = special[wire.END]
        self.arg = [special[wire.arg_token(i)] for i in range(wire.N_ARGUMENT_TOKENS)]
        self.arg_index = {token: index for index, token in enumerate(self.arg)}
        self.ref = [special[wire.ref_token(i)] for i in range(1, wire.N_REF_TOKENS + 1)]
        self.prior = special[wire.PRIOR]
        self.steps = frozenset({special[wire.MORE], special[wire.LESS]})
        self.answers = frozenset(special[token] for token in (wire.YES, wire.NO, wire.CANCEL))
        self.routes = [special[wire.route_token(i)] for i in range(len(wire.ROUTES))]
        self.words = words
        self.silent = frozenset({self.refuse, *self.routes})  # what begins an output that does nothing
        # the model knows the built-in functions; a pack's tokens are spare until an adapter has learned them
        self.functions: dict[int, ApiSpec] = {
            special[wire.fn_token(catalogue.token_index(spec.name))]: spec
            for spec in catalogue
            if catalogue.is_builtin(spec.name)
        }
        # "take me there" names no place: what it points to is an earlier call's result
        self.no_place = frozenset(ids[0] for word in _POINTERS if len(ids := tokenize(f" {word}")) == 1)
        self._roots: dict[tuple[str, str], Node] = {}
        for spec in self.functions.values():
            for param in spec.params:
                closed = self._closed_values(param)
                if closed:
                    self._roots[spec.name, param.name] = build(tokenize(v) for v in closed)

    @staticmethod
    def _closed_values(param: Param) -> list[str]:
        match param:
            case EnumParam():
                return [enum_text(v) for v in param.values]
            case IntegerParam():
                return [str(v) for v in range(max(param.max, _SAYABLE) + 1)]
            case NumberParam():
                return sorted({*_numbers(param), *(str(v) for v in range(_SAYABLE + 1))})
            case TimeParam():
                return [f"{h:02}:{m:02}" for h in range(24) for m in range(60)]
            case TextParam():
                return [f" {v}" for v in _fm_am()] if param.spoken_number else []

    def begin(
        self,
        text: str,
        prompt: Sequence[int],
        starts: Sequence[bool],
        ends: Sequence[bool] | None = None,
        earlier: Earlier = NOTHING_BEFORE,
    ) -> "Walk":
        """A walk for one utterance; ``prompt``, ``starts`` and ``ends`` as `SpanMatcher` takes them."""
        numbers = (*spoken_numbers(text), *_numbers_dialled(earlier))
        phone = [self._tokenize(f" {digits}") for digits in numbers]
        return Walk(self, prompt, starts, starts if ends is None else ends, build(phone) if phone else None, earlier)

    def word(self, value: str) -> Node:
        """A trie of one enum value."""
        return build([self._tokenize(enum_text(value))])

    def root(self, spec: ApiSpec, param: Param) -> Node | None:
        return self._roots.get((spec.name, param.name))


class _Phase(Enum):
    START = auto()
    CLARIFY_FUNCTION = auto()
    CLARIFY_ARGUMENT = auto()
    CALL = auto()
    ANSWERED = auto()
    QUERY = auto()
    DONE = auto()


class Walk:
    """One utterance's way through the grammar: ask `allowed`, feed one of them, until `done`."""

    def __init__(
        self,
        grammar: Grammar,
        prompt: Sequence[int],
        starts: Sequence[bool],
        ends: Sequence[bool],
        phone: Node | None,
        earlier: Earlier = NOTHING_BEFORE,
    ) -> None:
        self._g = grammar
        self._earlier = earlier
        self._query_tokens = 0
        self._takes_query = False
        self._ends = ends
        self._prompt = prompt
        self._starts = starts
        self._phone = phone
        self._phase = _Phase.START
        self._calls: list[ApiSpec] = []
        self._next_arg = 0
        self._value: Matcher | None = None
        self._value_started = False
        self._value_param: Param | None = None
        self._measure: NumberParam | None = None  # the present call's number whose unit follows from its value
        self._measured: list[int] = []
        self._functions = {
            token
            for token, spec in grammar.functions.items()
            if phone is not None or not any(isinstance(p, TextParam) and p.digits for p in spec.params)
        }

    @property
    def done(self) -> bool:
        return self._phase is _Phase.DONE

    @property
    def in_query(self) -> bool:
        """Whether the words for a specialist are being written, of which no action depends."""
        return self._phase is _Phase.QUERY

    def allowed(self) -> set[int]:
        """Ids that may come next; never empty before `done`."""
        g = self._g
        match self._phase:
            case _Phase.START:
                answers = g.answers if self._earlier.asked.steps else frozenset[int]()
                return self._functions | {g.refuse, g.clarify, *g.routes} | answers
            case _Phase.CLARIFY_FUNCTION:
                return {token for token, spec in g.functions.items() if spec.required}
            case _Phase.CLARIFY_ARGUMENT:
                spec = self._calls[-1]
                return {g.arg[i] for i, p in enumerate(spec.params) if p.default is None}
            case _Phase.ANSWERED:
                return {g.end}
            case _Phase.QUERY:
                return self._in_query()
            case _Phase.DONE:
                return set()
            case _Phase.CALL:
                return self._in_call()

    def _in_call(self) -> set[int]:
        if self._value is None:
            return self._after_value()
        tokens = self._value.allowed()
        if not self._value_started:
            tokens = tokens | self._refs()
        if self._value_started and self._value.can_stop():
            tokens = tokens | self._after_value()
        return tokens

    def _in_query(self) -> set[int]:
        g = self._g
        if not self._takes_query or self._query_tokens >= _MAX_QUERY_TOKENS:
            return {g.end}
        return set(g.words) | ({g.end} if self._query_tokens or not g.words else set())

    def _refs(self) -> set[int]:
        """Tokens that stand for a whole value: results of other calls, steps from the value last commanded."""
        param = self._value_param
        if param is not None and param.name in self._calls[-1].steps:
            return set(self._g.steps) if self._earlier.calls_of(self._calls[-1].name) else set()
        if not (isinstance(param, TextParam) and param.accepts_result):
            return set()
        earlier = {self._g.prior} if self._earlier.result_for(param.name) is not None else set[int]()
        return earlier | {
            self._g.ref[i]
            for i, spec in enumerate(self._calls[:-1])
            if spec.returns == "place" or (spec.returns is not None and param.name not in PLACE_TAKERS)
        }

    def _after_value(self) -> set[int]:
        """What may follow a complete value: later arguments up to the next required one, else a call or the end."""
        spec = self._calls[-1]
        unit = self._required_unit()
        tokens: set[int] = set()
        for index in range(self._next_arg, len(spec.params)):
            param = spec.params[index]
            if param.name == "unit" and self._measure is not None:
                if unit is not None:
                    return tokens | {self._g.arg[index]}
                continue
            tokens.add(self._g.arg[index])
            if param.default is None:
                return tokens
        tokens.add(self._g.end)
        tokens.update(self._g.routes)
        if len(self._calls) < MAX_CALLS:
            tokens |= self._functions
        return tokens

    def _required_unit(self) -> str | None:
        """The unit that must be written because the number said lies outside the default unit's range."""
        if self._measure is None or not self._measured:
            return None
        value = float(self._g.text_of(self._measured))
        unit = next((u for u, (low, high) in self._measure.by_unit.items() if low <= value <= high), None)
        declared = self._calls[-1].by_name["unit"]
        return unit if unit is not None and unit != declared.default else None

    def feed(self, token: int) -> None:
        """Takes one of the allowed ids."""
        g = self._g
        match self._phase:
            case _Phase.START if token == g.refuse:
                self._phase = _Phase.DONE
            case _Phase.START if token == g.clarify:
                self._phase = _Phase.CLARIFY_FUNCTION
            case _Phase.START if token in g.answers:
                self._phase = _Phase.ANSWERED
            case _Phase.ANSWERED:
                self._phase = _Phase.DONE
            case _Phase.QUERY if token == g.end:
                self._phase = _Phase.DONE
            case _Phase.QUERY:
                self._query_tokens += 1
            case _Phase.CLARIFY_FUNCTION:
                self._calls.append(g.functions[token])
                self._phase = _Phase.CLARIFY_ARGUMENT
            case _Phase.CLARIFY_ARGUMENT:
                self._phase = _Phase.DONE
            case _ if token in g.routes:
                self._phase = _Phase.QUERY
                self._takes_query = g.routes.index(token) != _UNQUOTED
            case _:
                self._phase = _Phase.CALL
                self._feed_call(token)

    def _feed_call(self, token: int) -> None:
        g = self._g
        if token in g.functions:
            spec = g.functions[token]
            self._calls.append(spec)
            self._value = None
            self._next_arg = 0
            self._measure = None
            self._measured = []
            if spec.params and spec.params[0].default is None:
                self._open(0)
        elif token == g.end:
            self._phase = _Phase.DONE
        elif token in g.arg_index:
            self._open(g.arg_index[token])
        elif token in g.ref or token == g.prior or token in g.steps:
            self._value = None
        elif self._value is not None:
            self._value.feed(token)
            self._value_started = True
            if self._value_param is self._measure:
                self._measured.append(token)

    def _open(self, index: int) -> None:
        """Begins the value of parameter ``index``."""
        spec = self._calls[-1]
        param = spec.params[index]
        self._next_arg = index + 1
        self._value_param = param
        self._value_started = False
        root = self._g.root(spec, param)
        if isinstance(param, NumberParam) and param.by_unit:
            self._measure = param
        unit = self._required_unit() if param.name == "unit" else None
        if unit is not None:
            self._value = TrieMatcher(self._g.word(unit))
        elif not isinstance(param, TextParam):
            self._value = TrieMatcher(root or Node())
        elif param.digits:
            self._value = TrieMatcher(self._phone or Node())
        else:
            never_first = self._g.no_place if param.name in PLACE_TAKERS else frozenset[int]()
            span = SpanMatcher(self._prompt, self._starts, self._ends, never_first)
            self._value = AnyOf([span, TrieMatcher(root)]) if root is not None else span
