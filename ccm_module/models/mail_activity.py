from odoo import api, models

from .res_partner_contact import PRIVATE_POST


class MailActivity(models.Model):
    """Activities on patients: private where their type says so, and what the worklist follows."""

    _inherit = "mail.activity"

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._ccm_refresh_calls()
        return activities

    def write(self, vals):
        before = self._ccm_callees()
        result = super().write(vals)
        self._ccm_refresh_calls(before)
        return result

    def unlink(self):
        before = self._ccm_callees()
        result = super().unlink()
        self.browse()._ccm_refresh_calls(before)
        return result

    # === ACTIONS === #
    def action_notify(self):
        """Send no e-mail of private activities, nor of those on our records.

        It would carry the patient's name.
        """
        ours = self.filtered(lambda activity: (activity.res_model or "").startswith("ccm."))
        return super(MailActivity, self - self._ccm_private() - ours).action_notify()

    # === HELPERS === #
    def _check_access(self, operation):
        """Whoever may change a contact may, for Odoo, change its activities: not those on care."""
        result = super()._check_access(operation)
        if self.env.su or operation not in ("write", "unlink"):
            return result
        private = self._ccm_private()
        closed = private - private._filtered_access("read")
        if not closed:
            return result
        if result:
            return result[0] | closed, result[1]
        return closed, lambda: self.env["ir.rule"]._make_access_error(operation, closed)

    def _ccm_private(self):
        return self.filtered(lambda activity: activity.sudo().activity_type_id.ccm_private)

    def _action_done(self, feedback=False, attachment_ids=None):
        private = self._ccm_private()
        messages, followups = super(MailActivity, self - private)._action_done(
            feedback=feedback, attachment_ids=attachment_ids
        )
        if private:
            more, further = super(
                MailActivity, private.with_context(ccm_private_post=PRIVATE_POST)
            )._action_done(feedback=feedback, attachment_ids=attachment_ids)
            messages, followups = messages | more, followups | further
        return messages, followups

    def _ccm_callees(self):
        """Return the patients on whose worklist these activities are."""
        calls = self.sudo().filtered(
            lambda activity: (
                activity.res_model == "res.partner" and activity.activity_type_id.ccm_worklist
            )
        )
        return self.env["res.partner"].browse(set(calls.mapped("res_id")))

    def _ccm_refresh_calls(self, others=None):
        partners = self._ccm_callees() | (others or self.env["res.partner"])
        if partners:
            self.env["ccm.month"].sudo()._refresh_calls(partners)
