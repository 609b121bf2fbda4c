from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .ccm_month import MONEY
from .ccm_wording import say


class CcmMonthLine(models.Model):
    _name = "ccm.month.line"
    _description = "Code of a Patient's Month"
    _order = "month_id, sequence, id"

    month_id = fields.Many2one("ccm.month", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="month_id.company_id", store=True)
    currency_id = fields.Many2one(related="month_id.currency_id")
    sequence = fields.Integer()
    code_id = fields.Many2one(
        "ccm.service.code", string="Catalogue Entry", required=True, ondelete="restrict"
    )
    code = fields.Char(related="code_id.code", store=True)
    units = fields.Integer(required=True)
    price = fields.Monetary(string="Unit Price", groups=MONEY)
    amount = fields.Monetary(groups=MONEY)
    service_date = fields.Date(required=True)
    reason_code = fields.Char(required=True)
    reason_params = fields.Json()
    reason = fields.Char(compute="_compute_reason")

    def _compute_reason(self):
        for record in self:
            record.reason = say(self.env, record.reason_code, record.reason_params)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        if "invoiced" in self.month_id.mapped("state"):
            raise UserError(
                self.env._(
                    "A code of a month that is invoiced is kept: it is the proof of the bill."
                )
            )

    def _prepare_move_line_values(self):
        self.ensure_one()
        return {
            "product_id": self.code_id.product_id.id,
            "quantity": self.units,
            "price_unit": self.price,
            "name": self.env._(
                "%(code)s %(description)s\n%(reason)s\nDate of service %(day)s",
                code=self.code,
                description=self.code_id.name,
                reason=self.reason,
                day=format_date(self.env, self.service_date),
            ),
            "ccm_service_date": self.service_date,
        }
