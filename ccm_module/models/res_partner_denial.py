from odoo import api, fields, models
from odoo.exceptions import UserError

from .res_partner import CLINICAL


class ResPartner(models.Model):
    """A patient for whom a payer pays another practitioner."""

    _inherit = "res.partner"

    # === FIELDS === #
    ccm_denial_id = fields.Many2one(
        "ccm.other.service",
        "Paid to Another Practitioner",
        compute="_compute_ccm_denial",
        groups=CLINICAL,
        help="From a payer's denial: nothing is billed for the patient until it is resolved.",
    )

    # === COMPUTE === #
    @api.depends("ccm_other_service_ids.is_denial_open")
    def _compute_ccm_denial(self):
        for partner in self:
            services = partner.ccm_other_service_ids
            partner.ccm_denial_id = services.filtered("is_denial_open")[:1]

    # === ACTIONS === #
    def action_ccm_resolve_denial(self):
        """Open the dialog that lets this patient's billing go on."""
        self.ensure_one()
        self._ccm_check("ccm.denial.resolve", "create")
        if not self.ccm_denial_id:
            raise UserError(self.env._("No denial is open for this patient: reload the page."))
        return self.ccm_denial_id.action_resolve_denial()
