from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    ccm_performer = fields.Selection(
        [
            ("staff", "Clinical staff"),
            ("practitioner", "Practitioner"),
            ("none", "Does not count"),
        ],
        "Time in Chronic Care",
        required=True,
        default="none",
        help="As what this person's time counts. Reception, billing and software never count (CMS"
        " FAQ January 2017, Q1). A practitioner is the billing practitioner through the user's own"
        " contact.",
    )
