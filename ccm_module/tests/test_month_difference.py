"""Time and facts that change after the bill: shown as a difference, billed anew by one click."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestMonthDifference(CcmCommon):
    """October was billed on 3 November: 25 minutes of the nurse, 99490."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.entry = cls.log(cls.patient, "2026-10-05 15:00:00", minutes=25)
        cls.company.ccm_invoice_state = "posted"
        with freeze_time("2026-11-03 15:00:00"):
            cls.month = cls.env["ccm.month"]._refresh("2026-10-01", cls.patient)
            cls.month.with_user(cls.biller).action_invoice()
        cls.invoice = cls.month.move_id
        cls.thursday = freeze_time("2026-11-05 15:00:00")

    def setUp(self):
        super().setUp()
        self.thursday.start()
        self.addCleanup(self.thursday.stop)

    def log_forgotten_call(self, minutes=20):
        """As the nurse does by hand, on the Thursday after the close."""
        return (
            self.env["ccm.activity"]
            .with_user(self.nurse)
            .create(
                {
                    "partner_id": self.patient.id,
                    "start": "2026-10-20 15:00:00",
                    "stop": f"2026-10-20 15:{minutes}:00",
                    "reason": "Forgot to log the call",
                }
            )
        )

    def codes(self, move):
        return {
            line.product_id.default_code: line.quantity
            for line in move.invoice_line_ids.filtered("product_id")
        }

    def live_invoices(self):
        return self.month.move_ids.filtered(
            lambda m: m.move_type == "out_invoice" and m.state != "cancel" and not m.ccm_is_released
        )

    def test_thursday_after_the_close_the_nurse_finds_a_forgotten_call(self):
        price = self.month.amount_total
        late = self.log_forgotten_call()
        self.assertTrue(late.is_late)
        self.assertFalse(self.entry.is_late)
        # The bill is what it was; the month says what would be billed by now.
        self.assertEqual((self.month.state, self.month.move_id), ("invoiced", self.invoice))
        self.assertEqual(self.month.line_ids.mapped("code"), ["99490"])
        self.assertEqual(self.codes(self.invoice), {"99490": 1})
        self.assertTrue(self.month.has_difference)
        self.assertEqual([line[:2] for line in self.month.difference["was"]], [["99490", 1]])
        self.assertEqual(
            [line[:2] for line in self.month.difference["now"]], [["99490", 1], ["99439", 1]]
        )
        more = float(self.month.difference["now"][1][2])
        self.assertAlmostEqual(self.month.difference_amount, more, 2)
        self.assertIn("45 minutes count by now", self.month.difference_minutes)
        table = self.month.with_user(self.biller).difference_table
        self.assertIn("99439", table)
        self.assertIn(f"{more:.2f}", table)
        self.assertIn(self.month, self.env["ccm.month"].search([("has_difference", "=", True)]))

        # On Friday the biller bills it anew.
        with freeze_time("2026-11-06 15:00:00"):
            self.month.with_user(self.biller).action_rebill()
        fresh = self.month.move_id
        self.assertNotEqual(fresh, self.invoice)
        self.assertEqual(self.live_invoices(), fresh)
        self.assertEqual((self.month.state, fresh.state), ("invoiced", "posted"))
        self.assertEqual(self.codes(fresh), {"99490": 1, "99439": 1})
        credit = self.invoice.reversal_move_ids
        self.assertEqual((credit.state, len(credit)), ("posted", 1))
        self.assertEqual(str(credit.invoice_date), "2026-11-06")
        self.assertEqual(self.invoice.payment_state, "reversed")
        total = sum((self.invoice | fresh).mapped("amount_untaxed")) - credit.amount_untaxed
        self.assertAlmostEqual(total, price + more, 2)
        # linked both ways, and said on all of them
        self.assertEqual(
            (fresh.ccm_replaces_id, self.invoice.ccm_replaced_by_id), (self.invoice, fresh)
        )
        self.assertFalse(fresh.ccm_replaced_by_id or self.invoice.ccm_replaces_id)
        for record in (self.month, self.invoice, fresh):
            self.assertIn("is replaced by", record.message_ids[0].body)
        # The difference is gone, and the call is in a bill like any other time.
        self.assertFalse(self.month.has_difference or self.month.difference)
        self.assertFalse(late.is_late)
        with self.refused(UserError, "already invoiced"):
            late._void("No")

    def test_a_correction_keeps_what_was_and_shows_what_follows(self):
        dialog = (
            self.env["ccm.activity.correct"]
            .with_user(self.nurse)
            .with_context(default_activity_id=self.entry.id)
            .create({"why": "Left after a quarter of an hour"})
        )
        dialog.stop = "2026-10-05 15:15:00"
        dialog.action_apply()
        kept = self.entry.revision_ids.filtered(lambda r: r.field_name == "stop")
        self.assertIn("11:25:00", kept.old_value)
        self.assertEqual((kept.user_id, kept.why), (self.nurse, "Left after a quarter of an hour"))
        self.assertFalse(self.entry.is_late, "it is in the bill")
        self.assertEqual(self.codes(self.invoice), {"99490": 1})
        self.assertTrue(self.month.has_difference)
        self.assertAlmostEqual(self.month.difference_amount, -self.month.amount_total, 2)
        self.assertIn("too few minutes", self.month.with_user(self.biller).difference_table)
        # Billed anew there is nothing to bill: the credit note stands alone.
        answer = self.month.with_user(self.biller).action_rebill()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertEqual((self.month.state, len(self.live_invoices())), ("short", 0))
        self.assertEqual(self.invoice.payment_state, "reversed")

    def test_only_who_may_correct_it(self):
        vals = {"stop": "2026-10-05 15:15:00", "correction_reason": "x"}
        with self.refused(AccessError):
            self.entry.with_user(self.doctor).write(vals)
        with self.refused(AccessError):
            self.entry.with_user(self.biller).write(vals)
        self.entry.with_user(self.manager).write(vals)
        self.assertTrue(self.month.has_difference)

    def test_what_is_in_the_bill_stays_locked(self):
        entry = self.entry.with_user(self.nurse)
        for vals in ({"note": "Other words"}, {"stop": "2026-10-05 15:15:00"}, {"reason": "x"}):
            with self.refused(UserError):
                entry.write(vals)
        for why in ("", "   "):
            with self.refused(UserError):
                entry.write({"note": "Other words", "correction_reason": why})
        with self.refused(UserError, "already invoiced"):
            entry._void("No")
        with self.refused(UserError, "already invoiced"):
            self.entry.sudo().unlink()
        with self.refused(AccessError):
            entry.write({"is_late": True})
        with self.refused(UserError, "closed"):
            self.month.with_user(self.doctor).write({"complex_mdm": True})
        self.assertFalse(self.month.has_difference)

    def test_what_came_in_late_may_still_be_taken_out(self):
        late = self.log_forgotten_call()
        late._void("It was another patient")
        self.assertFalse(self.month.has_difference or self.month.difference)

    def test_moved_in_and_out(self):
        other = self.log(self.patient, "2026-11-02 15:00:00").with_user(self.nurse)
        other.write(
            {
                "start": "2026-10-31 15:00:00",
                "stop": "2026-10-31 15:20:00",
                "correction_reason": "Wrong day",
            }
        )
        self.assertTrue(other.is_late and self.month.has_difference)
        other.write(
            {
                "start": "2026-11-02 15:00:00",
                "stop": "2026-11-02 15:20:00",
                "correction_reason": "It was right",
            }
        )
        self.assertFalse(other.is_late or self.month.has_difference)

    def test_a_few_minutes_change_no_bill(self):
        self.log_forgotten_call(minutes=10)
        self.assertFalse(self.month.has_difference)
        self.assertIn("35 minutes count by now", self.month.difference_minutes)
        self.assertFalse(self.month.difference_amount)
        with self.refused(UserError, "needs no other bill"):
            self.month.with_user(self.biller).action_rebill()

    def test_other_facts_that_change(self):
        """The other practitioner's bill comes to light; later it is mended."""
        other = self.env["ccm.other.service"].create(
            {"partner_id": self.patient.id, "kind": "other_ccm", "date_from": "2026-10-01"}
        )
        self.assertTrue(self.month.has_difference)
        self.assertIn("only one is paid", self.month.with_user(self.biller).difference_table)
        other.date_from = "2026-11-01"
        self.assertFalse(self.month.has_difference)

    def test_keep_the_bill_until_something_else_changes(self):
        self.log_forgotten_call()
        action = self.month.with_user(self.biller).action_keep_bill()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
            .create({"reason": "Too small to send again"})
        )
        dialog.action_apply()
        self.assertEqual((self.month.has_difference, self.month.difference_amount), (False, 0))
        self.assertIn("Too small to send again", self.month.message_ids[0].body)
        self.patient.ccm_mbi = "1EG4TE5MK73"  # a fact that changes nothing
        self.assertFalse(self.month.has_difference)
        # 25 + 20 + 20 minutes: another unit
        self.log(self.patient, "2026-10-21 15:00:00", minutes=20)
        self.assertTrue(self.month.has_difference)
        self.assertEqual(self.month.difference["now"][1][:2], ["99439", 2])

    def test_a_draft_is_made_anew_without_a_credit_note(self):
        self.company.ccm_invoice_state = "draft"
        self.invoice.button_draft()
        self.log_forgotten_call()
        self.month.with_user(self.biller).action_rebill()
        self.assertEqual(self.invoice.state, "cancel")
        self.assertFalse(self.invoice.reversal_move_ids)
        fresh = self.live_invoices()
        self.assertEqual((fresh, fresh.state), (self.month.move_id, "draft"))
        self.assertEqual(fresh.ccm_replaces_id, self.invoice)

    def test_pressed_twice(self):
        self.log_forgotten_call()
        self.month.with_user(self.biller).action_rebill()
        with self.refused(UserError, "needs no other bill"):
            self.month.with_user(self.biller).action_rebill()
        self.assertEqual(len(self.live_invoices()), 1)
        self.assertEqual(len(self.invoice.reversal_move_ids), 1)

    def test_a_new_bill_that_fails_leaves_the_old_one(self):
        """The practice's journal is gone by then: nothing is credited either."""
        self.log_forgotten_call()
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        with self.refused(UserError, "No journal could be found"):
            self.month.with_user(self.biller).action_rebill()
        self.env.invalidate_all()
        self.assertEqual((self.month.state, self.month.move_id), ("invoiced", self.invoice))
        self.assertFalse(self.invoice.reversal_move_ids)
        self.assertTrue(self.month.has_difference)

    def test_a_part_that_was_credited_is_left_to_people(self):
        self.log_forgotten_call()
        part = self.invoice._reverse_moves([{"invoice_date": "2026-11-04"}])
        part.invoice_line_ids[0].price_unit = 1
        part.action_post()
        with self.refused(UserError, "has the credit note"):
            self.month.with_user(self.biller).action_rebill()
        self.assertEqual(self.month.state, "invoiced")

    def test_locked_period(self):
        """As Odoo books it: the credit note and the new invoice fall into the first open day."""
        self.log_forgotten_call()
        self.company.fiscalyear_lock_date = "2026-10-31"
        self.month.with_user(self.biller).action_rebill()
        fresh = self.month.move_id
        for move in (self.invoice.reversal_move_ids, fresh):
            self.assertEqual(move.state, "posted")
            self.assertGreater(str(move.date), "2026-10-31")
        self.assertEqual(self.live_invoices(), fresh)

    def test_the_old_invoice_comes_back_to_life(self):
        """Credited, time is added, and then the accountant takes the credit note back."""
        late = self.log_forgotten_call()
        self.month.with_user(self.biller)._undo_bills("Too little")
        self.assertEqual((self.month.state, self.month.total_minutes), ("ready", 45))
        self.assertFalse(late.is_late)
        self.invoice.reversal_move_ids.button_draft()
        # The month says again what that invoice bills, and what it does not.
        self.assertEqual((self.month.state, self.month.move_id), ("invoiced", self.invoice))
        self.assertEqual((self.month.total_minutes, self.month.codes), (25, "99490"))
        self.assertEqual((late.is_late, self.entry.is_late), (True, False))
        self.assertTrue(self.month.has_difference)
        self.assertEqual(self.month.difference["minutes"], [25, 45])

    def test_only_billers(self):
        self.log_forgotten_call()
        for user in (self.nurse, self.doctor):
            month = self.month.with_user(user)
            for method in ("action_rebill", "action_undo_bill", "action_keep_bill"):
                with self.refused(AccessError):
                    getattr(month, method)()
            for model, vals in (
                ("ccm.month.keep", {"reason": "x"}),
                ("ccm.month.undo", {"reason": "x"}),
            ):
                with self.refused(AccessError):
                    self.env[model].with_user(user).create(
                        {"month_ids": month.ids, **vals}
                    ).action_apply()
            # that it differs is everybody's to see, money is not
            self.assertTrue(month.has_difference)
            self.assertIn("45 minutes", month.difference_minutes)
            with self.refused(AccessError):
                month.read(["difference"])
        with self.refused(AccessError):
            self.month.with_user(self.biller).write({"has_difference": False})

    def test_as_many_queries_for_ten_billed_months_as_for_one(self):
        def queries(patients):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["ccm.month"].sudo()._refresh_billed(patients)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        patients = self.patient
        for number in range(10):
            patients |= self.make_ready_patient(
                day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"MRN-{number}x"
            )
            # on the same day, whose prices are looked up once
            self.log(patients[-1], f"2026-10-05 {number + 4:02d}:00:00", minutes=25)
        ready = self.env["ccm.month"]._refresh("2026-10-01", patients - self.patient)
        ready.with_user(self.biller).action_invoice()
        self.assertEqual(set(ready.mapped("state")), {"invoiced"})
        queries(patients)  # what is read once in a process
        self.assertLessEqual(queries(patients), queries(self.patient) + 2)

    def test_old_bills_are_left_alone(self):
        """Nobody sends a claim after a year: what changes then shows on no bill."""
        with freeze_time("2028-01-05 15:00:00"):
            self.env["ccm.other.service"].create(
                {"partner_id": self.patient.id, "kind": "other_ccm", "date_from": "2026-10-01"}
            )
        self.assertFalse(self.month.has_difference)
