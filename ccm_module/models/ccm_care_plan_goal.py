from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CcmCarePlanGoal(models.Model):
    """A measurable goal of a care plan; how far it is reached moves on after signing."""

    _name = "ccm.care.plan.goal"
    _inherit = "ccm.care.plan.row.mixin"
    _description = "Care plan goal"
    _moves_on = ("status", "achievement", "achieved_on")
    _words = ("name", "target", "target_date")

    # === FIELDS === #

    name = fields.Char("Goal", required=True)
    target = fields.Char(help="How it is measured, as: HbA1c below 7.5 %.")
    target_date = fields.Date()
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
    achievement = fields.Char(
        "Reached So Far", help="The last value, percent or words, as: 7.8 % in June."
    )
    achieved_on = fields.Date("As Of", help="The day of what is reached so far; empty: today.")

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("achievement")
    def _onchange_achievement(self):
        self.achieved_on = self.achievement and self.plan_id._today()

    @api.constrains("achieved_on")
    def _check_achieved_on(self):
        for goal in self:
            if goal.achieved_on and goal.achieved_on > goal.plan_id._today():
                raise ValidationError(
                    self.env._("As Of: enter today or an earlier day, not a future one.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        goals = super().create(vals_list)
        goals._date_achievement()
        return goals

    def write(self, vals):
        result = super().write(vals)
        if "achievement" in vals and "achieved_on" not in vals:
            self.achieved_on = False
        if "achievement" in vals:
            self._date_achievement()
        return result

    # === HELPERS === #

    def _date_achievement(self):
        for goal in self:
            if goal.achievement and not goal.achieved_on:
                goal.achieved_on = goal.plan_id._today()
