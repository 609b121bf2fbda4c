from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import ormcache

from .res_partner_team import is_of_care

# Whom no practice restricts to the own patients.
SEE_ALL = "ccm_module.group_ccm_biller,ccm_module.group_ccm_auditor"
# Who changes anything. The others read, or have no business here.
WORKERS = "ccm_module.group_ccm_user,ccm_module.group_ccm_biller"
ANY = {"any", "any!", "not any", "not any!"}


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

    # What is a patient's is on the contact, which knows who may see it, and not on the login.

    def _ccm_is_patients(self, field):
        return field.inherited and is_of_care(field.name)

    def _has_field_access(self, field, operation):
        if self._ccm_is_patients(field):
            return self.env.su
        return super()._has_field_access(field, operation)

    def _field_to_sql(self, alias, field_expr, query=None):
        field = self._fields.get(field_expr.split(".")[0])
        if field and self._ccm_is_patients(field):
            self._check_field_access(field, "read")
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search(self, domain, *args, **kwargs):
        # Odoo follows a user's contact past the checks of contacts.
        if not self.env.su:
            partners = self.env["res.partner"]
            domain = Domain(domain)
            names = set()
            for condition in domain.iter_conditions():
                first, *path = condition.field_expr.split(".")
                if first in self._fields and self._ccm_is_patients(self._fields[first]):
                    self._check_field_access(self._fields[first], "read")
                if first == "partner_id" and path:
                    names.add(path[0])
                elif first == "partner_id" and condition.operator in ANY:
                    names |= partners._ccm_searched_names(Domain(condition.value))
            if partners._ccm_private_names(names):
                domain &= Domain("partner_id", "any!", partners._ccm_narrowed(Domain.TRUE, names))
        return super()._search(domain, *args, **kwargs)

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
