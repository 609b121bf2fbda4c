from odoo import fields, models
from odoo.exceptions import ValidationError


class CcmEnrollmentClose(models.TransientModel):
    """Asks why a patient declined, or why and when an enrollment ended."""

    _name = "ccm.enrollment.close"
    _description = "Decline or end an enrollment"

    enrollment_id = fields.Many2one("ccm.enrollment", required=True, ondelete="cascade")
    state = fields.Selection(
        [("declined", "Declined"), ("ended", "Ended")], required=True, default="ended"
    )
    reason_id = fields.Many2one(
        "ccm.enrollment.reason", required=True, domain="[('applies_to', 'in', (state, 'both'))]"
    )
    date_end = fields.Date(
        "Last Day",
        default=lambda self: self.env["ccm.enrollment"]._today(),
        help="Included. A day to come: the enrollment stays active until then.",
    )

    def action_confirm(self):
        """Write reason, day and state; a last day to come leaves the enrollment active."""
        self.ensure_one()
        enrollment = self.enrollment_id
        values = {"reason_id": self.reason_id.id}
        if self.state == "ended":
            if not self.date_end:
                raise ValidationError(self.env._("Last Day: enter the last day of care."))
            values["date_end"] = self.date_end
        if self.state == "declined" or self.date_end <= enrollment._today():
            values["state"] = self.state
        enrollment.write(values)
        return {"type": "ir.actions.act_window_close"}
