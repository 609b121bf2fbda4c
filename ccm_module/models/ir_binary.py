from odoo import models


class IrBinary(models.AbstractModel):
    """Whoever downloads a file of a patient's record is in the access log."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **kwargs):
        stream = super()._get_stream_from(record, field_name, *args, **kwargs)
        self.env["ccm.access.log"]._log("download", self._ccm_owner(record))
        return stream

    def _ccm_owner(self, record):
        """Return the record that a file belongs to; a contact's picture is no health data."""
        if record._name == "ir.attachment":
            attachment = record.sudo()
            owner, in_field = attachment.res_model, attachment.res_field
            if owner == "ccm.audit.packet":  # of many patients
                return self.env[owner].sudo().browse(attachment.res_id).line_ids.month_id
            if not attachment.res_id or owner not in self.env["ccm.patient.data"]._paths():
                return record
            record = self.env[owner].browse(attachment.res_id).exists()
        else:
            in_field = True
        return record.browse() if in_field and record._name == "res.partner" else record
