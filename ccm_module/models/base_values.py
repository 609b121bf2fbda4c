from odoo import api, models
from odoo.exceptions import ValidationError

# Beside ours: whose text is on our forms.
CONTACTS = {"res.partner", "res.company"}
TEXT = {"char", "text", "html"}


class Base(models.AbstractModel):
    """What no record of ours takes, whichever way it comes: one check for all of them."""

    _inherit = "base"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._ccm_check_values(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ccm_check_values([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        # A form names the contacts that it is about to hold.
        offered = {
            name: self.env.context[f"default_{name}"]
            for name in self._fields
            if f"default_{name}" in self.env.context
        }
        self._ccm_check_values([{**offered, **values}])
        return super().onchange(values, field_names, fields_spec)

    # === HELPERS === #

    @api.model
    def _ccm_check_values(self, vals_list):
        """Refuse text that cannot be stored, and contacts that the user may not even read.

        Odoo shows the name of whatever a record links to: a link is enough to learn who the
        patients of another practice are.
        """
        is_ours = self._name.startswith("ccm.")
        if not is_ours and self._name not in CONTACTS:
            return
        partner_ids = set()
        for vals in vals_list:
            for name, value in vals.items():
                field = self._fields.get(name)
                if field and field.type in TEXT and isinstance(value, str):
                    self._ccm_check_text(field, value)
                elif is_ours and self._ccm_is_contact(field) and value and isinstance(value, int):
                    partner_ids.add(value)
        if partner_ids and not self.env.su:
            self.env["res.partner"].browse(partner_ids).exists().check_access("read")

    def _ccm_is_contact(self, field):
        return field and field.type == "many2one" and field.comodel_name == "res.partner"

    @api.model
    def _ccm_check_text(self, field, value):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ValidationError(
                self.env._(
                    "%s: there is a character in it that cannot be stored, such as a pasted file"
                    " brings along. Type the text anew, or paste it as plain text.",
                    field._description_string(self.env),
                )
            )
