from odoo import api, fields, models
from odoo.tools import format_date


class CcmMonthNameMixin(models.AbstractModel):
    """What is of one calendar month says its name, in the reader's language."""

    _name = "ccm.month.name.mixin"
    _description = "Of a calendar month"

    month = fields.Date(required=True)
    month_name = fields.Char(string="In Month", compute="_compute_month_name")

    # === COMPUTE === #
    @api.depends("month")
    @api.depends_context("lang")
    def _compute_month_name(self):
        for record in self:
            record.month_name = record.month and format_date(
                self.env, record.month, date_format="MMMM yyyy"
            )
