"""What is missing from a month's bill, by where it is mended."""

from odoo import api, fields, models

from .ccm_mend_mixin import TOPIC_OF, TOPICS
from .ccm_month import MONEY


class CcmMonthBlocker(models.Model):
    _name = "ccm.month.blocker"
    _inherit = ["ccm.month.blocker", "ccm.mend.mixin"]

    # === FIELDS === #
    topic = fields.Selection(
        TOPICS, "What Is Missing", compute="_compute_topic", store=True, index=True
    )
    partner_id = fields.Many2one(related="month_id.partner_id")
    month_state = fields.Selection(related="month_id.state", string="Month's State")
    codes = fields.Char(related="month_id.codes")
    currency_id = fields.Many2one(related="month_id.currency_id")
    amount_total = fields.Monetary(
        "Held Back",
        related="month_id.amount_total",
        groups=MONEY,
    )

    # === COMPUTE === #
    @api.depends("code")
    def _compute_topic(self):
        for record in self:
            record.topic = TOPIC_OF.get(record.code)
