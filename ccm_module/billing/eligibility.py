"""Who could be offered CCM today, who nearly could, and why.

Medicare's part of it is in ``requirements`` (conditions) and ``concurrency`` (who else is paid);
a patient not seen within the year would have to begin with a visit (CMS CCM FAQ p. 5), so being
seen is asked for here. That a patient who said no is left alone for a while is the practice's choice.
"""

from dataclasses import dataclass
from datetime import date

from . import concurrency, requirements
from .facts import MonthFacts, Reason
from .months import year_before

ELIGIBLE, ALMOST, CLOSED, IN_TALKS, ENROLLED, OUT = (
    "eligible",
    "almost",
    "closed",
    "in_talks",
    "enrolled",
    "out",
)
# What can be lacking and mended, in the order in which a practice would ask.
CONDITIONS, SEEN, PAYER = "conditions", "seen", "payer"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a patient on ``day`` in one practice.

    ``facts`` are those of the month of ``day``: its conditions and other services are looked at.
    ``payer_in_scope`` is None while nobody has said. ``closed_on`` is the day on which the patient
    last declined or left, ``closed_for_good`` that there is no use in asking again, and
    ``ask_again_on`` the first day on which the practice asks again.
    """

    day: date
    facts: MonthFacts
    last_seen: date | None = None
    payer_in_scope: bool | None = None
    enrolled: bool = False
    enrolled_elsewhere: bool = False
    in_talks: bool = False
    closed_on: date | None = None
    closed_for_good: bool = False
    ask_again_on: date | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """``standing``, the one thing an ALMOST lacks, and the reasons, what speaks for it first."""

    standing: str
    lacks: str | None
    count: int
    speaks_for: tuple[Reason, ...]
    against: tuple[Reason, ...]
    notes: tuple[Reason, ...]


def assess(known):
    """Return the ``Eligibility`` of a ``Candidate``."""
    diagnoses = requirements.diagnoses(known.facts, known.day)
    blockers, warnings = concurrency.check(known.facts)
    speaks_for, lacking = [], {}
    for what, (met, reason) in (
        (CONDITIONS, _conditions(diagnoses)),
        (SEEN, _seen(known)),
        (PAYER, _payer(known)),
    ):
        if met:
            speaks_for.append(reason)
        else:
            lacking[what] = reason
    bars = [*blockers]
    if known.enrolled_elsewhere:
        bars.insert(0, Reason("eligible_elsewhere"))
    closed = []
    if known.closed_on and not known.enrolled:
        closed.append(Reason("eligible_closed", {"day": known.closed_on}))
    hopeless = (
        bars
        or (known.closed_on and known.closed_for_good)
        or known.payer_in_scope is False
        or requirements.MIN_CONDITIONS - len(diagnoses) > 1
        or len(lacking) > 1
    )
    waits = known.closed_on and known.ask_again_on and known.day < known.ask_again_on
    standing = (
        ENROLLED
        if known.enrolled
        else IN_TALKS
        if known.in_talks
        else OUT
        if hopeless
        else CLOSED
        if waits
        else ALMOST
        if lacking
        else ELIGIBLE
    )
    return Eligibility(
        standing=standing,
        lacks=next(iter(lacking)) if standing == ALMOST else None,
        count=len(diagnoses),
        speaks_for=tuple(speaks_for),
        against=(*lacking.values(), *bars),
        notes=(*closed, *warnings),
    )


def _conditions(diagnoses):
    params = {"count": len(diagnoses), "codes": list(diagnoses)}
    if len(diagnoses) >= requirements.MIN_CONDITIONS:
        return True, Reason("eligible_conditions", params)
    missing = requirements.MIN_CONDITIONS - len(diagnoses)
    if missing == 1:
        return False, Reason("eligible_one_short", params)
    return False, Reason("eligible_no_condition", params)


def _seen(known):
    """Seen within the twelve months up to ``day``, as ``needs_initiating_visit`` reckons them."""
    if not known.last_seen:
        return False, Reason("eligible_never_seen")
    params = {"day": known.last_seen}
    if known.last_seen >= year_before(known.day):
        return True, Reason("eligible_seen", params)
    months = whole_months(known.last_seen, known.day)
    return False, Reason("eligible_seen_long_ago", {**params, "months": months})


def _payer(known):
    if known.payer_in_scope:
        return True, Reason("eligible_payer")
    if known.payer_in_scope is None:
        return False, Reason("eligible_payer_unknown")
    return False, Reason("eligible_payer_out")


def whole_months(first, last):
    """Return how many whole months lie between two days; the last month counts once it is full."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months - (1 if last.day < first.day else 0)
