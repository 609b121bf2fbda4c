from odoo import fields, models


class CcmActivityRevision(models.Model):
    """What one field of a finished entry said before a correction. Written by the system alone."""

    _name = "ccm.activity.revision"
    _description = "Correction of Time"
    _order = "id desc"

    activity_id = fields.Many2one(
        "ccm.activity", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="activity_id.company_id", store=True, index=True)
    moment = fields.Datetime(string="Corrected On", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)
    field_name = fields.Selection(
        [
            ("partner_id", "Patient"),
            ("user_id", "Done By"),
            ("type_id", "Kind"),
            ("start", "Start"),
            ("stop", "Stop"),
            ("outcome", "Outcome"),
            ("note", "Note"),
            ("reason", "Why by Hand"),
            ("state", "State"),
        ],
        string="What",
        required=True,
        readonly=True,
    )
    old_value = fields.Text(string="Before", readonly=True)
    new_value = fields.Text(string="After", readonly=True)
    why = fields.Char(readonly=True)
    # What the words stand for, for the seal: a number, a state, or the fingerprint of a text.
    old_exact = fields.Char(readonly=True)
    new_exact = fields.Char(readonly=True)
