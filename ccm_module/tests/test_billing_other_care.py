"""What other care in the month does to the bill: it blocks, it takes time out, or neither.

The rules are those of the CMS CCM FAQ, MLN909188, the NCCI edits and the Medicare contractors; a test
of a rule that no source settles says so by expecting a warning and never a refusal.
"""

from dataclasses import replace
from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.ccm_module.billing.facts import (
    OtherService,
)
from odoo.addons.ccm_module.billing.months import midnight

from .billing_common import (
    JULY,
    NEW_YORK,
    NURSE_20,
    MonthRuleCase,
    at,
    blockers,
    by_doctor,
    by_nurse,
    judge,
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
