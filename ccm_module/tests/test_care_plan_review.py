"""A year on the plan is looked at again; somebody is asked once, in time."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from ..models.ccm_care_plan_review import REVIEW_ACTIVITY
from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestCarePlanReview(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-06-01")
        cls.plan = cls.patient.ccm_care_plan_ids

    def run_cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_review_due").method_direct_trigger()
        self.env.invalidate_all()
        return self.plan.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(REVIEW_ACTIVITY)
        )

    def test_due_a_year_after_approval(self):
        self.assertEqual(self.plan.review_due, date(2027, 6, 1))
        self.assertEqual(self.patient.ccm_plan_review_due, date(2027, 6, 1))
        with freeze_time("2026-07-01 14:00:00"):
            sooner = self.make_approved_plan(self.make_patient(), review_due="2026-12-24")
            late = self.make_plan(self.make_patient(), review_due="2026-07-01")
            late.with_user(self.doctor).action_approve()
        self.assertEqual(sooner.review_due, date(2026, 12, 24), "the practice's own day")
        self.assertEqual(late.review_due, date(2027, 7, 1), "no plan is due as it is approved")

    def test_plan_of_old_is_due_a_year_after_its_own_approval(self):
        vals = {"state": "approved", "approved_by_id": self.doctor.id, "approved_on": "2025-03-31"}
        plan = self.make_plan(self.make_patient(), **vals)
        self.assertEqual(plan.review_due, date(2026, 3, 31))

    def test_filters_of_patients(self):
        none = self.make_patient()
        draft = self.make_patient()
        self.make_plan(draft, review_due="2026-01-01")
        patients = self.env["res.partner"].with_user(self.nurse)

        def found(*leaf):
            return patients.search([leaf, ("id", "in", (self.patient + none + draft).ids)])

        with freeze_time("2027-06-01 15:00:00"):
            self.assertEqual(found("ccm_plan_review_due", "<=", "today"), self.patient)
        with freeze_time("2027-05-31 15:00:00"):
            self.assertFalse(found("ccm_plan_review_due", "<=", "today"))
            self.assertEqual(found("ccm_plan_review_due", "<=", "+1d"), self.patient)
        self.assertEqual(found("ccm_plan_review_due", "=", False), none + draft)
        self.assertEqual(found("ccm_plan_review_due", "!=", False), self.patient)
        self.assertEqual(found("ccm_plan_review_due", "=", date(2027, 6, 1)), self.patient)
        months = self.env["ccm.month"].with_user(self.nurse)
        with freeze_time("2026-07-01 15:00:00"):
            july = months._refresh("2026-07-01", self.patient)
        due = [("partner_id.ccm_plan_review_due", "<=", "2027-06-01"), ("id", "in", july.ids)]
        self.assertEqual(months.search(due), july)

    def test_another_practice_does_not_see_the_day(self):
        other = self.env["res.company"].create({"name": "Lower Ferry Clinic"})
        stranger = self._make_user("ccm_stranger", "user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        patient = self.patient.with_user(stranger)
        self.assertFalse(patient.ccm_plan_review_due)
        self.assertFalse(
            patient.search([("ccm_plan_review_due", "!=", False), ("id", "=", patient.id)])
        )

    def test_coordinator_is_asked_once(self):
        self.assertFalse(self.run_cron("2027-05-01 15:00:00"), "a month and a day before")
        activity = self.run_cron("2027-05-02 15:00:00")
        self.assertEqual((activity.user_id, activity.date_deadline), (self.nurse, date(2027, 6, 1)))
        self.assertEqual(self.run_cron("2027-05-03 15:00:00"), activity)
        with freeze_time("2027-05-03 15:00:00"):
            activity.action_done()
        self.assertFalse(self.run_cron("2027-05-04 15:00:00"), "done is done")

    def test_another_day_is_asked_for_anew(self):
        self.assertTrue(self.run_cron("2027-05-20 15:00:00"))
        with freeze_time("2027-05-20 15:00:00"):
            self.plan.with_user(self.nurse).review_due = "2027-09-01"
        self.assertFalse(self.run_cron("2027-05-21 15:00:00"))
        self.assertEqual(self.run_cron("2027-08-15 15:00:00").date_deadline, date(2027, 9, 1))

    def test_a_new_version_ends_the_asking(self):
        self.assertTrue(self.run_cron("2027-05-20 15:00:00"))
        with freeze_time("2027-05-25 15:00:00"):
            version_2 = self.make_approved_plan(self.patient)
        self.assertEqual(version_2.review_due, date(2028, 5, 25))
        self.assertFalse(self.run_cron("2027-06-02 15:00:00"))

    def test_nobody_is_asked_about_those_who_left(self):
        with freeze_time("2027-01-10 15:00:00"):
            reason = self.env["ccm.enrollment.reason"]._by_code("other")
            self.patient.ccm_enrollment_ids.write(
                {"state": "ended", "date_end": "2027-01-10", "reason_id": reason.id}
            )
        self.assertFalse(self.run_cron("2027-05-20 15:00:00"))
