from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..models.ccm_check_in_plan import OPEN_DAYS


class CcmCheckInSend(models.TransientModel):
    """Which questionnaire, and whether the patient gets a link or is asked on the phone."""

    _name = "ccm.check.in.send"
    _description = "Check-in"

    partner_id = fields.Many2one("res.partner", "Patient", required=True)
    survey_id = fields.Many2one(
        "survey.survey",
        "Questionnaire",
        required=True,
        domain=[("survey_type", "=", "ccm")],
        default=lambda self: self.env["survey.survey"].search(
            [("survey_type", "=", "ccm")], order="id", limit=1
        ),
    )
    email = fields.Char(related="partner_id.email")

    # === ACTIONS === #

    def action_send(self):
        """Mail the patient a link."""
        self._check_care_team()
        if not self.partner_id.email:
            raise UserError(
                self.env._("E-mail: the patient has none. Enter it, or ask on the phone instead.")
            )
        deadline = fields.Datetime.now() + timedelta(days=OPEN_DAYS)
        check_in = self._check_in(deadline=deadline)
        self.partner_id.sudo()._ccm_mail_check_in(check_in)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The link is on its way; it works for two weeks."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_ask(self):
        """Open the questions in a tab of their own, to enter what the patient says."""
        self._check_care_team()
        return self._check_in(way="phone").sudo(False).action_ccm_ask()

    # === HELPERS === #

    def _check_in(self, **values):
        # sudo: the care team has no rights in Surveys; theirs are checked before
        patient = self.partner_id.sudo()
        return patient._ccm_new_check_in(
            self.survey_id.sudo(), self.partner_id._ccm_practice(), **values
        )

    def _check_care_team(self):
        self.ensure_one()
        if not self.env.user.has_group("ccm_module.group_ccm_user"):
            raise AccessError(self.env._("This is for the care team."))
        self.partner_id.check_access("read")
        self.partner_id._ccm_refuse_hidden()
        self.survey_id.check_access("read")
        if not self.partner_id.is_ccm_patient:
            raise UserError(
                self.env._(
                    "A check-in is for a Chronic Care patient: send it from the patient's form."
                )
            )
