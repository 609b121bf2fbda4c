from odoo import fields, models

from .ccm_wording import say


class CcmMonthBlocker(models.Model):
    """One thing that is missing (or worth a look) before a patient's month can be billed."""

    _name = "ccm.month.blocker"
    _description = "Why a Patient's Month Is Not Billed"
    _order = "month_id, severity, id"

    month_id = fields.Many2one("ccm.month", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="month_id.company_id", store=True)
    severity = fields.Selection(
        [("blocker", "Missing"), ("warning", "Please check")], required=True
    )
    code = fields.Char(required=True, index=True)
    params = fields.Json()
    name = fields.Char(compute="_compute_name", string="What")

    def _compute_name(self):
        for record in self:
            record.name = say(self.env, record.code, record.params)
