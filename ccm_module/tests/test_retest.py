"""Past bills decided again under other codes, fees and settings: what would differ, nothing written."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestRetest(CcmCommon):
    """October is billed: Ada has 65 minutes of the nurse, Bea 25, Cleo 31 of the doctor herself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada, cls.bea, cls.cleo = (
            cls.make_ready_patient(day="2026-09-01", name=name, ccm_mrn=name)
            for name in ("Ada", "Bea", "Cleo")
        )
        cls.log(cls.ada, "2026-10-05 15:00:00", minutes=65)
        cls.log(cls.bea, "2026-10-06 15:00:00", minutes=25)
        cls.log(cls.cleo, "2026-10-07 15:00:00", minutes=31, user=cls.doctor)
        with freeze_time("2026-11-03 15:00:00"):
            cls.months = cls.env["ccm.month"]._refresh("2026-10-01", cls.ada | cls.bea | cls.cleo)
            cls.months.with_user(cls.biller).action_invoice()
        cls.env.flush_all()

    def retest(self, **vals):
        with freeze_time("2027-01-05 15:00:00"):
            wizard = self.env["ccm.retest"].with_user(self.biller).create(vals)
            wizard.action_test()
        return wizard

    def differing(self, wizard):
        return {
            line.partner_id.name: (line.old_codes, line.new_codes, line.difference)
            for line in wizard.line_ids
        }

    def code(self, code):
        return self.env["ccm.service.code"].search([("code", "=", code)])

    def test_nothing_changed_nothing_differs(self):
        wizard = self.retest()
        self.assertEqual(str(wizard.date_from), "2026-01-01")
        self.assertEqual(str(wizard.date_to), "2026-12-01")
        self.assertEqual((wizard.tested_count, wizard.different_count), (3, 0))
        self.assertAlmostEqual(wizard.old_total, 167.01 + 66.13 + 89.18)
        self.assertAlmostEqual(wizard.new_total, wizard.old_total)

    def test_a_lower_limit_in_the_catalogue(self):
        self.code("99439").max_units = 1
        wizard = self.retest()
        self.assertEqual(
            self.differing(wizard), {"Ada": ("99490 + 99439 ×2", "99490 + 99439", -50.44)}
        )
        self.assertAlmostEqual(wizard.difference, -50.44)
        self.assertAlmostEqual(wizard.new_total, wizard.old_total - 50.44)
        self.assertFalse(self.retest(rules="kept").line_ids, "by the rules of that time")

    def test_the_codes_of_a_day(self):
        """From 2027 on Ada's 65 minutes need a longer first hour; October is judged by that."""
        code = self.code("99439")
        code.date_to = "2026-12-31"
        code.copy({"date_from": "2027-01-01", "date_to": False, "first_minutes": 50})
        self.assertFalse(self.retest().line_ids, "the catalogue knows what was valid in October")
        self.assertEqual(
            self.differing(self.retest(rules="day", rule_day="2027-01-01", fees="kept")),
            {"Ada": ("99490 + 99439 ×2", "99490 + 99439", -50.44)},
        )

    def test_a_code_that_was_not_valid(self):
        """Without 99491 in the catalogue Cleo's minutes serve as staff time."""
        self.code("99491").date_from = "2026-11-01"
        self.assertEqual(self.differing(self.retest()), {"Cleo": ("99491", "99490", -23.05)})

    def test_another_setting(self):
        self.assertEqual(
            self.differing(self.retest(choice="staff_first")),
            {"Cleo": ("99491", "99490", -23.05)},
        )

    def test_fees_known_better_now(self):
        """The conversion factor was mended after the bills; the old rules find the old bills."""
        schedule = self.env["ccm.fee.schedule"].search([("date_from", "=", "2026-01-01")])
        schedule.conversion_factor *= 2
        wizard = self.retest()
        self.assertEqual(wizard.different_count, 3)
        self.assertAlmostEqual(wizard.new_total, 2 * wizard.old_total, delta=0.05)
        self.assertFalse(self.retest(fees="kept").line_ids)

    def test_the_fees_of_a_day(self):
        wizard = self.retest(fees="day", fee_day="2025-06-01")
        self.assertEqual(wizard.different_count, 3)
        self.assertLess(wizard.new_total, wizard.old_total, "2025 paid less")
        without = self.retest(fees="day", fee_day="2024-06-01")
        self.assertEqual(without.new_total, 0)
        self.assertIn("No price is known for 99439, 99490", without.line_ids[0].reason)

    def test_time_on_the_day_of_a_visit(self):
        self.make_visit(self.bea, "2026-10-06")
        month = self.months.filtered(lambda m: m.partner_id == self.bea)
        with freeze_time("2026-11-04 15:00:00"):
            month.move_id.unlink()
            month.with_user(self.biller).action_invoice()
        wizard = self.retest(visit_day_rule="exclude")
        self.assertEqual(self.differing(wizard), {"Bea": ("99490", "", -66.13)})
        self.assertEqual(wizard.tested_count, 3, "of Bea's two bills the one that stands")

    def test_other_months_and_undone_bills_are_left_out(self):
        self.assertEqual(self.retest(date_from="2026-11-01").tested_count, 0)
        self.assertEqual(self.retest(date_to="2026-09-30").tested_count, 0)
        self.months[0].move_id.unlink()
        self.assertEqual(self.retest().tested_count, 2)

    def test_nothing_is_written_but_the_test_itself(self):
        """As PostgreSQL counts the rows that this transaction wrote, table by table."""
        self.code("99439").max_units = 1
        self.env.flush_all()

        def written():
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            )
            return dict(self.env.cr.fetchall())

        before = written()
        self.retest(choice="staff_first")
        after = written()
        self.assertEqual(
            {table for table in after if after[table] != before.get(table, 0)},
            {"ccm_retest", "ccm_retest_line"},
        )

    def test_a_second_run_replaces_the_first(self):
        wizard = self.retest(fees="day", fee_day="2025-06-01")
        wizard.fees = "kept"
        wizard.action_test()
        self.assertEqual((wizard.different_count, len(wizard.line_ids)), (0, 0))

    def test_queries_do_not_grow(self):
        self.company.ccm_code_choice = "staff_first"

        def queries(date_to):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.retest(date_to=date_to, fees="day", fee_day="2025-06-01")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries("2026-10-31")  # fees and codes are read once
        three = queries("2026-10-31")
        patients = self.env["res.partner"]
        for number in range(9):
            patient = self.make_ready_patient(
                day="2026-09-01", name=f"More {number}", ccm_mrn=f"M-{number}"
            )
            self.log(patient, f"2026-10-12 {10 + number}:00:00", minutes=25)
            patients |= patient
        with freeze_time("2026-11-04 15:00:00"):
            self.env["ccm.month"]._refresh("2026-10-01", patients).action_invoice()
        self.assertEqual(queries("2026-10-31"), three)

    def test_what_was_asked_must_make_sense(self):
        for vals, message in (
            ({"date_from": "2026-12-01", "date_to": "2026-01-01"}, "From Month"),
            ({"rules": "day"}, "Codes Valid On"),
            ({"fees": "day"}, "Fees Of"),
        ):
            with self.refused(UserError, message):
                self.retest(**vals)

    def test_only_billers(self):
        for user in (self.nurse, self.doctor, self.outsider):
            with self.refused(AccessError):
                self.env["ccm.retest"].with_user(user).create({})
        wizard = self.env["ccm.retest"].with_user(self.make_stranger())
        wizard = wizard.create({"date_from": "2026-01-01"})
        wizard.action_test()
        self.assertEqual(wizard.tested_count, 0)
        with self.refused(AccessError):
            wizard.company_id = self.company.id
            wizard.action_test()

    def test_opens_the_decision(self):
        line = self.retest(fees="day", fee_day="2025-06-01").line_ids[0]
        self.assertEqual(line.action_view_decision()["res_id"], line.decision_id.id)
