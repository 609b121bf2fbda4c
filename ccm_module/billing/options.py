"""Every bill the month's minutes allow.

One family a patient-month: staff (99490), personal (99491) and complex (99487) exclude each other
(NCCI practitioner edits, modifier indicator 0; CMS CCM FAQ).
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .codes import Family
from .facts import PRACTITIONER, Reason
from .intervals import moment_reached, seconds
from .months import last_day, local_date

HIGHEST, PRACTITIONER_FIRST, STAFF_FIRST = "highest", "practitioner_first", "staff_first"


@dataclass(frozen=True, slots=True)
class Line:
    """One billed code. ``amount`` is None when no price is known for the date."""

    code: str
    units: int
    price: Decimal | None
    service_date: date
    reason: Reason

    @property
    def amount(self):
        return None if self.price is None else self.price * self.units


@dataclass(frozen=True, slots=True)
class Option:
    """What one family would bill: ``lines`` (none when out of reach) and the reason."""

    family: Family
    minutes: int
    lines: tuple[Line, ...]
    reason: Reason

    @property
    def amount(self):
        """The option's total, or None when a price is missing."""
        amounts = [line.amount for line in self.lines]
        return None if None in amounts else sum(amounts, Decimal(0))

    @property
    def is_reached(self):
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class NextStep:
    """How far the next unit is: ``seconds`` of ``performer`` work bring ``code``.

    ``amount`` is what the month's bill grows by then, what the code would replace taken off; it may
    be negative where the practice puts some codes before better paid ones, and is None when a price
    is missing.
    """

    code: str
    performer: str
    seconds: int
    amount: Decimal | None = None


def work_out(facts, time, all_families):
    """Return an Option for each family, also for those out of reach, with the reason why."""
    return tuple(_work_out_one(facts, time, family) for family in all_families)


def _work_out_one(facts, time, family):
    track = time.track(family)
    minutes = seconds(track) // 60
    base = family.base
    if base.needs_complex_mdm and not facts.complex_mdm:
        return Option(family, minutes, (), Reason("needs_mdm", {"code": base.code}))
    billed = _units(family, minutes)
    if not billed:
        return Option(
            family,
            minutes,
            (),
            Reason(
                "too_few_minutes",
                {"code": base.code, "minutes": minutes, "needed": base.first_minutes},
            ),
        )
    needed = max(code.minutes_for(units) for code, units in billed)
    # The day the last billed unit was earned: CMS lets that day be the date of service, and base
    # and add-on codes share one (the unit limits are per date).
    day = local_date(moment_reached(track, needed * 60) - 1, facts.zone)
    return _option(facts, family, minutes, day)


def _units(family, minutes):
    """Return what ``minutes`` bring in ``family``: ``[(code, units)]``, none below its base code."""
    if not family.base.units(minutes):
        return []
    return [(code, code.units(minutes)) for code in family.codes if code.units(minutes)]


def _option(facts, family, minutes, day):
    """Return the Option of a family that is reached, its lines dated and priced on ``day``."""
    reason = "personal_minutes" if family.is_personal else "staff_minutes"
    lines = tuple(
        Line(
            code.code,
            units,
            facts.price_of(code.code, day),
            day,
            Reason(reason, {"minutes": minutes, "code": code.code, "units": units}),
        )
        for code, units in _units(family, minutes)
    )
    return Option(
        family, minutes, lines, Reason("reached", {"code": family.base.code, "minutes": minutes})
    )


def choose(options, choice):
    """Pick the option to bill, or None; a missing price ranks last (and blocks, see ``decide``)."""

    def rank(option):
        family = option.family
        worth = option.amount if option.amount is not None else Decimal(-1)
        if choice == HIGHEST:
            # On a tie the staff code asks the least of the practitioner's own record.
            return (worth, not family.is_complex, not family.is_personal)
        if choice == PRACTITIONER_FIRST:
            return (family.is_complex, family.is_personal, worth)
        return (family.is_complex, not family.is_personal, worth)

    return max((o for o in options if o.is_reached), key=rank, default=None)


def why_not(option, chosen, choice):
    """Return the Reason why ``option`` is not the ``chosen`` one, or None when it is."""
    if option is chosen:
        return None
    if not option.is_reached:
        return option.reason
    if choice != HIGHEST:
        return Reason("option_later")
    if option.amount is None:
        return Reason("option_unpriced")
    return Reason("option_equal" if option.amount == chosen.amount else "option_less")


def next_steps(facts, time, all_families, choice=HIGHEST, chosen=None):
    """Return the nearest next unit for each kind of performer, as NextStep, nearest first.

    :param Option chosen: what the minutes so far bill
    """
    nearest = {}
    for family in all_families:
        if family.is_complex and not facts.complex_mdm:
            continue
        spent = seconds(time.track(family))
        for code in family.codes:
            units = code.units(spent // 60)
            if units >= code.max_units or not code.is_timed:
                continue
            if code.kind == "addon" and not family.base.units(spent // 60):
                continue
            step = NextStep(
                code.code, family.base.performer, code.minutes_for(units + 1) * 60 - spent
            )
            kept = nearest.get(step.performer)
            if kept is None or step.seconds < kept.seconds:
                nearest[step.performer] = step
    return tuple(
        replace(step, amount=_gain(facts, time, all_families, choice, chosen, step))
        for step in sorted(nearest.values(), key=lambda step: step.seconds)
    )


def _gain(facts, time, all_families, choice, chosen, step):
    """Return what the bill grows by once ``step`` is reached, priced on the month's last day."""
    day = last_day(facts.month)
    options = []
    for family in all_families:
        if family.is_complex and not facts.complex_mdm:
            continue
        spent = seconds(time.track(family))
        if not family.is_personal or step.performer == PRACTITIONER:
            # The practitioner's minutes may serve as staff time, never the reverse.
            spent += step.seconds
        options.append(_option(facts, family, spent // 60, day))
    then = choose(options, choice)
    before = chosen.amount if chosen else Decimal(0)
    if then is None or then.amount is None or before is None:
        return None
    return then.amount - before
