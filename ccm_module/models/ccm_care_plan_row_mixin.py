from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class CcmCarePlanRowMixin(models.AbstractModel):
    """A row of a care plan: its words are signed with the plan, ``_moves_on`` goes on changing.

    With the plan that follows it even that ends: a billed month shows the plan that it had.
    """

    _name = "ccm.care.plan.row.mixin"
    _description = "Row of a care plan"
    _order = "sequence, id"
    _moves_on = ()
    _words = ("name",)  # the fields that tell what the row says

    # === FIELDS === #

    plan_id = fields.Many2one("ccm.care.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    origin = fields.Char("For", help="The conditions it is for.")
    merge_key = fields.Char(
        readonly=True, help="Two templates' rows with the same key are one row of the plan."
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._refuse_signed()
        return rows

    def write(self, vals):
        self.check_access("write")
        words = vals.keys() - set(self._moves_on)
        self._refuse_signed("draft" if words else "in force")
        result = super().write(vals)
        if "plan_id" in vals:
            self._refuse_signed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._refuse_signed()

    # === HELPERS === #

    def _in_words(self):
        """Return what the row says, in one line."""
        self.ensure_one()
        words = []
        for name in self._words:
            field, value = self._fields[name], self[name]
            if field.type == "date" and value:
                value = format_date(self.env, value)
            elif field.type == "selection":
                value = dict(field._description_selection(self.env)).get(value)
            words.append(value)
        return ", ".join(word for word in words if word)

    def _refuse_signed(self, until="draft"):
        """Refuse unless the plans are drafts; with ``until="in force"`` approved ones will do."""
        states = set(self.plan_id.mapped("state"))
        rows = self.plan_id._labels([self._plan_field()])
        if "superseded" in states:
            raise UserError(
                self.env._(
                    "%(rows)s: a newer version of the plan is in force. Change that one.", rows=rows
                )
            )
        if "approved" in states and until == "draft":
            if not self._moves_on:
                message = self.env._("%(rows)s: the plan is approved. Use New Version.", rows=rows)
            else:
                message = self.env._(
                    "%(rows)s: the plan is approved; only %(fields)s can change. Use New Version.",
                    rows=rows,
                    fields=self._field_labels(self._moves_on),
                )
            raise UserError(message)

    def _field_labels(self, names):
        described = self.fields_get(names, ["string"])
        return ", ".join(described[name]["string"] for name in names if name in described)

    @api.model
    def _plan_field(self):
        """Return the name of the plan's field that holds these rows."""
        plan_fields = self.env["ccm.care.plan"]._fields.values()
        return next(f.name for f in plan_fields if f.comodel_name == self._name)
