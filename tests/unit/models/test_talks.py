"""Writers' conversations: parsed, and turned into the context that the running agent would have."""

from pathlib import Path

import pytest
from support.training import source

from models.data.example import Example, conversation_examples, to_example, to_utterance
from models.data.lines import BadLine
from models.data.talks import Conversation, parse_conversations, read_conversations
from vehicle_agent.evaluation.dialogues import Dialogues, SpokenLine
from vehicle_agent.planning.planned import Planned
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.codec import Refusal, Reply, Routed, Utterance, encode_earlier
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier

CATALOGUE = load_catalogue(with_packs=False)


def parsed(text: str) -> list[Conversation]:
    return list(parse_conversations(text, "conv_x.txt"))


def test_blocks_are_conversations_and_questions_belong_to_the_turn_after() -> None:
    first, second = parsed(
        "# cold\nfan three => set_fan_speed level=3\nagent: shall i\nyes => =yes\n\n\nhello => > talk: hello\n"
    )
    assert [(turn.line.text, turn.asked) for turn in first] == [("fan three", False), ("yes", True)]
    assert [turn.line.route for turn in second] == [("talk", "hello")]


@pytest.mark.parametrize(
    "text", ["fan three", "yes => =maybe", "hello => > nobody: hello", "done: ", "done: ? call_contact name", " => -"]
)
def test_bad_turns_are_named_with_their_file(text: str) -> None:
    with pytest.raises(BadLine, match=r"conv_x\.txt"):
        parsed(f"{text}\n")


def test_what_only_happened_is_context_and_no_example() -> None:
    (talk,) = parsed("done: set_fan_speed level=3\na bit more => adjust_fan_speed direction=up\n")
    ((line, example),) = conversation_examples(talk, CATALOGUE)
    assert line.text == "a bit more"
    assert example.before == ("<turn>", "<fn_2>", "3")


def test_files_of_other_names_are_no_conversations(tmp_path: Path) -> None:
    (tmp_path / "conv_b.txt").write_text("mute => set_mute state=on\n")
    (tmp_path / "plain.txt").write_text("no label\n")
    assert len(list(read_conversations(tmp_path))) == 1


class Knowing:
    """A planner that always understands as the writer meant, and notes what it was told to be before."""

    def __init__(self) -> None:
        self.meaning: Utterance = Refusal()
        self.earlier = NOTHING_BEFORE

    def plan(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        self.earlier = earlier
        match self.meaning:
            case Reply(answer=answer):
                return Planned(heard=text, utterance=Refusal(), answer=answer)
            case Routed(to=to, query=query, plan=plan):
                return Planned(heard=text, utterance=plan if plan.steps else Refusal(), route=(to, query))
            case _:
                return Planned(heard=text, utterance=self.meaning)

    async def plan_async(self, text: str, earlier: Earlier = NOTHING_BEFORE) -> Planned:
        return self.plan(text, earlier)


def at_run_time(talk: Conversation) -> list[Example]:
    """The turns' examples with the context that the product's own bookkeeping gives."""
    knowing = Knowing()
    dialogues = Dialogues(knowing)
    made = []
    for number, turn in enumerate(talk, 1):
        knowing.meaning, knowing.earlier = to_utterance(turn.line, CATALOGUE), NOTHING_BEFORE
        # a word that no rule knows: every turn is to reach the planner
        dialogues.plan(SpokenLine(text=f"{turn.line.text} zzz", dialogue="one", turn=number, asked=turn.asked))
        made.append(to_example(turn.line, CATALOGUE, knowing.earlier))
    return made


def test_the_context_in_training_is_the_one_at_run_time() -> None:
    compared = 0
    for talk in source().conversations:
        if any(turn.line.clarify or not turn.line.text for turn in talk):
            continue  # an answer to a question for something missing is tried together with the words before it
        trained = [example for _, example in conversation_examples(talk, CATALOGUE)]
        assert [e.before for e in trained] == [e.before for e in at_run_time(talk)]
        compared += len(trained)
    assert compared > 1000


def test_a_piece_asked_for_is_context_with_its_words() -> None:
    (talk,) = parsed("ring somebody => ? call_contact name\nmy aunt => call_contact name=aunt\n")
    _, (_, answer) = conversation_examples(talk, CATALOGUE)
    token = CATALOGUE.token_index("call_contact")
    assert answer.before == ("<heard>", " ring somebody", "<clarify>", f"<fn_{token}>", "<arg_0>")
    assert encode_earlier(NOTHING_BEFORE, CATALOGUE) == []
