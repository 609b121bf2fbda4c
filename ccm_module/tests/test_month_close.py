"""The nightly close: when it runs, what it does with the one bad patient, where it books."""

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import ccm_month_close
from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestMonthClose(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patients = cls.make_october([25] * 5)
        cls.company.ccm_biller_id = cls.biller

    def months(self):
        return self.patients.ccm_month_ids.filtered(lambda m: str(m.month) == "2026-10-01")

    def test_waits_for_the_close_day_in_the_practice_s_zone(self):
        self.company.ccm_tz = "Pacific/Honolulu"
        self.company.ccm_close_day = 5
        self.run_close("2026-11-05 09:59:00")  # still the 4th there
        self.assertEqual(set(self.months().mapped("state")), {"ready"}, "for the biller to see")
        self.run_close("2026-11-05 10:00:00")
        self.assertEqual(set(self.months().mapped("state")), {"invoiced"})

    def test_day_nought_decides_and_never_bills(self):
        self.company.ccm_close_day = 0
        self.run_close("2026-11-28 12:00:00")
        self.assertEqual(set(self.months().mapped("state")), {"ready"}, "for the biller's button")

    def test_a_late_mend_and_an_outage_lose_no_month(self):
        """Nothing ran in November; in January, October is billed all the same."""
        self.run_close("2027-01-05 12:00:00")
        self.assertEqual(set(self.months().mapped("state")), {"invoiced"})

    def test_what_is_older_than_a_year_is_left_to_people(self):
        self.run_close("2027-12-05 12:00:00")
        self.assertNotIn("invoiced", self.months().mapped("state"))

    def test_batches(self):
        self.patch(ccm_month_close, "BATCH", 2)
        self.run_close("2026-11-05 12:00:00")
        self.assertEqual(set(self.months().mapped("state")), {"invoiced"})
        self.assertEqual(len(self.months().move_id), 5)

    def test_running_again_bills_nothing_twice(self):
        for day in (5, 6, 7):
            self.run_close(f"2026-11-0{day} 12:00:00")
        self.assertEqual(len(self.months().move_ids), 5)

    def test_one_bad_patient_never_stops_the_rest(self):
        bad = self.patients[2]
        account = self.break_bill_of(bad)
        self.run_close("2026-11-05 12:00:00")
        month = bad.ccm_month_ids.filtered(lambda m: str(m.month) == "2026-10-01")
        others = self.months() - month
        self.assertEqual(set(others.mapped("state")), {"invoiced"})
        self.assertEqual(set(others.move_id.mapped("state")), {"posted"})
        self.assertEqual(month.state, "ready")
        self.assertIn("is archived", month.error_message)
        self.assertEqual(month.activity_ids.user_id, self.biller)

        # The next night finds it still broken: the same one activity.
        self.run_close("2026-11-06 12:00:00")
        self.assertEqual(len(month.activity_ids), 1)
        self.assertEqual(str(month.error_on), "2026-11-06")

        # Mended, it is billed, and the flag and the activity go.
        account.active = True
        self.run_close("2026-11-07 12:00:00")
        self.assertEqual((month.state, month.error_message), ("invoiced", False))
        self.assertFalse(month.activity_ids)

    @mute_logger("odoo.addons.ccm_module.models.ccm_month_invoice")
    def test_unexpected_error_tells_no_more_than_its_kind(self):
        month_class = type(self.env["ccm.month"])
        original = month_class._prepare_move_values
        bad = self.patients[1]

        def explode(month, *args):
            if month.partner_id == bad:
                raise KeyError("secret")
            return original(month, *args)

        self.patch(month_class, "_prepare_move_values", explode)
        self.run_close("2026-11-05 12:00:00")
        month = self.months().filtered(lambda m: m.partner_id == bad)
        self.assertIn("KeyError", month.error_message)
        self.assertNotIn("secret", month.error_message)
        self.assertEqual((self.months() - month).mapped("state"), ["invoiced"] * 4)

    def test_button_tells_what_failed(self):
        with freeze_time("2026-11-05 12:00:00"):
            months = self.env["ccm.month"]._refresh("2026-10-01", self.patients)
            self.env["account.journal"].search([("type", "=", "sale")]).active = False
            result = months.with_user(self.biller).action_invoice()
        self.assertEqual(result["params"]["type"], "danger")
        self.assertIn("no sales journal", result["params"]["message"])
        self.assertEqual(set(months.mapped("state")), {"ready"})

    def test_locked_period_books_into_the_first_open_one(self):
        self.company.ccm_invoice_state = "posted"
        self.company.fiscalyear_lock_date = "2026-10-31"
        self.run_close("2026-11-05 12:00:00")
        move = self.months()[0].move_id
        self.assertEqual(str(move.ccm_service_date), "2026-10-01")
        self.assertEqual(str(move.invoice_date), "2026-10-31")
        self.assertGreater(str(move.date), "2026-10-31")

    def test_fees_loaded_late_are_taken_in_the_next_night(self):
        schedule = self.env["ccm.fee.schedule"].search([("date_from", "=", "2026-01-01")])
        schedule.date_to = "2026-09-30"
        with freeze_time("2026-11-04 12:00:00"):
            self.months().action_refresh()
        self.run_close("2026-11-05 12:00:00")
        self.assertEqual(set(self.months().mapped("state")), {"blocked"})
        self.assertIn("No price is known for 99490", self.months()[0].reason)
        schedule.date_to = "2026-12-31"
        self.run_close("2026-11-06 12:00:00")
        self.assertEqual(set(self.months().mapped("state")), {"invoiced"})

    def test_invoice_date_of_the_close(self):
        self.company.ccm_invoice_date = "today"
        self.run_close("2026-11-05 12:00:00")
        self.assertEqual(
            set(self.months().move_id.mapped("invoice_date")), {fields.Date.to_date("2026-11-05")}
        )

    def test_late_time_between_refresh_and_bill_is_in_the_bill(self):
        with freeze_time("2026-11-04 12:00:00"):
            month = self.env["ccm.month"]._refresh("2026-10-01", self.patients[0])
        self.log(self.patients[0], "2026-10-20 15:00:00", minutes=15)
        self.run_close("2026-11-05 12:00:00")
        self.assertEqual(month.line_ids.mapped("code"), ["99490", "99439"])
        self.assertEqual(
            month.move_id.invoice_line_ids.product_id.mapped("default_code"), ["99490", "99439"]
        )

    def test_two_companies_two_zones_two_currencies(self):
        """The same moment is October for one practice and November for the other."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": self.env.ref("base.USD").id, "rate": 1.25, "name": "2026-01-01"}
        )
        guam = self.env["res.company"].create(
            {"name": "Guam Practice", "ccm_tz": "Pacific/Guam", "currency_id": euro.id}
        )
        self.env["account.chart.template"].try_loading("generic_coa", guam, install_demo=False)
        guam.currency_id = euro
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.env.ref("base.USD").id,
                "rate": 1.25,
                "name": "2026-01-01",
                "company_id": guam.id,
            }
        )
        self.env.user.company_ids = [Command.link(guam.id)]
        (self.nurse | self.doctor).company_ids = [Command.link(guam.id)]
        patient = self.env["res.partner"].with_company(guam).create({"name": "Guam Patient"})
        with freeze_time("2026-09-01 14:00:00"):
            for diagnosis in (self.diabetes, self.hypertension):
                self.make_condition(patient, diagnosis, company_id=guam.id)
            self.make_visit(patient, "2026-09-01", company_id=guam.id)
            self.make_consent(patient, company_id=guam.id).action_give()
            self.make_approved_plan(
                patient, company_id=guam.id, copy_given_on="2026-09-02", copy_way="paper"
            )
            self.make_enrollment(patient, company_id=guam.id).action_activate()
        # 31 October 15:00 UTC is 1 November in Guam.
        self.log(patient, "2026-10-31 15:00:00", minutes=20, company_id=guam.id)
        worked = patient.ccm_month_ids.filtered("total_minutes")
        self.assertEqual(str(worked.month), "2026-11-01")
        guam.ccm_close_day = 1
        self.company.ccm_close_day = 0
        # 1 December in Guam, still November in New York.
        self.run_close("2026-11-30 14:01:00")
        month = patient.ccm_month_ids.filtered("move_id")
        self.assertEqual(month.move_id.company_id, guam)
        self.assertEqual(month.move_id.currency_id, euro)
        self.assertAlmostEqual(month.move_id.amount_untaxed, 52.90, 2, "66.13 dollars at 1.25")
        self.assertNotIn("invoiced", self.months().mapped("state"))
