"""The patient's care plan, as lists and filters of patients see it."""

from odoo import api, fields, models

from .res_partner import CLINICAL


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #

    ccm_care_plan_ids = fields.One2many(
        "ccm.care.plan", "partner_id", "Care Plans", groups=CLINICAL
    )
    # Not stored: another practice's plan is not to be seen, nor its date.
    ccm_plan_review_due = fields.Date(
        "Care Plan Review",
        compute="_compute_ccm_plan_review_due",
        search="_search_ccm_plan_review_due",
        groups=CLINICAL,
        help="When the approved care plan is to be reviewed. Empty without one.",
    )

    # === COMPUTE === #

    @api.depends("ccm_care_plan_ids.state", "ccm_care_plan_ids.review_due")
    @api.depends_context("company")
    def _compute_ccm_plan_review_due(self):
        due = dict(
            self.env["ccm.care.plan"]._read_group(
                [("partner_id", "in", self._origin.ids), ("state", "=", "approved")],
                ["partner_id"],
                ["review_due:min"],
            )
        )
        for partner in self:
            partner.ccm_plan_review_due = due.get(partner._origin, False)

    def _search_ccm_plan_review_due(self, operator, value):
        if operator == "in" and False in value:
            dated = [("state", "=", "approved"), ("review_due", "!=", False)]
            without = fields.Domain("ccm_care_plan_ids", "not any", dated)
            rest = [item for item in value if item]
            return without | self._search_ccm_plan_review_due("in", rest) if rest else without
        if operator.startswith("not ") or operator == "!=":
            return NotImplemented
        return fields.Domain(
            "ccm_care_plan_ids",
            "any",
            [("state", "=", "approved"), ("review_due", operator, value)],
        )
