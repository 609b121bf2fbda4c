"""Every bill the month's minutes allow.

One family a patient-month: staff (99490), personal (99491) and complex (99487) exclude each other
(NCCI practitioner edits, modifier indicator 0; CMS CCM FAQ).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .codes import Family
from .facts import Reason
from .intervals import moment_reached, seconds
from .months import local_date


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
    """How far the next unit is: ``seconds`` of ``performer`` work bring ``code``."""

    code: str
    performer: str
    seconds: int


def work_out(facts, time, all_families):
    """Return an Option for each family, also for those out of reach, with the reason why."""
    return tuple(_work_out_one(facts, time, family) for family in all_families)


def _work_out_one(facts, time, family):
    track = time.track(family)
    minutes = seconds(track) // 60
    base = family.base
    if base.needs_complex_mdm and not facts.complex_mdm:
        return Option(family, minutes, (), Reason("needs_mdm", {"code": base.code}))
    if not base.units(minutes):
        return Option(
            family,
            minutes,
            (),
            Reason(
                "too_few_minutes",
                {"code": base.code, "minutes": minutes, "needed": base.first_minutes},
            ),
        )
    billed = [(code, code.units(minutes)) for code in family.codes if code.units(minutes)]
    needed = max(code.minutes_for(units) for code, units in billed)
    # The day the last billed unit was earned: CMS lets that day be the date of service, and base
    # and add-on codes share one (the unit limits are per date).
    day = local_date(moment_reached(track, needed * 60) - 1, facts.zone)
    lines = tuple(
        Line(
            code.code,
            units,
            facts.price_of(code.code, day),
            day,
            Reason(
                "personal_minutes" if family.is_personal else "staff_minutes",
                {"minutes": minutes, "code": code.code, "units": units},
            ),
        )
        for code, units in billed
    )
    return Option(
        family, minutes, lines, Reason("reached", {"code": base.code, "minutes": minutes})
    )


def next_steps(facts, time, all_families):
    """Return the nearest next unit for each kind of performer, as NextStep, nearest first."""
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
    return tuple(sorted(nearest.values(), key=lambda step: step.seconds))
