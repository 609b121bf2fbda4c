from odoo import fields, models

from .ccm_care_plan_intervention import RESPONSIBLE


class CcmCarePlanTemplateRow(models.Model):
    """A goal, an intervention or a service that a template offers."""

    _name = "ccm.care.plan.template.row"
    _description = "Row of a care plan template"
    _order = "sequence, id"

    template_id = fields.Many2one(
        "ccm.care.plan.template", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("goal", "Goal"), ("intervention", "Intervention"), ("service", "Service")], required=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Text", required=True, translate=True)
    merge_key = fields.Char(
        "Same As",
        help="Rows of the same kind with the same word here are one row of a plan, whatever their"
        " text. Rows with the same text are one in any case.",
    )
    # Of goals
    target = fields.Char(translate=True, help="How it is measured, as: HbA1c below 7.5 %.")
    months = fields.Integer("Within Months", help="Gives the day by which to reach it; 0: no day.")
    # Of interventions
    responsible = fields.Selection(RESPONSIBLE, default="nurse", required=True)
    frequency = fields.Char("How Often", translate=True)

    _months_check = models.Constraint(
        "CHECK (months >= 0)", "Within Months: enter 0 or more months."
    )
