"""The auditor reads the whole record and every amount, and writes nothing."""

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CcmCommon

# What an auditor may press: it opens, downloads or compares, and writes nothing. Only papers for the
# auditor are made at the auditor's own word.
OPENS = {
    "action_ccm_open",
    "action_check",
    "action_download",
    "action_make_again",
    "action_make_ccm_packets",
    "action_make_packets",
    "action_mend",
    "action_open",
    "action_open_record",
    "action_open_copy",
    "action_open_patient",
    "action_print_ccm_packet",
    "action_print_packet",
    "action_stop_making",
    "action_view",
    "action_view_ccm_decision",
    "action_view_ccm_invoices",
    "action_view_ccm_month",
    "action_view_ccm_months",
    "action_view_decisions",
    "action_view_findings",
    "action_view_month",
    "action_view_move",
    "action_view_to_mend",
    "action_workbook",
}


@tagged("post_install", "-at_install")
class TestAuditor(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient()
        cls.log(cls.patient, "2026-06-10 15:00:00", 25)
        months = cls.env["ccm.month"]._refresh(
            cls.env["ccm.month"]._fields["month"].to_date("2026-06-01")
        )
        cls.month = months.filtered(lambda m: m.partner_id == cls.patient)
        cls.month.amount_total = 66

    def test_auditor_reads_the_record_and_the_amount(self):
        month = self.month.with_user(self.auditor)
        self.assertEqual(month.amount_total, 66)
        patient = self.patient.with_user(self.auditor)
        self.assertEqual(len(patient.ccm_condition_ids), 2)
        self.assertTrue(patient.ccm_consent_ids.told_available)
        self.assertTrue(patient.ccm_activity_ids)

    def test_auditor_opens_the_close_and_makes_no_document(self):
        close_model = self.env["ccm.close"]
        before = close_model.search_count([])
        close_model.with_user(self.auditor).action_open_list()
        self.assertEqual(close_model.search_count([]), before)
        close = close_model._ensure(self.company, [self.month.month]).with_user(self.auditor)
        self.assertFalse(close.get_progress()["may_bill"])
        self.assertTrue(close._workbook())
        with self.refused(AccessError):
            close.action_start()

    def test_auditor_may_not_refresh_nor_talk_nor_plan(self):
        month = self.month.with_user(self.auditor)
        with self.refused(AccessError, "reads"):
            month.action_refresh()
        with self.refused(AccessError):
            month.message_post(body="Seen")
        with self.refused(AccessError):
            month.activity_schedule("mail.mail_activity_data_todo")
        with self.refused(AccessError):
            self.patient.with_user(self.auditor).ccm_mrn = "X"
        self.month.with_user(self.nurse).message_post(body="Called back")

    def test_no_view_shows_an_auditor_a_button_that_writes(self):
        looked = 0
        views = self.env["ir.ui.view"].search(
            [
                ("key", "=", False),
                ("type", "in", ("form", "list", "kanban")),
                "|",
                ("model", "=like", "ccm.%"),
                ("model", "=", "res.partner"),
            ]
        )
        wizards = {name for name in self.env if self.env[name].is_transient()}
        for view in views.filtered(lambda v: v.model in self.env and v.model not in wizards):
            model = self.env[view.model].with_user(self.auditor)
            if view.mode != "primary" or not model.has_access("read"):
                continue
            arch = etree.fromstring(model.get_view(view.id, view.type)["arch"])
            for button in arch.iter("button"):
                name = button.get("name", "")
                if button.get("type") != "object" or not name.startswith("action_"):
                    continue
                looked += 1
                ours = view.model.startswith("ccm.") or name.startswith("action_ccm")
                with self.subTest(view=view.xml_id, button=name):
                    self.assertTrue(not ours or name in OPENS, "an auditor may press this")
        self.assertGreater(looked, 20)
