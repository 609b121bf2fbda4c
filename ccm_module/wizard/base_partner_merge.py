from odoo import models
from odoo.exceptions import UserError

from ..models.ccm_unlogged import unlogged


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts moves records in SQL, past every rule of the record of care."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        self._refuse_merge_of_patients(partner_ids, dst_partner)
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _refuse_merge_of_patients(self, partner_ids, dst_partner):
        """Refuse to mix the records of two patients, or to take months from their patient.

        :raises UserError: naming the contacts
        """
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if len(partners) < 2:
            return
        # sudo: who merges contacts often has no role in Chronic Care, and sees no record of it
        patients = partners.sudo().filtered(self._has_record_of_care)
        if len(patients) > 1:
            raise unlogged(
                UserError(
                    self.env._(
                        "%(names)s cannot be merged: each has a Chronic Care record of its own. If they"
                        " are one person, end one of the records and go on with the other.",
                        names=", ".join(patients.mapped("display_name")),
                    )
                )
            )
        if not dst_partner or dst_partner not in partners:
            dst_partner = self._get_ordered_partner(partners.ids)[-1]
        vanishing = (patients - dst_partner).filtered("ccm_month_ids")
        if vanishing:
            raise unlogged(
                UserError(
                    self.env._(
                        "%(name)s has Chronic Care months, which stay with the contact. Merge the other"
                        " way round: choose it as the destination.",
                        name=vanishing.display_name,
                    )
                )
            )

    def _has_record_of_care(self, partner):
        return any(
            partner[name]
            for name, field in partner._fields.items()
            if field.type == "one2many" and field.comodel_name.startswith("ccm.")
        )
