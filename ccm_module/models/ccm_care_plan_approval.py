"""How a draft comes before the practitioner: asked for by staff, waiting in one list."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

APPROVAL_ACTIVITY = "ccm_module.mail_activity_type_plan_approval"
PRACTITIONER_GROUP = "ccm_module.group_ccm_practitioner"


class CcmCarePlan(models.Model):
    _inherit = "ccm.care.plan"

    # === FIELDS === #

    approver_id = fields.Many2one(
        "res.users",
        "To Be Approved By",
        compute="_compute_approver_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        domain=lambda self: [("all_group_ids", "in", self.env.ref(PRACTITIONER_GROUP).ids)],
        help="The practitioner who is asked; any other may approve as well.",
    )
    asked_on = fields.Date("Approval Asked On", readonly=True, copy=False)
    asked_by_id = fields.Many2one(
        "res.users", "Approval Asked By", readonly=True, copy=False, ondelete="restrict"
    )
    is_waiting = fields.Boolean(
        "Waiting for Approval", compute="_compute_is_waiting", search="_search_is_waiting"
    )

    # === COMPUTE === #

    @api.depends("partner_id", "company_id")
    def _compute_approver_id(self):
        for plan in self:
            practitioner = plan.partner_id._ccm_default_practitioner(plan.company_id)
            plan.approver_id = practitioner.user_ids.filtered(plan._may_approve)[:1]

    @api.depends("state", "asked_on")
    def _compute_is_waiting(self):
        for plan in self:
            plan.is_waiting = plan.state == "draft" and bool(plan.asked_on)

    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = fields.Domain([("state", "=", "draft"), ("asked_on", "!=", False)])
        return fields.Domain.OR(waiting if wanted else ~waiting for wanted in value)

    # === CONSTRAINTS === #

    @api.constrains("approver_id", "company_id")
    def _check_approver(self):
        for plan in self:
            approver = plan.approver_id.sudo()
            if approver and plan.state == "draft" and not plan._may_approve(approver):
                raise ValidationError(
                    self.env._(
                        "To Be Approved By: %(name)s is not a practitioner of this practice.",
                        name=approver.name,
                    )
                )

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "approved":
            self.activity_feedback([APPROVAL_ACTIVITY])
        elif vals.get("approver_id"):
            self.filtered("is_waiting").activity_reschedule(
                [APPROVAL_ACTIVITY], new_user_id=vals["approver_id"]
            )
        return result

    # === ACTIONS === #

    def action_ask_approval(self):
        """Put drafts before their practitioners: into the list, and as an activity of theirs.

        :raises UserError: for what is no draft, is empty, or has nobody to approve it
        """
        self.check_access("write")
        for plan in self:
            if plan.state != "draft":
                raise UserError(self.env._("State: only a draft can be approved."))
            plan._refuse_empty()
            if not plan.approver_id:
                plan._compute_approver_id()
            if not plan.approver_id:
                raise UserError(
                    self.env._(
                        "To Be Approved By: choose the practitioner who is to approve the plan."
                    )
                )
            plan.write({"asked_on": plan._today(), "asked_by_id": self.env.uid})
            plan.activity_unlink([APPROVAL_ACTIVITY])
            # No e-mail: it would carry the patient's name.
            plan.with_context(mail_activity_quick_update=True).activity_schedule(
                APPROVAL_ACTIVITY, user_id=plan.approver_id.id
            )
        return True

    # === HELPERS === #

    def _may_approve(self, user):
        return (
            user.active
            and user.has_group(PRACTITIONER_GROUP)
            and self.company_id in user.sudo().company_ids
        )
