from odoo import api, models


class CcmPatientData(models.AbstractModel):
    """A patient's answers are data of the patient, too."""

    _inherit = "ccm.patient.data"

    @api.model
    def _foreign_paths(self):
        return {
            **super()._foreign_paths(),
            "survey.user_input": "partner_id",
            "survey.user_input.line": "user_input_id.partner_id",
        }
