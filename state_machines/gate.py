"""The safety gate: the only maker of permits. Default deny; asked when a plan is made and again when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from state_machines import reasons
from state_machines.crash_latch import CrashLatch
from state_machines.dialogue import Confirmation, ConfirmationRefused
from state_machines.driving_state import DrivingState, LiveState, raw_state
from state_machines.expansion import NOTHING_SPECIAL, Context, expand, number_of, resumes
from state_machines.permit import Permit, issue
from state_machines.rulebook import Decision, RuleBook
from state_machines.telephone import normalised
from state_machines.verdict import Allow, Assessment, Confirm, Deny, Verdict
from vehicle_apis.call import Call
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.errors import InvalidCall, UnknownFunction
from vehicle_apis.signals import Signals

INVALID_CALL = "invalid_call"
UNKNOWN_FUNCTION = "unknown_function"
NEVER_DIALLED = "never_dialled"


class Judge:
    """The rules applied to one call, one state, one snapshot. Stateless."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._rules = RuleBook(catalogue)

    def expand(self, call: Call, context: Context = NOTHING_SPECIAL) -> tuple[Call, ...]:
        """The calls whose rules decide about ``call``."""
        return expand(call, context, self._catalogue)

    def assess(
        self, call: Call, state: DrivingState, signals: Signals, context: Context = NOTHING_SPECIAL
    ) -> Assessment:
        """The strictest verdict over everything ``call`` will do."""
        number = number_of(call, context)
        if number is not None and normalised(number) is None:
            reason = reasons.never_dialled(call)
            return Assessment(decision=Decision.DENY, rule=NEVER_DIALLED, reason=reason, state=state)
        worst: Assessment | None = None
        for inner in self.expand(call, context):
            assessment = self._assess_one(inner, state, signals, reasons.Asked(call=call, number=number))
            if self._is_by_silence(call, inner, context) and assessment.decision is Decision.DENY:
                assessment = replace(assessment, reason=reasons.unsaid(assessment.reason))
            if worst is None or assessment.decision > worst.decision:
                worst = assessment
        if worst is None:
            return Assessment(decision=Decision.DENY, rule="nothing_to_judge", reason="Nothing to do.", state=state)
        return worst

    @staticmethod
    def _is_by_silence(call: Call, inner: Call, context: Context) -> bool:
        """Whether ``inner`` stands for ``call`` only because the player does not say what it shows."""
        return resumes(call) and inner.name != call.name and not context.is_said

    def _assess_one(self, call: Call, state: DrivingState, signals: Signals, asked: reasons.Asked) -> Assessment:
        rule = self._rules.rule_for(call, signals)
        decision = Decision.DENY if rule is None else rule.decision(state)
        match decision:
            case Decision.ALLOW:
                reason = reasons.allowed(state)
            case Decision.CONFIRM:
                reason = reasons.question(call, state, asked)
            case _:
                reason = reasons.denied(call, rule, state)
        name = f"{call.name}[none]" if rule is None else rule.name
        return Assessment(decision=decision, rule=name, reason=reason, state=state)

    def settled(self, name: str, arguments: Mapping[str, object], signals: Signals) -> Assessment:
        """One question on its own: the call is validated first and the state is the snapshot's raw state."""
        state = raw_state(signals)
        try:
            call = self._catalogue.call(name, **arguments)
        except UnknownFunction as e:
            return Assessment(decision=Decision.DENY, rule=UNKNOWN_FUNCTION, reason=str(e), state=state)
        except (InvalidCall, TypeError) as e:
            return Assessment(decision=Decision.DENY, rule=INVALID_CALL, reason=str(e), state=state)
        return self.assess(call, state, signals)


class Gate:
    """Judges calls in the live state and issues permits.

    ``clock`` gives seconds of one monotonic clock. ``on_change(old, new)`` hears every change of the live state.
    Feed `observe` with every safety frame and at least every 100 ms.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Callable[[], float],
        *,
        latch: CrashLatch | None = None,
        on_change: Callable[[DrivingState, DrivingState], None] | None = None,
    ) -> None:
        self._judge = Judge(catalogue)
        self._clock = clock
        self._latch = latch or CrashLatch()
        self._on_change = on_change
        self._live = LiveState(self._changed)
        self._outstanding: Permit | None = None

    @property
    def state(self) -> DrivingState:
        return self._live.current

    def _changed(self, old: DrivingState, new: DrivingState) -> None:
        if self._outstanding is not None:
            self._outstanding.revoke()
        if self._on_change is not None:
            self._on_change(old, new)

    def observe(self, signals: Signals) -> DrivingState:
        """Takes one snapshot; a more restrictive state is in force when this returns."""
        now_s = self._clock()
        latched = self._latch.observe(signals, now_s)
        return self._live.observe(raw_state(signals, crash_latched=latched), now_s)

    def assess(self, call: Call, signals: Signals, context: Context = NOTHING_SPECIAL) -> Assessment:
        """The judgement of a plan before anything is sent: no permit comes of it."""
        return self._judge.assess(call, self.observe(signals), signals, context)

    def would_allow(self, call: Call, signals: Signals, context: Context = NOTHING_SPECIAL) -> bool:
        """Whether `assess` would allow ``call`` now. Only asks: the snapshot counts for nothing afterwards."""
        now_s = self._clock()
        raw = raw_state(signals, crash_latched=self._latch.would_be_latched(signals, now_s))
        assessment = self._judge.assess(call, self._live.would_be(raw, now_s), signals, context)
        return assessment.decision is Decision.ALLOW

    def judge(
        self,
        call: Call,
        signals: Signals,
        context: Context = NOTHING_SPECIAL,
        *,
        confirmation: Confirmation | None = None,
    ) -> Verdict:
        """The binding judgement at the moment of sending.

        ``confirmation`` answers a Confirm for exactly this call; it turns no Deny into anything else. It is used up
        whatever the verdict: a yes never waits for a better moment.
        """
        assessment = self.assess(call, signals, context)
        confirmed = self._confirmed(call, confirmation)
        match assessment.decision:
            case Decision.DENY:
                return Deny(rule=assessment.rule, reason=assessment.reason)
            case Decision.CONFIRM if not confirmed:
                return Confirm(rule=assessment.rule, reason=assessment.reason)
            case _:
                return self._allow(call, assessment)

    def _confirmed(self, call: Call, confirmation: Confirmation | None) -> bool:
        if confirmation is None:
            return False
        try:
            confirmation.redeem(call, self._clock())
        except ConfirmationRefused:
            return False
        return True

    def _allow(self, call: Call, assessment: Assessment) -> Allow:
        permit = issue(call, self._clock())
        # a permit is redeemed in the same tick; the one before this can only be a leftover and is made worthless
        if self._outstanding is not None:
            self._outstanding.revoke()
        self._outstanding = permit
        return Allow(permit=permit, rule=assessment.rule, reason=assessment.reason)
