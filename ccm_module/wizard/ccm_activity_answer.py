from odoo import api, fields, models


class CcmActivityAnswer(models.TransientModel):
    """What really happened while a timer ran past the limit."""

    _name = "ccm.activity.answer"
    _description = "What Really Happened"

    activity_id = fields.Many2one("ccm.activity", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="activity_id.partner_id", string="Patient")
    user_id = fields.Many2one(related="activity_id.user_id", string="Timer Of")
    start = fields.Datetime(related="activity_id.start")
    stop = fields.Datetime(related="activity_id.stop")
    answer = fields.Selection(
        [
            ("until", "I worked until a certain time"),
            ("right", "It is right as it is"),
            ("nothing", "I did not work on this"),
        ],
        required=True,  # and no default: nothing is guessed
    )
    until = fields.Datetime(
        string="Worked Until", compute="_compute_until", store=True, readonly=False
    )
    why = fields.Char()

    # === COMPUTE === #
    @api.depends("activity_id")
    def _compute_until(self):
        """Offer the day on which the timer began; as an answer its start itself is refused."""
        for record in self:
            record.until = record.activity_id.start

    # === ACTIONS === #
    def action_apply(self):
        """Settle the timer with this answer."""
        self.ensure_one()
        self.activity_id.action_answer(self.answer, self.until, self.why)
        return {"type": "ir.actions.act_window_close"}
