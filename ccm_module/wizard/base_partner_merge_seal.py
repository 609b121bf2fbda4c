from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """What is sealed names contacts: that two became one goes into the chain."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: who merges contacts often has no role in Chronic Care
        both = (src_partners + dst_partner).sudo()
        is_ours = any(one.is_ccm_patient or one.is_ccm_practitioner for one in both)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        if is_ours:
            self.env["ccm.seal"].sudo()._register_merge(src_partners.ids, dst_partner)
        return result
