"""The demo data hold on any day: nothing of them lies ahead, and they show every outcome."""

from datetime import datetime

from freezegun import freeze_time

from odoo.modules import Manifest
from odoo.tests import TransactionCase
from odoo.tools import convert_file

from ..billing.record import decide_again

CODES = {"99490", "99439", "99491", "99437", "99487", "99489", "G0506"}
BLOCKERS = {
    "conditions",
    "consent_other_practitioner",
    "consent_revoked",
    "entries_to_review",
    "initiating_visit",
    "no_enrollment",
    "other_esrd",
    "plan_copy_missing",
    "plan_not_approved",
}
# (model, field) of what happened; a plan's next review or a goal's day may well be ahead
HAPPENED = (
    ("ccm.activity", "stop"),
    ("ccm.care.plan", "approved_on"),
    ("ccm.care.plan", "copy_given_on"),
    ("ccm.condition", "onset_date"),
    ("ccm.consent", "given_at"),
    ("ccm.consent", "recorded_at"),
    ("ccm.consent", "revoked_on"),
    ("ccm.enrollment", "date_start"),
    ("ccm.enrollment", "date_end"),
    ("ccm.other.service", "date_from"),
    ("ccm.other.service", "date_to"),
    ("ccm.visit", "date"),
)


class TestDemo(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.is_loaded = bool(
            cls.env.ref("ccm_module.demo_patient_okonkwo", raise_if_not_found=False)
        )
        if not cls.is_loaded:
            *files, cls.dated_file = Manifest.for_addon("ccm_module")["demo"]
            for path in files:
                cls.load(path)

    def setUp(self):
        super().setUp()
        if self.is_loaded:
            self.skipTest("this database has its demo data already")

    @classmethod
    def load(cls, path):
        convert_file(cls.env, "ccm_module", path, {}, mode="init", noupdate=True)

    def test_first_of_month_just_after_midnight_as_clocks_go_back(self):
        self.check_on("2026-11-01 04:30:00")

    def test_last_of_month_that_utc_has_left_already(self):
        self.check_on("2027-02-01 02:00:00")

    def test_leap_day_of_a_year_without_fees(self):
        self.check_on("2028-02-29 14:00:00")

    def test_new_years_eve(self):
        self.check_on("2026-12-31 20:00:00")

    def check_on(self, moment):
        with freeze_time(moment):
            self.load(self.dated_file)
            self.company = self.env.ref("base.main_company")
            self.months = self.env["ccm.month"].with_company(self.company)
            before = self.months.search([])
            self.check_nothing_is_ahead()
            self.close_months()
            self.check_all_is_shown()
            self.check_decided_again()
            self.env["ccm.demo"]._load()
            self.assertEqual(self.months.search([]), before, "a second load adds nothing")

    def close_months(self):
        """Run the nightly close, as dev/demo does after the install."""
        with self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_close_month").method_direct_trigger()
        self.env.invalidate_all()

    def check_all_is_shown(self):
        months = self.months.search([])
        states = {name for name, _label in months._fields["state"].selection}
        self.assertEqual(set(months.mapped("state")), states)
        self.assertEqual(len(set(months.mapped("month"))), 4)
        billed = months.filtered(lambda month: month.state == "invoiced")
        self.assertEqual(set(billed.line_ids.mapped("code")), CODES)
        self.assertIn(
            2, billed.line_ids.filtered(lambda line: line.code == "99439").mapped("units")
        )
        notes = months.blocker_ids
        missing = notes.filtered(lambda note: note.severity == "blocker")
        self.assertEqual(set(missing.mapped("code")), BLOCKERS)
        self.assertIn("not_listed_chronic", notes.mapped("code"))
        left_out = set().union(*(month.details["excluded"] for month in months if month.details))
        self.assertLessEqual({"before_consent", "simultaneous", "inpatient"}, left_out)
        self.assertEqual(
            set(self.env["ccm.enrollment"].search([]).mapped("state")),
            {"candidate", "contacted", "considering", "active", "declined", "ended"},
        )
        self.assertTrue(self.env["ccm.activity"].search([("shared_count", "=", 3)]))
        self.assertFalse(self.env["ccm.activity"].search([("state", "=", "running")]))

    def check_decided_again(self):
        """Each bill comes out the same from its decision record alone, down to the invoice."""
        billed = self.months.search([("state", "=", "invoiced")])
        self.assertTrue(billed)
        for month in billed:
            again = decide_again(month.decision_id._as_record())
            self.assertEqual(
                [(line.code, line.units, float(line.price)) for line in again.lines],
                [
                    (line.product_id.default_code, line.quantity, line.price_unit)
                    for line in month.move_id.invoice_line_ids
                ],
            )
            self.assertEqual(again.service_date, month.move_id.ccm_service_date)
        self.assertTrue(all(self.env["ccm.decision"].search([])._rerun().values()))

    def check_nothing_is_ahead(self):
        now, today = datetime.now(), self.company._ccm_today()  # noqa: DTZ005 - frozen, UTC
        for model, name in HAPPENED:
            found = [value for value in self.env[model].search([]).mapped(name) if value]
            latest = now if isinstance(found[0], datetime) else today
            self.assertLessEqual(max(found), latest, f"{model} {name}")
        moves = self.months.search([]).move_ids
        self.assertLessEqual(max(moves.mapped("invoice_date")), today)
        self.assertLessEqual(max(self.env["account.payment"].search([]).mapped("date")), today)
