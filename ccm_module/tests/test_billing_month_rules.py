"""Which months may be billed, and which of their seconds count: one named test a rule.

The rules are those for Chronic Care Management of the CMS CCM FAQ, MLN909188, the NCCI edits and
the Medicare contractors; each test of a rule that no source settles says so by expecting a warning
and never a refusal.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase, tagged

from odoo.addons.ccm_module.billing.decision import PRACTITIONER_FIRST, STAFF_FIRST, decide
from odoo.addons.ccm_module.billing.facts import (
    Condition,
    Consent,
    Enrollment,
    OtherService,
    Plan,
    Visit,
)
from odoo.addons.ccm_module.billing.intervals import share
from odoo.addons.ccm_module.billing.months import bounds, midnight, months_between
from odoo.addons.ccm_module.billing.requirements import needs_initiating_visit

from .billing_common import (
    CATALOGUE,
    COMPLETE,
    DR_DOE,
    DR_ROE,
    FEES_2026,
    JULY,
    NEW_YORK,
    NURSE_20,
    NURSE_60,
    at,
    bill,
    blockers,
    by_doctor,
    by_nurse,
    by_reception,
    duration,
    judge,
    warnings,
)

DAY = 24 * 60 * 60


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


@tagged("ccm_billing")
class TestCompleteMonth(MonthRuleCase):
    def test_a_complete_month_is_ready_without_a_word(self):
        self.assert_ready(judge())

    def test_a_month_without_minutes_is_short_not_blocked(self):
        decision = judge(work=())
        self.assertEqual((decision.state, decision.lines), ("short", ()))

    def test_a_short_month_still_says_what_will_block_it(self):
        decision = judge(work=(), plans=())
        self.assertEqual(decision.state, "short")
        self.assertEqual(blockers(decision), {"plan_missing"})

    def test_every_missing_thing_is_said_at_once(self):
        self.assert_blocked(
            judge(consents=(), conditions=(), plans=(), running_timers=1),
            "consent_missing",
            "conditions",
            "plan_missing",
            "timer_running",
        )


@tagged("ccm_billing")
class TestOtherCare(MonthRuleCase):
    """Other care in the same calendar month."""

    def with_other(self, kind, same_practitioner, first="2026-07-10", last="2026-07-20"):
        other = OtherService(
            kind,
            date.fromisoformat(first),
            last and date.fromisoformat(last),
            same_practitioner=same_practitioner,
        )
        return judge(others=(other,))

    def test_tcm_is_allowed(self):
        self.assert_ready(self.with_other("tcm", True))
        self.assert_ready(self.with_other("tcm", False))

    def test_remote_monitoring_is_allowed(self):
        self.assert_ready(self.with_other("rpm", True))
        self.assert_ready(self.with_other("rpm", False))

    def test_behavioral_health_integration_is_allowed(self):
        self.assert_ready(self.with_other("bhi", True))
        self.assert_ready(self.with_other("bhi", False))

    def test_pcm_by_the_same_practitioner_is_forbidden(self):
        self.assert_blocked(self.with_other("pcm", True), "other_pcm")

    def test_pcm_by_another_practitioner_is_allowed(self):
        self.assert_ready(self.with_other("pcm", False))

    def test_apcm_by_the_same_practice_is_forbidden(self):
        self.assert_blocked(self.with_other("apcm", True), "other_apcm")

    def test_apcm_by_another_practice_is_doubtful(self):
        self.assert_ready(self.with_other("apcm", False), told=["maybe_apcm"])

    def test_home_health_supervision_by_the_same_practitioner_is_forbidden(self):
        self.assert_blocked(self.with_other("home_health", True), "other_home_health")

    def test_home_health_supervision_by_another_practitioner_is_doubtful(self):
        self.assert_ready(self.with_other("home_health", False), told=["maybe_home_health"])

    def test_hospice_supervision_by_the_same_practitioner_is_forbidden(self):
        self.assert_blocked(self.with_other("hospice", True), "other_hospice")

    def test_hospice_supervision_by_another_practitioner_is_doubtful(self):
        self.assert_ready(self.with_other("hospice", False), told=["maybe_hospice"])

    def test_monthly_esrd_services_are_forbidden_whoever_bills_them(self):
        self.assert_blocked(self.with_other("esrd", True), "other_esrd")
        self.assert_blocked(self.with_other("esrd", False), "other_esrd")

    def test_only_one_practitioner_is_paid_for_ccm_in_a_month(self):
        self.assert_blocked(self.with_other("other_ccm", True), "other_other_ccm")
        self.assert_blocked(self.with_other("other_ccm", False), "other_other_ccm")

    def test_other_care_counts_from_the_first_to_the_last_day_of_the_month(self):
        for first, last, is_in_month in (
            ("2026-06-01", "2026-06-30", False),
            ("2026-06-01", "2026-07-01", True),
            ("2026-07-31", "2026-08-31", True),
            ("2026-08-01", "2026-08-31", False),
            ("2026-01-01", None, True),  # goes on
            ("2026-08-01", None, False),
        ):
            with self.subTest(first=first, last=last):
                decision = self.with_other("esrd", False, first, last)
                self.assertEqual(decision.state, "blocked" if is_in_month else "ready")

    def test_a_reason_is_said_once_however_often_the_care_was_given(self):
        twice = [OtherService("esrd", date(2026, 7, day), date(2026, 7, day)) for day in (3, 17)]
        self.assertEqual(len(judge(others=tuple(twice)).blockers), 1)

    def test_allowed_care_takes_no_time_out_of_the_month(self):
        others = tuple(OtherService(kind, JULY) for kind in ("tcm", "rpm", "bhi", "pcm"))
        self.assert_counted(judge(others=others), "20:00")


@tagged("ccm_billing")
class TestInpatientStays(MonthRuleCase):
    """Days in hospital or a Part A nursing facility do not count; the others of the month do."""

    def stay(self, first, last=None, admitted=None, discharged=None, kind="inpatient", **changes):
        exact = (admitted and at(admitted), discharged and at(discharged))
        other = OtherService(
            kind,
            date.fromisoformat(first),
            last and date.fromisoformat(last),
            stay=exact if any(exact) else None,
        )
        return judge(others=(other,), **changes)

    def test_time_before_and_after_the_stay_counts(self):
        decision = self.stay(
            "2026-07-10",
            "2026-07-12",
            work=(
                by_nurse("2026-07-09 16:00", "11:00"),
                by_nurse("2026-07-11 09:00", "30:00"),
                by_nurse("2026-07-13 09:00", "10:00"),
            ),
        )
        self.assert_counted(decision, "21:00", inpatient="30:00")
        self.assert_ready(decision)

    def test_without_moments_the_first_and_the_last_day_are_left_out_whole(self):
        decision = self.stay(
            "2026-07-10",
            "2026-07-12",
            work=(
                by_nurse("2026-07-09 23:50", "20:00"),  # ten minutes on either day
                by_nurse("2026-07-12 23:50", "20:00"),
            ),
        )
        self.assert_counted(decision, "20:00", inpatient="20:00")

    def test_time_counts_up_to_the_moment_of_admission(self):
        stay = {"first": "2026-07-10", "last": "2026-07-12", "admitted": "2026-07-10 14:00"}
        until = self.stay(**stay, work=(by_nurse("2026-07-10 13:40", "20:00"),))
        self.assert_counted(until, "20:00")
        beyond = self.stay(**stay, work=(by_nurse("2026-07-10 13:40", "20:01"),))
        self.assert_counted(beyond, "20:00", inpatient="0:01")

    def test_time_counts_from_the_moment_of_discharge(self):
        stay = {
            "first": "2026-07-10",
            "last": "2026-07-12",
            "admitted": "2026-07-10 14:00",
            "discharged": "2026-07-12 11:00",
        }
        after = self.stay(**stay, work=(by_nurse("2026-07-12 11:00", "20:00"),))
        self.assert_counted(after, "20:00")
        across = self.stay(**stay, work=(by_nurse("2026-07-12 10:50", "20:00"),))
        self.assert_counted(across, "10:00", inpatient="10:00")

    def test_admission_known_to_the_minute_but_not_the_discharge(self):
        """Without the moment of discharge, the whole last day is left out."""
        decision = self.stay(
            "2026-07-10",
            "2026-07-12",
            admitted="2026-07-10 14:00",
            work=(by_nurse("2026-07-10 13:00", "25:00"), by_nurse("2026-07-12 23:30", "29:00")),
        )
        self.assert_counted(decision, "25:00", inpatient="29:00")

    def test_discharge_known_to_the_minute_but_not_the_admission(self):
        """Without the moment of admission, the whole first day is left out."""
        decision = self.stay(
            "2026-07-10",
            "2026-07-12",
            discharged="2026-07-12 11:00",
            work=(by_nurse("2026-07-10 00:00", "25:00"), by_nurse("2026-07-12 10:50", "30:00")),
        )
        self.assert_counted(decision, "20:00", inpatient="35:00")

    def test_a_stay_that_goes_on_takes_the_rest_of_the_month(self):
        work = (by_nurse("2026-07-10 13:00", "20:00"), by_nurse("2026-07-31 23:00", "60:00"))
        whole_days = self.stay("2026-07-11", work=work)
        self.assert_counted(whole_days, "20:00", inpatient="60:00")
        exact = self.stay("2026-07-10", admitted="2026-07-10 13:20", work=work)
        self.assert_counted(exact, "20:00", inpatient="60:00")

    def test_a_stay_from_last_month_takes_the_first_days_of_this(self):
        decision = self.stay(
            "2026-06-20",
            "2026-07-02",
            work=(by_nurse("2026-07-01 00:00", "30:00"), by_nurse("2026-07-03 00:00", "20:00")),
        )
        self.assert_counted(decision, "20:00", inpatient="30:00")

    def test_a_stay_of_another_month_takes_nothing(self):
        self.assert_counted(self.stay("2026-06-20", "2026-06-30"), "20:00")
        self.assert_counted(self.stay("2026-08-01"), "20:00")

    def test_days_in_a_part_a_nursing_facility_are_left_out_too(self):
        decision = self.stay("2026-07-06", "2026-07-06", kind="snf")
        self.assertEqual(decision.state, "short")
        self.assertEqual(decision.excluded, {"inpatient": 20 * 60})

    def test_whoever_furnished_the_stay_it_is_left_out(self):
        for same in (True, False):
            for kind in ("inpatient", "snf"):
                with self.subTest(kind=kind, same=same):
                    other = OtherService(kind, date(2026, 7, 6), date(2026, 7, 6), same)
                    self.assertEqual(judge(others=(other,)).state, "short")

    def test_the_practitioners_own_time_is_left_out_too(self):
        decision = self.stay(
            "2026-07-06", "2026-07-06", work=(by_doctor("2026-07-06 09:00", "30:00"),)
        )
        self.assert_counted(decision, "0:00", inpatient="30:00")

    def test_two_stays_that_overlap_take_each_second_once(self):
        others = (
            OtherService("inpatient", date(2026, 7, 5), date(2026, 7, 6)),
            OtherService("snf", date(2026, 7, 6), date(2026, 7, 8)),
        )
        decision = judge(others=others, work=(by_nurse("2026-07-06 09:00", "45:00"),))
        self.assert_counted(decision, "0:00", inpatient="45:00")

    def test_a_day_in_hospital_ends_at_local_midnight_when_clocks_change(self):
        for day, hours in ((date(2026, 3, 8), 23), (date(2026, 11, 1), 25)):
            with self.subTest(day=day):
                start = midnight(day, NEW_YORK)
                self.assertEqual(midnight(day + timedelta(days=1), NEW_YORK) - start, hours * 3600)
                whole_day = replace(NURSE_20[0], start=start, stop=start + hours * 3600 + 20 * 60)
                decision = judge(
                    month=day.replace(day=1),
                    others=(OtherService("inpatient", day, day),),
                    work=(whole_day,),
                )
                self.assert_counted(decision, "20:00", inpatient=f"{hours * 60}:00")
                self.assertEqual(decision.service_date, day + timedelta(days=1))


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
        return judge(visits=(visit,), **changes)

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
        decision = judge(visits=visits)
        self.assertEqual(bill(decision), {"99490": 1, "G0506": 1})
        self.assertEqual(decision.lines[-1].service_date, date(2026, 7, 2))

    def test_it_goes_only_with_a_visit_that_may_start_ccm(self):
        self.assertEqual(bill(self.planned(kind="other")), {"99490": 1})
        undiscussed = Visit(DR_DOE, date(2026, 7, 2), "em_4", False, True)
        self.assertEqual(bill(self.planned(visit=undiscussed)), {"99490": 1})
        elsewhere = Visit(DR_ROE, date(2026, 7, 2), "em_4", True, True)
        self.assertEqual(bill(self.planned(visit=elsewhere)), {"99490": 1})

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
        facts = replace(COMPLETE, work=NURSE_20, visits=(visit,))
        for codes in (
            CATALOGUE[:-1],
            (*CATALOGUE[:-1], replace(CATALOGUE[-1], date_to=date(2026, 7, 30))),
        ):
            self.assertEqual(bill(decide(facts, codes)), {"99490": 1})


@tagged("ccm_billing")
class TestPrices(MonthRuleCase):
    """No amount is guessed."""

    def priced(self, *missing, **changes):
        return judge(
            price_of=lambda code, _day: None if code in missing else FEES_2026[code], **changes
        )

    def test_a_line_without_a_price_blocks_and_is_named(self):
        decision = self.priced("99490")
        self.assert_blocked(decision, "no_fee")
        self.assertEqual(decision.blockers[0].params, {"codes": "99490"})

    def test_a_practice_that_loaded_no_fees_is_told_which(self):
        decision = self.priced("99490", "99439", "99491", "99437", work=NURSE_60)
        self.assertEqual(decision.blockers[0].params, {"codes": "99439, 99490"})

    def test_the_highest_amount_is_unknown_while_another_bill_has_no_price(self):
        doctor = (by_doctor("2026-07-06 09:00", "30:00"),)
        self.assert_blocked(self.priced("99491", work=doctor), "no_fee")

    def test_a_fixed_order_needs_only_the_prices_of_its_own_lines(self):
        doctor = (by_doctor("2026-07-06 09:00", "30:00"),)
        self.assert_ready(self.priced("99491", work=doctor, choice=STAFF_FIRST))
        self.assert_ready(self.priced("99490", work=doctor, choice=PRACTITIONER_FIRST))

    def test_a_price_of_a_code_out_of_reach_is_not_needed(self):
        self.assert_ready(self.priced("99439", "99491", "99437", "99487", "99489", "G0506"))

    def test_a_price_of_nothing_is_a_price(self):
        self.assert_ready(judge(price_of=lambda _code, _day: Decimal(0)))

    def test_the_price_is_that_of_the_date_of_service(self):
        """The conversion factor rose on 9 March 2024, in mid-month."""

        def fee(_code, day):
            return Decimal("62.58") if day >= date(2024, 3, 9) else Decimal("61.56")

        march = {
            "month": date(2024, 3, 1),
            "price_of": fee,
            "enrollment": Enrollment(DR_DOE, date(2024, 1, 1), last_seen=date(2023, 9, 9)),
            "consents": (Consent(DR_DOE, at("2024-01-02 09:00"), True),),
            "plans": (Plan(date(2024, 1, 2), date(2024, 1, 2)),),
        }
        before = judge(work=(by_nurse("2024-03-08 23:40", "20:00"),), **march)
        self.assertEqual(before.amount, Decimal("61.56"))
        after = judge(work=(by_nurse("2024-03-08 23:40:01", "20:00"),), **march)
        self.assertEqual(after.amount, Decimal("62.58"))


@tagged("ccm_billing")
class TestDateOfService(MonthRuleCase):
    """The day on which the last billed unit was reached, one for base and add-on codes."""

    def test_the_day_the_threshold_was_reached(self):
        decision = judge(
            work=(
                by_nurse("2026-07-06 09:00", "15:00"),
                by_nurse("2026-07-13 09:00", "5:00"),
                by_nurse("2026-07-20 09:00", "19:00"),
            )
        )
        self.assertEqual(decision.service_date, date(2026, 7, 13))

    def test_base_and_addon_share_the_day_of_the_last_unit(self):
        decision = judge(
            work=(by_nurse("2026-07-06 09:00", "40:00"), by_nurse("2026-07-20 09:00", "20:00"))
        )
        self.assertEqual({line.service_date for line in decision.lines}, {date(2026, 7, 20)})

    def test_minutes_beyond_the_limit_do_not_move_the_day(self):
        decision = judge(work=(*NURSE_60, by_nurse("2026-07-20 09:00", "60:00")))
        self.assertEqual(decision.service_date, date(2026, 7, 6))

    def test_a_threshold_reached_at_midnight_was_reached_on_the_day_that_ended(self):
        decision = judge(work=(by_nurse("2026-07-31 23:40", "20:00"),))
        self.assertEqual(decision.service_date, date(2026, 7, 31))

    def test_the_day_is_the_practices_not_greenwichs(self):
        evening = by_nurse("2026-07-31 20:30", "20:00")  # already August in UTC
        self.assertEqual(judge(work=(evening,)).service_date, date(2026, 7, 31))


@tagged("ccm_billing")
class TestVisitDay(MonthRuleCase):
    """Time on the day of a visit, 6 July: read differently, hence the practice's own choice."""

    visits = (Visit(DR_DOE, date(2026, 7, 6), "em_3", False),)

    def judged(self, rule, *work):
        return judge(visit_day_rule=rule, visits=self.visits, work=work or NURSE_20)

    def test_warn_counts_the_time_and_says_so(self):
        decision = self.judged("warn")
        self.assert_counted(decision, "20:00")
        self.assert_ready(decision, told=["visit_same_day"])
        self.assertEqual(decision.warnings[0].params, {"day": date(2026, 7, 6)})

    def test_warn_is_silent_on_other_days(self):
        self.assert_ready(self.judged("warn", by_nurse("2026-07-07 00:00", "20:00")))

    def test_warn_sees_an_entry_that_runs_past_midnight_into_the_day(self):
        decision = self.judged("warn", by_nurse("2026-07-05 23:50", "20:00"))
        self.assert_ready(decision, told=["visit_same_day"])

    def test_warn_ignores_time_that_does_not_count_anyway(self):
        decision = self.judged(
            "warn", by_nurse("2026-07-08 09:00", "20:00"), by_reception("2026-07-06 09:00", "9:00")
        )
        self.assert_ready(decision)

    def test_warn_ignores_days_of_another_month(self):
        """An entry that began on a visit's day in June is June's affair."""
        visits = (Visit(DR_DOE, date(2026, 6, 30), "em_3", False),)
        decision = judge(visits=visits, work=(by_nurse("2026-06-30 23:50", "30:00"),))
        self.assert_counted(decision, "20:00")
        self.assert_ready(decision)

    def test_exclude_leaves_staff_time_of_the_day_out(self):
        decision = self.judged(
            "exclude", by_nurse("2026-07-05 23:50", "20:00"), by_nurse("2026-07-06 23:50", "20:00")
        )
        self.assert_counted(decision, "20:00", visit_day="20:00")
        self.assert_ready(decision)

    def test_exclude_keeps_the_practitioners_own_time(self):
        decision = self.judged("exclude", by_doctor("2026-07-06 09:00", "30:00"))
        self.assert_counted(decision, "30:00")
        self.assertEqual(bill(decision), {"99491": 1})

    def test_count_counts_without_a_word(self):
        decision = self.judged("count")
        self.assert_counted(decision, "20:00")
        self.assert_ready(decision)


@tagged("ccm_billing")
class TestUnfinishedEntries(MonthRuleCase):
    def test_a_running_timer_blocks(self):
        self.assert_blocked(judge(running_timers=1), "timer_running")

    def test_an_entry_to_review_blocks(self):
        decision = judge(unreviewed_entries=2)
        self.assert_blocked(decision, "entries_to_review")
        self.assertEqual(decision.blockers[0].params, {"count": 2})


@tagged("ccm_billing")
class TestSharedTime(MonthRuleCase):
    """Time spent on several patients at once is divided among them."""

    def test_thirty_minutes_for_three_patients_are_ten_each(self):
        start = at("2026-07-06 09:00")
        parts = share(start, start + 30 * 60, 3)
        self.assertEqual([stop - begin for begin, stop in parts], [600, 600, 600])

    def test_the_parts_follow_each_other_and_add_up_to_the_second(self):
        self.assertEqual(share(100, 111, 3), [(100, 104), (104, 108), (108, 111)])
        self.assertEqual(share(100, 102, 3), [(100, 101), (101, 102), (102, 102)])

    def test_time_of_one_patient_stays_whole(self):
        self.assertEqual(share(100, 700, 1), [(100, 700)])

    def test_an_hour_for_three_is_one_unit_each(self):
        start = at("2026-07-06 09:00")
        for begin, stop in share(start, start + 60 * 60, 3):
            decision = judge(work=(replace(NURSE_20[0], start=begin, stop=stop),))
            self.assertEqual(bill(decision), {"99490": 1})


ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",  # no summer time
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/St_Johns",  # half an hour
    "America/Puerto_Rico",
    "Asia/Kolkata",
    "Pacific/Chatham",  # three quarters of an hour
    "America/Santiago",  # changes its clocks at midnight
    "Pacific/Guam",
    "UTC",
)


@tagged("ccm_billing")
class TestMonthEnd(MonthRuleCase):
    """A second belongs to the calendar month it was worked in, in the practice's own zone."""

    def counted(self, month, zone, *work):
        facts = replace(COMPLETE, month=month, zone=ZoneInfo(zone), consents=(), work=work)
        return decide(facts, CATALOGUE).combined_seconds

    def test_an_entry_across_the_month_end_is_split_at_local_midnight(self):
        for zone in ZONES:
            for month, last in (
                (date(2026, 1, 1), "2026-01-31"),
                (date(2026, 2, 1), "2026-02-28"),
                (date(2026, 6, 1), "2026-06-30"),
                (date(2026, 12, 1), "2026-12-31"),
                (date(2028, 2, 1), "2028-02-29"),
            ):
                with self.subTest(zone=zone, last=last):
                    entry = by_nurse(f"{last} 23:50", "30:00", ZoneInfo(zone))
                    after = date.fromisoformat(last) + timedelta(days=1)
                    self.assertEqual(self.counted(month, zone, entry), 10 * 60)
                    self.assertEqual(self.counted(after, zone, entry), 20 * 60)
                    self.assertEqual(
                        months_between(entry.start, entry.stop, ZoneInfo(zone)), [month, after]
                    )

    def test_an_entry_that_ends_at_midnight_stays_in_its_month(self):
        for zone in ZONES:
            with self.subTest(zone=zone):
                entry = by_nurse("2026-07-31 23:40", "20:00", ZoneInfo(zone))
                self.assertEqual(self.counted(JULY, zone, entry), 20 * 60)
                self.assertEqual(self.counted(date(2026, 8, 1), zone, entry), 0)
                self.assertEqual(months_between(entry.start, entry.stop, ZoneInfo(zone)), [JULY])

    def test_a_month_with_a_change_of_clocks_has_its_true_length(self):
        for zone, month, days, hours in (
            ("America/New_York", date(2026, 3, 1), 31, -1),
            ("America/New_York", date(2026, 11, 1), 30, +1),
            ("America/New_York", JULY, 31, 0),
            ("America/Phoenix", date(2026, 3, 1), 31, 0),
            ("Pacific/Chatham", date(2026, 4, 1), 30, +1),
            ("Pacific/Chatham", date(2026, 9, 1), 30, -1),
            ("America/Santiago", date(2026, 4, 1), 30, +1),
            ("America/Santiago", date(2026, 9, 1), 30, -1),
        ):
            with self.subTest(zone=zone, month=month):
                start, stop = bounds(month, ZoneInfo(zone))
                self.assertEqual(stop - start, days * DAY + hours * 3600)

    def test_an_hour_that_clocks_skip_is_not_worked(self):
        entry = replace(NURSE_20[0], start=at("2026-03-08 01:50"), stop=at("2026-03-08 03:10"))
        self.assertEqual(self.counted(date(2026, 3, 1), "America/New_York", entry), 20 * 60)

    def test_an_hour_that_clocks_repeat_is_worked_twice(self):
        first, second = at("2026-11-01 01:30"), at("2026-11-01 01:30", fold=1)
        entry = replace(NURSE_20[0], start=first, stop=second)
        self.assertEqual(self.counted(date(2026, 11, 1), "America/New_York", entry), 60 * 60)

    def test_where_midnight_is_skipped_the_day_begins_at_the_first_moment_there_is(self):
        """In Santiago, 6 September 2026 begins at one o'clock."""
        zone = ZoneInfo("America/Santiago")
        self.assertEqual(midnight(date(2026, 9, 6), zone), at("2026-09-05 23:59:59", zone) + 1)
        self.assertEqual(midnight(date(2026, 9, 6), zone), at("2026-09-06 01:00", zone))

    def test_where_a_month_begins_without_a_midnight(self):
        """In Asuncion, October 2023 began at one o'clock."""
        zone = ZoneInfo("America/Asuncion")
        entry = by_nurse("2023-09-30 23:50", "30:00", zone)
        self.assertEqual(self.counted(date(2023, 9, 1), "America/Asuncion", entry), 10 * 60)
        self.assertEqual(self.counted(date(2023, 10, 1), "America/Asuncion", entry), 20 * 60)

    def test_where_a_month_begins_with_two_midnights(self):
        """In Havana, the first hour of November 2026 comes twice, and both are November's."""
        zone = ZoneInfo("America/Havana")
        start = at("2026-11-01 00:00", zone)
        self.assertEqual(bounds(date(2026, 11, 1), zone)[0], start)
        entry = replace(NURSE_20[0], start=start - 60, stop=at("2026-11-01 01:00", zone))
        self.assertEqual(self.counted(date(2026, 10, 1), "America/Havana", entry), 60)
        self.assertEqual(self.counted(date(2026, 11, 1), "America/Havana", entry), 2 * 3600)

    def test_minutes_do_not_carry_over_from_month_to_month(self):
        june_and_july = (
            by_nurse("2026-06-30 09:00", "19:00"),
            by_nurse("2026-07-01 09:00", "19:00"),
        )
        self.assertEqual(judge(work=june_and_july).state, "short")
        self.assertEqual(judge(month=date(2026, 6, 1), work=june_and_july).state, "short")
