from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.ccm_other_service_denial import DENIAL_ACTIVITY


class CcmDenialResolve(models.TransientModel):
    """Let a patient's billing go on after a denial."""

    _name = "ccm.denial.resolve"
    _description = "Resolve a Denial"

    service_id = fields.Many2one("ccm.other.service", required=True, ondelete="cascade")
    answer = fields.Selection(
        [
            ("ended", "The other practitioner bills no longer"),
            ("wrong", "The payer was wrong: nobody else is paid"),
        ],
        string="What Came of It",
        required=True,
    )
    last_day = fields.Date(
        string="Paid Until", help="The last day of the last month paid to the other practitioner."
    )
    why = fields.Char(string="How It Is Known", required=True)

    # === ACTIONS === #
    def action_apply(self):
        """End the other practitioner's care, or take it back; the months are decided anew."""
        self.ensure_one()
        # sudo: a biller does not keep the record of care, but settles what the payer says of it
        service = self.service_id.sudo()
        self.service_id.denied_month_id._check_biller()
        if not service.is_denial_open:
            raise UserError(self.env._("This denial is resolved already: reload the page."))
        if self.answer == "wrong":
            service.active = False
        elif not self.last_day or self.last_day < service.date_from:
            raise ValidationError(
                self.env._("Paid Until: enter %s or a later day.", service.date_from)
            )
        else:
            service.date_to = self.last_day
        body = self.env._("The denial is resolved: %s", self.why)
        service._message_log(body=body)
        month = service.denied_month_id
        month._message_log(body=body)
        still_open = service.search_count(
            [("partner_id", "=", service.partner_id.id), ("is_denial_open", "=", True)], limit=1
        )
        if not still_open:
            denied = service.with_context(active_test=False).search(
                [("partner_id", "=", service.partner_id.id), ("denied_month_id", "!=", False)]
            )
            denied.denied_month_id.activity_feedback([DENIAL_ACTIVITY], feedback=self.why)
        return {"type": "ir.actions.act_window_close"}
