from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache

# Whom no practice restricts to the own patients.
SEE_ALL = "ccm_module.group_ccm_biller,ccm_module.group_ccm_auditor"
# Who changes anything. The others read, or have no business here.
WORKERS = "ccm_module.group_ccm_user,ccm_module.group_ccm_biller"


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

    def _ccm_restricting_companies(self, companies):
        """Return those of ``companies`` that restrict this user to the own patients.

        Who bills, manages or audits sees all of them.
        """
        return companies.browse(self._ccm_restricting_ids(companies._ids))

    @ormcache("self.id", "company_ids")
    def _ccm_restricting_ids(self, company_ids):
        if self._is_superuser() or self.has_groups(SEE_ALL):
            return ()
        companies = self.env["res.company"].sudo().browse(company_ids)
        return tuple(companies.filtered("ccm_restrict_patients")._ids)

    def _ccm_works(self):
        """Tell whether this user works in Chronic Care, and does not merely read."""
        return self._is_superuser() or self.has_groups(WORKERS)

    def _ccm_check_works(self):
        if not self._ccm_works():
            raise AccessError(self.env._("Your role in Chronic Care reads, and changes nothing."))

    def _ccm_cares_in(self, company):
        """Tell whether this is one of the care team of ``company`` today; nobody is not."""
        user = self.sudo()
        return (
            user.active
            and not user.share
            and user.has_group("ccm_module.group_ccm_user")
            and company in user.company_ids
        )
