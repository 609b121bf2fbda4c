from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Records of a patient that somebody may have planned work on
PATIENT_MODELS = ("ccm.month", "ccm.enrollment", "ccm.care.plan")


class CcmHandover(models.TransientModel):
    """Gives patients another coordinator, and the planned work with them."""

    _name = "ccm.handover"
    _description = "Hand Over Patients"

    from_user_id = fields.Many2one(
        "res.users",
        "Handed Over By",
        domain="[('share', '=', False)]",
        help="All patients of this coordinator; take out those who stay.",
    )
    to_user_id = fields.Many2one(
        "res.users",
        "Taken Over By",
        required=True,
        domain="[('share', '=', False), ('id', '!=', from_user_id)]",
    )
    enrollment_ids = fields.Many2many(
        "ccm.enrollment",
        string="Patients",
        compute="_compute_enrollment_ids",
        store=True,
        readonly=False,
        domain="[('state', 'not in', ('declined', 'ended'))]",
    )
    reason = fields.Char(help="Is noted on each enrollment.")

    # === COMPUTE === #
    @api.depends("from_user_id")
    def _compute_enrollment_ids(self):
        for record in self.filtered("from_user_id"):
            record.enrollment_ids = self.env["ccm.enrollment"].search(
                [
                    ("coordinator_id", "=", record.from_user_id.id),
                    ("state", "not in", ("declined", "ended")),
                ]
            )

    # === ACTIONS === #
    @api.model
    def action_hand_over(self):
        """Open the dialog for the current user's own patients."""
        return self._open(self.env._("Hand Over"), {"default_from_user_id": self.env.uid})

    def action_apply(self):
        """Give the patients and their open activities to the new coordinator; timers go on."""
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_user"):
            raise AccessError(self.env._("Only the care team hands patients over."))
        if not self.enrollment_ids:
            raise UserError(self.env._("Patients: choose at least one."))
        if self.from_user_id and not (self.reason or "").strip():
            raise UserError(self.env._("Reason: say why, so that the record tells it."))
        if not self.to_user_id.has_group("ccm_module.group_ccm_user"):
            raise UserError(
                self.env._(
                    "Taken Over By: %s is not on the care team and could not open the patients. Choose"
                    " another, or add the role on the user first.",
                    self.to_user_id.name,
                )
            )
        moving = self.enrollment_ids.filtered(lambda e: e.coordinator_id != self.to_user_id)
        activities = self._open_activities(moving)
        former = {enrollment: enrollment.coordinator_id for enrollment in moving}
        moving.write({"coordinator_id": self.to_user_id.id})
        # No e-mail: it would carry the patient's name.
        activities.with_context(mail_activity_quick_update=True).user_id = self.to_user_id
        if self.reason:
            for enrollment in moving:
                enrollment.message_post(body=self._note(former[enrollment]))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(name)s now looks after %(patients)s patient(s), with %(activities)s planned"
                    " activities.",
                    name=self.to_user_id.name,
                    patients=len(self.enrollment_ids),
                    activities=len(activities),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === HELPERS === #
    def _open(self, name, context):
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def _note(self, former):
        if not former:
            text = self.env._("Coordinator: %s", self.to_user_id.name)
        else:
            text = self.env._(
                "Handed over from %(former)s to %(name)s",
                former=former.name,
                name=self.to_user_id.name,
            )
        return Markup("%s<br/>%s") % (text, self.reason)

    def _open_activities(self, enrollments):
        """Return what the former coordinators have planned on these patients, as superuser."""
        # sudo: whoever may name the coordinator may give the planned work along
        activities = self.env["mail.activity"].sudo()
        found = activities.browse()
        for former, group in enrollments.grouped("coordinator_id").items():
            if not former:
                continue
            partners = group.partner_id
            ids = {"res.partner": partners.ids} | {
                model: self.env[model].sudo().search([("partner_id", "in", partners.ids)]).ids
                for model in PATIENT_MODELS
            }
            found |= activities.search(
                fields.Domain("user_id", "=", former.id)
                & fields.Domain.OR(
                    fields.Domain("res_model", "=", model) & fields.Domain("res_id", "in", res_ids)
                    for model, res_ids in ids.items()
                )
            )
        return found
