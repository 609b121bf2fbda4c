from odoo import api, fields, models

CORRECTED = ("partner_id", "type_id", "start", "stop", "outcome")


class CcmActivityCorrect(models.TransientModel):
    """A correction of a finished entry, with the reason that is kept beside the old values."""

    _name = "ccm.activity.correct"
    _description = "Correct Time"

    activity_id = fields.Many2one("ccm.activity", required=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Patient", required=True, domain=[("is_ccm_patient", "=", True)]
    )
    type_id = fields.Many2one("ccm.activity.type", string="Kind", required=True)
    outcome = fields.Selection(
        lambda self: self.env["ccm.activity"]._fields["outcome"]._description_selection(self.env)
    )
    is_contact = fields.Boolean(related="type_id.is_contact")
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    why = fields.Char(string="Why Corrected", required=True)

    # === CRUD === #
    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        entry = self.env["ccm.activity"].browse(values.get("activity_id")).exists()
        for name in CORRECTED:
            if entry and name in fields:
                value = entry[name]
                values[name] = value.id if name.endswith("_id") else value
        return values

    # === ACTIONS === #
    def action_apply(self):
        """Write what differs, and keep the old values with the reason."""
        self.ensure_one()
        entry = self.activity_id
        changed = {
            name: self[name].id if name.endswith("_id") else self[name]
            for name in CORRECTED
            if self[name] != entry[name]
        }
        if changed:
            entry.write({**changed, "correction_reason": self.why})
        return {"type": "ir.actions.act_window_close"}
