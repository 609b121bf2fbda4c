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

    # === HELPERS === #

    def _ccm_cares_in(self, company):
        """Tell whether this is one of the care team of ``company`` today; nobody is not."""
        user = self.sudo()
        return (
            user.active
            and not user.share
            and user.has_group("ccm_module.group_ccm_user")
            and company in user.company_ids
        )
