"""Which diagnoses, decisions and assessments a bill rests on.

The rules are those of the CMS CCM FAQ, MLN909188, the NCCI edits and the Medicare contractors; a test
of a rule that no source settles says so by expecting a warning and never a refusal.
"""

from dataclasses import replace
from datetime import date

from odoo.tests import tagged

from odoo.addons.ccm_module.billing.decision import decide
from odoo.addons.ccm_module.billing.facts import (
    Condition,
    Enrollment,
    Visit,
)
from odoo.addons.ccm_module.billing.options import STAFF_FIRST

from .billing_common import (
    CATALOGUE,
    COMPLETE,
    DR_DOE,
    DR_ROE,
    FEES_2026,
    NEW_IN_JULY,
    NURSE_20,
    NURSE_60,
    MonthRuleCase,
    bill,
    by_nurse,
    judge,
)


@tagged("ccm_billing")
class TestConditions(MonthRuleCase):
    """Two chronic conditions, judged on the date of service: here 6 July 2026."""

    def with_second(self, code="I50.9", **changes):
        diabetes, heart_failure = COMPLETE.conditions
        changes.setdefault("code", code)
        return judge(conditions=(diabetes, replace(heart_failure, **changes)))

    def test_one_condition_is_not_enough(self):
        self.assert_blocked(judge(conditions=COMPLETE.conditions[:1]), "conditions")
        self.assert_blocked(judge(conditions=()), "conditions")

    def test_the_same_diagnosis_twice_is_one_condition(self):
        self.assert_blocked(self.with_second("E11.9"), "conditions")

    def test_a_condition_must_last_twelve_months(self):
        self.assert_blocked(self.with_second(lasts_12_months=False), "conditions")

    def test_a_condition_must_be_a_significant_risk(self):
        self.assert_blocked(self.with_second(significant_risk=False), "conditions")

    def test_a_condition_counts_from_its_onset_to_its_end(self):
        for start, end, counts in (
            (date(2026, 7, 6), None, True),
            (date(2026, 7, 7), None, False),
            (None, date(2026, 7, 6), True),
            (None, date(2026, 7, 5), False),
            (date(2026, 7, 6), date(2026, 7, 6), True),
        ):
            with self.subTest(start=start, end=end):
                decision = self.with_second(start=start, end=end)
                self.assertEqual(decision.service_date, date(2026, 7, 6))
                self.assertEqual(decision.state, "ready" if counts else "blocked")

    def test_a_retired_code_is_named(self):
        decision = self.with_second(code_to=date(2026, 7, 5))
        self.assert_blocked(decision, "code_retired", "conditions")
        retired = next(r for r in decision.blockers if r.code == "code_retired")
        self.assertEqual(retired.params, {"diagnosis": "I50.9", "day": date(2026, 7, 6)})

    def test_a_code_is_good_to_its_last_day(self):
        self.assert_ready(self.with_second(code_to=date(2026, 7, 6)))

    def test_a_code_is_no_good_before_its_first_day(self):
        self.assert_ready(self.with_second(code_from=date(2026, 7, 6)))
        self.assert_blocked(
            self.with_second(code_from=date(2026, 7, 7)), "code_retired", "conditions"
        )

    def test_a_retired_code_beside_two_valid_ones_is_only_told(self):
        retired = Condition("I99.9", True, True, code_to=date(2025, 9, 30))
        decision = judge(conditions=(*COMPLETE.conditions, retired))
        self.assert_ready(decision, told=["code_retired"])
        self.assertEqual(decision.diagnoses, ("E11.9", "I50.9"))

    def test_a_retired_code_of_a_past_condition_is_of_no_matter(self):
        past = Condition("Z99.9", True, True, end=date(2024, 1, 1), code_to=date(2025, 9, 30))
        self.assert_ready(judge(conditions=(*COMPLETE.conditions, past)))

    def test_codes_change_on_1_october_in_the_middle_of_no_month(self):
        heart_failure = replace(COMPLETE.conditions[1], code_to=date(2026, 9, 30))
        conditions = (COMPLETE.conditions[0], heart_failure)
        last = (by_nurse("2026-09-30 23:40", "20:00"),)
        self.assert_ready(judge(month=date(2026, 9, 1), work=last, conditions=conditions))
        first = (by_nurse("2026-10-01 00:00", "20:00"),)
        self.assert_blocked(
            judge(month=date(2026, 10, 1), work=first, conditions=conditions),
            "code_retired",
            "conditions",
        )

    def test_the_diagnoses_of_the_bill_are_those_of_its_date_each_once(self):
        """A condition that came back on the day it ended is on record twice."""
        diabetes, heart_failure = COMPLETE.conditions
        decision = judge(
            conditions=(
                replace(diabetes, end=date(2026, 7, 6)),
                replace(diabetes, start=date(2026, 7, 6)),
                heart_failure,
                replace(heart_failure, code="I10", start=date(2026, 7, 7)),
                replace(heart_failure, code="L84", significant_risk=False),
                replace(heart_failure, code="I50", code_to=date(2025, 9, 30), end=date(2026, 1, 1)),
            )
        )
        self.assertEqual(decision.diagnoses, ("E11.9", "I50.9"))
        self.assert_ready(decision)

    def test_a_condition_that_ahrq_does_not_list_as_chronic_is_told(self):
        for chronicity in ("acute", "undetermined"):
            with self.subTest(chronicity=chronicity):
                decision = self.with_second(chronicity=chronicity)
                self.assert_ready(decision, told=["not_listed_chronic"])

    def test_what_the_practitioner_confirmed_is_told_no_more(self):
        self.assert_ready(self.with_second(chronicity="undetermined", confirmed=True))


@tagged("ccm_billing")
class TestComplexCare(MonthRuleCase):
    def test_a_missing_note_on_the_decision_making_is_told(self):
        complex_month = {"choice": STAFF_FIRST, "work": NURSE_60, "complex_mdm": True}
        self.assert_ready(judge(**complex_month), told=["mdm_note_missing"])
        self.assert_ready(judge(**complex_month, complex_mdm_note=True))

    def test_a_month_billed_without_complex_care_needs_no_note(self):
        self.assert_ready(judge(work=NURSE_60, complex_mdm=True))


@tagged("ccm_billing")
class TestG0506(MonthRuleCase):
    """The practitioner's own planning beyond the initiating visit: an add-on to it, paid once."""

    def planned(self, day="2026-07-02", kind="em_4", *, visit=None, **changes):
        visit = visit or Visit(DR_DOE, date.fromisoformat(day), kind, True, True)
        return judge(**{"visits": (visit,), "enrollment": NEW_IN_JULY, **changes})

    def test_it_stands_beside_the_month_on_the_day_of_the_visit(self):
        decision = self.planned()
        self.assertEqual(bill(decision), {"99490": 1, "G0506": 1})
        self.assertEqual(
            [line.service_date for line in decision.lines], [date(2026, 7, 6), date(2026, 7, 2)]
        )
        self.assert_ready(decision)

    def test_it_may_stand_alone(self):
        decision = self.planned(work=())
        self.assertEqual(bill(decision), {"G0506": 1})
        self.assertEqual(decision.service_date, date(2026, 7, 2))
        self.assert_ready(decision)

    def test_it_is_paid_once(self):
        decision = self.planned(g0506_billed_before=True)
        self.assertEqual(bill(decision), {"99490": 1})
        self.assert_ready(decision, told=["g0506_once"])

    def test_two_visits_with_planning_are_paid_once(self):
        visits = tuple(Visit(DR_DOE, date(2026, 7, day), "em_4", True, True) for day in (20, 2))
        decision = judge(visits=visits, enrollment=NEW_IN_JULY)
        self.assertEqual(bill(decision), {"99490": 1, "G0506": 1})
        self.assertEqual(decision.lines[-1].service_date, date(2026, 7, 2))

    def test_it_goes_only_with_a_visit_that_may_start_ccm(self):
        self.assertEqual(bill(self.planned(kind="other")), {"99490": 1})
        undiscussed = Visit(DR_DOE, date(2026, 7, 2), "em_4", False, True)
        self.assertEqual(bill(self.planned(visit=undiscussed)), {"99490": 1})
        elsewhere = Visit(DR_ROE, date(2026, 7, 2), "em_4", True, True)
        self.assertEqual(bill(self.planned(visit=elsewhere)), {"99490": 1})

    def test_it_is_for_the_start_of_ccm_only(self):
        """Thirty months on, planning at a yearly visit is part of the care, and no G0506."""
        decision = self.planned("2026-07-02", kind="awv", enrollment=COMPLETE.enrollment)
        self.assertEqual(bill(decision), {"99490": 1})
        self.assert_ready(decision, told=["g0506_late"])

    def test_a_late_initiating_visit_is_a_start(self):
        """Enrolled in June, unseen for years: the visit of July is the one that CCM waits for."""
        unseen = Enrollment(DR_DOE, start=date(2026, 6, 10), last_seen=date(2023, 1, 1))
        decision = self.planned("2026-07-02", enrollment=unseen)
        self.assertEqual(bill(decision), {"99490": 1, "G0506": 1})

    def test_it_needs_planning_beyond_the_visit(self):
        plain = Visit(DR_DOE, date(2026, 7, 2), "em_4", True)
        self.assertEqual(bill(self.planned(visit=plain)), {"99490": 1})

    def test_it_belongs_to_the_month_of_the_visit(self):
        for day, is_in_month in (
            ("2026-06-30", False),
            ("2026-07-01", True),
            ("2026-07-31", True),
            ("2026-08-01", False),
        ):
            with self.subTest(day=day):
                self.assertEqual("G0506" in bill(self.planned(day)), is_in_month)

    def test_it_is_not_paid_on_the_day_of_99487(self):
        complex_month = {
            "choice": STAFF_FIRST,
            "work": NURSE_60,
            "complex_mdm": True,
            "complex_mdm_note": True,
            "visit_day_rule": "count",
        }
        same_day = self.planned("2026-07-06", **complex_month)
        self.assertEqual(bill(same_day), {"99487": 1})
        self.assert_ready(same_day, told=["g0506_same_day"])
        day_before = self.planned("2026-07-05", **complex_month)
        self.assertEqual(bill(day_before), {"99487": 1, "G0506": 1})
        self.assert_ready(day_before)

    def test_it_is_paid_on_the_day_of_99490(self):
        decision = self.planned("2026-07-06", visit_day_rule="count")
        self.assertEqual(bill(decision), {"99490": 1, "G0506": 1})

    def test_alone_it_is_judged_on_the_day_of_the_visit(self):
        """One of the two conditions is over, or new, between the visit and the month's end."""
        diabetes, heart_failure = COMPLETE.conditions
        for change, is_ready in (
            ({"end": date(2026, 7, 2)}, True),
            ({"end": date(2026, 7, 1)}, False),
            ({"start": date(2026, 7, 2)}, True),
            ({"start": date(2026, 7, 3)}, False),
        ):
            with self.subTest(change=change):
                conditions = (diabetes, replace(heart_failure, **change))
                decision = self.planned(work=(), conditions=conditions)
                self.assertEqual(decision.state, "ready" if is_ready else "blocked")

    def test_it_needs_a_price(self):
        no_price = {**FEES_2026, "G0506": None}
        decision = self.planned(price_of=lambda code, _day: no_price[code])
        self.assert_blocked(decision, "no_fee")

    def test_a_catalogue_without_it_bills_none(self):
        visit = Visit(DR_DOE, date(2026, 7, 2), "em_4", True, True)
        facts = replace(COMPLETE, enrollment=NEW_IN_JULY, work=NURSE_20, visits=(visit,))
        for codes in (
            CATALOGUE[:-1],
            (*CATALOGUE[:-1], replace(CATALOGUE[-1], date_to=date(2026, 7, 30))),
        ):
            self.assertEqual(bill(decide(facts, codes)), {"99490": 1})
