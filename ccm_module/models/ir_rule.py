from odoo import models


class IrRule(models.Model):
    """A refusal names no patient, in developer mode neither."""

    _inherit = "ir.rule"

    # === HELPERS === #

    def _make_access_error(self, operation, records):
        # Odoo lists the names of what it refuses to whoever has switched on developer mode.
        error = super()._make_access_error(operation, records)
        if not records._name.startswith("ccm.") and records._name != "res.partner":
            return error
        text = str(error)
        for record in records[:6].sudo():
            text = text.replace(f", {record.display_name} (", " (")
        records.invalidate_recordset()
        error.args = (text, *error.args[1:])
        return error
