"""Whom to call next: where a month stands for the care team, and what its next minutes are worth.

None of this is Medicare's: it orders work, and changes no bill.
"""

from math import log2

from .facts import STAFF

NOT_CONTACTED, SHORT, READY, BLOCKED, DONE = "not_contacted", "short", "ready", "blocked", "done"

# A timer that runs, or waits a moment, holds the bill back, and its time without a note as well; but
# it is nobody's to mend yet: the call is going on, and the top bar asks for the rest.
PASSING = frozenset({"timer_running", "timer_paused", "entries_to_describe"})

# Tiers of the rank: a call that was promised comes first, one promised for later waits.
LATER, HELD, OPEN, DUE = 1, 2, 3, 4
TIER = 100
STEPS_PER_DOUBLING = 3


def work_state(decision, is_contacted):
    """Return where an unbilled month stands for the care team.

    ``blocked``: something must be mended. Else ``not_contacted``: nobody has spoken or written with
    the patient this month. Else ``short`` of the first code, ``ready`` with more to earn, or
    ``done``: staff time brings no further unit.
    """
    if any(reason.code not in PASSING for reason in decision.blockers):
        return BLOCKED
    if not is_contacted:
        return NOT_CONTACTED
    if not decision.lines:
        return SHORT
    return READY if _staff_step(decision) else DONE


def _staff_step(decision):
    return next((step for step in decision.next_steps if step.performer == STAFF), None)


def worth(decision):
    """Return the value of the next minutes of staff time, 0 to 99: an order, not an amount.

    What the next unit adds to the bill for each minute it still takes, on a scale so coarse (a
    quarter more is one step) that no amount can be read from it.
    """
    step = _staff_step(decision)
    if not step or not step.amount or step.amount <= 0:
        return 0
    cents_per_minute = float(step.amount) * 100 / max(step.seconds / 60, 1)
    return min(TIER - 1, max(1, round(STEPS_PER_DOUBLING * log2(max(cents_per_minute, 1)))))


def rank(state, value, call_on, today):
    """Return the place in the worklist, the highest first.

    :param value: see ``worth``
    :param call_on: the day of the next call that is planned, or None
    """
    if call_on and call_on <= today:
        return DUE * TIER + value
    if state == DONE:
        return 0
    if call_on:
        return LATER * TIER + value
    return (HELD if state == BLOCKED else OPEN) * TIER + value
