from odoo import fields, models


class CcmConsentRevoke(models.TransientModel):
    """Asks when, and why if the patient said, a consent was revoked."""

    _name = "ccm.consent.revoke"
    _description = "Revoke Consent"

    consent_id = fields.Many2one("ccm.consent", required=True, ondelete="cascade")
    revoked_on = fields.Date(required=True, default=lambda self: self.env["ccm.consent"]._today())
    revoked_reason = fields.Text("Reason")

    def action_confirm(self):
        """Revoke; the consent itself checks the day and who may."""
        self.ensure_one()
        self.consent_id.write(
            {
                "state": "revoked",
                "revoked_on": self.revoked_on,
                "revoked_reason": self.revoked_reason,
            }
        )
        return {"type": "ir.actions.act_window_close"}
