from odoo import fields, models
from odoo.exceptions import UserError


class CcmMonthCancel(models.TransientModel):
    _name = "ccm.month.cancel"
    _description = "Do Not Bill a Patient's Month"

    month_ids = fields.Many2many("ccm.month", required=True)
    reason = fields.Char(required=True, help="Why the month is not billed. Kept on the month.")

    def action_apply(self):
        """Take the months out of billing, with the reason on record."""
        self.month_ids._check_biller()
        if any(month.state == "invoiced" for month in self.month_ids):
            raise UserError(
                self.env._("An invoiced month is undone by its invoice: cancel that first.")
            )
        self.month_ids.sudo().write({"state": "cancelled", "cancel_reason": self.reason})
        self.month_ids.sudo()._clear_error()
        return {"type": "ir.actions.act_window_close"}
