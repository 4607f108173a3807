"""One pass of training examples out of the writers' lines: slots anew, speech effects, compounds, balanced functions,
conversations, second sentences made by rule, things this car has not, and functions known by description alone.

`python -m models.data.generate --out FILE --seed N` writes a pass as JSON lines; training draws passes itself.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Final, TypeVar

from models.data import negatives, words
from models.data.augment import can_lead, compound, speak
from models.data.contamination import Filter
from models.data.episodes import Episodes
from models.data.example import Example, conversation_examples, to_example, to_utterance
from models.data.follow_ups import FollowUps
from models.data.lines import Line, RawCall, read_lines
from models.data.meaning import FRAGILE, value_words
from models.data.phonetics import Confusions
from models.data.slots import Lexicons, bare_name, fill, load_lexicons
from models.data.talks import Conversation, read_conversations
from models.data.tools import Invented, read_invented
from models.data.verify import complaints
from models.paths import SENTENCES, eval_sets
from vehicle_agent.planning.memory import Memory
from vehicle_apis.call import Plan
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.codec import Incomplete, enum_text
from vehicle_apis.earlier import Earlier, PastTurn
from vehicle_apis.errors import VehicleApiError
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam, TimeParam

COMPOUND_SHARE = 0.18
MAX_REPEAT = 3
MAX_CALLS = 5
# Held out whole: their lines are the figure to steer by. A tenth of the writers from w20 on.
HELD_OUT_WRITERS: Final = ("w23", "w33", "w43", "w53", "w66", "w72", "w84")
FIRST_OPEN_WORLD: Final = 20  # the writers from here on were asked for conversations, routes and talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """What a pass is made of. ``old``: share of the first writers' lines; the rest: how often each line or turn of the
    others is drawn, or shares of the whole pass that are made by rule."""

    old: float = 0.5
    new: float = 1.0
    conversations: float = 2.0
    follow_ups: float = 0.2
    standing_alone: float = 0.1  # in a context that has nothing to do with them
    answers: float = 0.03
    pieces: float = 0.03
    negatives: float = 0.06
    invented: float = 1.0
    described: float = 0.02
    beside: float = 0.015


class Source:
    """Everything a pass is drawn from. Raises BadLine for malformed files."""

    def __init__(
        self, catalogue: Catalogue | None = None, *, guard: Filter | None = None, mixture: Mixture | None = None
    ) -> None:
        self.catalogue = catalogue or load_catalogue(with_packs=False)
        self.mixture = mixture or Mixture()
        self.lexicons: Lexicons = load_lexicons()
        self.confusions = Confusions(value_words(self.catalogue), FRAGILE)
        self.guard = guard or Filter(eval_sets())
        if not self.guard.active:
            print(f"note: no evaluation sets at {eval_sets()}, the contamination filter is off")
        self.old: list[Line] = []
        self.new: list[Line] = []
        self.conversations: list[Conversation] = []
        self.invented: list[Invented] = []
        self.held_out: list[Line] = []
        self.held_out_writers: list[Line] = []
        self.held_out_conversations: list[Conversation] = []
        self.held_out_invented: list[Invented] = []
        self._read()
        self.train = self.old + self.new
        self.rejected: Counter[str] = Counter()

    def _read(self) -> None:
        for folder in sorted(SENTENCES.iterdir(), key=lambda f: int(f.name[1:])):
            lines = list(read_lines(folder))
            if folder.name in HELD_OUT_WRITERS:
                self.held_out_writers += lines
                self.held_out_conversations += read_conversations(folder)
                self.held_out_invented += read_invented(folder)
                continue
            self.held_out += [line for line in lines if line.held_out]
            kept = [line for line in lines if not line.held_out]
            if int(folder.name[1:]) < FIRST_OPEN_WORLD:
                self.old += kept
            else:
                self.new += kept
            self.conversations += read_conversations(folder)
            self.invented += read_invented(folder)

    # --- a pass -------------------------------------------------------------------------------------------------------

    def examples(self, seed: int) -> Iterator[Example]:
        """One shuffled pass; the same seed gives the same pass."""
        rng = Random(seed)
        drawn = list(self._drawn(rng))
        rng.shuffle(drawn)
        for make in drawn:
            yield from make()

    def _drawn(self, rng: Random) -> Iterator[Callable[[], Iterator[Example]]]:
        m = self.mixture
        old = [line for line in balanced(self.old, rng) if rng.random() < m.old]
        singles = [*old, *_times(self.new, m.new, rng)]
        for line in singles:
            yield partial(self._single, line, rng)
        for conversation in _times(self.conversations, m.conversations, rng):
            yield partial(self._conversation, conversation)
        for known in self.invented:
            for line in _times(known.lines, m.invented, rng):
                yield partial(self._tried, Episodes(self.catalogue, self.invented).of_invented, known, line, rng)
        yield from self._compounds(round(len(old) * COMPOUND_SHARE), rng)
        yield from self._made(len(singles), rng)

    def _compounds(self, count: int, rng: Random) -> Iterator[Callable[[], Iterator[Example]]]:
        lasts = [line for line in self.train if line.calls and not line.route]
        leads = [line for line in lasts if can_lead(line)]
        for _ in range(count):
            yield partial(self._compound, leads, lasts, rng)

    def _made(self, count: int, rng: Random) -> Iterator[Callable[[], Iterator[Example]]]:
        """What is made by rule, as shares of ``count`` single sentences."""
        m = self.mixture
        lasts = [line for line in self.train if line.calls and not line.route]
        wanting = [line for line in self.train if line.clarify and line.clarify[1] and not _PLACED.search(line.text)]
        followed = FollowUps(self.catalogue, self.lexicons, rng)
        episodes = Episodes(self.catalogue, self.invented)
        shares: tuple[tuple[float, Callable[[], Iterator[Example]]], ...] = (
            (m.follow_ups, partial(self._follow_up, followed, lasts, rng)),
            (m.answers, partial(self._answer, followed, lasts, rng)),
            (m.standing_alone, partial(self._standing_alone, self.train, lasts, rng)),
            (m.pieces, partial(self._piece, wanting, rng)),
            (m.negatives, partial(self._negative, rng)),
            (m.beside if self.invented else 0.0, partial(self._beside, episodes, self.train, rng)),
            (m.described, partial(self._described, episodes, lasts, rng)),
        )
        for share, make in shares:
            for _ in range(round(count * share)):
                yield make

    def _single(self, line: Line, rng: Random) -> Iterator[Example]:
        yield from self._kept(self.example(speak(fill(line, self.lexicons, rng), rng, self.confusions)))

    def _compound(self, leads: Sequence[Line], lasts: Sequence[Line], rng: Random) -> Iterator[Example]:
        count = rng.choice([2, 2, 2, 3, 3, 4, 4, 5, 5])
        parts = [rng.choice(leads) for _ in range(count - 1)] + [rng.choice(lasts)]
        filled = [fill(part, self.lexicons, rng) for part in parts]
        if sum(len(p.calls) for p in filled) <= MAX_CALLS and all(can_lead(p) for p in filled[:-1]):
            yield from self._kept(self.example(speak(compound(filled, rng), rng, self.confusions)))

    def _conversation(self, conversation: Conversation) -> Iterator[Example]:
        try:
            for _, example in conversation_examples(conversation, self.catalogue):
                yield from self._unlike(example)
        except VehicleApiError as e:
            self.rejected[str(e)[:60]] += 1

    def _follow_up(self, followed: FollowUps, lasts: Sequence[Line], rng: Random) -> Iterator[Example]:
        plan = self._plan(rng.choice(lasts), rng)
        if plan is None or len(plan) > 2 or any(call.refs for call in plan.calls):
            return
        if len(plan) == 2 and (line := followed.after_both(*plan.calls)) is not None and rng.random() < 0.5:
            yield from self._in_context(line, Earlier((PastTurn(1, plan),)))
            return
        call = rng.choice(plan.calls)
        line = followed.after(call)
        if line is None:
            return
        earlier = self._with_before(Plan.of(call), lasts, rng, like=call.name)
        yield from self._in_context(line, earlier)

    def _with_before(self, plan: Plan, lasts: Sequence[Line], rng: Random, *, like: str) -> Earlier:
        """The plan as the last turn, sometimes behind an older one of other functions.

        It is turn number 1, so that made lines write its results ``$1.1``; what the model reads has no numbers.
        """
        turns = [PastTurn(1, plan)]
        if rng.random() < 0.4:
            older = self._plan(rng.choice(lasts), rng)
            if older is not None and all(c.name != like and not c.spec.returns for c in older.calls):
                turns.insert(0, PastTurn(9, older))
        return Earlier(tuple(turns))

    def _answer(self, followed: FollowUps, lasts: Sequence[Line], rng: Random) -> Iterator[Example]:
        plan = self._plan(rng.choice(lasts), rng)
        if plan is None or all(
            call.spec.reads_only for call in plan.calls
        ):  # what changes nothing is never asked about
            return
        line = followed.after(plan.calls[0], asked=True, alone=len(plan) == 1)
        if line is None:
            return
        older = self._plan(rng.choice(lasts), rng) if rng.random() < 0.3 else None
        turns = () if older is None else (PastTurn(1, older),)
        yield from self._in_context(line, Earlier(turns, asked=plan))

    def _standing_alone(self, lines: Sequence[Line], lasts: Sequence[Line], rng: Random) -> Iterator[Example]:
        """A complete sentence that means the same whatever was before it."""
        line = fill(rng.choice(lines), self.lexicons, rng)
        plans = [self._plan(rng.choice(lasts), rng) for _ in range(rng.choice((1, 1, 2)))]
        own = {call.name.split("_")[-1] for call in line.calls}
        turns = tuple(
            PastTurn(n, plan)
            for n, plan in enumerate(plans, 1)
            if plan and not any(call.name.split("_")[-1] in own or call.name in _WARMS for call in plan.calls)
        )
        short = len(line.text.split()) < 4
        if not turns or (short and (not line.calls or _LEANS.search(line.text))) or any(complaints(line)):
            return
        answers = not line.calls and _ANSWERS.search(line.text) is not None
        asked = rng.random() < 0.15 and not short and not answers
        earlier = Earlier(turns[:-1], asked=turns[-1].plan) if asked else Earlier(turns)
        yield from self._in_context(line, earlier)

    def _piece(self, wanting: Sequence[Line], rng: Random) -> Iterator[Example]:
        """The answer to a question for something missing."""
        line = fill(rng.choice(wanting), self.lexicons, rng)
        assert line.clarify is not None  # noqa: S101 - chosen so
        name, missing = line.clarify
        spec = self.catalogue[name]
        if spec.required != (missing,):
            return
        answer = self._value_of(name, missing, rng)
        if answer is None:
            return
        said, value = answer
        memory = Memory()
        memory.begin(0.0)
        memory.understood(Incomplete(spec, missing), line.text)
        memory.begin(0.0)
        yield from self._in_context(Line(said, (RawCall(name, ((missing, value),)),)), memory.earlier())

    def _value_of(self, function: str, parameter: str, rng: Random) -> tuple[str, str] | None:
        """Words that answer what a parameter should be, and its value."""
        param = self.catalogue[function].by_name[parameter]
        match param:
            case EnumParam():
                value = rng.choice(param.values)
                return rng.choice(("{}", "{} please", "{} i think", "um {}")).format(enum_text(value).strip()), value
            case IntegerParam() | NumberParam():
                low, high = (16, 30) if parameter == "temperature" else (max(param.min, 1), min(param.max, 100))
                spoken = words.number(low, high, 1, rng)
                if parameter == "minutes":
                    return f"{spoken.words} minutes", spoken.value
                return rng.choice(("{}", "to {}", "{} please", "make it {}")).format(spoken.words), spoken.value
            case TimeParam():
                spoken = words.clock(rng)
                return spoken.words, spoken.value
        kind = _LEXICON.get(parameter)
        if kind is None:
            return None
        text = rng.choice(self.lexicons[kind])
        if parameter == "text":  # whatever is said is part of it
            return text, text
        styles = ("{}", "{}", "{} please", "to {}" if kind in {"place", "contact", "station"} else "{}")
        return rng.choice(styles).format(text), bare_name(text)

    def _negative(self, rng: Random) -> Iterator[Example]:
        yield from self._unlike(to_example(negatives.negative(rng), self.catalogue))

    def _tried(self, make: Callable[..., Example], *given: object) -> Iterator[Example]:
        try:
            yield from self._unlike(make(*given))
        except VehicleApiError as e:
            self.rejected[str(e)[:60]] += 1

    def _described(self, episodes: Episodes, lasts: Sequence[Line], rng: Random) -> Iterator[Example]:
        line = fill(rng.choice(lasts), self.lexicons, rng)
        if not any(complaints(line)):
            yield from self._tried(episodes.of_real, line, rng)

    def _beside(self, episodes: Episodes, lines: Sequence[Line], rng: Random) -> Iterator[Example]:
        line = fill(rng.choice(lines), self.lexicons, rng)
        if not line.route and not any(complaints(line)):
            yield from self._tried(episodes.beside, line, rng)

    # --- one example --------------------------------------------------------------------------------------------------

    def _plan(self, line: Line, rng: Random) -> Plan | None:
        """What a line means with its slots filled; None when it is inconsistent or no plan."""
        filled = fill(line, self.lexicons, rng, correct=False)
        if any(complaints(filled)):
            return None
        try:
            meaning = to_utterance(filled, self.catalogue)
        except VehicleApiError:
            return None
        if not isinstance(meaning, Plan) or any(call.spec.takes_back for call in meaning.calls):
            return None  # what was taken back is no context
        return meaning if meaning.steps else None

    def _in_context(self, line: Line, earlier: Earlier) -> Iterator[Example]:
        yield from self._tried(to_example, line, self.catalogue, earlier)

    def _unlike(self, example: Example) -> Iterator[Example]:
        if self.guard.passes(example.text):
            yield example

    @staticmethod
    def _kept(example: Example | None) -> Iterator[Example]:
        if example is not None:
            yield example

    def held_out_examples(self, seed: int = 7) -> list[Example]:
        """The held-out lines, slots filled once, nothing else done to them."""
        rng = Random(seed)
        filled = (self.example(fill(line, self.lexicons, rng, correct=False)) for line in self.held_out)
        return [e for e in filled if e]

    def steering(self) -> dict[str, list[Example]]:
        """What the held-out writers said, by kind: the figures to steer by."""
        lines = [e for line in self.held_out_writers if (e := self.example(line)) is not None]
        talks = [
            example
            for conversation in self.held_out_conversations
            for _, example in conversation_examples(conversation, self.catalogue)
        ]
        return {"lines": lines, "conversations": talks}

    def example(self, line: Line) -> Example | None:
        """The filled line's example; None, and counted, when it is inconsistent or too close to the evaluation."""
        for complaint in complaints(line):
            self.rejected[complaint] += 1
            return None
        try:
            example = to_example(line, self.catalogue)
        except VehicleApiError as e:
            self.rejected[str(e)[:60]] += 1
            return None
        return example if self.guard.passes(example.text) else None


# who says "warmer" after these means the seat or the wheel
_WARMS: Final = frozenset({"set_seat_heating", "set_steering_wheel_heating", "set_volume", "adjust_volume", "set_mute"})
# short sentences that mean something else after others, and words that answer an open question
_LEANS: Final = re.compile(
    r"\b(?:it|that|them|this|there|those|again|same|more|less|other|too|also|back|warmer|cooler|colder|hotter|louder|"
    r"quieter|softer|brighter|dimmer|darker|higher|lower|faster|slower|stronger|weaker|further|harder|gentler|wider|"
    r"closer)\b|^(?:and|no|not|make)\b"
)
_ANSWERS: Final = re.compile(
    r"\b(?:yes|yeah|yep|sure|okay|ok|right|fine|no|nah|nope|don't|not|leave|forget|cancel|never|stop|wait|do|send|go)\b"
)
_PLACED: Final = re.compile(r"\b(?:passenger|driver|rear|back|left|right|his|her|my|both|all|front)\b")
_LEXICON: Final = {"name": "contact", "recipient": "contact", "destination": "place", "place": "place",
                   "query": "artist", "station": "station", "app": "app", "title": "video", "device": "device",
                   "text": "task"}  # fmt: skip


_T = TypeVar("_T")


def _times(things: Sequence[_T], times: float, rng: Random) -> list[_T]:
    """Each of ``things`` ``times`` times, a fraction of them once more."""
    return [thing for thing in things for _ in range(int(times) + (rng.random() < times % 1))]


def balanced(lines: Sequence[Line], rng: Random) -> Iterator[Line]:
    """All lines, those of rare functions up to MAX_REPEAT times, shuffled."""
    counts = Counter(line.topic for line in lines)
    usual = sorted(counts.values())[len(counts) // 2]
    chosen = []
    for line in lines:
        wanted = min(MAX_REPEAT, max(1.0, (usual / counts[line.topic]) ** 0.7))
        chosen += [line] * (int(wanted) + (rng.random() < wanted % 1))
    rng.shuffle(chosen)
    return iter(chosen)


@cache
def _source() -> Source:
    return Source()


def examples(seed: int) -> list[Example]:
    """One pass over the training lines; the same seed gives the same pass."""
    return list(_source().examples(seed))


def heldout() -> list[Example]:
    """The fixed held-out examples (3 % of the writers' lines)."""
    return _source().held_out_examples()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    source = Source()
    count = 0
    with args.out.open("w", encoding="utf-8") as file:
        for example in source.examples(args.seed):
            row = {"before": example.before, "text": example.text, "pieces": example.pieces}
            file.write(json.dumps(row) + "\n")
            count += 1
    print(f"{count} examples from {len(source.train)} lines; {source.guard.dropped} too close to the evaluation sets")
    for complaint, n in source.rejected.most_common(15):
        print(f"{n:6d} rejected: {complaint}")


if __name__ == "__main__":
    main()
