from odoo import fields, models


class CcmPartnerMerge(models.Model):
    """That two contacts of one patient became one: who did it, when, and how much moved.

    It also lets what is written once follow: PostgreSQL moves such a row from one patient to
    another along a row of this table, and in no other way (see ``ccm.append.only.mixin``).
    """

    _name = "ccm.partner.merge"
    _description = "Merged Patient"
    _inherit = ["ccm.append.only.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"
    _log_access = False

    # === FIELDS === #
    date = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        "Who",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    partner_id = fields.Many2one(
        "res.partner", "Patient", required=True, readonly=True, index=True, ondelete="restrict"
    )
    # A plain number: that contact is gone.
    gone_id = fields.Integer(
        "Number of the Other Contact", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", "Practice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    record_count = fields.Integer(
        "Records", required=True, readonly=True, help="Of the record of care that moved along."
    )
