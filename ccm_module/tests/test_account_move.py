"""What happens to the patient's month when the accountant undoes, or half undoes, its invoice."""

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestAccountMove(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.log(cls.patient, "2026-10-05 15:00:00", minutes=45)
        with freeze_time("2026-11-03 15:00:00"):
            cls.month = cls.env["ccm.month"]._refresh("2026-10-01", cls.patient)
            cls.month.with_user(cls.biller).action_invoice()
        cls.invoice = cls.month.move_id.with_user(cls.biller)

    def post(self):
        with freeze_time("2026-11-03 16:00:00"):
            self.invoice.action_post()

    def test_another_patients_bill_is_no_duplicate(self):
        other = self.make_ready_patient(day="2026-09-01", name="Ben Other", ccm_mrn="MRN-2")
        self.log(other, "2026-10-05 18:00:00", minutes=45)
        payer = self.env["res.partner"].create({"name": "One payer for both"})
        (self.patient | other).ccm_payer_id = payer
        self.invoice.button_cancel()
        with freeze_time("2026-11-03 15:00:00"):
            months = self.month | self.env["ccm.month"]._refresh("2026-10-01", other)
            months.with_user(self.biller).action_invoice()
        bills = months.move_id.with_user(self.biller)
        own = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": payer.id,
                "invoice_date": bills[0].invoice_date,
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": bills[0].amount_total})
                ],
            }
        )
        again = own.copy({"invoice_date": own.invoice_date})
        self.assertEqual(len(bills), 2)
        self.assertEqual(len(set((bills | own | again).mapped("amount_total"))), 1)
        self.assertFalse(bills.duplicated_ref_ids)
        self.assertEqual(own.with_user(self.biller).duplicated_ref_ids, again)

    def reverse(self, **line):
        """Return a posted credit note; ``line`` changes its first line before."""
        with freeze_time("2026-11-04 15:00:00"):
            credit = self.invoice._reverse_moves([{"invoice_date": "2026-11-04"}])
            if line:
                credit.invoice_line_ids[0].write(line)
            credit.action_post()
        return credit

    def bill_again(self):
        with freeze_time("2026-11-05 15:00:00"):
            self.month.with_user(self.biller).action_invoice()
        return self.month.move_id

    def test_links_both_ways(self):
        self.assertEqual(self.invoice.ccm_month_id, self.month)
        self.assertEqual(self.invoice.action_view_ccm_month()["res_id"], self.month.id)
        self.assertEqual(self.month.action_view_move()["res_id"], self.invoice.id)
        self.assertEqual(self.patient.ccm_invoice_count, 1)

    def test_cancel_frees_and_back_to_draft_takes_again(self):
        self.invoice.button_cancel()
        self.assertEqual((self.month.state, self.month.move_id.id), ("ready", False))
        self.invoice.button_draft()
        self.assertEqual((self.month.state, self.month.move_id), ("invoiced", self.invoice))
        self.invoice.button_cancel()
        second = self.bill_again()
        self.assertNotEqual(second, self.invoice)
        with self.assertRaisesRegex(UserError, "is billed by .* now"):
            self.invoice.button_draft()

    def test_posted_invoice_reset_to_draft_stays_the_month_s(self):
        self.post()
        self.invoice.button_draft()
        self.assertEqual(self.month.state, "invoiced")

    def test_delete_frees(self):
        self.invoice.unlink()
        self.assertEqual((self.month.state, self.month.move_id.id), ("ready", False))
        self.assertIn("was deleted", self.month.message_ids[0].body)

    def test_credit_note_frees_and_its_undoing_takes_again(self):
        self.post()
        credit = self.reverse()
        self.assertEqual(self.month.state, "ready")
        self.assertTrue(self.invoice.ccm_is_released)
        self.assertEqual(credit.ccm_diagnosis_ids, self.invoice.ccm_diagnosis_ids)
        self.assertFalse(credit.ccm_month_id, "the credit note is no bill of the month")
        credit.button_draft()
        self.assertEqual((self.month.state, self.month.move_id), ("invoiced", self.invoice))
        with freeze_time("2026-11-04 16:00:00"):
            credit.action_post()
        self.bill_again()
        with self.assertRaisesRegex(UserError, "is billed by .* now"):
            credit.button_draft()

    def test_part_of_a_credit_does_not_free(self):
        self.post()
        self.reverse(quantity=1, price_unit=1.0)
        self.assertEqual(self.month.state, "invoiced")

    def test_two_credits_that_undo_it_together_free(self):
        self.post()
        with freeze_time("2026-11-04 15:00:00"):
            first, second = (
                self.invoice._reverse_moves([{"invoice_date": "2026-11-04"}]) for _time in range(2)
            )
            first.invoice_line_ids[1].unlink()
            second.invoice_line_ids[0].unlink()
            first.action_post()
            self.assertEqual(self.month.state, "invoiced")
            second.action_post()
        self.assertEqual(self.month.state, "ready")
        first.button_draft()
        self.assertEqual((self.month.state, self.month.move_id), ("invoiced", self.invoice))

    def test_undoing_a_part_leaves_the_whole_undone(self):
        self.post()
        self.reverse()
        part = self.reverse(quantity=1, price_unit=1.0)
        part.button_draft()
        self.assertEqual(self.month.state, "ready")

    def test_reverse_and_create_would_bill_twice(self):
        self.post()
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"journal_id": self.invoice.journal_id.id})
        )
        with self.assertRaisesRegex(UserError, "Choose Reverse"):
            wizard.modify_moves()

    def test_an_accountant_without_a_care_role(self):
        """Sees and undoes the invoice, and learns nothing of the patient."""
        accountant = new_test_user(
            self.env, "ccm_accountant", groups="account.group_account_invoice"
        )
        move = self.invoice.with_user(accountant)
        self.assertNotIn("ccm_patient_id", move.read()[0])
        with self.assertRaises(AccessError):
            move.read(["ccm_mbi"])
        move.button_cancel()
        self.assertEqual(self.month.state, "ready")

    def test_a_client_s_defaults_tie_nothing(self):
        self.invoice.button_cancel()
        forged = (
            self.env["account.move"]
            .with_user(self.biller)
            .with_context(default_ccm_month_id=self.month.id, default_ccm_is_released=True)
            .create({"move_type": "out_invoice", "partner_id": self.patient.id})
        )
        self.assertFalse(forged.ccm_month_id or forged.ccm_is_released)

    def test_draft_credit_note_does_not_free(self):
        self.post()
        self.invoice._reverse_moves()
        self.assertEqual(self.month.state, "invoiced")

    def test_a_copy_is_no_second_bill(self):
        copy = self.invoice.copy()
        self.assertFalse(copy.ccm_month_id or copy.ccm_patient_id)

    def test_database_refuses_a_second_live_invoice(self):
        copy = self.invoice.sudo().copy()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            copy.ccm_month_id = self.month
            self.env.flush_all()

    def test_nobody_ties_an_invoice_to_a_month_by_hand(self):
        for vals in ({"ccm_is_released": True}, {"ccm_month_id": False}, {"ccm_patient_id": 1}):
            with self.assertRaises(AccessError):
                self.invoice.write(vals)
            with self.assertRaises(AccessError):
                self.invoice.create({"move_type": "out_invoice", **vals})

    def test_time_unlocks_with_the_month(self):
        entry = self.patient.ccm_activity_ids
        late = self.log(self.patient, "2026-10-07 15:00:00", minutes=20)
        self.assertTrue(late.is_late)
        with self.refused(UserError, "already invoiced"):
            entry._void("No")
        self.invoice.button_cancel()
        self.assertFalse(late.is_late)
        self.assertEqual(self.month.total_minutes, 65)
        entry._void("It was another patient")
        self.assertEqual(self.month.total_minutes, 20)

    def test_printed_invoice_carries_the_claim(self):
        self.patient.ccm_mbi = "1EG4TE5MK73"
        self.post()
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("account.account_invoices", self.invoice.ids)[0]
            .decode()
        )
        for text in (
            "Ada Patient",
            "03/14/1950",
            "1EG4TE5MK73",
            self.NPI,
            self.PRACTICE_NPI,
            "10/05/2026",
            "E11.9",
            "I10",
            "99439",
        ):
            self.assertIn(text, html)

    def test_other_invoices_are_left_alone(self):
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.patient.id,
                "invoice_line_ids": [Command.create({"name": "Copay", "price_unit": 10})],
            }
        )
        plain.action_post()
        plain._reverse_moves(cancel=True)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("account.account_invoices", plain.ids)[0]
            .decode()
        )
        self.assertNotIn("Rendering practitioner", html)
        self.assertEqual(self.month.state, "invoiced")
