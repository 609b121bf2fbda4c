"""The decision records of a month: of its present bill, and of those that were undone."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .ccm_decision import READERS


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    decision_ids = fields.One2many(
        "ccm.decision", "month_id", "Decision Records", readonly=True, groups=READERS
    )
    decision_id = fields.Many2one(
        "ccm.decision",
        "Decision Record",
        compute="_compute_decision_id",
        groups=READERS,
        help="What the present bill was decided from.",
    )
    decision_count = fields.Integer(compute="_compute_decision_id", groups=READERS)

    # === COMPUTE === #
    @api.depends("decision_ids", "move_id")
    def _compute_decision_id(self):
        for record in self:
            kept = record.decision_ids
            record.decision_count = len(kept)
            record.decision_id = (
                record.move_id and kept.filtered(lambda d, move=record.move_id: d.move_id == move)
            ) or False

    # === CRUD === #
    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        # sudo: who may not read the records must not delete their months either
        if self.sudo().decision_ids:
            raise UserError(
                self.env._("A month that was billed is kept: its decision record says how it was.")
            )

    # === ACTIONS === #
    def action_view_decisions(self):
        """Open what this month's bills were decided from."""
        self.ensure_one()
        kept = self.decision_ids
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision Record"),
            "res_model": "ccm.decision",
            "view_mode": "list,form",
            "domain": [("id", "in", kept.ids)],
        }
        if len(kept) == 1:
            action.update(view_mode="form", res_id=kept.id)
        return action
