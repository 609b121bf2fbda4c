from odoo import models
from odoo.exceptions import UserError


class CcmConsent(models.Model):
    """The two steps of a consent, given and revoked, and what follows from them elsewhere."""

    _inherit = "ccm.consent"

    # === ACTIONS === #

    def action_give(self):
        """Put draft consents on record as given.

        :raises ValidationError: if one of the four points was not said, a name or the moment is
            missing or in the future, or a consent of an earlier day has no reason
        """
        self.check_access("write")
        if any(consent.state != "draft" for consent in self):
            raise UserError(self.env._("State: only a draft consent can be given."))
        self.write({"state": "given"})
        return True

    def action_guide(self):
        """Read the text to the patient, with this draft as the start; see ccm.consent.guide."""
        self.ensure_one()
        return self.env["ccm.consent.guide"]._open(self.partner_id, self.company_id)

    def action_revoke(self):
        """Ask for the day and the reason; see ccm.consent.revoke."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "given":
            raise UserError(self.env._("State: only a given consent can be revoked."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke Consent"),
            "res_model": "ccm.consent.revoke",
            "view_mode": "form",
            "target": "new",
            "context": {"default_consent_id": self.id},
        }

    # === HELPERS === #

    def _after_given(self):
        """A patient who changes her mind within the month stays enrolled."""
        for consent in self:
            consent._note(self.env._("Consent to Chronic Care given."))
            consent._active_enrollment()._undo_end_with_consent()

    def _after_revoked(self):
        for consent in self:
            consent._note(
                self.env._(
                    "Consent to Chronic Care revoked on %(day)s, in effect from the end of"
                    " %(last_day)s.",
                    day=consent.revoked_on,
                    last_day=consent.valid_until,
                )
            )
            consent._active_enrollment()._end_with_consent(consent.valid_until)
            consent._have_bills_checked()

    def _have_bills_checked(self):
        """Ask the biller about each month that was billed and that the consent no longer covers."""
        uncovered = self._invoiced_months().filtered(
            lambda month: (
                month.practitioner_id == self.practitioner_id and month.month > self.valid_until
            )
        )
        # quick_update: no e-mail
        for month in uncovered.with_context(mail_activity_quick_update=True):
            month.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._(
                    "The consent was revoked with effect before this month: check the bill."
                ),
                user_id=(month.company_id.ccm_biller_id or self.env.user).id,
            )

    def _active_enrollment(self):
        """Return the patient's active enrollment with this consent's practitioner, or none."""
        self.ensure_one()
        return self.partner_id.sudo().ccm_enrollment_ids.filtered(
            lambda enrollment: (
                enrollment.state == "active" and enrollment.practitioner_id == self.practitioner_id
            )
        )

    def _note(self, body):
        """Note the step where the care team reads: every employee reads the contact's notes."""
        self.ensure_one()
        self.message_post(body=body)
        # sudo: whoever may record a consent may have it noted; the reason stays on the consent
        enrollment = self._active_enrollment()
        if enrollment:
            enrollment.message_post(body=body)
