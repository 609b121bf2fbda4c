from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    # === FIELDS === #
    ccm_audit_percent = fields.Integer(
        "Mock Audit, Percent",
        default=10,
        help="Of each month's patients, how many are looked at. 0: no audit by itself.",
    )
    ccm_audit_least = fields.Integer(
        "Mock Audit, at Least", default=10, help="So many patients, where there are so many."
    )

    # === CONSTRAINTS === #
    @api.constrains("ccm_audit_percent", "ccm_audit_least")
    def _check_ccm_audit(self):
        for company in self:
            if not 0 <= company.ccm_audit_percent <= 100:
                raise ValidationError(self.env._("Mock Audit, Percent must be from 0 to 100."))
            if not 1 <= company.ccm_audit_least <= 1000:
                raise ValidationError(self.env._("Mock Audit, at Least must be from 1 to 1000."))
