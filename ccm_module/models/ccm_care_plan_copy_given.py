"""The copy that the patient or caregiver gets."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

WAYS = [
    ("paper", "On paper"),
    ("mail", "By mail"),
    ("portal", "Portal"),
    ("electronic", "Electronically"),
    ("read", "Read aloud"),
]
RECIPIENTS = [("patient", "Patient"), ("caregiver", "Caregiver")]


class CcmCarePlan(models.Model):
    _inherit = "ccm.care.plan"

    # === FIELDS === #

    copy_given_on = fields.Date(
        copy=False, tracking=True, help="Day the patient or caregiver first got a copy."
    )
    copy_way = fields.Selection(WAYS, "Copy Given Via", copy=False, tracking=True)
    copy_recipient = fields.Selection(RECIPIENTS, "Copy Given To", copy=False, tracking=True)

    # === CONSTRAINTS === #

    @api.constrains("approved_on", "copy_given_on")
    def _check_dates(self):
        for plan in self:
            today = plan._today()
            late = [n for n in ("approved_on", "copy_given_on") if plan[n] and plan[n] > today]
            if late:
                raise ValidationError(
                    self.env._(
                        "%(fields)s: enter today or an earlier day, not a future one.",
                        fields=self._labels(late),
                    )
                )
            approved, given = plan.approved_on, plan.copy_given_on
            if approved and given and given < approved:
                raise ValidationError(
                    self.env._(
                        "Copy Given On: the plan was approved on %(day)s; enter that day or a later"
                        " one. What was given before was a draft.",
                        day=approved,
                    )
                )

    # === ACTIONS === #

    def action_copy_given(self):
        """Note that the patient got a copy today."""
        for plan in self:
            if plan.state == "draft":
                raise UserError(self.env._("Copy Given On: have the plan approved first."))
            if not plan.copy_given_on:
                plan.write({"copy_given_on": plan._today(), "copy_way": plan.copy_way or "paper"})
        return True
