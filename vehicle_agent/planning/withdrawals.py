"""What people say when they take something back, and the words around it: phrases of general English, no logic."""

import re
from collections.abc import Sequence
from typing import Final


def _any(*phrases: str) -> str:
    return "(?:" + "|".join(phrases) + ")"


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(" | "))


def _set(text: str) -> frozenset[str]:
    return frozenset(_phrases(text))


_IT: Final = _any(
    "(?:the|that|this|my)(?: (?:last|previous))? (?:request|command|order|instruction|idea|wish)", "it all",
    "all of (?:it|that|this|them)", "all (?:that|this)", "that (?:one|bit|thing|last (?:one|bit|thing)|thought|idea)",
    "it", "that", "this", "them(?: all)?", "those", "these", "everything(?: i (?:just )?said)?", "anything",
    "the (?:lot|idea|thought|whole (?:thing|lot|idea|business)|last (?:one|bit|thing|part))",
    "what i (?:just )?(?:said|asked)",
    "my last(?: (?:one|request|command|order|instruction|message))?",
)  # fmt: skip
_DROP: Final = _any(
    "cancel", "scrap", "scratch", "forget(?: about)?", "drop", "skip", "leave", "ignore", "abort", "stop", "undo",
    "disregard", "strike", "belay", "bin", "ditch", "kill", "nix", "erase", "revoke", "retract", "withdraw", "rescind",
    "countermand", "overrule", "hold", "park", "shelve", "chuck", "stuff", "sod", "screw", "bugger", "blow", "hang",
    "call off", "rub out", "knock", "delete", "quit", "reverse", "negate", "void", "let",
)  # fmt: skip
_NEVER_MIND: Final = r"(?:make (?:that|it) )?never (?:you )?mind(?: (?:about )?(?:it|that(?: thing)?|this|them|me))?"
_NOT: Final = _any("don't", "do not", "dont", "dinnae", "dinna", "please not", "let's not", "lets not", "rather not")
_STATE: Final = _any(
    "as (?:it|they|he|she|that|things?|everything) (?:is|are|was|were)", "as is", "as you were", "alone", "be", "out",
    "(?:just |exactly )?(?:the way|how|where|what) (?:it|they|that|things) (?:is|are|was|were)",
    "like (?:that|this|it (?:is|was))",
    "there", "on", "off", "open", "closed", "shut", "locked", "unlocked", "up", "down", "in", "running", "playing",
    "for now",
    "for later", "for another (?:time|day)", "so",
)  # fmt: skip
# Said by themselves these take back: imperatives and set phrases.
_ORDERS: Final = (
    rf"(?:please )?(?:just |better |let's |we'll |i'll |you can )?{_DROP} {_IT}",
    rf"{_NEVER_MIND}",
    r"nevermind(?: (?:it|that))?",
    r"nvm",
    r"no matter",
    r"(?:it |that )?(?:doesn't|does not|don't) matter",
    (
        r"forget(?: that)? (?:i|what i)(?: even| ever| just)? (?:said|asked|mentioned|spoke)(?: (?:it|that"
        r"|so|anything|something))?"
    ),
    (
        r"(?:let's |just )?(?:pretend|imagine|act as if|make as if|make out)(?: that)? (?:i|you|we)"
        r"(?:'ve)? "
        r"(?:never|didn't|did not|haven't|have not|hadn't|said|heard|asked)(?: [a-z']+){0,3}?(?= (?:i|i'm"
        r"|it|it's|we|we're|she's|he's|they're|the)\b|$)"
    ),
    (
        rf"(?:please )?{_NOT}(?: (?:do|bother|worry|trouble|send|mind|touch|change|act on|do anything)"
        rf"(?: yourself| about)?)?(?: {_IT})?(?: yet| now)?"
    ),
    r"don't you dare",
    r"do nothing(?: of the (?:sort|kind))?",
    (
        rf"(?:just |please |better |let's |let us |we'll |i'll )*(?:leave|keep) (?:it|them|that|those"
        rf"|things|everything|him|her)(?: {_STATE})?(?: {_STATE})?"
    ),
    (
        r"(?:just |please )?(?:leave|keep) (?:the |my |those |that )?[a-z]+ (?:as (?:it is|they are|is)"
        r"|alone)"
    ),
    (
        rf"(?:just |please )*let (?:it|them|that|him|her) (?:be|go|slide|stay|play|run|rest|alone|ring"
        rf"|wait)(?: {_STATE})?"
    ),
    r"as you were",
    r"stand (?:down|by)",
    r"hold (?:fire|off(?: on (?:it|that))?|your (?:horses|fire))",
    r"at ease",
    r"(?:put|take|send|give|bring|call) (?:it|that|them) back",
    r"belay",
    r"abort",
    r"scratch",
    r"scrap",
    r"cancel",
    r"undo",
    r"disregard",
    r"countermand",
    r"strike",
    r"false alarm",
    r"wrong (?:button|command|one|thing|word|car|window)",
    r"change of plans?",
    r"(?:changed|change|switched) (?:my|the|our) minds?",
    r"(?:just|only) (?:kidding|joking|messing|teasing|testing|a joke)",
    r"kidding",
    r"joking",
    r"jk",
    r"psych",
    r"sike",
    r"(?:by |my |my own )?mistake",
    r"my (?:bad|error|fault)",
    r"slip of the tongue",
    r"(?:bad|terrible|silly|stupid|daft|wrong) idea",
    r"not a good idea",
    r"thanks but no(?: thanks)?",
    r"(?:ta|thanks|cheers) but no",
    (
        r"no (?:thanks|thank you|ta|cheers|way(?! too\b)|chance|deal|dice)(?: (?:jose|very much|a lot"
        r"|so much))?"
    ),
    r"(?:can|could|shall|may) (?:we|you|i) (?:please )?not(?: do (?:it|that|this))?",
    r"no (?:no )+no",
    r"what am i (?:saying|doing|thinking)",
    r"what was i thinking",
    r"silly me",
    r"hold that(?: thought)?",
    r"spoke too soon",
    r"so there's no point",
    r"(?:there's |there is )?(?:no|little) point(?: (?:in|now)(?: [a-z']+){0,3})?",
)
# Statements: in a message or a reminder they need a marker before them, there they are its words.
_STATEMENTS: Final = (
    (
        r"not (?:now|yet|just yet|right now|just now|today|tonight|at the moment|after all"
        r"|any ?more|again|really|like that|in front of [a-z' ]+)(?: (?:i|we) (?:think|guess|reckon))?"
    ),
    (
        r"(?:maybe|perhaps|possibly|rather|we'll do it|i'll do it|i'll do that) (?:later|tomorrow"
        r"|another time|some other time|next time|in a bit)(?: on)?"
    ),
    r"(?:maybe )?(?:another|some other) (?:time|day)",
    r"later(?: on)?(?! than\b)",
    (
        r"(?:i|we) (?:didn't|did not|never|don't)(?: really| actually| even)? (?:mean|meant|say|said"
        r"|ask for|asked for|intend|intended)(?: (?:to|for))?"
        rf"(?: (?:do|say|ask|have|send))?(?: (?:{_IT}|any|one|anything|nothing))?(?: (?:at all|now|really"
        rf"|by (?:it|that)))*"
    ),
    (
        r"(?:i|we)(?:'ve| have|'m|'d)?(?: just| now| since)? (?:changed?|changing|switched) (?:my|our"
        r"|the) minds?(?: (?:about|on) (?:it|that|this))?"
    ),
    (
        r"(?:i|we)(?:'ll|'d)? (?:take|took|taking|withdraw|withdrew|retract|revoke) (?:(?:that|this|my)"
        r" (?:request|order|command|instruction)|all that|everything|it|that|this)(?: all)?(?: back)?"
    ),
    (
        r"(?:i|we)(?:'ve| have|'d)?(?: just)? (?:thought|think) (?:better|again|twice)(?: (?:of|about)"
        r" (?:it|that|this))?"
    ),
    (
        r"(?:i|we)(?:'d| would|'ll)? (?:rather|prefer|sooner|prefer it if|rather that|appreciate it if"
        r"|like it if)(?: that)? (?:you|we|it|he|she|they|i) "
        r"(?:didn't|did not|don't|do not|left (?:it|that|them)|not|stayed?|wouldn't|kept (?:it|them|that))"
        r"(?: [a-z']+)?"
    ),
    r"(?:i|we)(?:'d| would|'ll)? (?:rather|prefer|sooner|better) not(?: to)?",
    r"(?:i|we)(?:'d| had) (?:better|best) not",
    (
        r"(?:better|best|maybe|perhaps|probably|rather|obviously|possibly|preferably|of course|certainly"
        r"|definitely|absolutely|please|why|or|well maybe|or maybe|or rather|or better) not"
    ),
    r"or (?:maybe |perhaps |rather |actually |better )?(?:don't|do not|not)",
    r"(?:i|we) (?:guess|suppose|think|reckon) not",
    (
        r"(?:i|we) (?:don't|do not|didn't)(?: really| actually)? (?:think|believe|reckon) (?:so|i (?:do"
        r"|will|want to)|we (?:do|will|should))"
    ),
    r"(?:didn't|did not) mean (?:to|it|that|this)(?: (?:say|do) (?:it|that))?",
    r"(?:i|we) (?:meant|said|asked(?: for)?) (?:nothing|none of (?:it|that))(?: (?:by it|at all))?",
    (
        r"(?:that's|that is|this is|that was) not what (?:i|we) (?:meant|wanted|said|want|mean|asked"
        r"(?: for)?)"
    ),
    (
        r"(?:that|it|this)(?:'s| was| is)(?: (?:just|only))? (?:a |my |by )*(?:mistake|error|accident|joke"
        r"|slip of the tongue|misunderstanding|wrong command)"
    ),
    r"(?:is|was) (?:a )?(?:wrong|mistake|error)(?: command)?",
    (
        r"(?:i'm|i am|i was|we're|we were)(?: (?:just|only))? (?:kidding|joking|messing(?: (?:about|around"
        r"|with you))?|having you on|pulling your leg|teasing|testing(?: you)?|thinking (?:aloud|out loud)"
        r"|winding you up)"
    ),
    r"(?:i|we)(?:'ve| have|'m| am)? (?:reconsider(?:ed|ing)?|thought it over|had a rethink)",
    r"(?:that|it|this) was (?:for|meant for) (?:my |the )?[a-z]+",
    r"(?:i|we) (?:wasn't|weren't|was not|am not|i'm not) (?:talking|speaking) to you",
    r"i'm not (?:talking|speaking) to you",
    r"i was (?:talking|speaking) to (?:my |the )?[a-z]+",
    r"(?:that|it) (?:wasn't|was not) (?:for|meant for) you",
    r"not you",
    r"(?:i|we)(?:'ve| have)?(?: just)? remembered(?: that)? (?:i|we|it)[a-z' ]+",
)
# Of the wish itself: behind a command that ends something they are its reason ("turn it off we don't need it").
_NEEDS: Final = (
    (
        r"(?:there's |there is |really |got )?no (?:real )?(?:need|necessity|reason)(?: (?:for|to) (?:it"
        r"|that|this|do that|do it|bother))?(?: (?:any ?more|now|then|really|after all))*(?! (?:to|for)\b)"
    ),
    (
        r"(?:it's |it is |that's |is |we're |are )?(?:not|no longer|no more|no) (?:needed|necessary"
        r"|required|wanted|worth it|worth the bother)(?: (?:any ?more|now|after all|any longer))?"
    ),
    r"(?:it|that) (?:won't|will not|wouldn't) be (?:needed|necessary|required)",
    (
        r"(?:i|we)(?: really| actually| just)? (?:don't|do not|didn't|did not|won't|no longer|not|won't be"
        r"|shan't|wouldn't|never)(?: really| actually| even)? "
        rf"(?:need(?:ing)?|want(?:ed)?|require|fancy|mean|meant|like|care for|ask for|asked for|intend|say"
        rf"|said)(?: (?:to|for))?(?: (?:do|say|ask|mean|have|send))?(?: (?:{_IT}|any|one|anything"
        rf"(?: by it)?|nothing(?: by it)?))?"
        r"(?: (?:at all|any ?more|after all|now|any longer|really|yet|today|either))*"
    ),
    r"(?:i|we) (?:can't|can not|cannot) be (?:bothered|arsed)",
    r"(?:it|that|this|he|she|they) can wait",
    r"(?:i|we) said nothing",
    r"(?:i|we) never said (?:that|anything|it)",
)
# These say that all is well; without a marker they may be anything ("turn it up i'm fine").
_CONTENTED: Final = (
    r"(?:carry on|keep going|keep playing|keep it going|continue)",
    (
        r"(?:i|we)(?:'ll| will| can| could| shall|'d)(?: just| probably| simply| rather| as well)*"
        r" (?:[a-z']+ ){1,4}(?:myself|ourselves|by hand|manually)"
    ),
    (
        r"(?:i|we)(?:'ll| will) (?:manage|cope|sort it(?: out)?|handle it|live with it|get it|see to it"
        r"|leave (?:it|that)|deal with it|pass|wait)"
    ),
    (
        r"(?:you're|you are|we're|we are|i'm|i am|it's|they're) (?:all right|alright|grand|sound|fine|good"
        r"|okay|ok)(?: (?:as (?:it is|they are|i am|we are)|the way (?:it is|they are)|like (?:this|that)"
        r"|actually|now|thanks|really|there|here|without(?: it)?))*"
    ),
    (
        r"(?:it's|it is|that's|that is) (?:all right|alright|fine|okay|ok|good|enough|plenty|no bother"
        r"|too late|not happening|off)(?: (?:as (?:it is|they are)|the way (?:it|things) (?:is|are)|like"
        r" (?:this|that)|actually|now|thanks|really|for now))*"
    ),
    r"that(?:'ll| will) do(?: (?:as it was|nicely|thanks|actually|now))?",
    (
        r"(?:i|we) (?:shan't|won't|will not|wouldn't) (?:bother|disturb|trouble)(?: (?:him|her|them|you"
        r"|it))?"
    ),
)


def _compiled(phrases: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?:{phrase})(?![\w'])") for phrase in phrases)


ORDER: Final = _compiled(_ORDERS)
STATEMENT: Final = _compiled(_STATEMENTS)
NEED: Final = _compiled(_NEEDS)
CONTENT: Final = _compiled(_CONTENTED)
# a verb with its pronoun may also be the command itself: "the alarm is ringing stop it"
VERB_IT: Final = re.compile(rf"(?:please )?(?:just )?(?P<verb>{_DROP}) {_IT}$")
DONT_VERB: Final = re.compile(
    r"(?:please )?(?:don't|do not|dont) (?P<verb>[a-z]+)(?: (?:it|that|them|him|her|this|those|anything"
    r"|one)(?![\w']))?"
)
PARTICLES: Final = _set("up | off | on | out | down | back | all | yet | the | my | any | those | that | over")
NAMED: Final = re.compile(
    rf"(?:please )?(?:just )?(?:{_DROP}|leave|keep) (?:the|that|my|this|those) (?P<noun>[a-z]+)(?![\w'])"
)
MIND_THE: Final = re.compile(r"never mind (?:about )?(?:the|my|that|those) (?P<noun>[a-z]+)(?![\w'])")
NEGATIVE: Final = _set("no | nah | nope | naw | negative | nay")
STRONG_NEGATIVE: Final = NEGATIVE - {"no"}
HALTS: Final = _set(
    "stop | wait | halt | whoa | hold on | hang on | hold up | hold it | haud on | oops | whoops | woops"
)
THINKS: Final = _set(
    "actually | come to think of it | on second thought | on second thoughts | then again | you know what | mind you"
)
_MARKERS: Final = _phrases(
    "no | nah | nope | naw | negative | stop | wait | halt | "
    "whoa | hold on | hang on | hold up | haud on | hold it | oops | whoops | woops | actually | sorry | uh | "
    "um | umm | er | erm | uhm | hmm | hm | mm | mmm | ah | oh | ooh | och | ach | eh | ugh | argh | brr | ha "
    "| haha | lol | omg | bruh | bro | yikes | ouch | gosh | god | oh god | damn | shoot | crap | christ | "
    "blimey | crikey | dear | oh dear | bother | on second thought | on second thoughts | second thought | "
    "second thoughts | on reflection | come to think of it | thinking about it | now i think about it | now i "
    "think of it | you know what | d'you know what | do you know what | tell you what | i tell you what | "
    "then again | mind you | to be honest | in fact | well | ok | okay | right | so | but | please | just | "
    "sir | mate | love | pet | man | fam | hey | ah sure | ah here | sure | y'all | a second | a sec | a "
    "minute | a moment | a tick | a mo | one second | one moment | i beg your pardon | pardon | pardon me | "
    "excuse me | my apologies | apologies | or | what | why | really | honestly | anyway | whatever | if you "
    "please | if you would | if you like | if you can | if you could | if you don't mind | would you | will "
    "you | could you | can you | would ya | will ya | will ye | lol nah | instead | i mean | let me think | "
    "let me see"
)
# a verb with its pronoun that may be meant for the car ("the alarm is ringing stop it")
FOR_THE_CAR: Final = re.compile(
    r"(?:please )?(?:just )?"
    r"(?:stop|cancel|undo|kill|skip|drop|let|reverse|quit|delete|hold|end|take|put|bring|give|call|send)\b"
)
SPEAKS_OF: Final = re.compile(
    r"^(?:the|that|this|my|our|your|his|her|their|these|those|there|i|we|it|he|she|they|you|enough|no|who|what|undo|cancel|"
    r"stop|[a-z]+'(?:s|m|ve|re|d|ll))\b"
)
# names of things in the car that sound like markers
NAMES: Final = (
    ("auto", "hold"),
    ("otto", "hold"),
    ("otter", "hold"),
    ("brake", "hold"),
    ("tick", "hold"),
    ("no", "one"),
    ("no", "one's"),
    ("start", "stop"),
    ("do", "not", "disturb"),
    ("pit", "stop"),
    ("rest", "stop"),
)
NO_NUMBER_AFTER: Final = _set("wrong | right | other | that | this | the | no | another | every")
A_STOP: Final = re.compile(
    r"\b(?:add|find|waypoint|start|bus|rest|next|first|last|coffee|include|insert|ad|charging|intermediate|food)\b"
)
ENDS_IN_A_VALUE: Final = re.compile(r"\b(?:so [a-z' ]+|auto|low|high|medium|slow|fast|dipped|recirculate)$")
MARKER_WORDS: Final = tuple(sorted({tuple(m.split()) for m in _MARKERS}, key=len, reverse=True))
PLAIN_MARKERS: Final = _set(
    "please | just | so | but | right | ok | okay | well | or | dear | love | mate | sorry | sure | what | "
    "why | man | pet | sir | really | instead | i mean | hey | honestly | anyway | bro | fam | y'all | if you "
    "please | if you would | if you like | if you can | if you could | if you don't mind | would you | will "
    "you | could you | can you | would ya | will ya | will ye"
)
FILLER: Final = _set(
    "please | thanks | thank | you | ta | cheers | sorry | then | now | actually | for | today | ok | okay | "
    "mate | love | pet | dear | bro | fam | man | lad | pal | buddy | y'all | sir | madam | car | computer | "
    "assistant | after | all | right | there | just | really | again | though | anyway | either | lol | haha "
    "| guys | moment | the | at | any | anymore | more | yet | instead | it | here | tonight"
)
GOVERNS: Final = _set(
    "can | could | should | may | must | might | will | would | make | let | let's | before | after | take | get | "
    "give | "
    "set | put | turn | switch | avoid | add | can't | won't | "
    "to | by | of | for | with | from | at | into | the | a | an | my | your | our | their | not | don't | "
    "never | and | then | but | or | if | when | than | saying | says | say | called | named | titled | play "
    "| text | message | tell | call | ring | dial | find | watch | navigate | search | about | is | are | was "
    "| be | i | we | you | he | she | they | it's | i'm | we're | what's | there's | very | as | like | until "
    "| unless | otherwise | either | because"
)
JOINS: Final = _set("and | then | but | or | so")
TITLES: Final = _set("song | songs | track | album | film | movie | video | podcast | band | artist | single")
MESSAGES: Final = re.compile(
    r"^(?:(?:can|could|would|will) you |please |kindly |hey )*(?:text|message|tell|send|write|reply|answer"
    r"|say|let|ask|whatsapp|email)\b|\b(?:saying|message to|text to)\b"
)
OWN_WORDS: Final = re.compile(
    r"\b(?:text|message|tell|send|write|reply|say|saying|remind|reminder|remember|note|play|call|ring|dial"
    r"|phone|navigate|take|"
    r"directions|drive|go|route|find|search|watch|open app|stop at|add|put on)\b"
)
THAT_GOVERNS: Final = re.compile(r"\b(?:text|tell|message|say|remind|reply|write|know|send)\b")
DECLARES: Final = re.compile(
    r"^(?:(?:oh|well|hey|ugh|god|right) )*(?:i (?:don't|hate|can't|do not|am|was|have|dislike|see|hear)"
    r"|i'm|i've|we (?:don't|can't|are|have)|we're|we've|it's|it is|"
    r"he's|she's|they're|there's|there is|that's|this|someone's|somebody's|someone is|"
    r"(?:the|my|our|that|his|her)(?: [a-z']+){1,2} (?:is|are|was|has|keeps|sounds|seems|isn't|won't|needs"
    r"|went|just)|(?:the|my|our)(?: [a-z]+){0,1} [a-z]+'s )"
)
ENDS: Final = re.compile(
    r"\b(?:off|stop|cancel|end|mute|remove|clear|forget|scrap|drop|kill|quit|abort|ditch|close|shut|skip"
    r"|pause|lower|reduce|"
    r"down|lock|hang up|disable|deactivate|silence|less|no more)\b"
)
EXCEPTS: Final = re.compile(r"\b(?:except|besides|apart from|other than)\b")
QUESTION: Final = re.compile(
    r"^(?:is|are|do|does|did|can|could|will|would|should|shall|was|has|have|tell me (?:if|whether)|whether)\b"
)
NEGATED: Final = re.compile(r"^(?:(?:please|no|and|but|oh|well) )*(?:don't|do not|never|dont)\b")
BECAUSE: Final = re.compile(r"^(?:because|'cause|cause|cos|coz|since) ")
PERSONAL: Final = re.compile(r"(?:i|we|i'[a-z]+|we'[a-z]+|he|she|they|it|that)\b")
TO_ANYBODY: Final = re.compile(rf"(?:please )?{_NOT}(?! (?:send|text|message|do (?:it|that))\b)|no |let |leave |keep ")
SERIOUS: Final = re.compile(r"^(?:i'm|i am|we're) (?:not (?:joking|kidding)|serious)|^i mean it")
SUBJECT: Final = re.compile(
    r"^(?:i|i'm|i've|i'll|i'd|we|we're|we've|we'll|we'd|it|it's|its|it'll|he|he's|he'll|she|she's|she'll"
    r"|they|they're|"
    r"they've|they'll|you|you're|you've|that's|that was|that is|that's|there's|there is|there are"
    r"|there was|here's|here comes|this is|"
    r"someone's|somebody's|everyone's|everybody's|nobody|no one|nothing|everything's|what a"
    r"|too [a-z]+|already)(?= )"
)
ASKS: Final = re.compile(
    r"^(?:i (?:want|need|would like|wanna|meant|mean|said|prefer)(?! to (?:hear|see|sleep|keep|stay|talk"
    r"|listen|finish|think|wait|be|watch|rest|enjoy|know|check)\b)|i'd (?:like|rather have|prefer)|we"
    r" (?:want|need|meant)|"
    r"we'd like|you (?:can|could|should|may|might)|i'll (?:have|take))\b"
)
STATES: Final = re.compile(
    r"^(?:(?:the|my|our|his|her|their|that|this|your|a|an|all|both|every)(?: [a-z']+){1,3}?|[a-z]+) "
    r"(?:is|are|was|were|has|have|had|isn't|aren't|wasn't|will|won't|can|can't|needs|looks|seems|wants|"
    r"says|doesn't|don't|didn't|might|must|would|could|went|got|came|shuts|closes|opens at|knows)\b"
)
NAME_IS: Final = re.compile(
    r"^(?:the |my |our )?"
    r"(?!driver's|passenger's|it's|that's|let's|what's|where's|today's|tomorrow's|tonight's|mine)"
    r"[a-z]+(?: [a-z]+)?'s (?!window"
    r"|seat|door|side|mirror|light|house|place|home|number)"
)
_VERBS: Final = (
    "open|close|shut|lock|unlock|turn|switch|put|set|play|call|ring|dial|phone|text|message|send|tell"
    "|remind|take|navigate|drive|"
    "go|find|search|start|stop|pause|skip|resume|mute|unmute|raise|lower|roll|crack|fold|unfold|tilt|heat"
    "|warm|cool|dim|"
    "brighten|show|read|add|cancel|increase|decrease|reduce|give|get|bring|wake|pop|move|recline|defrost"
    "|demist|defog|tune|"
    "change|activate|enable|disable|check|select|connect|end|hang|answer|reject|save|recall|run|crank"
    "|pump|drop|shuffle|repeat|"
    "hit|kill|release|engage|slide|push|pull|swap|clear|wipe|let|make|keep|leave|tilt|vent|louder|warmer"
    "|cooler|quieter"
)
COMMANDS: Final = re.compile(
    rf"^(?:(?:please|just|now|then|rather|instead|only|simply|can you|could you|would you|will you"
    rf"|i want you to|i need you to|i'd like you to|let's|go and) )*(?:{_VERBS})\b"
)
POINTS: Final = re.compile(r"\b(?:it|them|those|these|one|him|her|mine|that|ones)\b")
SOFTENS: Final = _set("just | only | instead | please | rather | then | make | i | it's | no | we")
NOT_NOUNS: Final = _set(
    "set | open | close | turn | put | play | call | find | take | text | go | one | just | only | make"
)
THINGS: Final = _set(
    "reminder | timer | alarm | message | text | call | route | search | trip | directions | navigation | music"
)
SYNONYMS: Final = _set(
    "send | call | ring | play | move | touch | open | close | change | turn | start | go | hang | disturb | "
    "wake | do | put | set"
)
CLEAR_VERBS: Final = _set("turn | switch | open | close | put | set | lock | unlock | navigate | call | play | mute")
NO_COMMAND_AFTER: Final = _set(
    "to | i | we | you | he | she | they | can | can't | will | won't | don't | not | never | and | or | a | "
    "an | the | just | my | no | is | was | i'll | we'll | he'll | she'll | they'll | already | it | its | "
    "it's | are | were | has | have | be | been | being | of | with | for"
)
