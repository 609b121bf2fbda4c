"""Words for telling a patient-month's story to ``billing``: its people, codes, fees and facts.

The story starts from ``COMPLETE``: a patient of Dr. Doe in New York for whom everything Medicare
asks for is there, but no time yet. Each test says only what is different.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase

from odoo.addons.ccm_module.billing.codes import ServiceCode
from odoo.addons.ccm_module.billing.decision import HIGHEST, decide
from odoo.addons.ccm_module.billing.facts import (
    NOBODY,
    PRACTITIONER,
    STAFF,
    Condition,
    Consent,
    Enrollment,
    MonthFacts,
    Plan,
    Work,
)

NEW_YORK = ZoneInfo("America/New_York")
JULY = date(2026, 7, 1)  # no change of clocks in it, none near it

DR_DOE, DR_ROE = 1, 2

# The unit limits are those of CPT and the NCCI MUE table (July 2024).
CATALOGUE = (
    ServiceCode("99490", STAFF, "base", (), 20),
    ServiceCode("99439", STAFF, "addon", ("99490",), 40, 20, 2),
    ServiceCode("99491", PRACTITIONER, "base", (), 30),
    ServiceCode("99437", PRACTITIONER, "addon", ("99491",), 60, 30, 2),
    ServiceCode("99487", STAFF, "base", (), 60, needs_complex_mdm=True),
    ServiceCode("99489", STAFF, "addon", ("99487",), 90, 30, 10, needs_complex_mdm=True),
    ServiceCode("G0506", PRACTITIONER, "addon"),
)

# National non-facility amounts, first half of 2026, non-QP conversion factor (CMS RVU26C).
FEES_2026 = {
    "99490": Decimal("66.13"),
    "99439": Decimal("50.44"),
    "99491": Decimal("89.18"),
    "99437": Decimal("63.13"),
    "99487": Decimal("144.29"),
    "99489": Decimal("78.16"),
    "G0506": Decimal("66.47"),
}


def fee_2026(code, _day):
    return FEES_2026[code]


def at(wall_clock, zone=NEW_YORK, fold=0):
    """Return the UTC second of a wall-clock time; ``fold=1``: its second pass in autumn."""
    return int(datetime.fromisoformat(wall_clock).replace(tzinfo=zone, fold=fold).timestamp())


def duration(length):
    """Return the seconds of ``"39:59"`` (minutes and seconds)."""
    minutes, seconds = length.split(":")
    return int(minutes) * 60 + int(seconds)


def work(performer, start, length, zone=NEW_YORK, **changes):
    begin = at(start, zone)
    return Work(begin, begin + duration(length), performer, **changes)


def by_nurse(start, length, zone=NEW_YORK):
    return work(STAFF, start, length, zone)


def by_doctor(start, length, zone=NEW_YORK):
    """The billing practitioner's own time."""
    return work(PRACTITIONER, start, length, zone, personal=True)


def by_colleague(start, length, zone=NEW_YORK):
    """A practitioner who does not bill this patient."""
    return work(PRACTITIONER, start, length, zone)


def by_reception(start, length, zone=NEW_YORK):
    return work(NOBODY, start, length, zone)


COMPLETE = MonthFacts(
    month=JULY,
    zone=NEW_YORK,
    enrollment=Enrollment(DR_DOE, start=date(2026, 1, 15), last_seen=date(2025, 11, 3)),
    consents=(Consent(DR_DOE, given_at=at("2026-01-15 10:00"), told_all=True),),
    conditions=(
        Condition("E11.9", lasts_12_months=True, significant_risk=True),
        Condition("I50.9", lasts_12_months=True, significant_risk=True),
    ),
    plans=(Plan(approved_on=date(2026, 1, 20), copy_given_on=date(2026, 1, 21)),),
    price_of=fee_2026,
)
NEW_IN_JULY = Enrollment(DR_DOE, start=JULY, last_seen=date(2026, 5, 4))
NURSE_20 = (by_nurse("2026-07-06 09:00", "20:00"),)
NURSE_60 = (by_nurse("2026-07-06 09:00", "60:00"),)


def judge(choice=HIGHEST, **changes):
    """Decide the complete month with ``changes``; without other work the nurse spent 20 minutes."""
    changes.setdefault("work", NURSE_20)
    return decide(replace(COMPLETE, **changes), CATALOGUE, choice)


def bill(decision):
    """Return ``{code: units}``."""
    return {line.code: line.units for line in decision.lines}


def blockers(decision):
    return {reason.code for reason in decision.blockers}


def warnings(decision):
    return {reason.code for reason in decision.warnings}


class MonthRuleCase(BaseCase):
    def assert_ready(self, decision, told=()):
        self.assertEqual(blockers(decision), set())
        self.assertEqual(warnings(decision), set(told))
        self.assertEqual(decision.state, "ready")

    def assert_blocked(self, decision, *reasons):
        """The bill is worked out and shown, but may not go out."""
        self.assertEqual(blockers(decision), set(reasons))
        self.assertEqual(decision.state, "blocked")
        self.assertTrue(decision.lines)

    def assert_counted(self, decision, length, **excluded):
        self.assertEqual(decision.combined_seconds, duration(length))
        self.assertEqual(
            decision.excluded, {reason: duration(lost) for reason, lost in excluded.items()}
        )
