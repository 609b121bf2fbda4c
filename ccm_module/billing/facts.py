"""What is known about one patient in one calendar month.

Moments are UTC epoch seconds, days are ``datetime.date`` in the practice's zone, people are
opaque identifiers. ``None`` for an end means "goes on".
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, tzinfo
from decimal import Decimal

STAFF, PRACTITIONER, NOBODY = "staff", "practitioner", "none"


def no_price(_code: str, _day: date) -> Decimal | None:
    """The price list of a practice that has loaded none."""
    return None


@dataclass(frozen=True, slots=True)
class Work:
    """One time entry. ``personal`` marks the billing practitioner's own time.

    ``id`` says which entry it is, for the record of the decision; no rule looks at it.
    """

    start: int
    stop: int
    performer: str
    personal: bool = False
    counts: bool = True
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Enrollment:
    practitioner: int
    start: date
    end: date | None = None
    last_seen: date | None = None
    coordinator: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    practitioner: int
    given_at: int
    told_all: bool
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis of the problem list; ``code_from``/``code_to`` bound the code's own validity."""

    code: str
    lasts_12_months: bool
    significant_risk: bool
    chronicity: str = "chronic"
    confirmed: bool = False
    start: date | None = None
    end: date | None = None
    code_from: date | None = None
    code_to: date | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    practitioner: int
    day: date
    kind: str
    ccm_discussed: bool
    planning_beyond_visit: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    approved_on: date | None = None
    copy_given_on: date | None = None
    version: int = 0
    id: int | None = None


@dataclass(frozen=True, slots=True)
class OtherService:
    """Care outside this program; ``stay`` is the exact time of an inpatient stay, if known."""

    kind: str
    first: date
    last: date | None = None
    same_practitioner: bool = False
    stay: tuple[int | None, int | None] | None = None


@dataclass(frozen=True, slots=True)
class MonthFacts:
    month: date
    zone: tzinfo
    work: tuple[Work, ...] = ()
    enrollment: Enrollment | None = None
    consents: tuple[Consent, ...] = ()
    conditions: tuple[Condition, ...] = ()
    visits: tuple[Visit, ...] = ()
    plans: tuple[Plan, ...] = ()
    others: tuple[OtherService, ...] = ()
    complex_mdm: bool = False
    complex_mdm_note: bool = False
    complex_mdm_by_biller: bool = True
    g0506_billed_before: bool = False
    running_timers: int = 0
    paused_timers: int = 0
    unreviewed_entries: int = 0
    undescribed_entries: int = 0
    practitioner_npi: bool = True
    practice_npi: bool = True
    birthdate: bool = True
    medicare_number: bool = True
    visit_day_rule: str = "warn"
    # The price of one unit of a code on a date of service, in dollars; None when unknown.
    price_of: Callable[[str, date], Decimal | None] = no_price


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is, or is not: a code for the wording and its parameters."""

    code: str
    params: dict = field(default_factory=dict)
