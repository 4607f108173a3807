"""Every limit of the safety logic, with unit and source, in one place."""

from typing import Final

# Signals (safety.yaml of the project's specification, `signals`)
SPEED_MAX_AGE_MS: Final = 500.0
GEAR_MAX_AGE_MS: Final = 500.0
IGNITION_MAX_AGE_MS: Final = 5000.0
SURROUNDINGS_MAX_AGE_MS: Final = 5000.0  # ambient light, rain, plug

# End-to-end checks of a message's frames (ibid., `signals`: 3 bad in the last 10 = stale; MaxDeltaCounter 2)
E2E_WINDOW: Final = 10  # frames
E2E_BAD_IN_WINDOW: Final = 3  # frames
E2E_MAX_DELTA_COUNTER: Final = 2  # counts from one frame to the next: at most one was lost in between

# A frame's stamp, which tells how long it waited in the driver's queue; all our choice
STAMP_FRESH_S: Final = SPEED_MAX_AGE_MS / 1000  # an older one counts as odd
STAMP_AHEAD_S: Final = 1.0  # a leap second, a clock being set right: so far in the future a stamp may be
STAMP_ABSURD_S: Final = 60.0  # no queue holds a frame for so long
STAMPS_SETTLED_S: Final = 1.0  # stamps must agree so long before another clock than the present one is believed

# Plausibility (ibid., `states.unknown`)
SPEED_MAX_KMH: Final = 300.0
PARK_GEAR_MAX_SPEED_KMH: Final = 3.0
SOURCES_APART_KMH: Final = 5.0
SOURCES_APART_SHARE: Final = 0.10  # of the larger value

# States (ibid., `states`)
STANDING_BELOW_KMH: Final = 0.5
CREEPING_BELOW_KMH: Final = 8.0  # the 5 mph of the NHTSA guideline, 78 FR 24817
FAST_FROM_KMH: Final = 130.0
BETTER_AFTER_S: Final = 1.0

# Conditions (ibid., `conditions.rolling`)
ROLLING_FROM_KMH: Final = 3.0

# Dialogue (ibid., `verdicts`)
QUESTION_LIFE_S: Final = 10.0
CONFIRMATION_LIFE_S: Final = 2.0  # at least this long from a yes to the send: time to prepare the call; our choice

# Permits (architecture, decision 4): judged and sent belong to the same moment
PERMIT_LIFE_S: Final = 0.100

# Looking at the car: with every safety frame, and at least this often, since ages grow without frames; our choice
GATE_TICK_S: Final = 0.1

# Standing rules (ibid., `standing`)
STANDING_RULE_WITHIN_S: Final = 0.5
START_GRACE_S: Final = 0.5  # after a start, for the first frames; our choice: as long as a standing rule may take
SHOWS_LATE_S: Final = 15.0  # a slow head unit shows what it was told to after 10 s at most; our choice: half more

# Carrying them out; all our choice
LOOK_EVERY_S: Final = 0.2  # at the head unit; then it takes a round trip to end what is seen: within the 500 ms
UNANSWERED_EVERY_S: Final = 0.4
AT_LEISURE_EVERY_S: Final = 1.0  # while everything may be shown; leaving that state is a look of its own
ENDING_TAKES_S: Final = 0.3  # so long a unit or a service may take to show that it was stopped
MOTION_BEGINS_S: Final = 1.0  # a former run's last command may still be on its way: its life is 500 ms
FIRST_PAUSE_S: Final = 0.1  # between attempts to end what goes on; each pause is twice the one before, up to
LONGEST_PAUSE_S: Final = 2.0
WIND_DOWN_S: Final = 1.0  # for what must end before the agent does

# Telephone numbers
LONGEST_NUMBER_DIGITS: Final = 20  # an international number has 15 (E.164), a prefix before it up to 5

# What a player plays
ADDRESS_DECODED_TIMES: Final = 3  # an address within an address is encoded once more; our choice
