from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import errors

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestAccessLog(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()
        cls.log_model = cls.env["ccm.access.log"]

    def rows(self, **values):
        domain = [("partner_id", "=", self.patient.id)]
        return self.log_model.search(domain + [(name, "=", v) for name, v in values.items()])

    # --- the call -------------------------------------------------------------------------------

    def test_a_row_says_who_what_whose_and_when(self):
        condition = self.make_condition(self.patient, self.diabetes)
        with freeze_time("2026-06-03 14:00:00"):
            self.env["ccm.access.log"].with_user(self.nurse)._log("print", condition)
        row = self.rows()
        self.assertEqual(row.user_id, self.nurse)
        self.assertEqual(row.kind, "print")
        self.assertEqual(row.date, fields.Datetime.to_datetime("2026-06-03 14:00:00"))
        self.assertEqual((row.res_model, row.res_id), ("ccm.condition", condition.id))
        self.assertEqual(row.record_count, 1)
        self.assertEqual(row.company_id, self.company)
        self.assertFalse(row.ip, "no request, no address")

    def test_many_records_of_a_patient_are_one_row_with_their_count(self):
        other = self.make_patient(name="Bob Patient", ccm_mrn="MRN-2")
        conditions = self.make_condition(self.patient, self.diabetes)
        conditions += self.make_condition(other, self.diabetes)
        conditions += self.make_condition(self.patient, self.hypertension)
        self.log_model._log("export", conditions)
        row = self.rows()
        self.assertEqual((row.record_count, row.res_id), (2, 0))
        self.assertEqual(self.log_model.search_count([("partner_id", "=", other.id)]), 1)

    def test_a_contact_who_is_no_patient_leaves_no_row(self):
        before = self.log_model.search_count([])
        self.log_model._log("open", self.practitioner)
        self.log_model._log("open", self.env["res.users"].browse(self.nurse.id))
        self.log_model._log("open", self.env["res.partner"])
        self.assertEqual(self.log_model.search_count([]), before)

    def test_the_same_look_again_within_minutes_is_one_row(self):
        moment = fields.Datetime.to_datetime("2026-06-03 14:00:00")
        log = self.log_model.with_user(self.nurse)
        for minutes, count in ((0, 1), (1, 1), (4, 1), (6, 2)):
            with freeze_time(moment + timedelta(minutes=minutes)):
                log._log("open", self.patient)
            self.assertEqual(len(self.rows()), count, f"after {minutes} minutes")
        with freeze_time(moment + timedelta(minutes=6)):
            self.log_model.with_user(self.doctor)._log("open", self.patient)
            for _time in range(2):
                log._log("export", self.patient)
        self.assertEqual(len(self.rows(kind="open")), 3, "somebody else's look is another")
        self.assertEqual(
            len(self.rows(kind="export")), 2, "what leaves the system counts each time"
        )

    def test_the_callers_work_goes_on_when_the_log_cannot_be_written(self):
        self.env.cr.execute("ALTER TABLE ccm_access_log ADD CHECK (false) NOT VALID")
        self.patient.name = "Ada Renamed"
        with mute_logger("odoo.sql_db"), self.assertLogs("odoo.addons.ccm_module", "ERROR"):
            self.log_model._log("open", self.patient)
        self.patient.flush_recordset()
        self.env.cr.execute("SELECT name FROM res_partner WHERE id = %s", [self.patient.id])
        self.assertEqual(self.env.cr.fetchone(), ("Ada Renamed",))
        self.assertFalse(self.rows())

    # --- kept -----------------------------------------------------------------------------------

    def test_nobody_changes_or_deletes_a_row(self):
        self.log_model._log("open", self.patient)
        row = self.rows()
        for user in (self.nurse, self.biller, self.manager):
            with self.refused((AccessError, UserError)):
                row.with_user(user).write({"kind": "print"})
            with self.refused((AccessError, UserError)):
                row.with_user(user).unlink()
            with self.refused(AccessError):
                self.log_model.with_user(user).create({"kind": "open"})
        with self.refused(UserError, "never changed"):
            row.sudo().write({"kind": "print"})
        with self.refused(UserError, "never deleted"):
            row.sudo().unlink()

    def test_the_database_itself_refuses(self):
        self.log_model._log("open", self.patient)
        for change in (
            "UPDATE ccm_access_log SET kind = 'print'",
            "UPDATE ccm_access_log SET partner_id = partner_id + 1",
            "DELETE FROM ccm_access_log",
            "TRUNCATE ccm_access_log",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(errors.RestrictViolation, "never changed"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(change)

    def test_managers_read_those_of_their_practices(self):
        self.log_model._log("open", self.patient)
        row = self.rows()
        self.assertEqual(self.log_model.with_user(self.manager).search([]) & row, row)
        for user in (self.nurse, self.doctor, self.biller, self.outsider):
            with self.refused(AccessError):
                row.with_user(user).read(["kind"])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.write({"company_ids": [(4, elsewhere.id)]})
        manager = self.log_model.with_user(self.manager)
        there = manager.with_context(allowed_company_ids=elsewhere.ids).search([])
        self.assertFalse(there & row)

    def test_who_looked_is_in_the_patient_s_menu_of_who_may_know(self):
        action = self.env.ref("ccm_module.ccm_access_log_action_patient")
        for user, may in ((self.manager, True), (self.auditor, True), (self.nurse, False)):
            bindings = self.env["ir.actions.actions"].with_user(user).get_bindings("res.partner")
            offered = {binding["id"] for binding in bindings.get("action", ())}
            self.assertEqual(action.id in offered, may, user.name)
