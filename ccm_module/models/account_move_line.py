from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    ccm_service_date = fields.Date(string="Date of Service", readonly=True)
