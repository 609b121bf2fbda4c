"""What starts and ends CCM: the consent, the initiating visit, the enrollment, the care plan.

The rules are those of the CMS CCM FAQ, MLN909188, the NCCI edits and the Medicare contractors; a test
of a rule that no source settles says so by expecting a warning and never a refusal.
"""

from dataclasses import replace
from datetime import date

from odoo.tests import tagged

from odoo.addons.ccm_module.billing.facts import (
    Consent,
    Enrollment,
    Plan,
    Visit,
)
from odoo.addons.ccm_module.billing.requirements import needs_initiating_visit

from .billing_common import (
    COMPLETE,
    DR_DOE,
    DR_ROE,
    JULY,
    NURSE_60,
    MonthRuleCase,
    at,
    bill,
    blockers,
    by_doctor,
    by_nurse,
    duration,
    judge,
)


@tagged("ccm_billing")
class TestConsent(MonthRuleCase):
    def consented(self, *consents, **changes):
        return judge(consents=consents, **changes)

    def consent(self, given_at="2026-01-15 10:00", practitioner=DR_DOE, told_all=True, until=None):
        return Consent(practitioner, at(given_at), told_all, until and date.fromisoformat(until))

    def test_without_consent_the_month_is_blocked(self):
        self.assert_blocked(self.consented(), "consent_missing")

    def test_time_before_the_consent_does_not_count(self):
        decision = self.consented(
            self.consent("2026-07-08 09:00"),
            work=(by_nurse("2026-07-07 09:00", "60:00"), by_nurse("2026-07-09 09:00", "20:00")),
        )
        self.assert_counted(decision, "20:00", before_consent="60:00")
        self.assert_ready(decision)

    def test_the_consent_counts_from_its_very_second(self):
        at_ten = self.consent("2026-07-06 09:10")
        split = self.consented(at_ten, work=(by_nurse("2026-07-06 09:00", "30:00"),))
        self.assert_counted(split, "20:00", before_consent="10:00")
        after = self.consented(at_ten, work=(by_nurse("2026-07-06 09:10", "20:00"),))
        self.assert_counted(after, "20:00")
        before = self.consented(at_ten, work=(by_nurse("2026-07-06 09:09:59", "20:00"),))
        self.assert_counted(before, "19:59", before_consent="0:01")
        self.assertEqual(before.state, "short")

    def test_the_practitioners_own_time_before_the_consent_does_not_count_either(self):
        decision = self.consented(
            self.consent("2026-07-06 09:10"), work=(by_doctor("2026-07-06 09:00", "39:59"),)
        )
        self.assertEqual(decision.practitioner_seconds, duration("29:59"))
        self.assertEqual(bill(decision), {"99490": 1})

    def test_a_consent_of_next_month_does_not_count(self):
        self.assert_blocked(self.consented(self.consent("2026-08-01 00:00")), "consent_missing")

    def test_a_consent_in_the_last_second_of_the_month_leaves_no_time(self):
        decision = self.consented(self.consent("2026-07-31 23:59:59"))
        self.assertEqual((decision.state, blockers(decision)), ("short", set()))
        self.assert_counted(decision, "0:00", before_consent="20:00")

    def test_consent_to_another_practitioner_is_none(self):
        other = self.consent(practitioner=DR_ROE)
        self.assert_blocked(self.consented(other), "consent_other_practitioner")

    def test_when_the_practitioner_changes_time_counts_from_the_new_consent(self):
        decision = self.consented(
            self.consent("2026-01-15 10:00", DR_ROE, until="2026-07-31"),
            self.consent("2026-07-06 09:40"),
            work=NURSE_60,
        )
        self.assert_counted(decision, "20:00", before_consent="40:00")
        self.assert_ready(decision)

    def test_a_patient_who_was_not_told_all_did_not_consent(self):
        self.assert_blocked(self.consented(self.consent(told_all=False)), "consent_incomplete")

    def test_a_complete_consent_mends_an_incomplete_one_from_its_own_moment(self):
        decision = self.consented(
            self.consent("2026-01-15 10:00", told_all=False),
            self.consent("2026-07-06 09:40"),
            work=NURSE_60,
        )
        self.assert_counted(decision, "20:00", before_consent="40:00")
        self.assert_ready(decision)

    def test_consent_is_given_once_and_needs_no_renewal(self):
        self.assert_ready(
            self.consented(
                self.consent("2019-02-03 10:00"),
                enrollment=Enrollment(DR_DOE, date(2019, 2, 4), last_seen=date(2019, 1, 30)),
            )
        )

    def test_of_two_consents_the_first_counts(self):
        again = self.consent("2026-07-20 09:00")
        self.assert_counted(self.consented(self.consent(), again), "20:00")

    def test_a_revocation_takes_effect_at_the_end_of_the_month(self):
        """A consent taken back during a month stands to that month's last second."""
        for last_day, month_after in (
            ("2026-01-31", "2026-02-01"),
            ("2026-02-28", "2026-03-01"),
            ("2028-02-29", "2028-03-01"),
            ("2026-12-31", "2027-01-01"),
        ):
            with self.subTest(last_day=last_day):
                start = date(2025, 12, 1)
                revoked = {
                    "consents": (self.consent("2025-12-01 09:00", until=last_day),),
                    "enrollment": Enrollment(DR_DOE, start, last_seen=date(2025, 11, 3)),
                    "plans": (Plan(start, start),),
                }
                month = date.fromisoformat(last_day).replace(day=1)
                in_time = by_nurse(f"{last_day} 23:40", "20:00")
                decision = judge(month=month, work=(in_time,), **revoked)
                self.assert_ready(decision)
                self.assertEqual(decision.service_date.isoformat(), last_day)
                too_late = by_nurse(f"{month_after} 00:00", "20:00")
                decision = judge(month=date.fromisoformat(month_after), work=(too_late,), **revoked)
                self.assert_blocked(decision, "consent_revoked")

    def test_a_new_consent_after_a_revocation_counts_from_its_own_moment(self):
        decision = self.consented(
            self.consent(until="2026-06-30"),
            self.consent("2026-07-06 09:40"),
            work=NURSE_60,
        )
        self.assert_counted(decision, "20:00", before_consent="40:00")
        self.assert_ready(decision)


@tagged("ccm_billing")
class TestInitiatingVisit(MonthRuleCase):
    """A visit must come first when the patient is new or was not seen for more than a year."""

    def new_patient(self, *visits, start="2026-07-01", last_seen=None, **changes):
        enrollment = Enrollment(
            DR_DOE,
            date.fromisoformat(start),
            last_seen=last_seen and date.fromisoformat(last_seen),
        )
        return judge(enrollment=enrollment, visits=visits, **changes)

    def visit(self, day, kind="em_4", practitioner=DR_DOE, ccm_discussed=True):
        return Visit(practitioner, date.fromisoformat(day), kind, ccm_discussed)

    def test_a_new_patient_needs_a_visit(self):
        self.assert_blocked(self.new_patient(), "initiating_visit")

    def test_a_patient_seen_within_the_year_needs_none(self):
        self.assert_ready(self.new_patient(last_seen="2026-06-30"))
        seen = self.visit("2026-02-02", kind="other", ccm_discussed=False)
        self.assert_ready(self.new_patient(seen))

    def test_exactly_a_year_ago_is_within_the_year(self):
        self.assert_ready(self.new_patient(last_seen="2025-07-01"))
        self.assert_blocked(self.new_patient(last_seen="2025-06-30"), "initiating_visit")

    def test_the_year_before_a_leap_day(self):
        leap_day = date(2028, 2, 29)
        self.assertFalse(needs_initiating_visit(leap_day, [date(2027, 2, 28)]))
        self.assertTrue(needs_initiating_visit(leap_day, [date(2027, 2, 27)]))

    def test_a_leap_day_in_the_year_before(self):
        self.assertFalse(needs_initiating_visit(date(2025, 2, 28), [date(2024, 2, 29)]))
        self.assertTrue(needs_initiating_visit(date(2025, 3, 1), [date(2024, 2, 29)]))

    def test_the_day_that_ccm_starts_is_not_before_it(self):
        self.assertTrue(needs_initiating_visit(JULY, [JULY, None]))

    def test_being_seen_by_another_practitioner_does_not_help(self):
        seen = self.visit("2026-06-30", practitioner=DR_ROE)
        self.assert_blocked(self.new_patient(seen), "initiating_visit")

    def test_every_kind_of_visit_that_may_start_ccm(self):
        for kind in ("em_2", "em_3", "em_4", "em_5", "awv", "ippe", "tcm"):
            with self.subTest(kind=kind):
                self.assert_ready(self.new_patient(self.visit("2026-07-01", kind)))

    def test_level_1_and_other_visits_do_not_start_ccm(self):
        decision = self.new_patient(self.visit("2026-07-01", kind="other"))
        self.assert_blocked(decision, "initiating_visit")

    def test_ccm_must_have_been_discussed(self):
        decision = self.new_patient(self.visit("2026-07-01", ccm_discussed=False))
        self.assert_blocked(decision, "initiating_visit")

    def test_a_visit_to_another_practitioner_does_not_start_ccm(self):
        decision = self.new_patient(self.visit("2026-07-01", practitioner=DR_ROE))
        self.assert_blocked(decision, "initiating_visit")

    def test_a_visit_of_next_month_comes_too_late(self):
        decision = self.new_patient(self.visit("2026-08-01"))
        self.assert_blocked(decision, "initiating_visit")

    def test_time_before_a_visit_in_mid_month_does_not_count(self):
        decision = self.new_patient(
            self.visit("2026-07-15"),
            work=(by_nurse("2026-07-14 23:50", "20:00"), by_nurse("2026-07-20 09:00", "10:00")),
        )
        self.assert_counted(decision, "20:00", before_visit="10:00")
        self.assert_ready(decision, told=["visit_same_day"])

    def test_the_first_visit_that_may_start_ccm_is_the_one(self):
        decision = self.new_patient(
            self.visit("2026-07-20"),
            self.visit("2026-07-15"),
            self.visit("2026-07-02", kind="other"),
            self.visit("2026-07-03", ccm_discussed=False),
            work=(by_nurse("2026-07-10 09:00", "30:00"), by_nurse("2026-07-16 09:00", "25:00")),
        )
        self.assert_counted(decision, "25:00", before_visit="30:00")

    def test_a_visit_that_was_not_needed_takes_no_time_out(self):
        decision = self.new_patient(self.visit("2026-07-15"), last_seen="2026-06-01")
        self.assert_counted(decision, "20:00")

    def test_the_visit_of_an_earlier_month_still_starts_ccm(self):
        decision = self.new_patient(
            self.visit("2026-02-10"), start="2026-02-01", last_seen="2024-05-05"
        )
        self.assert_ready(decision)
        self.assert_counted(decision, "20:00")


@tagged("ccm_billing")
class TestEnrollment(MonthRuleCase):
    def ended(self, day, **changes):
        return judge(enrollment=replace(COMPLETE.enrollment, end=day), **changes)

    def test_without_enrollment_nobody_bills(self):
        self.assertIn("no_enrollment", blockers(judge(enrollment=None)))
        self.assertEqual(judge(enrollment=None).state, "blocked")

    def test_time_after_the_last_day_does_not_count(self):
        decision = self.ended(
            date(2026, 7, 15),
            work=(by_nurse("2026-07-15 23:40", "30:00"), by_nurse("2026-07-16 09:00", "5:00")),
        )
        self.assert_counted(decision, "20:00", after_enrollment="15:00")
        self.assert_ready(decision)

    def test_time_before_the_first_day_does_not_count(self):
        decision = judge(
            enrollment=replace(COMPLETE.enrollment, start=date(2026, 7, 15), last_seen=JULY),
            work=(by_nurse("2026-07-14 23:40", "40:00"),),
        )
        self.assert_counted(decision, "20:00", before_enrollment="20:00")
        self.assert_ready(decision)

    def test_the_month_of_death_is_billed_when_the_minutes_were_reached_before(self):
        self.assert_ready(self.ended(date(2026, 7, 6)))
        self.assertEqual(self.ended(date(2026, 7, 5)).state, "short")

    def test_an_enrollment_to_the_last_day_of_the_month_loses_nothing(self):
        decision = self.ended(date(2026, 7, 31), work=(by_nurse("2026-07-31 23:40", "20:00"),))
        self.assert_counted(decision, "20:00")

    def test_an_enrollment_that_ended_earlier_leaves_nothing(self):
        decision = self.ended(date(2026, 6, 30))
        self.assert_counted(decision, "0:00", after_enrollment="20:00")
        self.assertEqual(decision.state, "short")

    def test_an_enrollment_that_ends_later_takes_nothing(self):
        self.assert_counted(self.ended(date(2026, 8, 1)), "20:00")

    def test_the_practitioner_needs_an_npi(self):
        self.assert_blocked(judge(practitioner_npi=False), "practitioner_npi")

    def test_what_a_payer_asks_for_is_only_told(self):
        self.assert_ready(
            judge(practice_npi=False, birthdate=False, medicare_number=False),
            told=["practice_npi", "birthdate_missing", "medicare_number_missing"],
        )


@tagged("ccm_billing")
class TestCarePlan(MonthRuleCase):
    def planned(self, *plans):
        return judge(
            plans=tuple(
                Plan(approved and date.fromisoformat(approved), given and date.fromisoformat(given))
                for approved, given in plans
            )
        )

    def test_there_must_be_a_plan(self):
        self.assert_blocked(self.planned(), "plan_missing")

    def test_the_plan_must_be_approved_by_the_end_of_the_month(self):
        self.assert_ready(self.planned(("2026-07-31", "2026-07-31")))
        self.assert_blocked(self.planned(("2026-08-01", "2026-08-01")), "plan_not_approved")
        self.assert_blocked(self.planned((None, None)), "plan_not_approved")

    def test_the_patient_must_have_a_copy_by_the_end_of_the_month(self):
        self.assert_blocked(self.planned(("2026-07-01", None)), "plan_copy_missing")
        self.assert_blocked(self.planned(("2026-07-01", "2026-08-01")), "plan_copy_missing")

    def test_a_copy_of_a_plan_that_nobody_approved_does_not_help(self):
        self.assert_blocked(
            self.planned(("2026-07-01", None), (None, "2026-07-02")), "plan_copy_missing"
        )

    def test_an_earlier_plan_goes_on_while_the_next_is_written(self):
        self.assert_ready(self.planned(("2026-01-20", "2026-01-21"), (None, None)))
