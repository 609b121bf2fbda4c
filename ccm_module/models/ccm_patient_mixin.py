from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .ccm_unlogged import unlogged


class CcmPatientMixin(models.AbstractModel):
    """A record of one patient in one practice (company): what all of them share.

    Days are days of the practice's time zone, never of the server's or the user's: a nurse who
    travels must not shift a consent into another month.
    """

    _name = "ccm.patient.mixin"
    _description = "Record of a patient"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Patient",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_company', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Practice",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )

    # === CONSTRAINTS === #

    @api.constrains("partner_id")
    def _check_patient_is_person(self):
        for record in self:
            if record.partner_id.is_company:
                raise unlogged(
                    ValidationError(
                        self.env._(
                            "Patient: %(name)s is a company. Choose the person, or set the contact to"
                            " Person.",
                            name=record.partner_id.display_name,
                        )
                    )
                )

    def _check_practitioner(self):
        """Refuse a billing practitioner whose contact is not marked as one."""
        for record in self:
            practitioner = record.practitioner_id
            if practitioner and not practitioner.is_ccm_practitioner:
                raise ValidationError(
                    self.env._(
                        "Practitioner: %(name)s is not marked as a practitioner. Tick Practitioner"
                        " on that contact, or choose another.",
                        name=practitioner.display_name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        newcomers = records.partner_id.filtered(lambda partner: not partner.sudo().is_ccm_patient)
        # sudo: recording care is enough of a right to make the person a patient
        newcomers.sudo().is_ccm_patient = True
        return records

    def write(self, vals):
        if not self.env.su and any(r._changed_fields(vals, ["company_id"]) for r in self):
            raise UserError(
                self.env._(
                    "Practice: a record stays in the practice that made it. Record it anew in the"
                    " other practice."
                )
            )
        return super().write(vals)

    # === ACTIONS === #

    def action_open(self):
        """Open the record on a page of its own, with its history."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # === HELPERS === #

    def _today(self):
        """Return today's date where the practice is."""
        return self._local_date(fields.Datetime.now())

    def _local_date(self, moment):
        """Return the practice's calendar date of ``moment``, a naive UTC datetime, or False."""
        if not moment:
            return False
        company = self.company_id[:1] or self.env.company
        return moment.replace(tzinfo=timezone.utc).astimezone(company._ccm_zone()).date()

    def _changed_fields(self, vals, names):
        """Return those of ``names`` that writing ``vals`` would really change on this record.

        A client that sends a whole record back unchanged changes nothing.
        """
        self.ensure_one()
        changed = []
        for name in names:
            if name in vals:
                field = self._fields[name]
                new = field.convert_to_record(field.convert_to_cache(vals[name], self), self)
                if new != self[name]:
                    changed.append(name)
        return changed

    def _labels(self, names):
        """Return the labels of fields in the user's language, for a message."""
        described = self.fields_get(names, ["string"])
        return ", ".join(described[name]["string"] for name in names if name in described)
