from odoo import fields, models


class CcmCarePlanService(models.Model):
    """Help from the community: meals, rides, day care, equipment."""

    _name = "ccm.care.plan.service"
    _inherit = "ccm.care.plan.row.mixin"
    _description = "Care plan community service"
    _moves_on = ("status",)
    _words = ("name", "contact")

    name = fields.Char("Service", required=True)
    contact = fields.Char("Whom to Call", help="Name and telephone.")
    status = fields.Selection(
        [
            ("needed", "To be arranged"),
            ("asked", "Asked for"),
            ("active", "In place"),
            ("declined", "Declined"),
            ("none", "Not needed"),
        ],
        required=True,
        default="needed",
    )
