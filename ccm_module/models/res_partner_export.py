from odoo import models
from odoo.exceptions import AccessError, UserError


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === ACTIONS === #
    def action_ccm_export(self):
        """Download all that is held about the patient, as a ZIP."""
        self._ccm_check_export()
        return {
            "type": "ir.actions.act_url",
            "url": f"/ccm/patient/{self.id}/export",
            "target": "download",
        }

    # === HELPERS === #
    def _ccm_check_export(self):
        """Let only a manager, who may read the patient, take a whole record out."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("ccm_module.group_ccm_manager"):
            raise AccessError(
                self.env._("A whole record is exported by a manager of Chronic Care.")
            )
        if not self.is_ccm_patient:
            raise UserError(self.env._("This contact is no Chronic Care patient."))
