"""Nothing of a billed month can be deleted, whichever way; a patient is archived instead."""

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CcmCommon

# Tables whose rows go with another row, and with which: nothing else does, least of all with a contact,
# a user, a practice. What stands left of it is worked out anew, or is part of what it goes with.
GOES_WITH = {
    "ccm_activity_revision": {"ccm_activity"},
    "ccm_audit_finding": {"ccm_audit", "ccm_month"},
    "ccm_audit_packet_line": {"ccm_audit_packet", "ccm_month"},
    "ccm_care_plan_goal": {"ccm_care_plan"},
    "ccm_care_plan_intervention": {"ccm_care_plan"},
    "ccm_care_plan_medication": {"ccm_care_plan"},
    "ccm_care_plan_member": {"ccm_care_plan"},
    "ccm_care_plan_service": {"ccm_care_plan"},
    "ccm_check_in_plan": {"survey_survey"},
    "ccm_eligibility": {"res_partner", "res_company"},
    "ccm_enrollment_step": {"ccm_enrollment"},
    "ccm_month_blocker": {"ccm_month"},
    "ccm_month_line": {"ccm_month"},
}
# Tables whose rows do not by themselves keep a contact from being deleted; what they are about does.
NO_BAR = {"ccm_eligibility": "c", "ccm_audit_finding": "n"}


@tagged("post_install", "-at_install")
class TestRetention(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.entry = cls.log(cls.patient, "2026-10-05 15:00:00", minutes=45)
        cls.files = cls.env["ir.attachment"]
        for record in (cls.patient.ccm_consent_ids, cls.patient.ccm_visit_ids, cls.entry):
            cls.files += cls.env["ir.attachment"].create(
                {"name": "s.png", "raw": b"x", "res_model": record._name, "res_id": record.id}
            )
        with freeze_time("2026-11-03 15:00:00"):
            cls.month = cls.env["ccm.month"]._refresh("2026-10-01", cls.patient)
            cls.month.with_user(cls.biller).action_invoice()
        cls.month.move_id.action_post()

    # --- deleting -------------------------------------------------------------------------------

    def test_nothing_of_a_billed_month_is_deleted(self):
        """Whatever of the patient there is, as superuser: found by looking, not from a list."""
        tried = set()
        for name, path in self.env["ccm.patient.data"]._paths().items():
            model = self.env[name].with_context(active_test=False)
            if not path or not model._auto or name in ("ccm.eligibility", "ccm.month.blocker"):
                continue
            domain = [("state", "=", "invoiced")] if name == "ccm.month" else []
            for record in model.search([(path, "=", self.patient.id), *domain]):
                with (
                    self.subTest(model=name),
                    mute_logger("odoo.sql_db"),
                    self.refused((UserError, IntegrityError)),
                ):
                    record.unlink()
                tried.add(name)
        proof = {"activity", "care.plan", "care.plan.goal", "condition", "consent", "decision"}
        proof |= {"enrollment", "enrollment.step", "month", "month.line", "visit"}
        self.assertLessEqual({f"ccm.{name}" for name in proof} | {"account.move"}, tried)

    def test_nor_a_file_or_a_line_of_its_history(self):
        for file in self.files:
            with self.refused(UserError, "proof"):
                file.unlink()
            with self.refused(UserError, "proof"):
                file.raw = b"another"
        for record in (self.month, self.patient.ccm_consent_ids, self.patient.ccm_care_plan_ids):
            message = record.with_user(self.nurse).message_post(
                body="Noted", message_type="comment"
            )
            with self.refused(UserError, "history"):
                message.sudo().unlink()
            with self.refused(UserError, "history"):
                record.with_user(self.nurse)._message_update_content(message, body="Other")
            with self.refused((UserError, AccessError)):
                message.with_user(self.nurse).write({"body": "Other"})

    def test_what_is_no_proof_may_go(self):
        other = self.make_patient(name="Draft Patient", ccm_mrn="MRN-2")
        condition = self.make_condition(other, self.diabetes)
        condition.message_post(body="A mistake")
        file = self.env["ir.attachment"].create(
            {"name": "a", "raw": b"a", "res_model": condition._name, "res_id": condition.id}
        )
        file.unlink()
        condition.unlink()
        draft = self.make_plan(self.patient)
        draft.message_post(body="Not needed")
        draft.unlink()
        other.unlink()
        self.assertFalse(condition.exists() or draft.exists() or other.exists())

    def test_deleting_the_contact_says_to_archive_it(self):
        with self.refused(UserError, "Archive the contact instead"):
            self.patient.unlink()
        seen = self.make_patient(name="Only Seen", ccm_mrn="MRN-3")
        self.env["ccm.access.log"]._log("open", seen)
        with self.refused(UserError, "Access Log.*Archive the contact"):
            seen.with_user(self.manager).unlink()

    def test_the_database_refuses_to_delete_the_contact(self):
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.patient.id])

    def test_no_row_of_a_record_goes_with_another_unseen(self):
        """No foreign key takes a row of a patient's along, but for those listed above."""
        tables = {
            self.env[name]._table
            for name, path in self.env["ccm.patient.data"]._paths().items()
            if path and self.env[name]._auto and name.startswith("ccm.")
        }
        self.env.cr.execute(
            """
            SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, c.confdeltype, c.conname
              FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%s)
            """,
            [list(tables)],
        )
        rows = self.env.cr.fetchall()
        unseen = [
            (table, target)
            for table, target, deleting, _name in rows
            if deleting == "c" and target not in GOES_WITH.get(table, ())
        ]
        self.assertFalse(unseen)
        for table, target, deleting, name in rows:
            if target == "res_partner" and name.endswith("_partner_id_fkey"):
                self.assertEqual(deleting, NO_BAR.get(table, "r"), name)
        self.assertGreater(len(rows), 60)

    # --- archiving ------------------------------------------------------------------------------

    def archive(self):
        self.patient.with_user(self.manager).action_archive()

    def end_care(self):
        other = self.env["ccm.enrollment.reason"]._by_code("other")
        self.env["ccm.enrollment.close"].create(
            {
                "enrollment_id": self.patient.ccm_enrollment_ids.id,
                "state": "ended",
                "reason_id": other.id,
                "date_end": "2026-11-05",
            }
        ).action_confirm()

    def test_archiving_while_care_goes_on(self):
        with freeze_time("2026-11-06 15:00:00"):
            with self.refused(UserError, "enrolled"):
                self.archive()
            self.env["ccm.activity"].with_user(self.nurse).action_start_timer(self.patient.id)
            with self.refused(UserError, "timer"):
                self.archive()
            self.assertTrue(self.patient.active)

    def test_an_archived_patients_record_is_still_there_and_billed(self):
        with freeze_time("2026-11-06 15:00:00"):
            late = self.log(self.patient, "2026-11-04 15:00:00", minutes=45)
            self.end_care()
            self.archive()
        self.assertFalse(self.patient.active)
        form = {"name": {}, "ccm_consent_ids": {"fields": {"state": {}}}}
        read = self.patient.with_user(self.nurse).web_read(form)
        self.assertEqual(read[0]["ccm_consent_ids"][0]["state"], "given")
        found = (
            self.env["ccm.month"]
            .with_user(self.biller)
            .search([("partner_id", "=", self.patient.id)])
        )
        self.assertIn(self.month, found)
        with freeze_time("2026-12-03 15:00:00"):
            november = self.env["ccm.month"]._refresh("2026-11-01", self.patient)
            november.with_user(self.biller).action_invoice()
        self.assertEqual(november.state, "invoiced")
        self.assertIn(late.id, self.patient.ccm_activity_ids.ids)
        self.patient.with_user(self.manager).action_unarchive()
        self.assertTrue(self.patient.active)
