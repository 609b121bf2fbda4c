from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .ccm_argument import is_text, takes
from .ccm_enrollment import CLOSED, IN_TALKS
from .ccm_unlogged import unlogged


class CcmEnrollment(models.Model):
    """The way through the funnel: each step checked however it is taken, and its day kept."""

    _inherit = "ccm.enrollment"

    # === FIELDS === #

    step_ids = fields.One2many("ccm.enrollment.step", "enrollment_id", readonly=True)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        enrollments = super().create(vals_list)
        steps = []
        for enrollment in enrollments:
            since = enrollment.state_since
            begun = min(day for day in (since, enrollment.date_start) if day)
            steps.append(enrollment._step_values("candidate", begun))
            if enrollment.state in ("contacted", "considering", "declined"):
                steps.append(enrollment._step_values(enrollment.state, since))
        # sudo: nobody writes the history but this
        self.env["ccm.enrollment.step"].sudo().create(steps)
        enrollments.filtered(lambda enrollment: enrollment.state == "active")._require_consent()
        return enrollments

    def write(self, vals):
        state = vals.get("state")
        moving = self.filtered(lambda enrollment: state and enrollment.state != state)
        result = super().write(vals)
        steps = self.env["ccm.enrollment.step"].sudo()
        if state == "candidate":
            # back to the beginning: the way so far was a slip
            moving.sudo().step_ids.filtered(lambda step: step.state in IN_TALKS[1:]).unlink()
        elif state in steps._fields["state"].get_values(self.env):
            steps.create([e._step_values(state, e.state_since) for e in moving])
        elif state == "active":
            moving._require_consent()
        return result

    def _require_consent(self):
        """Consent comes before care (MLN909188). Superusers, who import, may bring it later.

        Not a constraint: those are checked as superuser, whoever writes.
        """
        if self.env.su:
            return
        for enrollment in self:
            if not enrollment.consent_id:
                raise unlogged(
                    ValidationError(
                        self.env._(
                            "Consent: %(patient)s has no consent to %(practitioner)s on record. Use"
                            " Get Consent first; it can enroll in the same step.",
                            patient=enrollment.partner_id.display_name,
                            practitioner=enrollment.practitioner_id.display_name,
                        )
                    )
                )

    def _step_values(self, state, day):
        return {
            "enrollment_id": self.id,
            "state": state,
            "date": day,
            "reason_id": self.reason_id.id if state == "declined" else False,
        }

    # === ACTIONS === #

    @takes(state=is_text)
    def action_move(self, state):
        """Take the step that a card dragged to the column ``state`` stands for.

        :param str state: of the enrollment
        :return: the dialog that has to be answered first, or False if the step is taken
        """
        self.ensure_one()
        self.check_access("write")
        if state not in self._fields["state"].get_values(self.env):
            raise UserError(self.env._("State: there is no such step."))
        if state == self.state:
            return False
        self._check_step(state)
        if state == "ended" and self.state != "active":
            raise UserError(
                self.env._("State: only an active enrollment ends. Use Declined for this one.")
            )
        if state in CLOSED:
            return self._ask_reason(state)
        if state == "active":
            return self.action_enroll()
        self.write({"state": state})
        return False

    def action_enroll(self):
        """Enroll at once where the consent stands; else read the text first.

        :return: the dialog of the consent, or False if the patient is enrolled
        """
        self.ensure_one()
        if not self.consent_id:
            return self.action_guide()
        self.action_activate()
        return False

    def action_guide(self):
        """Read the consent text to the patient; see ccm.consent.guide."""
        self.ensure_one()
        return self.env["ccm.consent.guide"]._open(self.partner_id, self.company_id)
