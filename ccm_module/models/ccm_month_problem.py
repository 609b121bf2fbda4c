"""What in the books would make a patient's invoice fail, or go wrong unseen, and how to mend it.

Looked for before invoices are made, so that one bad patient costs the others nothing, and so that
the message says what to do; of most of it Odoo itself says little, or books on in silence.
"""

from odoo import models
from odoo.tools import format_date


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === HELPERS === #
    def _find_problems(self):
        """Return ``{month: words}`` for those of these months, of one company, that cannot be billed."""
        company = self.company_id.ensure_one()
        self = self.with_company(company)
        problem = self._company_problem(company)
        if problem:
            return dict.fromkeys(self, problem)
        payers = {payer: self._payer_problem(payer) for payer in self.payer_id}
        products, rates = {}, {}
        found = {}
        for month in self:
            words = payers[month.payer_id]
            position = month.payer_id.property_account_position_id
            for line in month.line_ids:
                key = line.code_id, position
                if key not in products:
                    products[key] = self._product_problem(*key)
                words = words or products[key]
            pricelist = (
                month.payer_id.specific_property_product_pricelist
                or month.payer_id.property_product_pricelist
            )
            key = pricelist.currency_id, month.service_date
            if key not in rates:
                rates[key] = self._rate_problem(company, *key)
            words = words or rates[key]
            if words:
                found[month] = words
        return found

    def _company_problem(self, company):
        journal = company.ccm_journal_id
        if journal and not journal.active:
            return self.env._(
                "The journal %s is archived: unarchive it, or choose another CCM Journal in the "
                "settings of Chronic Care.",
                journal.name,
            )
        if not company.currency_id.active:
            return self.env._(
                "The currency %s is not active: activate it under Currencies in the settings of "
                "Invoicing.",
                company.currency_id.name,
            )
        return None

    def _payer_problem(self, payer):
        """Return what is wrong with the payer's accounting; without a name: it may be the patient."""
        position = payer.property_account_position_id
        if position and not position.active:
            return self.env._(
                "The payer's fiscal position %s is archived: choose another on the payer's "
                "Accounting tab, or unarchive it.",
                position.name,
            )
        account = payer.commercial_partner_id.property_account_receivable_id
        if not account:
            # then Odoo takes the company's own, or any that there is
            return None if self._has_receivable() else self._no_receivable()
        mapped = position.map_account(account) if position else account
        return mapped.active is False and self.env._(
            "The payer's receivable account %s is archived: unarchive it in the Chart of Accounts, "
            "or choose another Account Receivable on the payer's Accounting tab.",
            f"{mapped.code} {mapped.name}",
        )

    def _has_receivable(self):
        accounts = self.env["account.account"]
        domain = [
            *accounts._check_company_domain(self.env.company),
            ("account_type", "=", "asset_receivable"),
        ]
        return bool(accounts.search_count(domain, limit=1))

    def _has_income(self):
        company, journals = self.env.company, self.env["account.journal"]
        domain = [*journals._check_company_domain(company), ("type", "=", "sale")]
        journal = company.ccm_journal_id or journals.search(domain, limit=1)
        return bool(journal.default_account_id)

    def _no_receivable(self):
        return self.env._(
            "%s has no receivable account: install a chart of accounts in the settings of "
            "Invoicing, then bill again.",
            self.env.company.name,
        )

    def _product_problem(self, code, position):
        product = code.product_id
        if not product.active:
            return self.env._(
                "The product of code %s is archived: unarchive it, or choose another product on "
                "the code.",
                code.code,
            )
        account = product.product_tmpl_id.get_product_accounts()["income"]
        if not account:
            # then Odoo books to the journal's own
            return not self._has_income() and self.env._(
                "The product of code %s has no income account: choose one on the product or on its "
                "category.",
                code.code,
            )
        mapped = position.map_account(account) if position else account
        if mapped != account and not mapped.active:
            return self.env._(
                "The payer's fiscal position %(position)s books code %(code)s to the account "
                "%(account)s, which is archived: mend the accounts of the fiscal position, or "
                "unarchive that one.",
                position=position.name,
                code=code.code,
                account=f"{mapped.code} {mapped.name}",
            )
        return not mapped.active and self.env._(
            "The income account %(account)s of code %(code)s is archived: unarchive it in the "
            "Chart of Accounts, or choose another on the product.",
            account=f"{mapped.code} {mapped.name}",
            code=code.code,
        )

    def _rate_problem(self, company, currency, day):
        """Without a rate Odoo takes one of one for it, and the bill is wrong without a word."""
        used = (self.env.ref("base.USD") | currency) - company.currency_id
        for foreign in used if day else ():
            known = [
                ("company_id", "in", (False, company.root_id.id)),
                ("name", "<=", day),
                "|",
                ("currency_id", "=", foreign.id),
                # or it is the one that the practice's own is measured in
                "&",
                ("currency_id", "=", company.currency_id.id),
                ("rate", "!=", 1),
            ]
            if not self.env["res.currency.rate"].search_count(known, limit=1):
                return self.env._(
                    "No exchange rate of %(currency)s is known on %(day)s: enter one under "
                    "Currencies, then bill again.",
                    currency=foreign.name,
                    day=format_date(self.env, day),
                )
        return None
