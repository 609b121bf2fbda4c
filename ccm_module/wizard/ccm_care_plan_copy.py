from odoo import fields, models
from odoo.exceptions import ValidationError

from ..models.ccm_care_plan_copy_given import RECIPIENTS, WAYS


class CcmCarePlanCopy(models.TransientModel):
    """Asks how a copy of a care plan was given, to whom and when."""

    _name = "ccm.care.plan.copy"
    _description = "Give a copy of a care plan"

    plan_id = fields.Many2one("ccm.care.plan", required=True, ondelete="cascade")
    way = fields.Selection(WAYS, required=True, default="paper")
    recipient = fields.Selection(RECIPIENTS, "Given To", required=True, default="patient")
    date = fields.Date(
        "Copy Given On", required=True, default=lambda self: self.env["ccm.care.plan"]._today()
    )

    def action_confirm(self):
        """Record the copy and offer it to print; without a PDF say why, and keep the record."""
        self.ensure_one()
        if not self.date:
            raise ValidationError(self.env._("Copy Given On: enter the day."))
        attachment, problem = self.plan_id._give_copy(self.way, self.recipient, self.date)
        if attachment:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{attachment.id}",
                "target": "new",
                "close": True,
            }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("The copy is recorded, but there is no PDF of it"),
                "message": problem,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
