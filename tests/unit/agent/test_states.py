"""The tables of transitions: state x event -> state, complete, as someone reading the design would draw them."""

import asyncio
import inspect
import itertools
from typing import Any, cast, get_args

import pytest
from support.fakes import CATALOGUE, call

from vehicle_agent.conversation import steps, turn_state
from vehicle_agent.conversation.outcome import Outcome, Status
from vehicle_agent.conversation.turn_state import Missing, Work
from vehicle_apis.codec import Incomplete

ACTION: Any = object()
OUTCOME = Outcome(id=1, call=call("get_time"), status=Status.DONE)
WORK: Work = Work(cast("Any", None))
TASK: Any = object()
MISSING = Missing(text="call", command=Incomplete(CATALOGUE["call_contact"], "name"), put_s=0.0)

# rows: what a step is; columns: what happens; "." cannot happen
STEP_TABLE = """
          TakenUp  NeedsYes  AnswerCame  MayGo    Sent     Settles
Waiting   Judging  .         .           .        .        Settled
Judging   Judging  Asking    .           Sending  .        Settled
Asking    .        .         Answered    .        .        Settled
Answered  Judging  .         .           Sending  .        Settled
Sending   Judging  .         .           .        Sending  Settled
Settled   .        .         .           .        .        .
"""

# "+": with work that has begun already
TURN_TABLE = """
             PlanningBegan BegunEarly PlanningCancelled PlanningEnded WorkBegan   QuestionTold NextQuestionTold
Idle         Planning      .          .                 .             CarryingOut .            .
Planning     .             Planning+  Cancelling        Idle          .           .            .
Planning+    .             .          Cancelling+       CarryingOut   .           .            .
Cancelling   .             .          Cancelling        Idle          .           .            .
Cancelling+  .             .          Cancelling+       CarryingOut   .           .            .
Cancelled    .             .          Cancelled         Idle          .           .            .
CarryingOut  .             .          .                 .             .           Asking       .
Asking       .             .          .                 .             .           .            .
Answering    .             .          .                 .             .           .            Asking
Completing   Planning      .          .                 .             CarryingOut .            .

             AnswerTaken   WorkDropped WorkEnded  PieceMissed PieceDropped
Idle         .             .           .          Completing  .
Planning     .             .           .          .           .
Planning+    .             Planning+   Planning   .           .
Cancelling   .             .           .          .           .
Cancelling+  .             Cancelling+ Cancelled  .           .
Cancelled    .             .           .          .           .
CarryingOut  CarryingOut   CarryingOut Idle       .           .
Asking       Answering     CarryingOut Idle       .           .
Answering    Answering     CarryingOut Idle       .           .
Completing   .             .           .          .           Idle
"""

VALUES: dict[str, object] = {
    "action": ACTION,
    "sent": (),
    "outcome": OUTCOME,
    "work": WORK,
    "task": TASK,
    "watcher": TASK,
    "missing": MISSING,
    "begun": WORK,
}


def made(kind: type, *, ahead: bool = True) -> Any:  # noqa: ANN401 - one of any union
    """A value of a state or an event."""
    fields = inspect.signature(kind).parameters
    return kind(**{name: VALUES[name] for name in fields if ahead or name != "begun"})


def name_of(state: object) -> str:
    kind = type(state).__name__
    return f"{kind}+" if kind != "Cancelled" and getattr(state, "begun", None) is not None else kind


def read(text: str) -> dict[tuple[str, str], str]:
    """(state, event) -> state of every cell that is not "."."""
    table: dict[tuple[str, str], str] = {}
    for part in text.strip("\n").split("\n\n"):
        head, *rows = part.splitlines()
        events = head.split()
        for row in rows:
            state, *cells = row.split()
            assert len(cells) == len(events), row
            table |= {(state, event): cell for event, cell in zip(events, cells, strict=True)}
    return table


STEP_STATES = [made(kind) for kind in get_args(steps.StepState)]
TURN_STATES = [
    made(kind, ahead=ahead)
    for kind in get_args(turn_state.TurnState)
    for ahead in ((False, True) if kind in {turn_state.Planning, turn_state.Cancelling} else (True,))
]


@pytest.mark.parametrize(
    ("text", "states", "events", "after", "refused"),
    [
        (STEP_TABLE, STEP_STATES, get_args(steps.StepEvent), steps.after, steps.NotNow),
        (TURN_TABLE, TURN_STATES, get_args(turn_state.TurnEvent), turn_state.after, turn_state.NotInThisState),
    ],
    ids=["step", "turn"],
)
def test_the_table_is_the_machine(text: str, states: list[Any], events: Any, after: Any, refused: Any) -> None:  # noqa: ANN401
    table = read(text)
    found: dict[tuple[str, str], str] = {}
    for state, kind in itertools.product(states, events):
        try:
            found[name_of(state), kind.__name__] = name_of(after(state, made(kind)))
        except refused:
            found[name_of(state), kind.__name__] = "."
    assert found == table


def test_every_way_leads_back_to_idle() -> None:
    ways = {(state, cell) for (state, _), cell in read(TURN_TABLE).items() if cell != "."}
    home = {"Idle"}
    while more := {state for state, cell in ways if cell in home} - home:
        home |= more
    assert home == {state for state, _ in read(TURN_TABLE)}


def test_what_belongs_to_a_state_goes_with_it() -> None:
    """A question's watcher stays through its answers; a step's sendings stay until it is settled."""
    other: Any = object()
    asking = turn_state.after(turn_state.CarryingOut(WORK), turn_state.QuestionTold(TASK))
    again = turn_state.after(turn_state.after(asking, turn_state.AnswerTaken()), turn_state.NextQuestionTold())
    assert again == turn_state.Asking(WORK, TASK)
    assert turn_state.watcher_of(again) is TASK
    assert turn_state.after(turn_state.Cancelling(WORK), turn_state.WorkEnded()) == turn_state.Cancelled(WORK)
    state: steps.StepState = steps.Sending((ACTION,))
    for event in (steps.Sent(other), steps.TakenUp(), steps.NeedsYes(), steps.AnswerCame(), steps.MayGo()):
        state = steps.after(state, event)
        assert steps.sent_by(state) == (ACTION, other)
    assert steps.sent_by(steps.after(state, steps.Settles(OUTCOME))) == ()
    assert steps.sent_by(steps.Waiting()) == ()


async def test_who_waits_for_a_step_hears_when_it_is_settled() -> None:
    mine = steps.Steps()
    mine.add(1)
    waiting = asyncio.create_task(mine.settled(1))
    await asyncio.sleep(0)
    mine.move(1, steps.TakenUp())
    await asyncio.sleep(0)
    assert (waiting.done(), mine.unsettled) == (False, {1})
    mine.move(1, steps.Settles(OUTCOME))
    assert await waiting == OUTCOME
    with pytest.raises(steps.NotNow, match="Settles cannot come while a step is Settled"):
        mine.move(1, steps.Settles(OUTCOME))
