from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# Written by action_confirm_chronic only: a statement of the practitioner, not a field to fill in.
CONFIRMATION = ("confirmed_by_id", "confirmed_on")


class CcmCondition(models.Model):
    """The practitioner's word on codes that AHRQ's list does not call chronic.

    Asked by one activity on the patient, given by one button; it never stands in the way of
    recording the condition.
    """

    _inherit = "ccm.condition"

    # === FIELDS === #

    needs_confirmation = fields.Boolean(
        compute="_compute_needs_confirmation",
        search="_search_needs_confirmation",
        help="Active, not on AHRQ's list of chronic codes, and not yet confirmed by a practitioner.",
    )
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    confirmed_on = fields.Date(readonly=True, copy=False)
    confirm_activity_id = fields.Many2one(
        "mail.activity", "Open Question", readonly=True, copy=False, ondelete="set null"
    )

    # === COMPUTE === #

    @api.depends("diagnosis_id.chronicity", "confirmed_by_id", "status")
    def _compute_needs_confirmation(self):
        for condition in self:
            condition.needs_confirmation = (
                bool(condition.diagnosis_id)
                and condition.diagnosis_id.chronicity != "chronic"
                and not condition.confirmed_by_id
                and condition.status == "active"
            )

    def _search_needs_confirmation(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = (
            Domain("diagnosis_id.chronicity", "!=", "chronic")
            & Domain("confirmed_by_id", "=", False)
            & Domain("status", "=", "active")
        )
        return Domain.OR(waiting if wanted else ~waiting for wanted in value)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_confirmation(vals)
        model = self._ccm_with_own_defaults(CONFIRMATION)
        conditions = super(CcmCondition, model).create(vals_list)
        conditions._sync_question()
        return conditions

    def write(self, vals):
        self._refuse_confirmation(vals)
        if vals.get("diagnosis_id"):
            # what was confirmed is that one code, not its successor
            changed = self.filtered(
                lambda c: c.confirmed_by_id and c.diagnosis_id.id != vals["diagnosis_id"]
            )
            if changed:
                super(CcmCondition, changed).write(dict.fromkeys(CONFIRMATION, False))
        result = super().write(vals)
        if {"diagnosis_id", "status", "partner_id"} & vals.keys():
            self._sync_question()
        return result

    def unlink(self):
        self.sudo().confirm_activity_id.unlink()
        return super().unlink()

    def _refuse_confirmation(self, vals):
        if self.env.su or self.env.user.has_group("ccm_module.group_ccm_manager"):
            return  # the button itself, or a manager's import of older records
        if any(vals.get(name) for name in CONFIRMATION):
            raise AccessError(
                self.env._("Confirmed By: leave it empty; a practitioner uses the Confirm button.")
            )

    # === ACTIONS === #

    def action_confirm_chronic(self):
        """State, as the practitioner, that these conditions are chronic for this patient.

        :raises AccessError: for anybody who is not a practitioner
        """
        if not self.env.user.has_group("ccm_module.group_ccm_practitioner"):
            raise AccessError(
                self.env._(
                    "Only a practitioner can confirm that a condition is chronic. The practitioner"
                    " finds this question among the activities."
                )
            )
        self.check_access("write")
        for condition in self.filtered("needs_confirmation"):
            # sudo: the fields are closed to everything but this method
            condition.sudo().write(
                {"confirmed_by_id": self.env.uid, "confirmed_on": condition._today()}
            )
            question = condition.sudo().confirm_activity_id
            if question.active:
                question.action_feedback()
        return True

    # === HELPERS === #

    def _sync_question(self):
        """Keep one open activity for each condition that waits for the practitioner, else none."""
        for condition in self.sudo():
            question = condition.confirm_activity_id.filtered("active")
            asked_here = question and question.res_id == condition.partner_id.id
            if question and not (asked_here and condition.needs_confirmation):
                question.unlink()
            if condition.needs_confirmation and not asked_here:
                condition.confirm_activity_id = condition._ask_practitioner()

    def _ask_practitioner(self):
        self.ensure_one()
        # The text names no disease and no e-mail is sent (quick_update): activities on a contact
        # are seen by every employee, not only by the care team.
        partner = self.partner_id.with_context(mail_activity_quick_update=True)
        return partner.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self._today(),
            summary=self.env._("Chronic Care: confirm a condition"),
            user_id=self._practitioner_user().id,
        )

    def _practitioner_user(self):
        """Return who is asked: the billing practitioner, else a practitioner, else oneself."""
        group = self.env.ref("ccm_module.group_ccm_practitioner").sudo()
        able = group.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        billing = self.partner_id.ccm_practitioner_id.user_ids & able
        practitioners = able.filtered(lambda user: user.ccm_performer == "practitioner")
        return billing[:1] or practitioners[:1] or self.env.user
