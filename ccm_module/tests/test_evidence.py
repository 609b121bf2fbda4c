"""What a billed month rests on stays as it was."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CcmCommon

NOVEMBER_3 = "2026-11-03 15:00:00"


@tagged("post_install", "-at_install")
class TestEvidence(CcmCommon):
    """October 2026 is invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.log(cls.patient, "2026-10-05 15:00:00", minutes=20)
        with freeze_time(NOVEMBER_3):
            cls.other_care = cls.env["ccm.other.service"].create(
                {"partner_id": cls.patient.id, "kind": "rpm", "date_from": "2026-10-10"}
            )
            cls.october = cls.env["ccm.month"]._refresh("2026-10-01", cls.patient)
            cls.october._invoice()

    def setUp(self):
        super().setUp()
        self.assertEqual(self.october.state, "invoiced")
        frozen = freeze_time(NOVEMBER_3)
        frozen.start()
        self.addCleanup(frozen.stop)

    def test_nothing_is_deleted(self):
        for record in (
            self.patient.ccm_condition_ids[0],
            self.patient.ccm_visit_ids,
            self.other_care,
            self.patient.ccm_care_plan_ids,
            self.patient.ccm_consent_ids,
            self.patient.ccm_enrollment_ids,
        ):
            for user in (self.manager, self.env.user):
                with self.refused(UserError):
                    record.with_user(user).unlink()
        with self.refused(UserError, "2026-10 is invoiced.*end date"):
            self.other_care.unlink()
        # a draft proves nothing
        self.make_plan(self.patient).unlink()
        self.make_consent(self.patient).unlink()

    def test_without_a_bill_a_mistake_is_deleted(self):
        patient = self.make_patient()
        visit = self.make_visit(patient, "2026-10-01")
        visit.with_user(self.manager).unlink()

    def test_visit_stays_what_it_was(self):
        visit = self.patient.ccm_visit_ids
        for vals in (
            {"date": "2026-08-01"},
            {"kind": "em_5"},
            {"practitioner_id": self.other_practitioner.id},
            {"ccm_discussed": False},
            {"planning_beyond_visit": True},
            {"partner_id": self.make_patient().id},
        ):
            for user in (self.nurse, self.env.user):
                with self.refused(UserError, "2026-10 is invoiced"):
                    visit.with_user(user).write(vals)
        visit.with_user(self.nurse).write({"note": "x", "kind": visit.kind})

    def test_visit_after_the_billed_month_is_free(self):
        visit = self.make_visit(self.patient, "2026-11-02")
        visit.with_user(self.nurse).kind = "em_5"

    def test_billed_diagnosis_stays(self):
        condition = self.patient.ccm_condition_ids[0]
        self.assertIn(condition.diagnosis_id, self.october.diagnosis_ids)
        for vals in ({"diagnosis_id": self.sprain.id}, {"partner_id": self.make_patient().id}):
            for user in (self.nurse, self.env.user):
                with self.refused(UserError, "2026-10 is invoiced"):
                    condition.with_user(user).write(vals)
        condition.with_user(self.nurse).write({"status": "inactive", "note": "moved away"})
        unbilled = self.make_condition(self.patient, self.sprain)
        other = self._find_diagnosis("J20.9", "Acute bronchitis", "acute")
        unbilled.with_user(self.nurse).diagnosis_id = other

    def test_biller_hears_of_a_consent_revoked_before_the_billed_month(self):
        self.company.ccm_biller_id = self.biller
        mails = self.env["mail.mail"].search_count([])
        revoked = {"state": "revoked", "revoked_on": "2026-09-20"}
        self.patient.ccm_consent_ids.with_user(self.nurse).write(revoked)
        activity = self.october.activity_ids
        self.assertEqual(activity.user_id, self.biller)
        self.assertIn("check the bill", activity.summary)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_biller_is_left_alone_when_the_consent_covers_the_billed_month(self):
        revoked = {"state": "revoked", "revoked_on": "2026-10-01"}
        self.patient.ccm_consent_ids.with_user(self.nurse).write(revoked)
        self.assertFalse(self.october.activity_ids)

    def test_billed_month_shows_the_plan_that_it_had(self):
        version_1 = self.patient.ccm_care_plan_ids
        self.assertEqual(self.october.plan_id, version_1)
        version_2 = self.make_approved_plan(self.patient)
        self.assertEqual(version_1.state, "superseded")
        november = self.env["ccm.month"]._refresh("2026-11-01", self.patient)
        october_anew = self.env["ccm.month"]._refresh("2026-10-01", self.patient)
        self.assertEqual((october_anew, november.plan_id), (self.october, version_2))
        self.assertEqual(self.october.plan_id, version_1)
        # nothing of it moves on, not even how far its goals are reached
        for vals in ({"status": "met"}, {"achievement": "128/78"}, {"name": "x"}):
            with self.refused(UserError, "newer version"):
                version_1.goal_ids.with_user(self.nurse).write(vals)

    def test_month_before_the_new_version_keeps_the_old_one_when_billed_late(self):
        version_1 = self.patient.ccm_care_plan_ids
        self.make_approved_plan(self.patient)
        september = self.env["ccm.month"]._refresh("2026-09-01", self.patient)
        self.assertEqual(september.plan_id, version_1)
