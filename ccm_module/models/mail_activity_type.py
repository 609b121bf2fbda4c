from odoo import fields, models


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    ccm_private = fields.Boolean(
        "Care Team Only",
        help="Activities of this kind say that somebody is a patient: only the care team and the"
        " billers see them, and what is said of them is noted on the enrollment.",
    )
    ccm_worklist = fields.Boolean(
        "On the Worklist",
        help="The first of these activities of a patient is the next call in This Month.",
    )
