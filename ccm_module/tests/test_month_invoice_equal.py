"""The close's quick way to make invoices against Odoo's plain one: every stored field is the same."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..models import ccm_month_move
from .common import CcmCommon

# What differs between any two runs: who they are, when they were made, and their secret.
IDENTITY = {"id", "move_id", "create_date", "write_date", "access_token"}


@tagged("post_install", "-at_install")
class TestMonthInvoiceEqual(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ccm_invoice_state = "posted"
        cls.patients = cls.make_october((25, 61, 47))
        cls.startClassPatcher(freeze_time("2026-11-05 12:00:00"))
        cls.month_class = type(cls.env["ccm.month"])
        # An account of income of its own, so that what is set on it is on these lines.
        cls.income = cls.env["account.account"].create(
            {"name": "Care", "code": "X4000", "account_type": "income"}
        )
        cls.products = cls.env["ccm.service.code"].search([]).product_id
        cls.products.property_account_income_id = cls.income
        cls.tax = cls.env["account.tax"].create(
            {"name": "Tax", "amount": 7.25, "type_tax_use": "sale"}
        )
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True

    def bill(self):
        """Bill all three; return every stored value of the invoices and lines, and undo it."""
        with self.env.cr.savepoint() as savepoint:
            months = self.env["ccm.month"]._refresh("2026-10-01", self.patients)
            self.assertEqual(set(months.mapped("state")), {"ready"})
            months = months.sorted("partner_id")
            moves = months._make_moves(months._decide())
            self.assertEqual(set(moves.mapped("state")), {"posted"})
            self.env.invalidate_all()
            lines = moves.line_ids.sorted(
                lambda line: (
                    line.move_id.id,
                    line.display_type,
                    line.sequence,
                    line.date_maturity,
                    line.name,
                )
            )
            result = [self.values(record) for records in (moves, lines) for record in records]
            savepoint.rollback()
        self.env.invalidate_all()
        return result

    def values(self, record):
        return {
            name: sorted(record[name].ids) if field.type == "many2many" else record[name]
            for name, field in record._fields.items()
            if field.store and name not in IDENTITY and field.type != "one2many"
        }

    def check_equal(self, is_quick):
        """Bill both ways and compare; tell whether the quick way is the one that was taken."""
        ways = []
        original = self.month_class._create_complete_moves

        def watched(months, values):
            moves = original(months, values)
            ways.append(len(moves))
            return moves

        with patch.object(self.month_class, "_create_complete_moves", watched):
            quick = self.bill()
        self.assertEqual(ways, [3] if is_quick else [])
        with (
            patch.object(self.month_class, "_follows_more", lambda months, vals: True),
            patch.object(ccm_month_move, "QUIET", {}),
        ):
            plain = self.bill()
        self.assertEqual(len(quick), len(plain))
        for ours, odoo in zip(quick, plain, strict=True):
            self.assertEqual(ours, odoo)
        return plain

    def test_no_tax_and_due_at_once(self):
        found = self.check_equal(is_quick=True)
        self.assertEqual(len(found), 3 + 3 + 5, "three invoices, what is owed, five lines")

    def test_numbers_go_on_where_the_journal_is(self):
        def invoice(number=False):
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.patients[0].id,
                    "invoice_date": "2026-10-31",
                    "name": number,
                    "invoice_line_ids": [Command.create({"name": "Room", "price_unit": 1})],
                }
            )
            move.action_post()
            return move.name

        self.assertEqual(invoice("INV/2026/00041"), "INV/2026/00041")
        months = self.env["ccm.month"]._refresh("2026-10-01", self.patients)
        looked_up = []
        original = type(self.env["account.move"])._get_last_sequence

        def watched(move, *args, **kwargs):
            looked_up.append(move.id)
            return original(move, *args, **kwargs)

        with patch.object(type(self.env["account.move"]), "_get_last_sequence", watched):
            moves = months._make_moves(months._decide())
        self.assertEqual(
            moves.sorted("id").mapped("name"), [f"INV/2026/000{n}" for n in (42, 43, 44)]
        )
        self.assertEqual(len(looked_up), 1, "the last number is looked up once for all")
        self.assertEqual(invoice(), "INV/2026/00045")

    def test_a_tax_of_the_product(self):
        self.products.taxes_id = self.tax
        self.assertTrue(any(row.get("tax_line_id") for row in self.check_equal(is_quick=False)))

    def test_a_tax_of_the_account_is_noticed(self):
        self.income.tax_ids = self.tax
        self.assertTrue(any(row.get("tax_line_id") for row in self.check_equal(is_quick=False)))

    def test_terms_of_payment_with_a_discount(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 30)
                ],
            }
        )
        early = self.env["account.payment.term"].create(
            {
                "name": "2 % within 10 days",
                "early_discount": True,
                "discount_days": 10,
                "discount_percentage": 2,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})
                ],
            }
        )
        self.patients[0].property_payment_term_id = terms
        self.patients[1].property_payment_term_id = early
        self.assertEqual(len(self.check_equal(is_quick=False)), 3 + 4 + 5)

    def test_cash_rounding_is_noticed(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Five cents",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "profit_account_id": self.income.id,
                "loss_account_id": self.income.id,
            }
        )
        self.env["ir.default"].set("account.move", "invoice_cash_rounding_id", rounding.id)
        found = self.check_equal(is_quick=False)
        self.assertIn("rounding", [row.get("display_type") for row in found])

    def test_another_currency_of_the_practice(self):
        self.company.currency_id = self.euro
        self.env["res.currency.rate"].create(
            {"currency_id": self.env.ref("base.USD").id, "rate": 1.25, "name": "2026-01-01"}
        )
        found = self.check_equal(is_quick=True)
        self.assertEqual({row["currency_id"] for row in found}, {self.euro})

    def test_a_foreign_currency(self):
        self.env["res.currency.rate"].create(
            {"currency_id": self.euro.id, "rate": 0.8, "name": "2026-01-01"}
        )
        original = self.month_class._prepare_move_values

        def in_euro(month, *args):
            return {**original(month, *args), "currency_id": self.euro.id}

        self.patch(self.month_class, "_prepare_move_values", in_euro)
        lines = [row for row in self.check_equal(is_quick=False) if "balance" in row]
        self.assertTrue(all(row["balance"] != row["amount_currency"] for row in lines))

    def test_a_fiscal_position_and_a_payer_s_own_account(self):
        other = self.income.copy({"code": "X4001"})
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Elsewhere",
                "account_ids": [
                    Command.create({"account_src_id": self.income.id, "account_dest_id": other.id})
                ],
            }
        )
        self.patients[0].property_account_position_id = position
        self.patients[1].property_account_receivable_id = self.env["account.account"].create(
            {"name": "Own", "code": "X1200", "account_type": "asset_receivable", "reconcile": True}
        )
        found = self.check_equal(is_quick=True)
        self.assertIn(other, [row.get("account_id") for row in found])

    def test_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Sites"})
        site = self.env["account.analytic.account"].create({"name": "Albany", "plan_id": plan.id})
        self.env["account.analytic.distribution.model"].create(
            [
                {"product_id": product.id, "analytic_distribution": {str(site.id): 100}}
                for product in self.products
            ]
        )
        found = self.check_equal(is_quick=True)
        self.assertTrue(any(row.get("analytic_distribution") for row in found))

    def test_a_ledger_that_postgresql_thinks_empty(self):
        """Some pages and no rows: what joins on it compare each line with each."""
        self.patch(ccm_month_move, "FIRST", 2)
        tables = "oid IN ('account_move'::regclass, 'account_move_line'::regclass)"
        self.env.cr.execute(f"UPDATE pg_class SET reltuples = 0, relpages = 9 WHERE {tables}")
        found = self.bill()
        self.assertEqual(len(found), 3 + 3 + 5)
        self.env.cr.execute(f"SELECT MIN(reltuples) FROM pg_class WHERE {tables}")
        self.assertGreaterEqual(self.env.cr.fetchone()[0], 2, "it knows of the first ones now")
