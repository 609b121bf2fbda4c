from collections import defaultdict

from odoo import api, models
from odoo.api import NewId
from odoo.exceptions import ValidationError

from .ccm_argument import is_id

# Beside ours: whose text is on our forms.
CONTACTS = {"res.partner", "res.company"}
TEXT = {"char", "text", "html"}
LONGEST_LINE = 1000  # of what people type: lists, bills and claims show it whole


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
        """Refuse text that cannot be stored, and links to what the user may not even read.

        Odoo shows the name of whatever a record links to, contact or record of care: a link is
        enough to learn who the patients of another practice are.
        """
        is_ours = self._name.startswith("ccm.")
        if not is_ours and self._name not in CONTACTS:
            return
        linked = defaultdict(set)
        for vals in vals_list:
            for name, value in vals.items():
                field = self._fields.get(name)
                if not field or not value:
                    continue
                if field.type in TEXT and isinstance(value, str):
                    self._ccm_check_text(field, value)
                elif is_ours and field.type == "many2one" and not isinstance(value, dict):
                    self._ccm_check_link(field, value)
                    linked[field.comodel_name].add(value if is_id(value) else False)
        if self.env.su:
            return
        for model, ids in linked.items():
            if model == "res.partner" or model.startswith("ccm."):
                self.env[model].browse(ids - {False}).exists().check_access("read")

    @api.model
    def _ccm_check_link(self, field, value):
        if isinstance(value, models.BaseModel | NewId) or is_id(value):
            return
        raise ValidationError(
            self.env._("%s: choose one of the list.", field._description_string(self.env))
        )

    @api.model
    def _ccm_check_text(self, field, value):
        if field.type == "char" and len(value) > LONGEST_LINE and self._ccm_is_typed(field):
            raise ValidationError(
                self.env._(
                    "%(field)s: %(count)s characters are too many for one line; %(most)s fit. Put"
                    " the rest into a note.",
                    field=field._description_string(self.env),
                    count=len(value),
                    most=LONGEST_LINE,
                )
            )
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ValidationError(
                self.env._(
                    "%s: there is a character in it that cannot be stored, such as a pasted file"
                    " brings along. Type the text anew, or paste it as plain text.",
                    field._description_string(self.env),
                )
            )

    def _ccm_is_typed(self, field):
        """Tell whether this is what a person has typed into a field of ours."""
        return not self.env.su and (self._name.startswith("ccm.") or field.name.startswith("ccm_"))
