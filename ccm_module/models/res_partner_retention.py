"""A record of care is kept: its patient is archived, and not deleted."""

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .ccm_unlogged import unlogged


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === CONSTRAINTS === #
    @api.constrains("company_id")
    def _check_ccm_company(self):
        """With the contact another practice would get the identifiers, and this one lose the name."""
        for partner in self.filtered("company_id"):
            for name, path in self.env["ccm.patient.data"]._paths().items():
                # sudo: whose the records are decides, and not who may read them
                records = self.env[name].sudo().with_context(active_test=False)
                if not path or not records._auto or "company_id" not in records._fields:
                    continue
                domain = [
                    (path, "=", partner.id),
                    ("company_id", "not in", (False, partner.company_id.id)),
                ]
                if records.search_count(domain, limit=1):
                    raise unlogged(
                        ValidationError(
                            self.env._(
                                "Company: this contact has Chronic Care records of another practice,"
                                " and stays with it. Leave Company empty if both look after it."
                            )
                        )
                    )

    # === CRUD === #
    def write(self, vals):
        if vals.get("active") is False:
            self._ccm_refuse_archiving()
        if "is_ccm_patient" in vals and not vals["is_ccm_patient"]:
            self._ccm_refuse_forgetting()
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
    def _ccm_refuse_forgetting(self):
        """Refuse while there is a record: it would be out of the lists, and of the access log."""
        for _record in self.env["ccm.patient.data"]._kept_records(self):
            raise UserError(
                self.env._(
                    "Chronic Care Patient: this contact has a Chronic Care record, and so is a"
                    " patient. End the enrollment and archive the contact instead."
                )
            )

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
