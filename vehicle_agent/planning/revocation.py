"""Taken back in the same breath: "lock the doors no cancel that" is no command, and never its opposite.

Decided on the words alone, before the model reads them. A tail that takes something back is
``[markers] withdrawal [markers] [rest]``: markers are what people say while they change their mind ("no", "hang on",
"actually", "on second thought"), a withdrawal is a small phrase of its own ("forget it", "i'd rather you didn't"). It
stands behind something said before (the head) that is complete without it: in "play nevermind" or "text bob forget it"
the same words are what is played or written. What follows is nothing, a reason, or what is wanted instead.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from vehicle_agent.planning.said_numbers import number_at


class Meant(Enum):
    """What a sentence with its tail amounts to."""

    AS_SAID = auto()  # nothing is taken back
    NOTHING = auto()
    PERHAPS_NOTHING = auto()  # a weak sign: worth a question
    INSTEAD = auto()  # the rest replaces what was said before


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``head``: what was said before the withdrawal; ``rest``: what comes in its place (INSTEAD alone).

    ``own_words``: the head is a text, a reminder, a title, a name: the withdrawal may be part of it, so it counts only
    if the head is a whole command (which only the model can tell). ``sure``: False = ask before ``rest`` is done.
    ``marked``: a changed mind was heard before the withdrawal ("no", "wait", "actually").
    """

    meant: Meant
    head: str = ""
    rest: str = ""
    own_words: bool = False
    sure: bool = True
    marked: bool = False


AS_SAID: Final = Reading(meant=Meant.AS_SAID)


def _any(*phrases: str) -> str:
    return "(?:" + "|".join(phrases) + ")"


_IT: Final = _any(
    "(?:the|that|this|my)(?: (?:last|previous))? (?:request|command|order|instruction|idea|wish)", "it all", "all of (?:it|that|this|them)", "all (?:that|this)", "that (?:one|bit|last (?:one|bit|thing)|thought|idea)",
    "it", "that", "this", "them(?: all)?", "those", "these", "everything(?: i (?:just )?said)?", "anything",
    "the (?:lot|idea|thought|whole (?:thing|lot|idea|business)|last (?:one|bit|thing|part))", "what i (?:just )?(?:said|asked)",
    "my last(?: (?:one|request|command|order|instruction|message))?",
)  # fmt: skip
_DROP: Final = _any(
    "cancel", "scrap", "scratch", "forget(?: about)?", "drop", "skip", "leave", "ignore", "abort", "stop", "undo",
    "disregard", "strike", "belay", "bin", "ditch", "kill", "nix", "erase", "revoke", "retract", "withdraw", "rescind",
    "countermand", "overrule", "hold", "park", "shelve", "chuck", "stuff", "sod", "screw", "bugger", "blow", "hang",
    "call off", "rub out", "knock", "delete", "quit", "reverse", "negate", "void", "let",
)  # fmt: skip
_NEVER_MIND: Final = r"never (?:you )?mind(?: (?:about )?(?:it|that|this|them|me))?"
_NOT: Final = _any("don't", "do not", "dont", "dinnae", "dinna", "please not", "let's not", "lets not", "rather not")
_STATE: Final = _any(
    "as (?:it|they|he|she|that|things?|everything) (?:is|are|was|were)", "as is", "as you were", "alone", "be", "out",
    "(?:just |exactly )?(?:the way|how|where|what) (?:it|they|that|things) (?:is|are|was|were)", "like (?:that|this|it (?:is|was))",
    "there", "on", "off", "open", "closed", "shut", "locked", "unlocked", "up", "down", "in", "running", "playing", "for now",
    "for later", "for another (?:time|day)", "so",
)  # fmt: skip
_ADVERB: Final = r"(?: (?:just|now|really|actually|only|simply|all))?"

# Said by themselves these take back: imperatives and set phrases.
_ORDERS: Final = (
    rf"(?:please )?(?:just |better |let's |we'll |i'll |you can )?{_DROP} {_IT}",
    rf"{_NEVER_MIND}", r"nevermind(?: (?:it|that))?", r"nvm", r"no matter", r"(?:it |that )?(?:doesn't|does not|don't) matter",
    rf"forget(?: that)? (?:i|what i)(?: even| ever| just)? (?:said|asked|mentioned|spoke)(?: (?:it|that|so|anything|something))?",
    r"(?:let's |just )?(?:pretend|imagine|act as if|make as if|make out)(?: that)? (?:i|you|we)(?:'ve)? "
    r"(?:never|didn't|did not|haven't|have not|hadn't|said|heard|asked)(?: [a-z']+){0,3}?(?= (?:i|i'm|it|it's|we|we're|she's|he's|they're|the)\b|$)",
    rf"(?:please )?{_NOT}(?: (?:do|bother|worry|trouble|send|mind|touch|change|act on|do anything)(?: yourself| about)?)?(?: {_IT})?(?: yet| now)?",
    r"don't you dare", r"do nothing(?: of the (?:sort|kind))?",
    rf"(?:just |please |better |let's |let us |we'll |i'll )*(?:leave|keep|let) (?:it|them|that|those|things|everything|him|her)(?: {_STATE})?(?: {_STATE})?",
    rf"(?:just |please )?(?:leave|keep) (?:the |my |those |that )?[a-z]+ (?:as (?:it is|they are|is)|alone)",
    rf"(?:just |please )*let (?:it|them|that|him|her) (?:be|go|slide|stay|play|run|rest|alone|ring|wait)(?: {_STATE})?",
    r"as you were", r"stand (?:down|by)", r"hold (?:fire|off(?: on (?:it|that))?|your (?:horses|fire))", r"at ease",
    r"(?:put|take|send|give|bring|call) (?:it|that|them) back", r"belay", r"abort", r"scratch", r"scrap", r"cancel",
    r"undo", r"disregard", r"countermand", r"strike", r"false alarm", r"wrong (?:button|command|one|thing|word|car|window)",
    r"change of plans?", r"(?:changed|change|switched) (?:my|the|our) minds?",
    r"(?:just|only) (?:kidding|joking|messing|teasing|testing|a joke)", r"kidding", r"joking", r"jk", r"psych", r"sike",
    r"(?:by |my |my own )?mistake", r"my (?:bad|error|fault)", r"slip of the tongue",
    r"(?:bad|terrible|silly|stupid|daft|wrong) idea", r"not a good idea", r"thanks but no(?: thanks)?", r"(?:ta|thanks|cheers) but no",
    r"no (?:thanks|thank you|ta|cheers|way(?! too\b)|chance|deal|dice)(?: (?:jose|very much|a lot|so much))?",
    r"(?:can|could|shall|may) (?:we|you|i) (?:please )?not(?: do (?:it|that|this))?", r"no (?:no )+no", r"what am i (?:saying|doing|thinking)",
    r"what was i thinking", r"silly me", r"hold that(?: thought)?", r"spoke too soon", r"so there's no point",
    r"(?:there's |there is )?(?:no|little) point(?: (?:in|now)(?: [a-z']+){0,3})?",
)  # fmt: skip
# Statements: in a message or a reminder they need a marker before them, there they are its words.
_STATEMENTS: Final = (
    r"(?:not|no) (?:now|yet|just yet|right now|just now|today|tonight|at the moment|after all|any ?more|again|really|like that|in front of [a-z' ]+)(?: (?:i|we) (?:think|guess|reckon))?",
    r"(?:maybe|perhaps|possibly|rather|we'll do it|i'll do it|i'll do that) (?:later|tomorrow|another time|some other time|next time|in a bit)(?: on)?",
    r"(?:maybe )?(?:another|some other) (?:time|day)", r"later(?: on)?(?! than\b)",
    r"(?:i|we) (?:didn't|did not|never|don't)(?: really| actually| even)? (?:mean|meant|say|said|ask for|asked for|intend|intended)(?: (?:to|for))?"
    rf"(?: (?:do|say|ask|have|send))?(?: (?:{_IT}|any|one|anything|nothing))?(?: (?:at all|now|really|by (?:it|that)))*",
    r"(?:i|we)(?:'ve| have|'m|'d)?(?: just| now| since)? (?:changed?|changing|switched) (?:my|our|the) minds?(?: (?:about|on) (?:it|that|this))?",
    r"(?:i|we)(?:'ll|'d)? (?:take|took|taking|withdraw|withdrew|retract|revoke) (?:(?:that|this|my) (?:request|order|command|instruction)|all that|everything|it|that|this)(?: all)?(?: back)?",
    r"(?:i|we)(?:'ve| have|'d)?(?: just)? (?:thought|think) (?:better|again|twice)(?: (?:of|about) (?:it|that|this))?",
    r"(?:i|we)(?:'d| would|'ll)? (?:rather|prefer|sooner|prefer it if|rather that|appreciate it if|like it if)(?: that)? (?:you|we|it|he|she|they|i) "
    r"(?:didn't|did not|don't|do not|left (?:it|that|them)|not|stayed?|wouldn't|kept (?:it|them|that))(?: [a-z']+)?",
    r"(?:i|we)(?:'d| would|'ll)? (?:rather|prefer|sooner|better) not(?: to)?", r"(?:i|we)(?:'d| had) (?:better|best) not",
    r"(?:better|best|maybe|perhaps|probably|rather|obviously|possibly|preferably|of course|certainly|definitely|absolutely|please|why|or|well maybe|or maybe|or rather|or better) not",
    r"or (?:maybe |perhaps |rather |actually |better )?(?:don't|do not)", r"(?:i|we) (?:guess|suppose|think|reckon) not",
    r"(?:i|we) (?:don't|do not|didn't)(?: really| actually)? (?:think|believe|reckon) (?:so|i (?:do|will|want to)|we (?:do|will|should))",
    r"(?:didn't|did not) mean (?:to|it|that|this)(?: (?:say|do) (?:it|that))?",
    r"(?:i|we) (?:meant|said|asked(?: for)?) (?:nothing|none of (?:it|that))(?: (?:by it|at all))?",
    r"(?:that's|that is|this is|that was) not what (?:i|we) (?:meant|wanted|said|want|mean|asked(?: for)?)",
    r"(?:that|it|this)(?:'s| was| is)(?: (?:just|only))? (?:a |my |by )*(?:mistake|error|accident|joke|slip of the tongue|misunderstanding|wrong command)",
    r"(?:is|was) (?:a )?(?:wrong|mistake|error)(?: command)?",
    r"(?:i'm|i am|i was|we're|we were)(?: (?:just|only))? (?:kidding|joking|messing(?: (?:about|around|with you))?|having you on|pulling your leg|teasing|testing(?: you)?|thinking (?:aloud|out loud)|winding you up)",
    r"(?:i|we)(?:'ve| have|'m| am)? (?:reconsider(?:ed|ing)?|thought it over|had a rethink)", r"(?:that|it|this) was (?:for|meant for) (?:my |the )?[a-z]+",
    r"(?:i|we) (?:wasn't|weren't|was not|am not|i'm not) (?:talking|speaking) to you", r"i'm not (?:talking|speaking) to you",
    r"i was (?:talking|speaking) to (?:my |the )?[a-z]+", r"(?:that|it) (?:wasn't|was not) (?:for|meant for) you", r"not you",
    r"(?:i|we)(?:'ve| have)?(?: just)? remembered(?: that)? (?:i|we|it)[a-z' ]+",
)  # fmt: skip
# Of the wish itself: behind a command that ends something they are its reason ("turn it off we don't need it").
_NEEDS: Final = (
    r"(?:there's |there is |really |got )?no (?:real )?(?:need|necessity|reason)(?: (?:for|to) (?:it|that|this|do that|do it|bother))?(?: (?:any ?more|now|then|really|after all))*(?! (?:to|for)\b)",
    r"(?:it's |it is |that's |is |we're |are )?(?:not|no longer|no more|no) (?:needed|necessary|required|wanted|worth it|worth the bother)(?: (?:any ?more|now|after all|any longer))?",
    r"(?:it|that) (?:won't|will not|wouldn't) be (?:needed|necessary|required)",
    r"(?:i|we)(?: really| actually| just)? (?:don't|do not|didn't|did not|won't|no longer|not|won't be|shan't|wouldn't|never)(?: really| actually| even)? "
    rf"(?:need(?:ing)?|want(?:ed)?|require|fancy|mean|meant|like|care for|ask for|asked for|intend|say|said)(?: (?:to|for))?(?: (?:do|say|ask|mean|have|send))?(?: (?:{_IT}|any|one|anything(?: by it)?|nothing(?: by it)?))?"
    r"(?: (?:at all|any ?more|after all|now|any longer|really|yet|today|either))*",
    r"(?:i|we) (?:can't|can not|cannot) be (?:bothered|arsed)",
    r"(?:it|that|this|he|she|they) can wait", r"(?:i|we) said nothing", r"(?:i|we) never said (?:that|anything|it)",
)  # fmt: skip
# These say that all is well; without a marker they may be anything ("turn it up i'm fine").
_CONTENTED: Final = (
    r"(?:carry on|go on|keep going|keep playing|keep it going|continue|go ahead)",
    r"(?:i|we)(?:'ll| will| can| could| shall|'d)(?: just| probably| simply| rather| as well)* (?:[a-z']+ ){1,4}(?:myself|ourselves|by hand|manually)",
    r"(?:i|we)(?:'ll| will) (?:manage|cope|sort it(?: out)?|handle it|live with it|get it|see to it|leave (?:it|that)|deal with it|pass|wait)",
    r"(?:you're|you are|we're|we are|i'm|i am|it's|they're) (?:all right|alright|grand|sound|fine|good|okay|ok)(?: (?:as (?:it is|they are|i am|we are)|the way (?:it is|they are)|like (?:this|that)|actually|now|thanks|really|there|here|without(?: it)?))*",
    r"(?:it's|it is|that's|that is) (?:all right|alright|fine|okay|ok|good|enough|plenty|no bother|too late|not happening|off)(?: (?:as (?:it is|they are)|the way (?:it|things) (?:is|are)|like (?:this|that)|actually|now|thanks|really|for now))*",
    r"that(?:'ll| will) do(?: (?:as it was|nicely|thanks|actually|now))?",
    r"(?:i|we) (?:shan't|won't|will not|wouldn't) (?:bother|disturb|trouble)(?: (?:him|her|them|you|it))?",
)  # fmt: skip


def _compiled(phrases: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?:{phrase})(?![\w'])") for phrase in phrases)


_ORDER: Final = _compiled(_ORDERS)
_STATEMENT: Final = _compiled(_STATEMENTS)
_NEED: Final = _compiled(_NEEDS)
_CONTENT: Final = _compiled(_CONTENTED)
# a verb with its pronoun may also be the command itself: "the alarm is ringing stop it"
_VERB_IT: Final = re.compile(rf"(?:please )?(?:just )?(?P<verb>{_DROP}) {_IT}$")
_DONT_VERB: Final = re.compile(r"(?:please )?(?:don't|do not|dont) (?P<verb>[a-z]+)(?: (?:it|that|them|him|her|this|those|anything|one)(?![\w']))?")
_PARTICLES: Final = frozenset({"up", "off", "on", "out", "down", "back", "all", "yet", "the", "my", "any", "those", "that", "over"})
_NAMED: Final = re.compile(
    rf"(?:please )?(?:just )?(?:{_DROP}|leave|keep) (?:the|that|my|this|those) (?P<noun>[a-z]+)(?![\w'])"
)
_MIND_THE: Final = re.compile(r"never mind (?:about )?(?:the|my|that|those) (?P<noun>[a-z]+)(?![\w'])")

_NEGATIVE: Final = frozenset({"no", "nah", "nope", "naw", "nae", "na", "negative", "nay", "nein", "nee", "nej", "non", "nyet"})
_STRONG_NEGATIVE: Final = _NEGATIVE - {"no"}
_HALTS: Final = frozenset(
    {"stop", "wait", "halt", "whoa", "hold on", "hang on", "hold up", "hold it", "haud on", "oops", "whoops", "woops"}
)
_THINKS: Final = frozenset(
    {"actually", "come to think of it", "on second thought", "on second thoughts", "then again", "you know what", "mind you"}
)
_MARKERS: Final = (
    "nein", "nee", "nej", "non", "nyet", "no", "nah", "nope", "naw", "nae", "na", "nay", "negative", "stop", "wait", "halt", "whoa", "hold on", "hang on",
    "hold up", "haud on", "hold it", "oops", "whoops", "woops", "actually", "sorry", "uh", "um", "umm", "er", "erm", "uhm", "hmm",
    "hm", "mm", "mmm", "ah", "oh", "ooh", "och", "ach", "eh", "ugh", "argh", "brr", "ha", "haha", "lol", "omg", "bruh", "bro",
    "yikes", "ouch", "gosh", "god", "oh god", "damn", "shoot", "crap", "christ", "blimey", "crikey", "dear", "oh dear", "bother",
    "on second thought", "on second thoughts", "second thought", "second thoughts", "on reflection", "come to think of it",
    "thinking about it", "now i think about it", "now i think of it", "you know what", "d'you know what", "do you know what",
    "tell you what", "i tell you what", "then again", "mind you", "to be honest", "in fact", "well", "ok", "okay", "right", "so",
    "but", "please", "just", "sir", "mate", "love", "pet", "dear", "man", "fam", "hey", "ah sure", "ah here", "sure", "y'all",
    "a second", "a sec", "a minute", "a moment", "a tick", "a mo", "one second", "one moment", "i beg your pardon", "pardon",
    "pardon me", "excuse me", "my apologies", "apologies", "or", "what", "why", "really", "honestly", "anyway", "whatever",
    "if you please", "if you would", "if you like", "if you can", "if you could", "if you don't mind", "would you", "will you",
    "could you", "can you", "would ya", "will ya", "will ye", "lol nah", "instead", "i mean", "let me think", "let me see",
)  # fmt: skip
_MARKER_WORDS: Final = tuple(sorted({tuple(m.split()) for m in _MARKERS}, key=len, reverse=True))
_PLAIN_MARKERS: Final = frozenset(  # politeness and filler: no sign of a changed mind
    {"please", "just", "so", "but", "right", "ok", "okay", "well", "or", "dear", "love", "mate", "sorry", "sure", "what", "why",
     "man", "pet", "sir", "really", "instead", "i mean", "hey", "honestly", "anyway", "bro", "fam", "y'all",
     "if you please", "if you would", "if you like", "if you can", "if you could", "if you don't mind", "would you", "will you",
     "could you", "can you", "would ya", "will ya", "will ye"}
)  # fmt: skip
_FILLER: Final = frozenset(
    "please thanks thank you ta cheers sorry then now actually for today ok okay mate love pet dear bro fam man lad pal buddy "
    "y'all sir madam car computer assistant after all right there just really again though anyway either lol haha guys "
    "moment the at any anymore more yet instead it here tonight".split()
)

_GOVERNS: Final = frozenset(
    "to by of for with from at into the a an my your our their not don't never and then but or if when than saying says "
    "say called named titled play text message tell call ring dial find watch navigate search about is are was be i we you "
    "he she they it's i'm we're what's there's very as like until unless otherwise either because".split()
)
_JOINS: Final = frozenset({"and", "then", "but", "or", "so"})
_TITLES: Final = frozenset({"song", "songs", "track", "album", "film", "movie", "video", "podcast", "band", "artist", "single"})
_MESSAGES: Final = re.compile(r"^(?:(?:can|could|would|will) you |please |kindly |hey )*(?:text|message|tell|send|write|reply|answer|say|let|ask|whatsapp|email)\b|\b(?:saying|message to|text to)\b")
_OWN_WORDS: Final = re.compile(
    r"\b(?:text|message|tell|send|write|reply|say|saying|remind|reminder|remember|note|play|call|ring|dial|phone|navigate|take|"
    r"directions|drive|go|route|find|search|watch|open app|stop at|add|put on)\b"
)
_THAT_GOVERNS: Final = re.compile(r"\b(?:text|tell|message|say|remind|reply|write|know|send)\b")
_DECLARES: Final = re.compile(
    r"^(?:(?:oh|well|hey|ugh|god|right) )*(?:i (?:don't|hate|can't|do not|am|was|have|dislike|see|hear)|i'm|i've|we (?:don't|can't|are|have)|we're|we've|it's|it is|"
    r"he's|she's|they're|there's|there is|that's|this|someone's|somebody's|someone is|"
    r"(?:the|my|our|that|his|her)(?: [a-z']+){1,2} (?:is|are|was|has|keeps|sounds|seems|isn't|won't|needs|went|just)|(?:the|my|our)(?: [a-z]+){0,1} [a-z]+'s )"
)
_ENDS: Final = re.compile(
    r"\b(?:off|stop|cancel|end|mute|remove|clear|forget|scrap|drop|kill|quit|abort|ditch|close|shut|skip|pause|lower|reduce|"
    r"down|lock|hang up|disable|deactivate|silence|less|no more)\b"
)
_EXCEPTS: Final = re.compile(r"\b(?:except|besides|apart from|other than)\b")
_QUESTION: Final = re.compile(r"^(?:is|are|do|does|did|can|could|will|would|should|shall|was|has|have|tell me (?:if|whether)|whether)\b")
_NEGATED: Final = re.compile(r"^(?:(?:please|no|and|but|oh|well) )*(?:don't|do not|never|dont)\b")

_BECAUSE: Final = re.compile(r"^(?:because|'cause|cause|cos|coz|since) ")
_PERSONAL: Final = re.compile(r"(?:i|we|i'[a-z]+|we'[a-z]+|he|she|they|it|that)\b")
_TO_ANYBODY: Final = re.compile(rf"(?:please )?{_NOT}(?! (?:send|text|message|do (?:it|that))\b)|no |let |leave |keep ")
_SERIOUS: Final = re.compile(r"^(?:i'm|i am|we're) (?:not (?:joking|kidding)|serious)|^i mean it")
_SUBJECT: Final = re.compile(
    r"^(?:i|i'm|i've|i'll|i'd|we|we're|we've|we'll|we'd|it|it's|its|it'll|he|he's|he'll|she|she's|she'll|they|they're|"
    r"they've|they'll|you|you're|you've|that's|that was|that is|that's|there's|there is|there are|there was|here's|here comes|this is|"
    r"someone's|somebody's|everyone's|everybody's|nobody|no one|nothing|everything's|who|what's|what a|too [a-z]+|already)(?= )"
)
_ASKS: Final = re.compile(
    r"^(?:i (?:want|need|would like|wanna|meant|mean|said|prefer)(?! to (?:hear|see|sleep|keep|stay|talk|listen|finish|think|wait|be|watch|rest|enjoy|know|check)\b)|i'd (?:like|rather have|prefer)|we (?:want|need|meant)|"
    r"we'd like|you (?:can|could|should|may|might)|i'll (?:have|take))\b"
)
_STATES: Final = re.compile(
    r"^(?:(?:the|my|our|his|her|their|that|this|your|a|an|all|both|every)(?: [a-z']+){1,3}?|[a-z]+) "
    r"(?:is|are|was|were|has|have|had|isn't|aren't|wasn't|will|won't|can|can't|just|needs|looks|seems|wants|"
    r"says|doesn't|don't|didn't|might|must|would|could|went|got|came|shuts|closes|opens at|knows)\b"
)
_NAME_IS: Final = re.compile(r"^(?:the |my |our )?(?!driver's|passenger's|it's|that's|let's|mine)[a-z]+(?: [a-z]+)?'s (?!window|seat|door|side|mirror|light|house|place|home|number)")
_VERBS: Final = (
    "open|close|shut|lock|unlock|turn|switch|put|set|play|call|ring|dial|phone|text|message|send|tell|remind|take|navigate|drive|"
    "go|find|search|start|stop|pause|skip|resume|mute|unmute|raise|lower|roll|crack|fold|unfold|tilt|heat|warm|cool|dim|"
    "brighten|show|read|add|cancel|increase|decrease|reduce|give|get|bring|wake|pop|move|recline|defrost|demist|defog|tune|"
    "change|activate|enable|disable|check|select|connect|end|hang|answer|reject|save|recall|run|crank|pump|drop|shuffle|repeat|"
    "hit|kill|release|engage|slide|push|pull|swap|clear|wipe|let|make|keep|leave|tilt|vent|louder|warmer|cooler|quieter"
)
_COMMANDS: Final = re.compile(
    rf"^(?:(?:please|just|now|then|rather|instead|only|simply|can you|could you|would you|will you|i want you to|i need you to|i'd like you to|let's|go and) )*(?:{_VERBS})\b"
)
_POINTS: Final = re.compile(r"\b(?:it|them|those|these|one|him|her|mine|that|ones)\b")


def read(heard: str) -> Reading:
    """What ``heard`` (normalised words) amounts to. Pure string work."""
    words = heard.split()
    for at in range(1, len(words)):
        reading = _withdrawn(words, at)
        if reading is not None:
            return reading
    return _hesitation(words)


def withdraws(heard: str) -> bool:
    """Whether ``heard`` as a whole only takes something back ("no forget it", "i changed my mind")."""
    words = _without_markers_before(heard.split())
    if not words:
        return any(word in _NEGATIVE for word in heard.split())
    text = " ".join(words)
    end = _longest(text, _ORDER + _STATEMENT + _NEED)
    return end > 0 and _only_filler(_after(text, end))


def needs_before(rest: str) -> bool:
    """Whether ``rest`` is no command by itself: a bare value ("twenty two"), or it points back ("tilt it")."""
    return _COMMANDS.match(rest) is None or _POINTS.search(rest) is not None


def _withdrawn(words: Sequence[str], at: int) -> Reading | None:
    """The reading when a withdrawal begins with word ``at``; None when none does."""
    text = " ".join(words[at:])
    head, markers = _head(words[:at])
    if not head:
        return None
    marked = any(m not in _PLAIN_MARKERS for m in markers)
    refused = any(m in _NEGATIVE for m in markers)
    before = " ".join(head)
    if markers[-1:] == ["no"] and text.startswith("later"):
        return None  # "at seven no later"
    if not _complete(head, marked=marked) or (_NEGATED.match(before) and not refused) or _EXCEPTS.search(before):
        return None
    if text.startswith("or not") or (markers and markers[-1] == "or" and _QUESTION.match(before)):
        return None if _QUESTION.match(before) else Reading(meant=Meant.NOTHING, head=before, own_words=_own(before))
    end, sure, ordered = _withdrawal(text, head, marked=marked, refused=refused)
    if end == 0:
        return None
    own_words = _own(before)
    rest = _rest(_after(text, end))
    if not rest or _is_reason(rest):
        command = _command_after_reason(rest)
        if command:
            return Reading(meant=Meant.INSTEAD, head=before, rest=command, own_words=own_words, marked=marked, sure=False)
        return Reading(meant=Meant.NOTHING if sure else Meant.PERHAPS_NOTHING, head=before, own_words=own_words, marked=marked)
    alone = len(rest.split()) == 1 and not ordered  # "close it i don't want it open"
    if not sure or alone or not (marked or _replaces(rest) or (not ordered and _longest(text, _STATEMENT) == end)):
        return None
    if not ordered and not _COMMANDS.match(rest) and _longest(text, _STATEMENT) < end:
        return None
    later = read(rest)
    if later.meant in {Meant.NOTHING, Meant.PERHAPS_NOTHING}:
        return Reading(meant=later.meant, head=before, own_words=own_words, marked=marked)
    return Reading(meant=Meant.INSTEAD, head=before, rest=later.rest or rest, own_words=own_words, marked=marked, sure=later.sure)


def _withdrawal(text: str, head: Sequence[str], *, marked: bool, refused: bool) -> tuple[int, bool, bool]:
    """How many characters of ``text`` are a withdrawal behind this head (0 = none).

    Then whether it can be nothing else, and whether it is an order ("forget it") rather than a statement.
    """
    before = " ".join(head)
    declared = _DECLARES.match(before) is not None
    message = _MESSAGES.search(before) is not None
    personal = message or ("remind" in head and _PERSONAL.match(text) is not None)
    agrees = not marked and _ENDS.search(before) is not None  # "turn it off we don't need it"
    said = _STATEMENT if agrees else _STATEMENT + _NEED
    statement = 0 if not marked and (declared or personal) else _longest(text, said)
    order = max(_longest(text, _ORDER), _denial(text, head, marked=marked), _named(text, head, marked=marked))
    if message and not marked and _TO_ANYBODY.match(text):
        order = 0
    end = max(order, statement)
    if end and not refused:
        verb = _VERB_IT.match(text[:end])
        if verb and (declared or verb["verb"].split()[0] in head):
            return 0, True, True
        if _bare_denial(text, end):
            return 0, True, True
    if end == 0 and (marked or not message) and not declared and not agrees:
        return _longest(text, _CONTENT), marked, False
    return end, True, order >= statement


def _bare_denial(text: str, end: int) -> bool:
    """ "take me home don't use toll roads": what must not be done is something else."""
    following = _after(text, end)[:1]
    return text[:end].split()[-1] in {"don't", "not", "dont"} and bool(following) and following[0] not in _SOFTENS


def _denial(text: str, head: Sequence[str], *, marked: bool) -> int:
    """ "don't open it", "don't open the windows", where the head said to."""
    match = _DONT_VERB.match(text)
    if match is None:
        return 0
    said = {_stem(word) for word in head}
    verb = match["verb"]
    if _stem(verb) not in said and not (marked and verb in _SYNONYMS) and verb not in {"do", "bother", "worry"}:
        return 0
    known = {w.removesuffix("s") for w in head} | set(head)
    end = match.end()
    for word in _after(text, end):
        if word not in _PARTICLES and word.removesuffix("s") not in known:
            break
        end += len(word) + 1
    return end


def _named(text: str, head: Sequence[str], *, marked: bool) -> int:
    """ "drop the hotel" where a hotel was wanted; "cancel that reminder"."""
    known = {w.removesuffix("s") for w in head} | set(head)
    match = _NAMED.match(text)
    if match and marked and match["noun"] not in _NOT_NOUNS and (match["noun"] in known or match["noun"] in _THINGS):
        return match.end()
    match = _MIND_THE.match(text)
    return match.end() if match and match["noun"] in known else 0


_SOFTENS: Final = frozenset({"just", "only", "instead", "please", "rather", "then", "make", "i", "it's", "no", "we"})
_NOT_NOUNS: Final = frozenset("set open close turn put play call find take text go one just only make".split())
_THINGS: Final = frozenset("reminder timer alarm message text call route search trip directions navigation music".split())
_SYNONYMS: Final = frozenset(
    "send call ring play move touch open close change turn start go hang disturb wake do put set".split()
)


def _stem(word: str) -> str:
    return word.removesuffix("ing").removesuffix("ed").removesuffix("e")


def _head(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What was said before the markers at its end, and these markers, first to last."""
    head = list(words)
    markers: list[str] = []
    while head:
        found = next((m for m in _MARKER_WORDS if tuple(head[-len(m) :]) == m), None)
        if found is None:
            break
        markers.insert(0, " ".join(found))
        del head[-len(found) :]
    if markers and head and head[-1] in _JOINS and any(m not in _PLAIN_MARKERS for m in markers):
        head.pop()
    return head, markers


def _without_markers_before(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while rest:
        found = next((m for m in _MARKER_WORDS if tuple(rest[: len(m)]) == m), None)
        if found is None:
            break
        del rest[: len(found)]
    return rest


def _complete(head: Sequence[str], *, marked: bool) -> bool:
    """Whether ``head`` may end here: its last word needs nothing behind it."""
    last = head[-1]
    if last in _GOVERNS or (last == "that" and _THAT_GOVERNS.search(" ".join(head))):
        return False
    return marked or last not in _TITLES


def _longest(text: str, patterns: Sequence[re.Pattern[str]]) -> int:
    return max((m.end() for p in patterns if (m := p.match(text))), default=0)


def _after(text: str, end: int) -> list[str]:
    return text[end:].split()


def _rest(words: Sequence[str]) -> str:
    """What follows a withdrawal, without further ones and without filler; "" when nothing is left."""
    rest = list(words)
    while rest and not _only_filler(rest):
        shorter = _without_markers_before(rest)
        text = " ".join(shorter)
        end = _longest(text, _ORDER + _STATEMENT + _NEED)
        if end and not _bare_denial(text, end) and (_only_filler(_after(text, end)) or not _COMMANDS.match(text)):
            rest = _after(text, end)
        elif len(shorter) == len(rest):
            break
        else:
            rest = shorter
    if _only_filler(rest):
        return ""
    while rest and rest[0] in {"then", "now", "just", "please", "and", "instead", "for"}:
        rest = rest[1:]
    return " ".join(rest)


def _only_filler(words: Sequence[str]) -> bool:
    return all(word in _FILLER or (word,) in _MARKER_WORDS for word in words)


def _replaces(rest: str) -> bool:
    """Whether ``rest`` can stand for what was wanted: a command, a wish or a number."""
    return bool(_COMMANDS.match(rest) or _ASKS.match(rest)) or number_at(rest.split(), 0)[1] > 0


def _is_reason(rest: str) -> bool:
    """A statement, not a wish: it explains, and asks for nothing."""
    if _ASKS.match(rest):
        return False
    if _BECAUSE.match(rest) or _SUBJECT.match(rest):
        return True
    return not _COMMANDS.match(rest) and (_STATES.match(rest) is not None or _NAME_IS.match(rest) is not None)


def _command_after_reason(rest: str) -> str:
    """The command behind a reason ("it's hot turn the a c on"), "" when there is none."""
    words = rest.split()
    for at in range(2, len(words) - 1):
        if words[at] in _CLEAR_VERBS and words[at - 1] not in _NO_COMMAND_AFTER:
            return " ".join(words[at:])
    return ""


_CLEAR_VERBS: Final = frozenset({"turn", "switch", "open", "close", "put", "set", "lock", "unlock", "navigate", "call", "play", "mute"})
_NO_COMMAND_AFTER: Final = frozenset(
    "to i we you he she they can can't will won't don't not never and or a an the just my no is was i'll we'll he'll she'll "
    "they'll already it its it's are were has have be been being of with for".split()
)


def _hesitation(words: Sequence[str]) -> Reading:
    """Signs at the end without a withdrawal of their own: "... no", "... wait no", "... oh wait it's raining"."""
    ends = [len(words), *(i for i in range(2, len(words) - 1) if _is_reason(" ".join(words[i:])))]
    for end in ends:
        reason = " ".join(words[end:])
        at = end
        while not reason and at > 1 and words[at - 1] in {"please", "thanks", "sorry", "then"}:
            at -= 1
        head, markers = _head(words[:at])
        before = " ".join(head)
        thinks = [m for m in markers if m in _THINKS and reason and not _MESSAGES.search(before)]
        signs = [m for m in markers if m in _NEGATIVE or m in _HALTS] + thinks
        if not signs or not head or not _complete(head, marked=False) or _NEGATED.match(before):
            continue
        if reason and (_SERIOUS.match(reason) or _DECLARES.match(before)):
            continue
        command = _command_after_reason(reason)
        if command:
            return Reading(meant=Meant.INSTEAD, head=before, rest=command, own_words=_own(before), sure=False)
        negative = any(m in _NEGATIVE for m in signs)
        told = sum(m not in _PLAIN_MARKERS or m == "sorry" for m in markers) + (at < end and words[at] == "sorry")
        sure = any(m in _STRONG_NEGATIVE for m in signs) or (negative and (told > 1 or reason != "")) or ("stop" in signs and told > 1)
        if not sure and _MESSAGES.search(before):
            return AS_SAID  # these may be its words, and it is read back before it goes out
        return Reading(
            meant=Meant.NOTHING if sure else Meant.PERHAPS_NOTHING, head=before, own_words=_own(before)
        )
    return AS_SAID


def _own(before: str) -> bool:
    return _OWN_WORDS.search(before) is not None
