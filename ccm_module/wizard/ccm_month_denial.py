from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CcmMonthDenial(models.TransientModel):
    """The payer denied a month: it already pays another practitioner for this patient."""

    _name = "ccm.month.denial"
    _description = "Another Practitioner Is Paid"

    month_id = fields.Many2one("ccm.month", required=True, ondelete="cascade")
    denied_on = fields.Date(required=True, default=lambda self: self.env.company._ccm_today())
    code = fields.Char(string="Payer's Code", help="The reason code on the remittance.")
    text = fields.Text(string="Payer's Words", help="As it stands on the remittance.")
    practitioner_name = fields.Char(
        string="Who Is Paid", help="The other practitioner, where the payer names them."
    )

    # === CONSTRAINTS === #
    @api.constrains("denied_on", "month_id")
    def _check_denied_on(self):
        for record in self:
            month = record.month_id
            if not month.month <= record.denied_on <= month.sudo()._local_today():
                raise ValidationError(
                    self.env._(
                        "Denied On: enter a day from %s on, and not in the future.", month.month
                    )
                )

    # === ACTIONS === #
    def action_apply(self):
        """Stop the patient's billing from this month on, and propose to undo its bill."""
        self.ensure_one()
        month = self.month_id
        month._check_biller()
        month._take_billed()
        self._record_service()._ask_biller()
        reason = self.env._("Denied by the payer: another practitioner is paid.")
        if self.code:
            reason = self.env._("%(reason)s Code %(code)s.", reason=reason, code=self.code)
        month.sudo()._message_log(body=reason)
        action = month.action_undo_bill()
        return {**action, "context": {**action["context"], "default_reason": reason}}

    # === HELPERS === #
    def _record_service(self):
        """Return the other practitioner's care as a fact; one that is open says so already."""
        month = self.month_id.sudo()
        services = self.env["ccm.other.service"].sudo()
        known = services.search(
            [
                ("partner_id", "=", month.partner_id.id),
                ("company_id", "=", month.company_id.id),
                ("is_denial_open", "=", True),
                ("date_from", "<=", month.month),
            ],
            limit=1,
        )
        return known or services.create(
            {
                "partner_id": month.partner_id.id,
                "company_id": month.company_id.id,
                "kind": "other_ccm",
                "date_from": month.month,
                "practitioner_name": self.practitioner_name,
                "note": self.text,
                "denied_month_id": month.id,
                "denied_on": self.denied_on,
                "denial_code": self.code,
            }
        )
