"""The close where the books are locked, closed, missing or broken: who can be billed is."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import CcmCommon

CLOSE = "2026-11-05 12:00:00"
NEXT_NIGHT = "2026-11-06 12:00:00"


class CloseEdges(CcmCommon):
    """Four patients with an October to bill; each is its own payer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"ccm_biller_id": cls.biller.id, "ccm_invoice_state": "posted"})
        cls.patients = cls.make_october([25] * 4)
        cls.bad = cls.patients[2]

    def months(self):
        return self.patients.ccm_month_ids.filtered(lambda m: str(m.month) == "2026-10-01")

    def bad_month(self):
        return self.months().filtered(lambda m: m.partner_id == self.bad)


@tagged("post_install", "-at_install")
class TestPoisoned(CloseEdges):
    """One patient's books are broken: the others are billed, and its message says what to do."""

    def check_poisoned(self, *words):
        """Close with ``bad`` broken: the rest is billed, ``bad`` is flagged with ``words``."""
        for state in ("draft", "posted"):
            self.company.ccm_invoice_state = state
            with self.env.cr.savepoint() as savepoint:
                self.run_close(CLOSE)
                others = self.months() - self.bad_month()
                self.assertEqual(others.mapped("state"), ["invoiced"] * 3)
                self.assertEqual(others.move_id.mapped("state"), [state] * 3)
                month = self.bad_month()
                self.assertEqual(month.state, "ready")
                self.assertFalse(month.move_ids)
                for word in words:
                    self.assertIn(word, month.error_message)
                self.assertNotIn(self.bad.name, month.error_message)
                self.assertEqual(month.activity_ids.user_id, self.biller)
                if state == "draft":
                    savepoint.rollback()
                    self.env.invalidate_all()

    def check_mended(self):
        """The next night bills what is mended by now, and takes the flag away."""
        self.run_close(NEXT_NIGHT)
        month = self.bad_month()
        self.assertEqual((month.state, month.error_message), ("invoiced", False))
        self.assertEqual(month.move_id.state, "posted")
        self.assertEqual(month.move_id.amount_untaxed, month.amount_total)
        self.assertFalse(month.activity_ids)
        self.assertEqual(len(self.months().move_ids), 4, "nobody is billed twice")

    def make_account(self, kind, **vals):
        return self.env["account.account"].create(
            {
                "name": "Old one",
                "code": "X1999",
                "account_type": kind,
                "reconcile": kind == "asset_receivable",
                **vals,
            }
        )

    def use_own_code(self):
        """Bill ``bad`` alone with the practitioner's own code, and return that."""
        self.log(self.bad, "2026-10-20 15:00:00", minutes=35, user=self.doctor)
        code = self.env["ccm.service.code"].search([("code", "=", "99491")], limit=1)
        self.company.ccm_code_choice = "practitioner_first"
        return code

    def make_position(self, source=None, account=None):
        position = self.env["account.fiscal.position"].create({"name": "Out of state"})
        if source:
            position.account_ids = [
                Command.create({"account_src_id": source.id, "account_dest_id": account.id})
            ]
        self.bad.property_account_position_id = position
        return position

    def test_product_archived(self):
        product = self.use_own_code().product_id
        product.active = False
        self.check_poisoned("product of code 99491 is archived", "unarchive it")
        product.active = True
        self.check_mended()

    def test_receivable_account_archived(self):
        account = self.break_bill_of(self.bad)
        self.check_poisoned("X1999", "is archived: unarchive it in the Chart of Accounts")
        account.active = True
        self.check_mended()

    def test_income_account_archived(self):
        account = self.make_account("income")
        product = self.use_own_code().product_id
        product.property_account_income_id = account
        account.active = False
        self.check_poisoned("income account X1999", "code 99491 is archived", "on the product")
        product.property_account_income_id = False
        self.check_mended()

    def test_income_account_missing(self):
        product = self.use_own_code().product_id
        category = self.env["product.category"].create({"name": "Nothing booked"})
        self.env["ir.default"].search(
            [("field_id.name", "=", "property_account_income_categ_id")]
        ).unlink()
        income = self.env["ccm.service.code"].search([]).product_id - product
        account = self.make_account("income", name="Care", code="X4000")
        income.product_tmpl_id.property_account_income_id = account
        product.categ_id = category
        category.property_account_income_categ_id = False
        self.company.income_account_id = False
        journals = self.env["account.journal"].search([("type", "=", "sale")])
        before = journals.default_account_id
        journals.default_account_id = False
        self.check_poisoned("product of code 99491 has no income account", "on its category")
        journals.default_account_id = before
        self.check_mended()

    def test_fiscal_position_archived(self):
        position = self.make_position()
        position.active = False
        self.check_poisoned("fiscal position Out of state is archived", "Accounting tab")
        self.bad.property_account_position_id = False
        self.check_mended()

    def test_fiscal_position_maps_to_an_archived_account(self):
        account = self.make_account("income")
        product = self.env["ccm.service.code"].search([("code", "=", "99490")], limit=1).product_id
        source = product.product_tmpl_id.get_product_accounts()["income"]
        position = self.make_position(source, account)
        account.active = False
        self.check_poisoned("Out of state books code 99490 to the account X1999", "mend")
        position.account_ids.unlink()
        self.check_mended()

    def test_exchange_rate_missing(self):
        """The payer's pricelist is in a currency that nobody gave a rate: not one to one."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([]).unlink()
        self.bad.specific_property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "European insurer",
                "currency_id": euro.id,
                "item_ids": [
                    Command.create({"compute_price": "fixed", "fixed_price": 50}),
                ],
            }
        )
        self.check_poisoned("No exchange rate of EUR is known on 10/03/2026", "enter one")
        rate = {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.8}
        self.env["res.currency.rate"].create(rate)
        self.check_mended()
        self.assertEqual(self.bad_month().amount_total, 62.50)

    def test_exchange_rate_of_zero_cannot_be(self):
        rate = {"currency_id": self.env.ref("base.EUR").id, "name": "2026-01-01", "rate": 0}
        with self.refused_by_database("currency_rate_check"):
            self.env["res.currency.rate"].create(rate)
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestLockedBooks(CloseEdges):
    """A locked period never stops the close: Odoo books into the first open one."""

    def check_booked_after(self, lock_date):
        self.run_close(CLOSE)
        self.assertEqual(set(self.months().mapped("state")), {"invoiced"})
        for move in self.months().move_id:
            self.assertEqual(move.state, "posted")
            self.assertEqual(str(move.ccm_service_date)[:7], "2026-10", "the claim's date stays")
            self.assertGreater(str(move.date), lock_date)

    def test_fiscal_year_lock(self):
        self.company.fiscalyear_lock_date = "2026-10-31"
        self.check_booked_after("2026-10-31")

    def test_sales_lock(self):
        self.company.sale_lock_date = "2026-10-31"
        self.check_booked_after("2026-10-31")

    def test_tax_lock(self):
        """The tax return is filed: only what is taxed has to wait."""
        tax = self.env["account.tax"].create({"name": "Health levy", "amount": 5})
        self.env["ccm.service.code"].search([]).product_id.taxes_id = tax
        self.company.tax_lock_date = "2026-10-31"
        self.check_booked_after("2026-10-31")

    def test_hard_lock(self):
        self.company.hard_lock_date = "2026-10-31"
        self.check_booked_after("2026-10-31")

    def test_closed_fiscal_year(self):
        """December's late mend is billed in January, when the accountant has closed the year."""
        for patient in self.patients:
            self.log(patient, f"2026-12-0{patient.name[-1]} 20:00:00".replace("-00", "-09"))
        with freeze_time("2026-11-05 12:00:00"):
            self.months().write({"state": "cancelled", "cancel_reason": "Asked us not to"})
        self.company.hard_lock_date = "2026-12-31"
        self.run_close("2027-01-05 12:00:00")
        december = self.patients.ccm_month_ids.filtered(lambda m: str(m.month) == "2026-12-01")
        self.assertEqual(december.mapped("state"), ["invoiced"] * 4)
        self.assertEqual({str(move.date)[:4] for move in december.move_id}, {"2027"})

    def test_locked_in_the_middle(self):
        """Drafts of the close are posted after the lock: no date of theirs is left behind it."""
        self.company.ccm_invoice_state = "draft"
        self.run_close(CLOSE)
        # Odoo itself refuses the hard lock while there are drafts
        self.company.fiscalyear_lock_date = "2026-10-31"
        with freeze_time(CLOSE):
            self.months().move_id.with_user(self.biller).action_post()
        self.assertEqual({str(move.date)[:7] for move in self.months().move_id}, {"2026-11"})


@tagged("post_install", "-at_install")
class TestCompanies(CloseEdges):
    """Practices without books, and two side by side."""

    def make_practice(self, name, currency, zone, chart=True, **vals):
        """Return a second practice in which ``bad`` is enrolled as well, with 20 minutes."""
        company = self.env["res.company"].create(
            {
                "name": name,
                "ccm_tz": zone,
                "currency_id": self.env.ref(f"base.{currency}").id,
                "ccm_invoice_state": "posted",
                "ccm_biller_id": self.biller.id,
                "ccm_close_day": 1,
                **vals,
            }
        )
        company.partner_id.npi = self.PRACTICE_NPI
        if chart:
            self.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
            company.currency_id = self.env.ref(f"base.{currency}")
        (self.env.user | self.nurse | self.doctor | self.biller).company_ids = [
            Command.link(company.id)
        ]
        own = {"company_id": company.id}
        patient = self.env["res.partner"].with_company(company)
        patient = patient.create({"name": "Over There", "is_ccm_patient": True, **own})
        with freeze_time("2026-09-01 13:00:00"):
            for diagnosis in (self.diabetes, self.hypertension):
                self.make_condition(patient, diagnosis, **own)
            self.make_visit(patient, "2026-09-01", **own)
            self.make_consent(patient, **own).action_give()
            self.make_approved_plan(patient, copy_given_on="2026-09-01", copy_way="paper", **own)
            self.make_enrollment(patient, **own).action_activate()
        self.log(patient, "2026-10-20 03:00:00", minutes=20, **own)
        return company, patient.ccm_month_ids.filtered("total_minutes")

    def test_no_chart_no_journal(self):
        """The practice without books is told; the other one is billed the same night."""
        company, month = self.make_practice("New Practice", "USD", "America/Chicago", chart=False)
        self.run_close(CLOSE)
        self.assertEqual(self.months().mapped("state"), ["invoiced"] * 4)
        self.assertEqual(month.state, "ready")
        self.assertIn(
            "New Practice has no receivable account: install a chart", month.error_message
        )
        self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        self.run_close(NEXT_NIGHT)
        self.assertEqual((month.state, month.error_message), ("invoiced", False))
        self.assertEqual(month.move_id.company_id, company)

    def test_journal_without_accounts(self):
        """Somebody made a journal by hand, and nothing else."""
        company, month = self.make_practice("New Practice", "USD", "America/Chicago", chart=False)
        self.env["account.journal"].create(
            {"name": "Sales", "code": "S", "type": "sale", "company_id": company.id}
        )
        self.run_close(CLOSE)
        self.assertEqual(month.state, "ready")
        self.assertIn("has no receivable account: install a chart", month.error_message)

    def test_archived_journal(self):
        journal = self.env["account.journal"].search([("type", "=", "sale")], limit=1)
        self.company.ccm_journal_id = journal.copy({"code": "CARE"})
        self.company.ccm_journal_id.active = False
        self.run_close(CLOSE)
        self.assertEqual(self.months().mapped("state"), ["ready"] * 4)
        self.assertIn("(copy) is archived: unarchive it", self.months()[0].error_message)
        self.company.ccm_journal_id = journal
        self.run_close(NEXT_NIGHT)
        self.assertEqual(self.months().mapped("state"), ["invoiced"] * 4)

    def test_two_zones_and_currencies(self):
        """Each closes by its own calendar, in its own currency, at its own rate."""
        self.env.ref("base.EUR").active = True
        company, month = self.make_practice("Guam Practice", "EUR", "Pacific/Guam")
        self.company.ccm_close_day = 1
        # 1 November in Guam, 31 October in New York.
        self.run_close("2026-10-31 15:00:00")
        self.assertIn("No exchange rate of USD", month.error_message, "never one to one")
        self.assertEqual(self.months().mapped("state"), ["open"] * 4)
        rate = {"currency_id": self.env.ref("base.USD").id, "name": "2026-01-01", "rate": 1.25}
        self.env["res.currency.rate"].create({**rate, "company_id": company.id})
        self.run_close("2026-11-01 15:00:00")
        self.assertEqual(month.state, "invoiced")
        self.assertEqual(month.move_id.currency_id.name, "EUR")
        self.assertAlmostEqual(month.move_id.amount_untaxed, 52.90, 2, "66.13 dollars at 1.25")
        self.assertEqual(self.months().mapped("state"), ["invoiced"] * 4)
        self.assertEqual(self.months().move_id.currency_id.name, "USD")
        self.assertEqual(self.months().move_id.company_id, self.company)
