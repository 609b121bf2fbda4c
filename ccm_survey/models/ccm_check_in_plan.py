from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.ccm_module.models.ccm_batch import sparing
from odoo.addons.ccm_module.models.ccm_unique import refuse_second

OPEN_DAYS = 14  # how long the link in a mail can be used


def _plan_taken(env, _diag=None):
    return env._("Questionnaire: this patient gets it already. Change that line instead.")


class CcmCheckInPlan(models.Model):
    """A patient's wish to get a questionnaire by mail every few weeks."""

    _name = "ccm.check.in.plan"
    _description = "Check-in Schedule"
    _inherit = ["ccm.patient.mixin"]
    _order = "next_date, id"

    # === FIELDS === #
    survey_id = fields.Many2one(
        "survey.survey",
        "Questionnaire",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("survey_type", "=", "ccm")],
    )
    weeks = fields.Integer("Every … Weeks", required=True, default=4)
    next_date = fields.Date(
        "Next", required=True, default=lambda self: self._today(), help="Sent on this day."
    )
    agreed_on = fields.Date(
        required=True,
        default=lambda self: self._today(),
        help="The day the patient asked for, or agreed to, check-ins by mail.",
    )
    email = fields.Char(related="partner_id.email")
    active = fields.Boolean(default=True)

    _patient_survey_unique = models.UniqueIndex(
        "(partner_id, company_id, survey_id)",
        _plan_taken,
    )
    # === CONSTRAINTS === #

    @api.constrains("survey_id")
    def _check_survey(self):
        if any(plan.survey_id.survey_type != "ccm" for plan in self):
            raise ValidationError(self.env._("Questionnaire: choose one that is a check-in."))

    @api.constrains("weeks")
    def _check_weeks(self):
        if any(not 1 <= plan.weeks <= 52 for plan in self):
            raise ValidationError(self.env._("Every … Weeks: enter a number from 1 to 52."))

    @api.constrains("agreed_on")
    def _check_agreed_on(self):
        if any(plan.agreed_on > plan._today() for plan in self):
            raise ValidationError(self.env._("Agreed On: enter today or earlier."))

    @api.constrains("active", "partner_id")
    def _check_email(self):
        for plan in self:
            if plan.active and not plan.partner_id.email:
                raise ValidationError(
                    self.env._(
                        "E-mail: the patient has none. Enter it, or ask on the phone instead."
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_second_plan(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if {"partner_id", "company_id", "survey_id"} & vals.keys():
            self._refuse_second_plan([vals])
        return super().write(vals)

    def _refuse_second_plan(self, vals_list):
        names = ("partner_id", "company_id", "survey_id")
        refuse_second(self, vals_list, names, lambda _row: True, _plan_taken(self.env))

    # === HELPERS === #

    def _is_due(self):
        """Tell whether to send today; not to who has left, or has no address any more."""
        self.ensure_one()
        enrolled = self.partner_id.ccm_enrollment_ids.filtered(
            lambda e: e.state == "active" and e.company_id == self.company_id
        )
        return bool(
            self.next_date <= self._today()
            and enrolled
            and self.partner_id.email
            and self.survey_id.active
        )

    def _send(self):
        """Mail the questionnaire, and move on to the next date that is still to come."""
        self.ensure_one()
        deadline = fields.Datetime.now() + timedelta(days=OPEN_DAYS)
        check_in = self.partner_id._ccm_new_check_in(
            self.survey_id, self.company_id, deadline=deadline
        )
        self.partner_id._ccm_mail_check_in(check_in)
        step = timedelta(weeks=self.weeks)
        missed = max((self._today() - self.next_date).days, 0) // step.days
        self.next_date += step * (missed + 1)

    def _send_if_due(self):
        for plan in self:
            if plan._is_due():
                plan.with_company(plan.company_id)._send()

    # === CRON === #

    @api.model
    def _cron_send_due(self):
        """Send what is due. A second run of the same day finds nothing: the date has moved on."""
        # a day more than UTC's, since a practice may be ahead of it; each plan asks its own
        latest = fields.Date.today() + timedelta(days=1)
        plans = self.search([("next_date", "<=", latest)]).filtered(lambda plan: plan._is_due())
        self.env["ir.cron"]._commit_progress(remaining=len(plans))
        for plan in plans:
            sparing(plan.try_lock_for_update(), CcmCheckInPlan._send_if_due)
            self.env["ir.cron"]._commit_progress(1)
