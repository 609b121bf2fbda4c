from odoo import fields, models


class CcmActivityVoid(models.TransientModel):
    _name = "ccm.activity.void"
    _description = "Void Time"

    activity_ids = fields.Many2many("ccm.activity", required=True)
    reason = fields.Char(required=True, help="Why this time is taken out. Kept on the entry.")

    def action_apply(self):
        """Take the entries out of every count, with the reason on record."""
        self.activity_ids._void(self.reason)
        return {"type": "ir.actions.act_window_close"}
