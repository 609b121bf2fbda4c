"""What changed since the version before, in words."""

from odoo import api, fields, models

from ..care_plan.compare import compare
from ..care_plan.merge import normalized
from .ccm_care_plan import ROWS, TEXTS


class CcmCarePlan(models.Model):
    _inherit = "ccm.care.plan"

    # === FIELDS === #

    previous_id = fields.Many2one(
        "ccm.care.plan",
        "Version Before",
        compute="_compute_previous_id",
        help="The version that was in force before this one.",
    )
    changes = fields.Html(compute="_compute_changes", sanitize=False)

    # === COMPUTE === #

    @api.depends("partner_id", "version")
    def _compute_previous_id(self):
        for plan in self:
            plan.previous_id = self.search(
                [
                    ("partner_id", "=", plan.partner_id.id),
                    ("company_id", "=", plan.company_id.id),
                    ("state", "!=", "draft"),
                    ("version", "<", plan.version),
                ],
                order="version desc",
                limit=1,
            )

    @api.depends("previous_id", *TEXTS, *ROWS)
    @api.depends_context("lang")
    def _compute_changes(self):
        for plan in self:
            found = compare(plan.previous_id._lines(), plan._lines()) if plan.previous_id else []
            plan.changes = self.env["ir.qweb"]._render(
                "ccm_module.ccm_care_plan_changes",
                {"changes": found, "labels": plan._labels_of([*TEXTS, *ROWS]), "plan": plan},
            )

    # === HELPERS === #

    def _lines(self):
        """Return the plan's words as ``care_plan.compare`` takes them."""
        self.ensure_one()
        lines = {
            name: [
                (normalized(line), line.strip())
                for line in (self[name] or "").splitlines()
                if line.strip()
            ]
            for name in TEXTS
        }
        for name in ROWS:
            lines[name] = [
                (row.merge_key or normalized(row.name), row._in_words()) for row in self[name]
            ]
        return lines

    def _labels_of(self, names):
        described = self.fields_get(names, ["string"])
        return {name: described[name]["string"] for name in described}
