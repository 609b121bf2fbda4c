from decimal import Decimal

from odoo import fields, models

from ..models.ccm_month import MONEY
from ..models.ccm_wording import codes_text, say


class CcmRetestLine(models.TransientModel):
    """One bill that would differ."""

    _name = "ccm.retest.line"
    _description = "Bill That Would Differ"
    _order = "month, id"

    retest_id = fields.Many2one("ccm.retest", required=True, index=True, ondelete="cascade")
    decision_id = fields.Many2one("ccm.decision", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="decision_id.partner_id")
    month = fields.Date(related="decision_id.month", store=True)
    month_name = fields.Char(related="decision_id.month_name", string="In Month")
    currency_id = fields.Many2one(related="retest_id.currency_id")
    old_codes = fields.Char("Billed")
    new_codes = fields.Char("Would Be Billed", help="Empty: the month would not be billed.")
    old_amount = fields.Monetary("Amount Billed", groups=MONEY)
    new_amount = fields.Monetary("Amount Then", groups=MONEY)
    difference = fields.Monetary(groups=MONEY)
    reason = fields.Text("Why Not", help="What would hold the bill back.")

    # === ACTIONS === #
    def action_view_decision(self):
        """Open what the bill was decided from."""
        self.ensure_one()
        self.decision_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision Record"),
            "res_model": "ccm.decision",
            "res_id": self.decision_id.id,
            "view_mode": "form",
        }

    # === HELPERS === #
    def _prepare_values(self, decision, old, new):
        """Return the values of the line for a bill that was ``old`` and would be ``new``."""
        before, after = Decimal(old["amount"]), Decimal(new["amount"])
        return {
            "decision_id": decision.id,
            "old_codes": _codes(old),
            "new_codes": _codes(new),
            "old_amount": float(before),
            "new_amount": float(after),
            "difference": float(after - before),
            "reason": "\n".join(
                say(self.env, reason["code"], reason["params"]) for reason in new["blockers"]
            ),
        }


def _codes(result):
    return codes_text((line["code"], line["units"]) for line in result["lines"])
