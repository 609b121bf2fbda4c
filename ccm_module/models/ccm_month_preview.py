"""What a biller wants to see of a month at a glance, before it is billed."""

from odoo import api, fields, models
from odoo.tools import format_amount

from .ccm_month import MONEY
from .ccm_wording import codes_text, say


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    other_options = fields.Text(
        "Not Chosen",
        compute="_compute_other_options",
        groups=MONEY,
        help="The other codes that the minutes were held against, and why they are not billed.",
    )

    # === COMPUTE === #
    @api.depends("details", "option_amounts", "currency_id")
    @api.depends_context("lang")
    def _compute_other_options(self):
        for month in self:
            options = zip(
                (month.details or {}).get("options", []), month.option_amounts or [], strict=False
            )
            month.other_options = "\n".join(
                month._say_option(option, amount)
                for option, amount in options
                if not option["chosen"]
            )

    # === HELPERS === #
    def _say_option(self, option, amount):
        """Return why an option is not billed; one that was reached says what it would pay."""
        if not option["lines"]:
            return say(self.env, option["reason"], option["params"])
        lines = codes_text(option["lines"])
        if amount is None:
            return self.env._("%(codes)s: no price is known.", codes=lines)
        shown = format_amount(self.env, float(amount), self.currency_id)
        return self.env._("%(codes)s would be %(amount)s.", codes=lines, amount=shown)
