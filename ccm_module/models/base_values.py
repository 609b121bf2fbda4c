from collections import defaultdict

from odoo import api, models
from odoo.api import NewId
from odoo.exceptions import AccessError, ValidationError

from .ccm_argument import is_id

# Beside ours: whose text is on our forms.
CONTACTS = {"res.partner", "res.company"}
TEXT = {"char", "text", "html"}
# What one asks for to see a patient who is closed to one.
ASKING = "ccm.emergency.access"
LONGEST_LINE = 1000  # of what people type: lists, bills and claims show it whole


class Base(models.AbstractModel):
    """What no record of ours takes, whichever way it comes: one check for all of them."""

    _inherit = "base"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._ccm_check_followed(vals_list)
        if self._name.startswith("ccm.") and not self.env.su:
            # what is left out comes from the client as well: from its context, or from defaults
            # that every employee may keep for oneself
            offered = {
                **self.env["ir.default"]._get_model_defaults(self._name),
                **self._ccm_offered(),
            }
            self._ccm_check_values([{**offered, **vals} for vals in vals_list])
        else:
            self._ccm_check_values(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ccm_check_followed([vals])
        self._ccm_check_values([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        # A form names the contacts that it is about to hold.
        self._ccm_check_values([{**self._ccm_offered(), **values}])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        own = self.env.context.get("ccm_own_defaults")
        if isinstance(own, frozenset):
            for name in own & defaults.keys():
                default = self._fields[name].default
                del defaults[name]
                if default:
                    defaults |= self._convert_to_write({name: default(self)})
        return defaults

    # === HELPERS === #

    def _ccm_offered(self):
        """Return the values that the context offers for fields."""
        context = self.env.context
        return {n: context[f"default_{n}"] for n in self._fields if f"default_{n}" in context}

    def _ccm_with_own_defaults(self, names):
        """Return self so that for ``names`` the fields' own defaults hold; to create under guard.

        A check of the values given would not see what ``default_<name>`` of the context adds to
        them, nor what somebody has set as the default for oneself. Superusers, who import and
        install, keep it. No client can send a frozenset.
        """
        if self.env.su:
            return self
        guarded = {f"default_{name}" for name in names}
        kept = {key: value for key, value in self.env.context.items() if key not in guarded}
        # as keywords they would be added to the context, and take nothing out of it
        kept["ccm_own_defaults"] = frozenset(names)
        return self.with_context(kept)  # pylint: disable=context-overridden

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
                if field:
                    self._ccm_check_value(field, value)
                if field and value and field.type == "many2one" and is_id(value):
                    linked[field].add(value)
        if is_ours and not self.env.su:
            for field, ids in linked.items():
                self._ccm_check_linked(field, ids)

    def _ccm_check_value(self, field, value):
        if not value:
            return
        if field.type in TEXT and isinstance(value, str):
            self._ccm_check_text(field, value)
        elif field.type == "many2one" and self._name.startswith("ccm."):
            self._ccm_check_link(field, value)

    def _ccm_check_linked(self, field, ids):
        if field.comodel_name == "res.partner" or field.comodel_name.startswith("ccm."):
            records = self.env[field.comodel_name].browse(ids).exists()
            records.check_access("read")
            if (
                field.name == "partner_id"
                and records._name == "res.partner"
                and self._name != ASKING
            ):
                # else who records care for a patient of others would be on the team by that
                records._ccm_refuse_hidden()

    def _ccm_check_followed(self, vals_list):
        """Refuse values of stored fields of ours that are worked out, and then trusted.

        That they are read-only keeps them from people, and from no program.
        """
        if self.env.su:
            return
        for name in set().union(*vals_list):
            field = self._fields.get(name)
            ours = field and (self._name.startswith("ccm.") or name.startswith("ccm_"))
            if ours and field.compute and field.store and field.readonly:
                raise AccessError(
                    self.env._(
                        "%s follows from the record, and is not written by hand.",
                        field._description_string(self.env),
                    )
                )

    @api.model
    def _ccm_check_link(self, field, value):
        # a dict is what a form says of a record that is not saved yet
        if isinstance(value, models.BaseModel | NewId | dict) or is_id(value):
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
