"""A month billed in error is undone whole, with its reason, and its time is unlocked."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestMonthUndo(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ccm_invoice_state = "posted"
        cls.patients = cls.make_october([25] * 2)
        with freeze_time("2026-11-03 15:00:00"):
            cls.months = cls.env["ccm.month"]._refresh("2026-10-01", cls.patients)
            cls.months.with_user(cls.biller).action_invoice()
        cls.month = cls.months.filtered(lambda m: m.partner_id == cls.patients[0])
        cls.invoice = cls.month.move_id

    def setUp(self):
        super().setUp()
        friday = freeze_time("2026-11-06 15:00:00")
        friday.start()
        self.addCleanup(friday.stop)

    def dialog(self, months=None, user=None, **vals):
        months = (months or self.month).with_user(user or self.biller)
        action = months.action_undo_bill()
        return (
            self.env[action["res_model"]]
            .with_user(user or self.biller)
            .with_context(**action["context"])
            .create({"reason": "Billed in error", **vals})
        )

    def test_billed_in_error_and_billed_again(self):
        """The nurse had logged the call on the wrong patient."""
        entry = self.patients[0].ccm_activity_ids
        dialog = self.dialog()
        self.assertEqual((dialog.credit_count, dialog.cancel_count), (1, 0))
        dialog.action_apply()
        credit = self.invoice.reversal_move_ids
        self.assertEqual((len(credit), credit.state), (1, "posted"))
        self.assertEqual(credit.amount_total, self.invoice.amount_total)
        self.assertEqual(self.invoice.payment_state, "reversed")
        self.assertEqual((self.month.state, self.month.move_id.id), ("ready", False))
        for record in (self.month, self.invoice, credit):
            bodies = " ".join(record.message_ids.mapped("body"))
            self.assertIn("Billed in error", bodies)
            self.assertIn("is undone by", bodies)
        self.assertEqual(self.month.message_ids[0].author_id, self.biller.partner_id)
        # unlocked
        entry.with_user(self.nurse).write(
            {"partner_id": self.patients[1].id, "correction_reason": "It was the other one"}
        )
        self.assertEqual(self.month.state, "short")
        self.assertTrue(self.months[1].has_difference or self.months[0].has_difference)

    def test_not_to_be_billed(self):
        self.dialog(then="cancelled").action_apply()
        self.assertEqual(
            (self.month.state, self.month.cancel_reason), ("cancelled", "Billed in error")
        )
        self.run_close("2026-11-07 12:00:00")
        self.assertEqual(self.month.state, "cancelled")
        self.assertFalse(self.month.move_id)

    def test_decided_anew_is_billed_by_the_next_close(self):
        self.dialog(then="open").action_apply()
        self.run_close("2026-11-07 12:00:00")
        self.assertEqual(self.month.state, "invoiced")
        self.assertEqual(self.month.move_id.ccm_replaces_id, self.invoice)
        self.assertEqual(self.invoice.ccm_replaced_by_id, self.month.move_id)

    def test_a_draft_is_cancelled(self):
        self.invoice.button_draft()
        dialog = self.dialog()
        self.assertEqual((dialog.credit_count, dialog.cancel_count), (0, 1))
        dialog.action_apply()
        self.assertEqual(self.invoice.state, "cancel")
        self.assertFalse(self.invoice.reversal_move_ids)
        self.assertEqual(self.month.state, "ready")

    def test_a_paid_invoice(self):
        """The payment stays as it was: what becomes of the money is the accountant's to say."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({}).action_create_payments()
        self.assertIn(self.invoice.payment_state, ("paid", "in_payment"))
        self.dialog().action_apply()
        self.assertEqual(self.month.state, "ready")
        self.assertEqual(self.invoice.payment_state, "reversed")
        payment = self.env["account.payment"].search([("partner_id", "=", self.patients[0].id)])
        self.assertIn(payment.state, ("in_process", "paid"))

    def test_several_from_the_list(self):
        self.dialog(self.months).action_apply()
        self.assertEqual(set(self.months.mapped("state")), {"ready"})
        self.assertFalse(self.months.move_id)

    def test_all_or_nothing(self):
        """One of two cannot be undone: neither is."""
        other = self.months - self.month
        part = other.move_id._reverse_moves([{"invoice_date": "2026-11-04"}])
        with self.refused(UserError, "has the credit note"):
            self.dialog(self.months).action_apply()
        self.env.invalidate_all()
        self.assertEqual(set(self.months.mapped("state")), {"invoiced"})
        part.unlink()
        self.dialog(self.months).action_apply()
        self.assertEqual(set(self.months.mapped("state")), {"ready"})

    def test_reason_is_asked_for(self):
        action = self.month.with_user(self.biller).action_undo_bill()
        model = self.env["ccm.month.undo"].with_user(self.biller).with_context(**action["context"])
        with self.refused(AssertionError, "reason is a required field"), Form(model) as form:
            form.then = "open"

    def test_who_and_what_it_is_for(self):
        with self.refused(AccessError):
            self.month.with_user(self.nurse).action_undo_bill()
        dialog = self.dialog()
        dialog.action_apply()
        with self.refused(UserError, "invoiced months only"):
            dialog.action_apply()
        with self.refused(UserError, "invoiced months only"):
            self.dialog(self.months)

    def test_hard_locked_year(self):
        """Odoo moves the credit note out of a closed year, or says why not; nothing is half."""
        self.company.hard_lock_date = "2026-10-31"
        self.dialog().action_apply()
        credit = self.invoice.reversal_move_ids
        self.assertGreater(str(credit.date), "2026-10-31")
        self.assertEqual(self.invoice.state, "posted")

    def test_draft_in_a_locked_year(self):
        self.invoice.button_draft()
        self.company.sale_lock_date = "2026-10-31"
        self.dialog().action_apply()
        self.assertEqual((self.invoice.state, self.month.state), ("cancel", "ready"))
