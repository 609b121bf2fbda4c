"""The document of a month's close: its runs, in batches, and what becomes of them."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestClose(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patients = cls.make_october([25] * 5)
        cls.company.ccm_biller_id = cls.biller
        clock = freeze_time("2026-11-03 15:00:00")
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.months = cls.env["ccm.month"]._refresh("2026-10-01", cls.patients)
        cls.close = cls.open_close(cls.biller)

    @classmethod
    def open_close(cls, user):
        """Open the list of months as ``user`` does, and return the document of October."""
        closes = cls.env["ccm.close"].with_user(user)
        closes.action_open_list()
        return closes.search([("month", "=", "2026-10-01"), ("company_id", "=", cls.company.id)])

    # --- the story ---

    def test_close_in_batches(self):
        progress = self.close.action_start()
        self.assertEqual(
            (progress["state"], progress["total"], progress["done"]), ("running", 5, 0)
        )
        seen = []
        while progress["state"] == "running":
            progress = self.close.action_run_batch(2)
            seen.append((progress["state"], progress["done"]))
        self.assertEqual(seen, [("running", 2), ("running", 4), ("running", 5), ("done", 5)])
        self.assertEqual(set(self.months.mapped("state")), {"invoiced"})
        self.assertEqual(len(self.months.move_id), 5)
        self.assertAlmostEqual(self.close.amount, sum(self.months.move_id.mapped("amount_untaxed")))
        self.assertEqual(self.close.started_by_id, self.biller)
        self.assertTrue(self.close.ended_on)
        history = " ".join(self.close.message_ids.mapped("body"))
        self.assertIn("Close begun: 5 patients are ready", history)
        self.assertIn("Close ended: 5 of 5 billed", history)
        self.assertEqual(self.close.message_ids.author_id, self.biller.partner_id)

    def test_stop_and_resume(self):
        self.close.action_start()
        self.close.action_run_batch(2)
        self.assertEqual(self.close.action_stop()["state"], "stopped")
        self.assertEqual(self.close.action_run_batch(2)["done"], 2, "a batch that came too late")
        self.assertEqual(self.close.action_resume()["state"], "running")
        self.close.action_run_batch(9)
        self.assertEqual(self.close.action_run_batch(9)["state"], "done")
        self.assertEqual(self.close.done_count, 5)
        self.assertEqual(self.close.run, 1)

    # --- what fails ---

    def test_a_failed_month_is_tried_once_a_run(self):
        bad = self.patients[0]
        account = self.break_bill_of(bad)
        self.close.action_start()
        for _batch in range(4):
            progress = self.close.action_run_batch(2)
        self.assertEqual((progress["state"], progress["done"], progress["failed"]), ("done", 4, 1))
        [failure] = progress["failures"]
        self.assertEqual(failure["name"], "Patient 0")
        self.assertIn("is archived", failure["message"])
        self.assertEqual(self.close.ready_count, 1)
        self.assertEqual(sum(self.close.batch_ids.mapped("failed_count")), 1, "not tried again")

        # Mended the same day, the next run takes it.
        account.active = True
        self.close.action_start()
        self.close.action_run_batch(2)
        progress = self.close.action_run_batch(2)
        self.assertEqual((progress["state"], progress["done"], progress["total"]), ("done", 1, 1))
        self.assertEqual(progress["failures"], [])
        self.assertEqual(self.close.run, 2)
        self.assertEqual(self.close.invoiced_count, 5)

    def test_nothing_ready(self):
        self.months.write({"state": "cancelled"})
        with self.refused(UserError, "Nothing of October 2026 is ready"):
            self.close.action_start()
        self.assertEqual(self.close.state, "open")

    # --- who is at work ---

    def test_interrupted_run_is_seen_and_gone_on_with(self):
        self.close.action_start()
        self.close.action_run_batch(2)
        self.assertFalse(self.close.get_progress()["is_interrupted"])
        with freeze_time("2026-11-03 15:02:00"):
            self.assertTrue(self.close.get_progress()["is_interrupted"])
            self.assertEqual(self.close.action_run_batch(9)["done"], 5)
            self.assertFalse(self.close.get_progress()["is_interrupted"])

    def test_the_night_goes_on_with_an_interrupted_run(self):
        self.company.ccm_close_day = 0  # somebody began it by hand, so it is ended
        self.close.action_start()
        self.close.action_run_batch(2)
        self.run_close("2026-11-04 08:00:00")
        self.assertEqual(set(self.months.mapped("state")), {"invoiced"})
        self.assertEqual((self.close.state, self.close.run, self.close.done_count), ("done", 1, 5))
        self.assertEqual(self.close.started_by_id, self.biller)

    def test_the_night_leaves_what_somebody_stopped(self):
        self.close.action_start()
        self.close.action_run_batch(2)
        self.close.action_stop()
        self.run_close("2026-11-09 08:00:00")
        self.assertEqual(self.close.invoiced_count, 2)
        self.assertEqual(self.close.state, "stopped")

    def test_the_night_closes_by_the_same_document(self):
        self.run_close("2026-11-05 12:00:00")
        self.assertEqual((self.close.state, self.close.done_count), ("done", 5))
        self.assertEqual(self.close.started_by_id, self.env.ref("base.user_root"))

    def test_begun_twice_is_one_run(self):
        self.close.action_start()
        self.close.with_user(self.manager).action_start()
        self.assertEqual(self.close.run, 1)
        self.assertEqual(self.close.started_by_id, self.biller)

    # --- the document ---

    def test_one_document_a_month(self):
        again = self.open_close(self.manager)
        self.assertEqual(again.id, self.close.id)
        closes = self.env["ccm.close"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            closes.mapped("month"), [date(2026, 10, 1), date(2026, 9, 1)], "those with patients"
        )
        with self.refused_by_database("ccm_close_company_month_unique"):
            self.env["ccm.close"].create({"company_id": self.company.id, "month": "2026-10-01"})

    def test_many_documents_at_once_cost_no_more(self):
        closes = self.env["ccm.close"].search([("company_id", "=", self.company.id)])
        names = ["ready_count", "ready_amount", "done_count", "is_interrupted"]
        closes[:1].read(names)

        def queries(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        self.assertEqual(queries(closes), queries(closes[:1]))

    # --- who may ---

    def test_only_billers(self):
        for user in (self.nurse, self.doctor, self.outsider):
            close = self.close.with_user(user)
            with self.refused(AccessError):
                self.env["ccm.close"].with_user(user).action_open_list()
            for name in ("action_start", "action_run_batch", "action_stop", "action_resume"):
                with self.refused(AccessError):
                    getattr(close, name)()
            with self.refused(AccessError):
                close.get_progress()
        with self.refused(AccessError):
            self.close.write({"state": "done"})

    def test_another_practice_s_month(self):
        other = self.env["res.company"].create({"name": "Other Practice"})
        self.biller.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        with self.refused(AccessError):
            self.close.with_company(other).action_start()

    def test_a_bookmark_is_the_menu_s_own_action(self):
        """Else the page that it opens has no menu of the app."""
        for path in ("ccm-close", "ccm-this-month"):
            action = self.env["ir.actions.actions"].search([("path", "=", path)])
            menus = self.env["ir.ui.menu"].search([("action", "=", f"{action.type},{action.id}")])
            self.assertTrue(menus, path)
