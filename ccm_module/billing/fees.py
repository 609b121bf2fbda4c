"""What Medicare's Physician Fee Schedule allows for a code, from its relative value units (RVU)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")

# Places of service that are paid with the facility's practice expense: CMS, Medicare Claims
# Processing Manual (Pub. 100-04), chapter 12 §20.4.2 and chapter 26 §10.5, as two billing
# references quote them (the manual itself was not read). Confidence high; for 02, telehealth
# other than at home, medium. 10, telehealth at home, is paid as an office.
FACILITY_PLACES = frozenset(
    ["02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"]
)


@dataclass(frozen=True)
class Rvu:
    """Relative value units of one code in one schedule."""

    work: Decimal
    pe_nonfacility: Decimal
    pe_facility: Decimal
    malpractice: Decimal


@dataclass(frozen=True)
class Gpci:
    """Geographic practice cost indices of one locality."""

    work: Decimal
    pe: Decimal
    malpractice: Decimal


NATIONAL = Gpci(Decimal(1), Decimal(1), Decimal(1))


def amount(rvu, gpci, conversion_factor, facility):
    """Return the allowed amount of one unit in US dollars, rounded half up to cents.

    (work × GPCI + practice expense × GPCI + malpractice × GPCI) × conversion factor, 42 CFR
    414.20 and 414.26. ``conversion_factor``: Decimal dollars per RVU. ``facility``: whether the
    place of service is one of ``FACILITY_PLACES``.

    >>> care = Rvu(Decimal("1.00"), Decimal("0.91"), Decimal("0.24"), Decimal("0.07"))
    >>> amount(care, NATIONAL, Decimal("33.4009"), facility=False)
    Decimal('66.13')
    >>> amount(care, NATIONAL, Decimal("33.4009"), facility=True)
    Decimal('43.76')
    """
    expense = rvu.pe_facility if facility else rvu.pe_nonfacility
    units = rvu.work * gpci.work + expense * gpci.pe + rvu.malpractice * gpci.malpractice
    return (units * conversion_factor).quantize(CENT, ROUND_HALF_UP)
