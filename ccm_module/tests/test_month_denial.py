"""The payer pays another practitioner: the patient's billing stops until it is resolved."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestMonthDenial(CcmCommon):
    """October was billed; on 12 November the payer's denial comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"ccm_invoice_state": "posted", "ccm_biller_id": cls.biller.id})
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.log(cls.patient, "2026-10-05 15:00:00", minutes=25)
        cls.log(cls.patient, "2026-11-05 15:00:00", minutes=25)
        with freeze_time("2026-11-06 15:00:00"):
            cls.october = cls.env["ccm.month"]._refresh("2026-10-01", cls.patient)
            cls.october.with_user(cls.biller).action_invoice()
        cls.november = cls.patient.ccm_month_ids - cls.october
        cls.november = cls.november.filtered(lambda m: str(m.month) == "2026-11-01")

    def setUp(self):
        super().setUp()
        self.clock = freeze_time("2026-11-12 15:00:00")
        self.clock.start()
        self.addCleanup(self.clock.stop)

    def deny(self, month=None, user=None, **vals):
        month = (month or self.october).with_user(user or self.biller)
        action = month.action_record_denial()
        dialog = (
            self.env[action["res_model"]]
            .with_user(user or self.biller)
            .with_context(**action["context"])
            .create(
                {
                    "code": "CO-B20",
                    "text": "Paid to another provider",
                    "practitioner_name": "Lakeside Cardiology",
                    **vals,
                }
            )
        )
        return dialog.action_apply()

    def resolve(self, answer, user=None, **vals):
        action = self.patient.with_user(user or self.biller).action_ccm_resolve_denial()
        return (
            self.env[action["res_model"]]
            .with_user(user or self.biller)
            .with_context(**action["context"])
            .create({"answer": answer, "why": "Letter of the payer", **vals})
            .action_apply()
        )

    def activities(self):
        kind = self.env.ref("ccm_module.mail_activity_type_denial")
        return self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])

    def month_states(self):
        months = self.patient.ccm_month_ids.filtered(lambda m: m.total_minutes)
        return {str(m.month)[:7]: m.state for m in months}

    def test_already_paid_to_another_practitioner(self):
        mails = self.env["mail.mail"].search_count([])
        action = self.deny()
        fact = self.patient.ccm_other_service_ids
        self.assertEqual(
            (fact.kind, str(fact.date_from), fact.date_to), ("other_ccm", "2026-10-01", False)
        )
        self.assertEqual(
            (fact.denial_code, fact.practitioner_name), ("CO-B20", "Lakeside Cardiology")
        )
        self.assertEqual(self.patient.with_user(self.nurse).ccm_denial_id, fact)
        # one activity for the biller, and no e-mail with the patient's name
        self.assertEqual((self.activities().user_id, len(self.activities())), (self.biller, 1))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        # the bill shows that it would not be made again, and its credit note is proposed
        self.assertTrue(self.october.has_difference)
        self.assertEqual(self.october.difference["now"], [])
        self.assertEqual(action["res_model"], "ccm.month.undo")
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn("CO-B20", dialog.reason)
        dialog.action_apply()
        self.assertEqual(self.october.state, "blocked")
        self.assertIn("only one is paid", self.october.reason)
        # No later month is billed until it is resolved, however often the close runs.
        self.log(self.patient, "2026-12-05 15:00:00", minutes=25)
        self.run_close("2026-12-06 12:00:00")
        self.run_close("2027-01-06 12:00:00")
        self.assertEqual(
            self.month_states(),
            {"2026-10": "blocked", "2026-11": "blocked", "2026-12": "blocked"},
        )
        # The other practitioner billed until the end of November: December is ours.
        with freeze_time("2027-01-07 15:00:00"):
            self.resolve("ended", last_day="2026-11-30")
        self.assertFalse(self.patient.ccm_denial_id or self.activities())
        self.run_close("2027-01-08 12:00:00")
        self.assertEqual(
            self.month_states(),
            {"2026-10": "blocked", "2026-11": "blocked", "2026-12": "invoiced"},
        )

    def test_the_payer_was_wrong(self):
        self.deny()
        self.resolve("wrong")
        self.assertFalse(self.patient.ccm_denial_id or self.activities())
        self.assertFalse(self.october.has_difference, "its bill was right")
        self.run_close("2026-12-06 12:00:00")
        self.assertEqual(self.november.state, "invoiced")
        denied = self.env["ccm.other.service"].with_context(active_test=False)
        self.assertEqual(
            len(denied.search([("denied_month_id", "=", self.october.id)])), 1, "kept on record"
        )

    def test_denied_twice_is_asked_once(self):
        self.run_close("2026-12-06 12:00:00")
        self.assertEqual(self.november.state, "invoiced")
        with freeze_time("2026-12-10 15:00:00"):
            self.deny()
            self.assertTrue(self.november.has_difference, "billed already, and wrongly")
            self.deny(self.november)
        self.assertEqual(len(self.patient.ccm_other_service_ids), 1)
        self.assertEqual(len(self.activities()), 1)
        with freeze_time("2026-12-11 15:00:00"):
            self.resolve("wrong")
        self.assertFalse(self.activities() or self.november.has_difference)

    def test_only_billers_and_nothing_forged(self):
        with self.refused(AccessError):
            self.october.with_user(self.nurse).action_record_denial()
        with self.refused(AccessError):
            self.env["ccm.other.service"].with_user(self.nurse).create(
                {
                    "partner_id": self.patient.id,
                    "kind": "other_ccm",
                    "date_from": "2026-10-01",
                    "denied_month_id": self.october.id,
                }
            )
        self.deny()
        fact = self.patient.ccm_other_service_ids.with_user(self.nurse)
        for vals in (
            {"date_to": "2026-10-31"},
            {"active": False},
            {"kind": "rpm"},
            {"denied_month_id": False},
        ):
            with self.refused(AccessError):
                fact.write(vals)
        with self.refused(AccessError):
            fact.action_resolve_denial()
        fact.write({"note": "The patient says so too"})

    def test_what_is_entered_wrong_is_said(self):
        for day in ("2026-09-30", "2026-11-13"):
            with self.refused(ValidationError, "Denied On"):
                self.deny(denied_on=day)
        with self.refused(UserError, "invoiced months only"):
            self.deny(self.november)
        self.deny()
        for day in (False, "2026-09-30"):
            with self.refused(ValidationError, "Paid Until"):
                self.resolve("ended", last_day=day)
        self.assertTrue(self.patient.ccm_denial_id)
