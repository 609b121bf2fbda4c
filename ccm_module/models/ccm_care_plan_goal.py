from odoo import api, fields, models
from odoo.exceptions import UserError

SIGNED = ("plan_id", "name", "target", "target_date")


class CcmCarePlanGoal(models.Model):
    """A measurable goal of a care plan. Its wording is signed with the plan; its status moves on."""

    _name = "ccm.care.plan.goal"
    _description = "Care plan goal"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one("ccm.care.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Goal", required=True)
    target = fields.Char(help="How it is measured, as: HbA1c below 7.5 %.")
    target_date = fields.Date("By")
    status = fields.Selection(
        [
            ("open", "Open"),
            ("progress", "In progress"),
            ("met", "Met"),
            ("dropped", "Dropped"),
        ],
        required=True,
        default="open",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        goals = super().create(vals_list)
        goals._refuse_signed()
        return goals

    def write(self, vals):
        if set(SIGNED) & vals.keys():
            self._refuse_signed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._refuse_signed()

    def _refuse_signed(self):
        if any(goal.plan_id.state != "draft" for goal in self):
            raise UserError(
                self.env._(
                    "Goals: the plan is approved; only their status can change. Use New Version."
                )
            )
