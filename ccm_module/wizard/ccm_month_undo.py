from odoo import api, fields, models


class CcmMonthUndo(models.TransientModel):
    """Undo whole bills, and say what becomes of their months."""

    _name = "ccm.month.undo"
    _description = "Undo the Bill of a Patient's Month"

    month_ids = fields.Many2many("ccm.month", string="Months", required=True)
    reason = fields.Char(
        string="Why It Is Undone",
        required=True,
        help="Kept in the history of the month and of its invoice, where the accountant reads it"
        " too: name no diagnosis.",
    )
    then = fields.Selection(
        [
            ("open", "Decide it anew, and bill it again once it is ready"),
            ("cancelled", "Do not bill this month"),
        ],
        string="What Next",
        required=True,
        default="open",
    )
    credit_count = fields.Integer(string="Credit Notes", compute="_compute_counts")
    cancel_count = fields.Integer(string="Drafts Cancelled", compute="_compute_counts")

    # === COMPUTE === #
    @api.depends("month_ids")
    def _compute_counts(self):
        for record in self:
            moves = record.month_ids.sudo().move_id
            record.credit_count = len(moves.filtered(lambda m: m.state == "posted"))
            record.cancel_count = len(moves) - record.credit_count

    # === ACTIONS === #
    def action_apply(self):
        """Undo the bills, unlock their time, and take the months out of billing if so chosen."""
        self.ensure_one()
        self.month_ids._check_biller()
        self.month_ids._undo_bills(self.reason)
        if self.then == "cancelled":
            months = self.month_ids.sudo()
            months.write({"state": "cancelled", "cancel_reason": self.reason})
            months._clear_error()
        return {"type": "ir.actions.act_window_close"}
