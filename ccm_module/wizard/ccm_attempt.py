from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..models.ccm_activity import OUTCOMES
from ..models.ccm_activity_attempt import TRY_AGAIN


class CcmAttempt(models.TransientModel):
    """An attempt to reach a patient that took no time worth the name, and when to try again."""

    _name = "ccm.attempt"
    _description = "Log an Attempt to Reach a Patient"

    partner_id = fields.Many2one(
        "res.partner",
        "Patient",
        required=True,
        ondelete="cascade",
        domain="[('is_ccm_patient', '=', True)]",
    )
    phone = fields.Char(related="partner_id.phone")
    outcome = fields.Selection(OUTCOMES, required=True, default="no_answer")
    note = fields.Text()
    next_call_on = fields.Date(
        "Next Call",
        compute="_compute_next_call_on",
        store=True,
        readonly=False,
        help="Becomes an activity of the coordinator. Empty: no call is planned.",
    )

    # === COMPUTE === #
    @api.depends("outcome", "partner_id")
    def _compute_next_call_on(self):
        for record in self:
            again = record.outcome in TRY_AGAIN
            record.next_call_on = again and self.env["res.partner"]._ccm_next_working_day()

    # === ACTIONS === #
    def action_log(self):
        """Keep the attempt as an entry without time, and plan the next call."""
        self.ensure_one()
        if self.next_call_on and self.next_call_on < self.env.company._ccm_today():
            raise ValidationError(self.env._("Next Call: enter today or a day to come."))
        now = fields.Datetime.now()
        kind = "attempt" if self.outcome in (*TRY_AGAIN, "wrong_number") else "call"
        self.env["ccm.activity"].with_context(ccm_call_chosen=True).create(
            {
                "partner_id": self.partner_id.id,
                "start": now,
                "stop": now,
                "type_id": self.env.ref(f"ccm_module.ccm_activity_type_{kind}").id,
                "outcome": self.outcome,
                "note": self.note,
                "reason": self.env._("An attempt, logged without time"),
            }
        )
        if self.next_call_on:
            self.partner_id._ccm_schedule_call(self.next_call_on)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._said(),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === HELPERS === #
    def _said(self):
        """Say what was done, as the patient has moved down the worklist by now."""
        if not self.next_call_on:
            return self.env._("The attempt is logged.")
        day = format_date(self.env, self.next_call_on, date_format="EEEE, MMMM d")
        return self.env._("The attempt is logged. The next call is on %s.", day)
