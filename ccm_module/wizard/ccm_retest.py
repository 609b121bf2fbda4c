from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from ..billing import months
from ..billing.record import as_result, decide_again, prices_from
from ..models.ccm_decision import PARTS
from ..models.ccm_month import MONEY

BATCH = 500
KEPT, NOW, DAY = "kept", "now", "day"


class CcmRetest(models.TransientModel):
    """Which past bills would differ under other rules, fees or settings. Writes nothing else.

    It works on the decision records alone, so on what was known when each month was billed.
    """

    _name = "ccm.retest"
    _description = "Re-test of Past Bills"

    # === FIELDS === #
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "From Month",
        required=True,
        default=lambda self: months.year_before(months.first_day(self.env.company._ccm_today())),
    )
    date_to = fields.Date(
        "To Month",
        required=True,
        default=lambda self: months.previous_month(self.env.company._ccm_today()),
    )
    rules = fields.Selection(
        [
            (KEPT, "Those of that time"),
            (NOW, "The code catalogue as it is now"),
            (DAY, "The codes valid on a day"),
        ],
        string="Codes and Limits",
        required=True,
        default=NOW,
    )
    rule_day = fields.Date("Codes Valid On")
    fees = fields.Selection(
        [
            (KEPT, "Those of that time"),
            (NOW, "As they are known now for the date of service"),
            (DAY, "The fees of a day"),
        ],
        required=True,
        default=NOW,
    )
    fee_day = fields.Date("Fees Of")
    choice = fields.Selection(
        selection=lambda self: self._settings("ccm_code_choice"),
        string="Where Several Codes Fit",
        required=True,
        default=KEPT,
    )
    visit_day_rule = fields.Selection(
        selection=lambda self: self._settings("ccm_visit_day_rule"),
        string="Time on the Day of a Visit",
        required=True,
        default=KEPT,
    )
    # What came out
    is_tested = fields.Boolean(readonly=True)
    tested_count = fields.Integer("Bills Tested", readonly=True)
    different_count = fields.Integer("Bills That Differ", readonly=True)
    old_total = fields.Monetary("Billed", readonly=True, groups=MONEY)
    new_total = fields.Monetary("Would Be Billed", readonly=True, groups=MONEY)
    difference = fields.Monetary(readonly=True, groups=MONEY)
    line_ids = fields.One2many("ccm.retest.line", "retest_id", "Different Bills", readonly=True)

    # === COMPUTE === #
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._("Re-test")

    # === ACTIONS === #
    def action_test(self):
        """Decide the bills of these months again, and list those that would differ."""
        self.ensure_one()
        self._check_biller()
        self._check_days()
        self.line_ids.unlink()
        differing, tested, old_total, new_total = [], 0, Decimal(0), Decimal(0)
        for batch in split_every(BATCH, self._find_decisions().ids):
            decisions = self.env["ccm.decision"].browse(batch)
            tested += len(decisions)
            for decision, old, new in self._judge(decisions):
                old_total += Decimal(old["amount"])
                new_total += Decimal(new["amount"])
                if _bill(old) != _bill(new):
                    differing.append(self.line_ids._prepare_values(decision, old, new))
            # Years of bills are many records; only what differs is worth keeping.
            decisions.invalidate_recordset(PARTS)
        self.line_ids = [fields.Command.create(vals) for vals in differing]
        self.write(
            {
                "is_tested": True,
                "tested_count": tested,
                "different_count": len(differing),
                "old_total": float(old_total),
                "new_total": float(new_total),
                "difference": float(new_total - old_total),
            }
        )

    # === HELPERS === #
    def _check_biller(self):
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_biller"):
            raise AccessError(self.env._("Only a biller may do this."))
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Company: switch to it first."))

    def _check_days(self):
        if self.date_from > self.date_to:
            raise UserError(self.env._("From Month must not lie after To Month."))
        if self.rules == DAY and not self.rule_day:
            raise UserError(self.env._("Codes Valid On: say on which day."))
        if self.fees == DAY and not self.fee_day:
            raise UserError(self.env._("Fees Of: say of which day."))

    @api.model
    def _settings(self, name):
        labels = self.env["res.company"]._fields[name]._description_selection(self.env)
        return [(KEPT, self.env._("The setting of that time")), *labels]

    def _find_decisions(self):
        """Return the records of the bills that stand."""
        return self.env["ccm.decision"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", ">=", months.first_day(self.date_from)),
                ("month", "<=", self.date_to),
                ("is_present", "=", True),
            ],
            order="month, id",
        )

    def _judge(self, decisions):
        """Yield ``(decision, old result, new result)``; a month that is not ready bills nothing."""
        codes = self._rule_pack()
        prices = self._price_lists(decisions)
        for decision in decisions:
            record = decision._as_record()
            if self.visit_day_rule != KEPT:
                record["facts"]["visit_day_rule"] = self.visit_day_rule
            choice = record["choice"] if self.choice == KEPT else self.choice
            price_of = self._price_of(record, prices[decision])
            new = as_result(decide_again(record, codes, choice, price_of), choice)
            if new["state"] != "ready":
                new.update(lines=[], amount="0")
            yield decision, record["result"], new

    def _rule_pack(self):
        """Return the codes to judge by, or None for those of each record."""
        if self.rules == KEPT:
            return None
        catalogue = self.env["ccm.service.code"]._catalogue()
        if self.rules == NOW:
            return catalogue._as_rules()
        # As if they had always been valid
        return tuple(
            replace(code, date_from=None, date_to=None)
            for code in catalogue._on(self.rule_day)._as_rules()
        )

    def _price_lists(self, decisions):
        """Return ``{decision: price(code, day)}``: today's knowledge, by the payer's pricelist."""
        company = self.company_id
        codes = self.env["ccm.service.code"].with_company(company)
        known_codes = set(codes._catalogue().mapped("code"))
        pricers, result = {}, {}
        for decision in decisions.with_company(company):
            # sudo: what a payer pays is a price, whoever looks after that contact
            payer = decision.month_id.payer_id.sudo()
            pricelist = (
                payer.specific_property_product_pricelist or payer.property_product_pricelist
            )
            if pricelist not in pricers:
                pricers[pricelist] = codes._pricer(company, pricelist)
            result[decision] = pricers[pricelist]
        return {
            decision: lambda code, day, price=price: (
                price(code, day) if code in known_codes else None
            )
            for decision, price in result.items()
        }

    def _price_of(self, record, price):
        """Return the price list to judge one record by; ``price`` is what is known today."""
        if self.fees == NOW:
            return price
        if self.fees == DAY:
            return lambda code, _day: price(code, self.fee_day)
        # Other rules may ask for what was not asked for then.
        kept = prices_from(record)
        return lambda code, day: kept[code, day] if (code, day) in kept else price(code, day)


def _bill(result):
    """Return what makes two bills the same."""
    return [
        (line["code"], line["units"], line.get("price"), line["service_date"])
        for line in result["lines"]
    ]
