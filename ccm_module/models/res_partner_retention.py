"""A record of care is kept: its patient is archived, and not deleted."""

from odoo import api, models
from odoo.exceptions import UserError

from .ccm_unlogged import unlogged


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === CRUD === #
    def write(self, vals):
        if vals.get("active") is False:
            self._ccm_refuse_archiving()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_patient(self):
        for record in self.env["ccm.patient.data"]._kept_records(self):
            patient = record.mapped(self.env["ccm.patient.data"]._paths()[record._name])
            raise unlogged(
                UserError(
                    self.env._(
                        "%(name)s has a Chronic Care record (%(kind)s), which is kept. Archive the"
                        " contact instead: it goes out of the lists, and its record stays.",
                        name=patient.display_name,
                        kind=record._description,
                    )
                )
            )

    # === HELPERS === #
    def _ccm_refuse_archiving(self):
        """Refuse while care goes on: nobody would see any more that it does, nor bill it.

        :raises UserError: saying what is to be ended first
        """
        # sudo: who archives contacts often has no role in Chronic Care
        for partner in self.sudo().filtered("is_ccm_patient"):
            if partner.ccm_activity_ids.filtered(lambda a: a.state in ("running", "paused")):
                raise unlogged(
                    UserError(
                        self.env._(
                            "%(name)s: a timer is on for this patient. Stop it first, then archive.",
                            name=partner.display_name,
                        )
                    )
                )
            if partner.ccm_enrollment_ids.filtered(lambda e: e.state == "active"):
                raise unlogged(
                    UserError(
                        self.env._(
                            "%(name)s is enrolled in Chronic Care. End the enrollment first, with the"
                            " reason; then archive. What was done until then can still be billed.",
                            name=partner.display_name,
                        )
                    )
                )
