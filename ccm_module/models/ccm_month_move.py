"""The invoices of many months at once: what Odoo would make, field by field, for less than half the work.

Odoo makes an invoice of the lines it is given and then, in several passes over all of its fields, adds
the lines that follow from them: taxes, terms of payment, rounding. Nearly every Chronic Care invoice
has no tax and is due at once, so that one line alone follows: what the payer owes. Such an invoice gets
that line here, and Odoo is told, by its own context key ``skip_invoice_sync``, to add none. Accounts,
names, units and all other fields are still computed by Odoo, and the overrides of other addons run.

Trust is good: each invoice is then asked what it needs (``needed_terms``, which Odoo keeps for its own
passes). When that is not what is there, all are made the plain way, as is whatever has a tax, terms
of payment or another currency to begin with. See tests/test_month_invoice_equal.py.
"""

from odoo import fields, models
from odoo.fields import Command

# The first lines of a history say what every invoice goes through; these are the close's own, and it
# writes down who billed what in its own history.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}
# The invoices after which PostgreSQL is told that a new practice's ledger is not empty any more.
FIRST = 10


class NeedsMoreError(Exception):
    """Odoo would have added lines of its own to an invoice."""


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    def _create_moves(self):
        """Return the draft invoices of these months of one company, in their order."""
        if len(self) > FIRST and self._is_ledger_new():
            first = self[:FIRST]._create_moves()
            # With no rows known, PostgreSQL joins all new lines with each other to find payments.
            self.env.flush_all()
            self.env.cr.execute("ANALYZE account_move, account_move_line")
            return first + self[FIRST:]._create_moves()
        journal = self._find_journal()
        values = [month._prepare_move_values(journal) for month in self]
        if any(self._follows_more(vals) for vals in values):
            return self._move_model().create(values)
        try:
            with self.env.cr.savepoint():
                return self._create_complete_moves(values)
        except NeedsMoreError:
            return self._move_model().create(values)

    def _move_model(self):
        return self.env["account.move"].with_company(self.company_id).with_context(**QUIET)

    def _is_ledger_new(self):
        self.env.cr.execute(
            "SELECT reltuples < %s FROM pg_class WHERE oid = 'account_move_line'::regclass", [FIRST]
        )
        return self.env.cr.fetchone()[0]

    def _follows_more(self, vals):
        """Tell whether Odoo adds more to such an invoice than the one line of what is owed."""
        company = self.env["res.company"].browse(vals["company_id"])
        payer = self.env["res.partner"].with_company(company).browse(vals["partner_id"])
        if vals["currency_id"] != company.currency_id.id or payer.property_payment_term_id:
            return True
        product_ids = [line["product_id"] for _command, _id, line in vals["invoice_line_ids"]]
        products = self.env["product.product"].with_company(company).browse(product_ids)
        return bool(
            products.taxes_id.filtered_domain(products.taxes_id._check_company_domain(company))
        )

    def _create_complete_moves(self, values):
        """Create invoices with all their lines, and make sure that Odoo agrees.

        :raises NeedsMoreError: it would have added others
        """
        today = fields.Date.context_today(self)
        # Odoo looks for the analytic models of each line, which most practices have none of.
        analytic = self.env["account.analytic.distribution.model"].search_count([], limit=1)
        known = {} if analytic else {"analytic_distribution": False}
        moves = (
            self._move_model()
            .with_context(skip_invoice_sync=True)
            .create([self._complete(vals, today, known) for vals in values])
            .with_context(skip_invoice_sync=False)
        )
        for move in moves:
            [owed] = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
            needed = [
                (key["date_maturity"], value["balance"]) for key, value in move.needed_terms.items()
            ]
            if (
                needed != [(owed.date_maturity, owed.balance)]
                or move.invoice_payment_term_id
                or move.invoice_cash_rounding_id
                or move.line_ids.tax_ids
                or move.line_ids.partner_id != move.commercial_partner_id
                or move.currency_id != move.company_currency_id
            ):
                raise NeedsMoreError
        return moves

    def _complete(self, vals, today, known):
        """Return the values of an invoice with the line of what is owed, and all amounts.

        :param date today: what Odoo takes for the due date
        :param dict known: values of every line of the invoice
        """
        currency = self.env["res.currency"].browse(vals["currency_id"])
        lines, owed = [], 0.0
        for _command, _id, line in vals["invoice_line_ids"]:
            amount = currency.round(line["quantity"] * line["price_unit"])
            lines.append(
                Command.create({**line, **known, "balance": -amount, "amount_currency": -amount})
            )
            owed += amount
        owed = currency.round(owed)
        lines.append(
            Command.create(
                {
                    "display_type": "payment_term",
                    "balance": owed,
                    "amount_currency": owed,
                    # as Odoo has it, which asks for the due date before the invoice has one
                    "date_maturity": today,
                    "discount_date": False,
                }
            )
        )
        rest = {name: value for name, value in vals.items() if name != "invoice_line_ids"}
        return {**rest, "line_ids": lines}
