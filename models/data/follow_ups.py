"""Second sentences made by rule: what people say after a command, worked out from the command itself.

The writers' conversations carry the tone; these carry the breadth: every function, every value, each kind of follow-up
that the conversation rules name. Each maker takes the call before and gives words and what they mean.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Final, TypeAlias

from models.data import words
from models.data.augment import SAFE_CLOSERS, ends_copied, ends_open
from models.data.lines import Line, RawCall
from models.data.slots import Lexicons, bare_name
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.codec import enum_text, number_text
from vehicle_apis.earlier import stepped
from vehicle_apis.params import EnumParam, IntegerParam, NumberParam

Said: TypeAlias = tuple[str, tuple[RawCall, ...]]
UNDO: Final = RawCall("undo_last_action")

PLACES: Final = ("zone", "seat", "window", "door", "side", "screen", "channel", "shade", "mirror", "position")
_PLACE_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "driver": (
        "my side", "the driver's side", "mine", "my own", "for me", "the driver",
    ),
    "passenger": (
        "the passenger side", "the passenger's", "her side", "his side", "the passenger", "for my wife",
        "for the passenger", "the one next to me", "my husband's side",
    ),
    "rear": (
        "the back", "the rear", "in the back", "for the kids in the back", "the rear one", "the back seats",
        "for everyone in the back", "back there", "at the back",
    ),
    "front": (
        "the front", "in the front", "the front one", "up front", "at the front",
    ),
    "all": (
        "everyone", "the whole car", "everywhere", "all of them", "for all of us", "all round",
    ),
    "both": (
        "both", "both sides", "the two of them",
    ),
    "rear_left": (
        "the back left", "rear left", "the left one in the back", "the one behind me on the left",
    ),
    "rear_right": (
        "the back right", "rear right", "the right one in the back", "the right hand one behind",
    ),
    "left": (
        "the left", "the left one", "the left side", "on the left",
    ),
    "right": (
        "the right", "the right one", "the right side", "on the right",
    ),
    "center": (
        "the centre screen", "the middle screen", "the main screen",
    ),
    "cluster": (
        "the cluster", "the instrument cluster", "the dials", "the one behind the wheel",
    ),
    "head_up": (
        "the head up display", "the head up", "the one in the windscreen",
    ),
    "media": (
        "the music", "the media", "the radio",
    ),
    "navigation": (
        "the navigation", "the directions", "the sat nav voice",
    ),
    "phone": (
        "the phone", "the phone calls", "calls",
    ),
    "assistant": (
        "your voice", "the assistant", "you", "your own voice",
    ),
    "roof": (
        "the roof", "the roof one", "the one up top",
    ),
}  # fmt: skip
_OTHER: Final = {"driver": "passenger", "passenger": "driver", "left": "right", "right": "left", "front": "rear",
                 "rear": "front", "rear_left": "rear_right", "rear_right": "rear_left"}  # fmt: skip
_OTHER_WORDS: Final = (
    "the other one", "the other side", "now the other one", "and the other one", "other side as well",
    "and the other", "do the other one too", "now the other side please", "the other one as well",
)  # fmt: skip
_BOTH_WORDS: Final = ("both", "both sides", "both of them", "do both", "the two of them please")
_FOR_TWICE: Final = re.compile(r"\bfor (?=(?:for|in|at|on|up) )")
_ELSEWHERE: Final = (
    "and {p}", "and {p} too", "and {p} as well", "same for {p}", "the same for {p}", "do {p} too", "now {p}",
    "also {p}", "{p} too please", "{p} as well", "and then {p}", "and do the same for {p}", "same again for {p}",
    "what about {p}", "could you do {p} as well", "and for {p} please", "same thing {p}", "oh and {p}", "{p} next",
    "now do {p}",
)  # fmt: skip
_VALUE: Final = (
    "make it {v}", "no make it {v}", "{v} instead", "make that {v}", "{v}", "actually {v}", "rather {v}", "try {v}",
    "put it at {v}", "let's say {v}", "{v} then", "better {v}", "change it to {v}", "and now {v}", "hmm {v}",
    "set it to {v} instead", "let's go with {v}", "i'd prefer {v}", "okay {v} then",
)  # fmt: skip
_CORRECT: Final = (
    "no {v}", "i meant {v}", "no i said {v}", "sorry i meant {v}", "not that i meant {v}", "no no {v}", "i said {v}",
    "no {v} please", "that's not what i said {v}", "wrong i meant {v}", "oh sorry {v} i meant", "no i wanted {v}",
)  # fmt: skip
_CORRECT_PLACE: Final = (
    "no {p}", "i meant {p}", "no i meant {p}", "not that one {p}", "no not there {p}", "sorry {p}", "i said {p}",
    "no i said {p}", "wrong one {p}", "not this one i meant {p}", "no the other way round {p}", "oops {p} i meant",
    "sorry i meant {p} not that",
)  # fmt: skip
_UNDO: Final = (
    "undo that", "put it back", "no leave it", "that was wrong", "undo", "take that back",
    "put that back how it was", "no put it back as it was", "reverse that", "that's not what i wanted",
    "no change it back", "back to how it was", "undo the last thing", "no that's wrong undo it", "revert that",
    "go back to before", "no i didn't want that", "set it back again", "put it back the way it was please",
    "can you undo that", "oh no undo it", "that wasn't right put it back",
)  # fmt: skip
_AGAIN: Final = (
    "again", "once more", "do that again", "one more time", "same again", "and again", "do it again please",
    "another go", "repeat that", "again please", "one more", "and once more",
)  # fmt: skip
_MORE: Final = (
    "a bit more", "more", "a little more", "bit more please", "some more", "still not enough", "a touch more",
    "further", "not enough", "keep going a bit", "slightly more", "a notch more", "more please", "up a bit",
    "a tad more", "could be a bit more", "higher", "a bit higher", "one step more",
)  # fmt: skip
_LESS: Final = (
    "a bit less", "less", "a little less", "bit less please", "slightly less", "a touch less", "down a bit",
    "a notch less", "lower", "a bit lower", "a tad less", "one step less",
)  # fmt: skip
_TOO_MUCH: Final = (
    "not that much", "too much", "that's a bit much", "not so much", "too much take it back a bit",
)  # fmt: skip
# of what is opened: up and down are directions of a pane there
_MORE_OPEN: Final = (
    "further", "open it a bit more", "a bit further", "a crack more", "wider", "more open", "open it further",
    "a bit more", "a little more", "some more", "a touch more", "still not enough", "bit more please", "more please",
    "open it a bit wider", "a tad more", "little bit more",
)  # fmt: skip
_LESS_OPEN: Final = (
    "not that far", "close it a bit", "a bit further closed", "not so wide", "too far", "close it a little",
    "a bit less", "a little less", "not that much", "too much", "bit less please", "slightly less", "a touch less",
    "that's a bit much", "not that wide open",
)  # fmt: skip
_OWN_MORE: Final[Mapping[str, Sequence[str]]] = {
    "temperature": (
        "warmer", "a bit warmer", "still too cold", "still chilly", "i'm still cold", "warmer please",
        "could be warmer", "still freezing", "not warm enough", "it's still cold", "bump it up a bit",
    ),
    "fan": (
        "stronger", "faster", "a bit stronger", "more air", "blow harder", "still too weak", "more fan",
    ),
    "volume": (
        "louder", "a bit louder", "still can't hear it", "louder please", "too quiet", "still too quiet",
        "turn it up", "up a bit more", "crank it up",
    ),
    "brightness": (
        "brighter", "a bit brighter", "still too dark", "too dim", "brighter please",
    ),
    "heating": (
        "warmer", "hotter", "a bit hotter", "one level up", "still cold", "not warm enough", "one up",
    ),
    "massage": (
        "stronger", "harder", "a bit stronger", "firmer", "one level up",
    ),
    "number": (
        "raise it a bit", "ten more", "a bit higher",
    ),
}  # fmt: skip
_OWN_LESS: Final[Mapping[str, Sequence[str]]] = {
    "temperature": (
        "cooler", "a bit cooler", "still too hot", "still too warm", "colder", "that's too warm",
        "it's still boiling", "not that warm", "cooler please", "drop it a bit",
    ),
    "fan": (
        "weaker", "slower", "not that strong", "quieter", "less air", "too strong", "too windy", "bit softer",
    ),
    "volume": (
        "quieter", "a bit quieter", "not that loud", "too loud", "still too loud", "turn it down", "softer",
        "that's deafening", "not so loud",
    ),
    "brightness": (
        "dimmer", "a bit dimmer", "too bright", "still too bright", "not that bright", "darker", "dim it a bit",
    ),
    "heating": (
        "one level down", "not that hot", "a bit cooler", "too hot", "one down", "it's burning me",
    ),
    "massage": (
        "softer", "gentler", "not that hard", "one level down", "a bit weaker",
    ),
    "number": (
        "lower it a bit", "ten less", "a bit lower",
    ),
}  # fmt: skip
_TWINS: Final = {
    "set_climate_temperature": (
        "adjust_climate_temperature",
        "zone",
        "temperature",
        "3",
    ),
    "adjust_climate_temperature": (
        "adjust_climate_temperature",
        "zone",
        "temperature",
        "3",
    ),
    "set_fan_speed": (
        "adjust_fan_speed",
        "",
        "fan",
        "3",
    ),
    "adjust_fan_speed": (
        "adjust_fan_speed",
        "",
        "fan",
        "3",
    ),
    "set_volume": (
        "adjust_volume",
        "channel",
        "volume",
        "30",
    ),
    "adjust_volume": (
        "adjust_volume",
        "channel",
        "volume",
        "30",
    ),
}
_STEP_KIND: Final = {"control_window": "opening", "operate_sunroof": "opening", "set_display_brightness": "brightness",
                     "set_ambient_light": "brightness", "set_charge_limit": "number", "set_speed_warning": "number",
                     "set_seat_heating": "heating", "set_seat_ventilation": "fan",
                     "set_seat_massage": "massage"}  # fmt: skip
_LOT_MORE: Final = (
    "a lot more", "much more", "way more", "loads more", "a whole lot more", "quite a bit more", "far more",
)  # fmt: skip
_LOT_LESS: Final = (
    "a lot less", "much less", "way less", "far less", "a good deal less",
)  # fmt: skip
_ALL_UP: Final = (
    "all the way", "a lot more", "right up", "fully", "to the max", "as far as it goes", "all the way up",
)  # fmt: skip
_ALL_DOWN: Final = (
    "all the way down", "a lot less", "right down", "down to nothing", "as low as it goes",
)  # fmt: skip
_ALL_OPEN: Final = (
    "all the way", "a lot more", "fully open", "open it fully", "as far as it goes", "all the way open",
    "open it all the way", "right open", "completely open",
)  # fmt: skip
_ALL_SHUT: Final = (
    "close it all the way", "a lot less", "all the way shut", "fully closed", "shut it completely", "right shut",
)  # fmt: skip
_FLIPS: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("on", "off"): (
        "turn it off", "switch it off", "off again", "turn that off again", "okay off", "switch that off please",
        "you can turn it off now", "that's enough turn it off", "turn them off", "and off again", "kill it",
    ),
    ("off", "on"): (
        "turn it on", "switch it back on", "on again", "turn it back on", "put it back on", "actually turn it on",
        "switch that on again", "back on please",
    ),
    ("open", "close"): (
        "close it", "shut it", "close it again", "shut that again", "okay close it now", "and close it",
        "right shut it please", "close them",
    ),
    ("close", "open"): (
        "open it", "open it again", "open that back up", "okay open it now", "open it back up",
    ),
    ("lock", "unlock"): (
        "unlock it", "unlock them again", "unlock again", "open them up again",
    ),
    ("unlock", "lock"): (
        "lock it", "lock them again", "lock up again", "lock that again",
    ),
    ("fold", "unfold"): (
        "unfold them", "fold them back out", "out again", "open them out again",
    ),
    ("unfold", "fold"): (
        "fold them in again", "fold them", "back in with them",
    ),
    ("start", "stop"): (
        "stop it", "stop it again", "actually stop that",
    ),
    ("stop", "start"): (
        "start it again", "carry on with it", "start it back up",
    ),
    ("avoid", "allow"): (
        "allow them again", "actually that's fine allow them",
    ),
    ("allow", "avoid"): (
        "avoid them again", "no avoid those",
    ),
}  # fmt: skip
_OPPOSED: Final = {"up": "down", "down": "up", "left": "right", "right": "left", "forward": "backward",
                   "backward": "forward", "recline": "upright", "upright": "recline", "zoom_in": "zoom_out",
                   "zoom_out": "zoom_in"}  # fmt: skip
_REPEATED: Final = ("adjust_mirror", "adjust_seat_position", "adjust_equalizer", "control_map")
_SAME_WAY: Final = (
    "more", "a bit more", "keep going", "a little further", "bit further", "and more", "further", "still not enough",
    "a touch more", "a little more", "some more", "not enough",
)  # fmt: skip
_OTHER_WAY: Final = (
    "too far", "other way", "the other way", "too much", "a little less", "that's too far", "no the other way",
)  # fmt: skip
_BACK_A_BIT: Final = (
    "back a bit", "bit back", "that's too far back a bit", "no back a little", "back again", "too much back a bit",
)  # fmt: skip
_BACKWARD: Final = frozenset({"backward", "recline"})  # "back" is this way itself
# what a follow-up leaves out unless it says "make it"
_EXTRAS: Final = frozenset({"label", "route", "number_type", "amount", "band"})
_NO_VALUES: Final = frozenset({"unit", "direction", "feature", "preference", "amount", "state", "action"})
_MAKE_IT: Final = ("make it {v}", "no make it {v}", "make that {v}")
_GO_THERE: Final = (
    "take me there", "navigate there", "go there", "let's go there", "directions there", "drive me there",
    "okay take me to it", "start the route", "sounds good take me there", "guide me there", "great let's go there",
    "bring me there", "set course for it", "head there", "route me there", "navigate to it", "perfect go there",
)  # fmt: skip
_STOP_THERE: Final = (
    "add it as a stop", "add that as a stop", "stop there on the way", "put it on the route", "add it to the route",
    "make it a stop", "let's stop there", "include it as a waypoint", "stop there first",
)  # fmt: skip
_SEND_IT: Final = (
    "text it to {c}", "send it to {c}", "text that to {c}", "send that to {c}", "let {c} know", "message it to {c}",
    "pass that on to {c}", "tell {c} that", "text {c} that", "forward it to {c}",
)  # fmt: skip
_CALL_THEM: Final = (
    "call her", "call him", "ring her", "give him a call", "phone them", "call them", "ring him back",
    "give her a ring", "call her instead", "phone him please", "can you call them", "just call her",
)  # fmt: skip
_TEXT_THEM: Final = (
    "text her {m}", "text him {m}", "tell her {m}", "tell him {m}", "message them {m}", "send her {m}",
    "let him know {m}", "write her {m}", "text them that {m}", "tell them {m}",
)  # fmt: skip
_THEIR_ADDRESS: Final = (
    "what's her address", "where does he live", "and her address", "get his address", "what's their address",
    "look up her address", "where do they live",
)  # fmt: skip
_TO_THEM: Final = (
    "take me to her", "take me to his place", "navigate to her house", "drive to their place",
    "take me to her address", "let's drive to his house", "directions to their house",
)  # fmt: skip
_YES: Final = (
    "yes", "yeah", "yep", "sure", "go ahead", "do it", "yes please", "yeah go on", "please do", "go for it",
    "send it", "yes send it", "that's right", "correct", "okay", "ok do it", "fine", "absolutely", "yes do that",
    "mm hm", "yeah that's fine", "go on then", "sounds good", "of course", "yes that's the one", "aye go on",
    "yes go ahead please", "alright then", "sure thing", "certainly", "yup", "definitely", "why not", "be my guest",
    "yeah why not", "please", "i am sure", "yes i'm sure", "all good do it", "perfect yes", "yes exactly",
    "that's what i want", "make it so", "right yes", "yeah yeah", "ja do it", "uh huh", "yes ma'am", "true",
)  # fmt: skip
_NO: Final = (
    "no", "nope", "nah", "don't", "no thanks", "no don't", "leave it", "don't do that", "better not", "not now",
    "don't send that", "no leave it", "rather not", "no way", "absolutely not", "no thank you", "i don't think so",
    "please don't", "no it's fine", "wait don't", "nah leave it", "not that", "no not really", "i'd rather not",
    "no that's wrong", "don't bother", "hold off on that", "no i don't want that", "negative", "not yet",
    "no leave it as it is", "let it be", "no don't send it", "keep it as it is", "that's not it", "maybe later",
)  # fmt: skip
_CANCEL: Final = (
    "cancel", "forget it", "cancel that", "never mind", "scrap that", "forget about it", "drop it", "abort",
    "stop cancel it", "no cancel", "scratch that", "oh forget it", "cancel it please", "just forget it",
)  # fmt: skip
_UNCLEAR: Final = (
    "what", "hmm", "sorry", "pardon", "what was that", "uh", "say again", "i don't know", "well", "let me think",
    "huh", "what did you say", "erm", "eh",
)  # fmt: skip
_TAILS: Final = (
    "", "", "", "", "", " please", " thanks", " would you", " now", " mate", " if you can",
)  # fmt: skip
_HEADS: Final = (
    "", "", "", "", "", "oh ", "okay ", "right ", "um ", "actually ", "hey ", "and ",
)  # fmt: skip


def _raw(call: Call, **changes: object) -> RawCall:
    """The call as a line writes it, with other values; a value of None is left out."""
    values = {k: v for k, v in call.json_arguments().items() if k not in changes}
    values |= {k: v for k, v in changes.items() if v is not None}  # type: ignore[misc]  # numbers and words
    kept = {p.name: values[p.name] for p in call.spec.params if p.name in values}
    spoken = {k: v for k, v in kept.items() if v != call.spec.by_name[k].default}
    return RawCall(call.name, tuple((k, number_text(v) if isinstance(v, float) else str(v)) for k, v in spoken.items()))


def _extras(call: Call, changed: str) -> bool:
    """Whether ``call`` says something besides that a plain follow-up would leave out."""
    return any(
        name in _EXTRAS and name != changed and value not in {call.spec.by_name[name].default, ""}
        for name, value in call.arguments.items()
    )


class FollowUps:
    """Makes follow-ups to calls; everything random comes from ``rng``."""

    def __init__(self, catalogue: Catalogue, lexicons: Lexicons, rng: Random) -> None:
        self._catalogue = catalogue
        self._lexicons = lexicons
        self._rng = rng

    def after(self, call: Call, *, asked: bool = False, alone: bool = True) -> Line | None:
        """A line that follows ``call``; None where the kind drawn does not fit it. ``asked``: a question about it is
        open, ``alone``: about nothing else."""
        if asked:
            return self._answer(call, alone=alone)
        makers: tuple[Callable[[Call], Iterator[Said]], ...] = (
            *(self._elsewhere, self._elsewhere, self._value, self._value, self._amount, self._amount, self._again),
            *(self._flip, self._flip, self._correction, self._correction, self._undo, self._result, self._result),
            *(self._people, self._people),
        )
        found: list[Said] = []
        for maker in self._rng.sample(makers, 4):
            found = list(maker(call))
            if found:
                break
        if not found:
            return None
        text, calls = self._rng.choice(found)
        return Line(self._dressed(text, calls), tuple(calls))

    def _dressed(self, text: str, calls: Sequence[RawCall]) -> str:
        """The words with something before them, or after them where it cannot be taken for a part of a value."""
        head, tail = self._rng.choice(_HEADS), self._rng.choice(_TAILS)
        if self._rng.random() < 0.5:
            return text if head.strip() == text.split(maxsplit=1)[0] else f"{head}{text}".strip()
        line = Line(text, tuple(calls))
        fits = not ends_copied(line) or (not ends_open(line) and tail.strip() in SAFE_CLOSERS)
        return f"{text}{tail}" if fits and tail.split()[-1:] != text.split()[-1:] else text

    def _pick(self, choices: Sequence[str]) -> str:
        return self._rng.choice(choices)

    def _place(self, call: Call) -> str:
        """The parameter that says where, "" when there is none."""
        return next((n for n in PLACES if n in call.spec.by_name and isinstance(call.spec.by_name[n], EnumParam)), "")

    def _elsewhere(self, call: Call) -> Iterator[Said]:
        name = self._place(call)
        if not name or call.spec.reads_only:
            return
        param = call.spec.by_name[name]
        here = str(call.arguments[name])
        for value in getattr(param, "values", ()):
            if value not in {here, "both"} and value in _PLACE_WORDS:  # "both" after one is the other one
                said = self._pick(_ELSEWHERE).format(p=self._pick(_PLACE_WORDS[value]))
                yield _FOR_TWICE.sub("", said), (_raw(call, **{name: value}),)
        other = _OTHER.get(here)
        if other in getattr(param, "values", ()):
            yield self._pick(_OTHER_WORDS), (_raw(call, **{name: other}),)
            if here in {"left", "right"}:
                yield self._pick(_BOTH_WORDS), (_raw(call, **{name: other}),)

    def _values(self, call: Call) -> Iterator[tuple[str, str, object]]:
        """(parameter, words, value) that a value of the call may be changed to; what names no place."""
        for param in call.spec.params:
            now = call.arguments[param.name]
            if param.name in PLACES or param.name in _NO_VALUES or now == "":
                continue
            match param:
                case IntegerParam() | NumberParam():
                    if call.name == "operate_sunroof" and call.arguments["action"] != "open":
                        continue
                    spoken = self._number(param, call)
                    if float(spoken.value) != now:
                        yield param.name, spoken.words, float(spoken.value)
                case EnumParam():
                    value = self._pick(param.values)
                    if value not in {now, "unchanged", "any"}:
                        yield param.name, enum_text(value).strip(), value
                case _:
                    kind = _LEXICON.get((call.name, param.name))
                    if kind and not str(now).startswith("$"):
                        text = self._pick(self._lexicons[kind])
                        if bare_name(text) != now:
                            yield param.name, text, bare_name(text)

    def _number(self, param: IntegerParam | NumberParam, call: Call) -> words.Spoken:
        low, high = param.min, min(param.max, 200)
        if param.name == "temperature":
            low, high = (61, 86) if call.arguments.get("unit") == "fahrenheit" else (16, 30)
        elif param.name == "minutes":
            low, high = 5, 90
        return words.number(low, high, 5 if high - low > 60 else 1, self._rng)

    def _changed(self, call: Call, name: str, value: object) -> RawCall:
        """The call with another value; of the ambient light its colour alone or its brightness alone."""
        other = {"color": "brightness", "brightness": "color"}.get(name) if call.name == "set_ambient_light" else None
        return _raw(call, **{name: value}, **({other: None} if other else {}))

    def _value(self, call: Call) -> Iterator[Said]:
        if call.spec.reads_only and call.name not in {"get_weather", "find_nearby", "get_calendar", "get_news"}:
            return
        for name, said, value in self._values(call):
            phrases = _MAKE_IT if _extras(call, name) else _VALUE
            yield self._pick(phrases).format(v=said), (self._changed(call, name, value),)

    def _correction(self, call: Call) -> Iterator[Said]:
        for name, said, value in self._values(call):
            if not _extras(call, name):
                yield self._pick(_CORRECT).format(v=said), (self._changed(call, name, value),)
        for text, calls in self._elsewhere(call):
            if text in _OTHER_WORDS:
                yield self._pick(("no the other one", "i meant the other one", "wrong side",
                                  "not that side the other one", "no the other side")), (UNDO, *calls)  # fmt: skip
        name = self._place(call)
        if name and not call.spec.reads_only:
            for value in getattr(call.spec.by_name[name], "values", ()):
                if value not in {call.arguments[name], "both"} and value in _PLACE_WORDS:
                    said = self._pick(_CORRECT_PLACE).format(p=self._pick(_PLACE_WORDS[value]))
                    yield said, (UNDO, _raw(call, **{name: value}))

    def _undo(self, call: Call) -> Iterator[Said]:
        if not call.spec.reads_only:
            yield self._pick(_UNDO), (UNDO,)

    def _again(self, call: Call) -> Iterator[Said]:
        yield self._pick(_AGAIN), (_raw(call),)

    def _amount(self, call: Call) -> Iterator[Said]:
        twin = _TWINS.get(call.name)
        if twin is not None:
            name, place, kind, lot = twin
            where = {place: call.arguments[place]} if place else {}
            spec = self._catalogue[name]
            for direction, general, own, much in (
                ("up", _MORE, _OWN_MORE, _LOT_MORE), ("down", _LESS, _OWN_LESS, _LOT_LESS),
            ):  # fmt: skip
                adjusted = Call(spec, {"direction": direction, **where})
                now = call.arguments.get("direction", direction)
                if now == direction:
                    yield self._pick(general), (_raw(adjusted),)
                if direction == "down" and (call.name.startswith("set_") or now == "up"):
                    yield self._pick(_TOO_MUCH), (_raw(adjusted),)
                yield self._pick(own[kind]), (_raw(adjusted),)
                if self._rng.random() < 0.3:
                    yield self._pick(much), (_raw(adjusted, amount=lot),)
        elif call.name in _REPEATED:
            yield from self._repeated(call)
        for name in call.spec.steps:
            yield from self._steps(call, name)

    def _repeated(self, call: Call) -> Iterator[Said]:
        """The same call again, by the usual amount, or the opposite one."""
        way = next(n for n in ("direction", "action") if n in call.arguments)
        now = str(call.arguments[way])
        if now not in _OPPOSED:
            return
        usual = {"amount": None} if "amount" in call.arguments else {}
        yield self._pick(_SAME_WAY), (_raw(call, **usual),)
        if _OPPOSED[now] in getattr(call.spec.by_name[way], "values", ()):
            phrases = _OTHER_WAY if now in _BACKWARD else (*_OTHER_WAY, *_BACK_A_BIT)
            yield self._pick(phrases), (_raw(call, **{way: _OPPOSED[now]}, **usual),)

    def _steps(self, call: Call, name: str) -> Iterator[Said]:
        kind = _STEP_KIND.get(call.name, "number")
        param = call.spec.by_name[name]
        now = call.arguments[name]
        nothing = kind in {"opening", "number"} and isinstance(param, IntegerParam) and now == 0
        if nothing or (call.name == "operate_sunroof" and call.arguments["action"] != "open"):
            return  # nobody says "more" of what is shut or off
        up, down = ((*_MORE, *_OWN_MORE[kind]), (*_LESS, *_TOO_MUCH, *_OWN_LESS[kind])) if kind != "opening" else (
            _MORE_OPEN, _LESS_OPEN,
        )  # fmt: skip
        for by, phrases in ((1, up), (-1, down)):
            value = stepped(call, name, by)
            if value != now:
                yield self._pick(phrases), (self._changed(call, name, value),)
        if isinstance(param, IntegerParam) and kind in {"opening", "brightness"} and self._rng.random() < 0.4:
            full, none = (_ALL_OPEN, _ALL_SHUT) if kind == "opening" else (_ALL_UP, _ALL_DOWN)
            yield self._pick(full), (self._changed(call, name, param.max),)
            if call.name != "operate_sunroof":
                yield self._pick(none), (self._changed(call, name, param.min),)

    def _flip(self, call: Call) -> Iterator[Said]:
        for name in ("state", "action", "preference", "mode", "intensity"):
            now = str(call.arguments.get(name, ""))
            for (old, new), phrases in _FLIPS.items():
                values = getattr(call.spec.by_name.get(name), "values", ())
                if now == old and new in values:
                    yield (
                        self._pick(phrases),
                        (_raw(call, **{name: new}, **({"intensity": None} if "intensity" in call.arguments else {})),),
                    )
                elif new == "off" and now not in {"", "off"} and "off" in values:
                    yield self._pick(_FLIPS["on", "off"]), (_raw(call, **{name: "off"}),)
        if call.name == "control_window":
            shut = call.arguments["position"] == 0
            phrases = _FLIPS["close", "open"] if shut else _FLIPS["open", "close"]
            yield self._pick(phrases), (_raw(call, position=100 if shut else 0),)
        if call.name in {"set_seat_heating", "set_seat_ventilation", "set_fan_speed", "set_ambient_light"}:
            name = "brightness" if call.name == "set_ambient_light" else "level"
            if call.arguments[name] != 0:
                off = {name: 0} | ({"color": None} if name == "brightness" else {})
                yield self._pick(_FLIPS["on", "off"]), (_raw(call, **off),)

    def _result(self, call: Call) -> Iterator[Said]:
        returns = call.spec.returns
        contact = self._pick(self._lexicons["contact"])
        name = bare_name(contact)
        if returns == "place":
            yield self._pick(_GO_THERE), (RawCall("navigate_to", (("destination", "$1.1"),)),)
            yield self._pick(_GO_THERE), (RawCall("navigate_to", (("destination", "$1.1"),)),)
            yield self._pick(_STOP_THERE), (RawCall("add_waypoint", (("place", "$1.1"),)),)
        if returns is not None:
            said = self._pick(_SEND_IT).format(c=contact)
            yield said, (RawCall("send_text_message", (("recipient", name), ("message", "$1.1"))),)

    def _people(self, call: Call) -> Iterator[Said]:
        key = {"call_contact": "name", "get_contact_address": "name", "send_text_message": "recipient",
               "read_messages": "sender"}.get(call.name, "")  # fmt: skip
        person = str(call.arguments.get(key, ""))
        if not person:
            return
        message = self._pick(self._lexicons["message"])
        yield self._pick(_CALL_THEM), (RawCall("call_contact", (("name", person),)),)
        texted = RawCall("send_text_message", (("recipient", person), ("message", message)))
        yield self._pick(_TEXT_THEM).format(m=message), (texted,)
        if call.name == "read_messages":
            yield (
                self._pick(("reply {m}", "answer {m}", "write back {m}", "reply that {m}")).format(m=message),
                (texted,),
            )
        address = RawCall("get_contact_address", (("name", person),))
        if call.name != "get_contact_address":
            yield self._pick(_THEIR_ADDRESS), (address,)
            yield self._pick(_TO_THEM), (address, RawCall("navigate_to", (("destination", "$1"),)))

    def after_both(self, first: Call, second: Call) -> Line | None:
        """Two follow-ups in one breath: more or less of one thing, and the other switched, opened or closed."""
        amounts, flips = list(self._amount(first)), list(self._flip(second))
        if not amounts or not flips or first.name == second.name:
            return None
        (more, calls), (flip, others) = self._rng.choice(amounts), self._rng.choice(flips)
        return Line(f"{more} {self._pick(('and', 'and then', 'then'))} {flip.removeprefix('and ')}", (*calls, *others))

    def _answer(self, call: Call, *, alone: bool) -> Line | None:
        """To a question about ``call``, ``alone``: about nothing else."""
        roll = self._rng.random()
        if roll < 0.36:
            return Line(self._pick(_YES), answer="yes")
        if roll < 0.68:
            return Line(self._pick(_NO), answer="no")
        if roll < 0.8:
            return Line(self._pick(_CANCEL), answer="cancel")
        if roll < 0.86:
            return Line(self._pick(_UNCLEAR))
        if not alone:
            return None
        if call.name == "send_text_message":
            message = self._pick(self._lexicons["message"])
            said = self._pick(
                ("say {m} instead", "no say {m}", "change it to {m}", "no write {m}", "make that {m}", "rather {m}")
            )
            return Line(said.format(m=message), (_raw(call, message=message),))
        found = [*self._value(call), *self._correction(call)]
        text, calls = self._rng.choice(found) if found else ("", ())
        # nothing has been done while a question is open, so there is nothing to take back
        return Line(text, tuple(c for c in calls if c != UNDO)) if text else None


_LEXICON: Final = {
    ("navigate_to", "destination"): "place", ("add_waypoint", "place"): "place", ("call_contact", "name"): "contact",
    ("get_contact_address", "name"): "contact", ("send_text_message", "recipient"): "contact",
    ("play_media", "query"): "artist", ("tune_radio", "station"): "station", ("open_app", "app"): "app",
    ("play_video", "title"): "video", ("connect_bluetooth_device", "device"): "device",
    ("switch_driver_profile", "name"): "profile", ("get_weather", "location"): "city",
}  # fmt: skip
