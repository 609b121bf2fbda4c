"""The dated rule pack: which codes exist, and how many units the minutes give.

There is no midpoint rule in this family (CPT's care-management unit table, CMS MLN909188: no bill
for less than the required minutes): every unit needs its whole threshold.
"""

from dataclasses import dataclass
from datetime import date

from .months import first_day, last_day


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """One code as of a date.

    ``first_minutes`` are the month's total minutes from which the first unit may be billed
    (0: the code is not timed), ``unit_minutes`` the step to each further unit, ``max_units`` the
    most units a patient-month may carry, ``base_codes`` the codes an add-on may stand beside.
    """

    code: str
    performer: str
    kind: str
    base_codes: tuple[str, ...] = ()
    first_minutes: int = 0
    unit_minutes: int = 0
    max_units: int = 1
    needs_complex_mdm: bool = False
    date_from: date | None = None
    date_to: date | None = None

    @property
    def is_timed(self):
        return self.first_minutes > 0

    def is_valid_in(self, month):
        """Tell whether the code is valid on every day of ``month``, so on any date of service."""
        return (self.date_from is None or self.date_from <= first_day(month)) and (
            self.date_to is None or last_day(month) <= self.date_to
        )

    def units(self, minutes):
        """Return the units that ``minutes`` (whole, floored) give, within the unit limit."""
        if not self.is_timed or minutes < self.first_minutes:
            return 0
        further = (minutes - self.first_minutes) // self.unit_minutes if self.unit_minutes else 0
        return min(1 + further, self.max_units)

    def minutes_for(self, units):
        """Return the total minutes at which the unit number ``units`` is reached."""
        return self.first_minutes + (units - 1) * self.unit_minutes


@dataclass(frozen=True, slots=True)
class Family:
    """A base code and its add-ons: what one bill may be made of."""

    base: ServiceCode
    addons: tuple[ServiceCode, ...]

    @property
    def codes(self):
        return (self.base, *self.addons)

    @property
    def is_complex(self):
        return self.base.needs_complex_mdm

    @property
    def is_personal(self):
        return self.base.performer == "practitioner"


def families(codes, month):
    """Return the families of ``codes`` valid in ``month``, in the order of their base codes."""
    valid = [code for code in codes if code.is_valid_in(month)]
    return tuple(
        Family(
            base,
            tuple(c for c in valid if c.kind == "addon" and base.code in c.base_codes),
        )
        for base in sorted(valid, key=lambda c: c.code)
        if base.kind == "base" and base.is_timed
    )
