"""A contact's activities: Odoo shows them to whoever sees the contact. Not those on care."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Whichever there are, after the rules: of "is set" Odoo asks past them.
SOME = Domain("activity_ids", "any", [("id", ">", 0)])


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #
    activity_ids = fields.One2many(bypass_search_access=False)
    activity_type_id = fields.Many2one(related_sudo=False)
    activity_type_icon = fields.Char(related_sudo=False)
    activity_summary = fields.Char(related_sudo=False)

    # === CRUD === #
    @api.model
    def _search(self, domain, *args, **kwargs):
        domain = Domain(domain)
        if not self.env.su and any("activity_" in c.field_expr for c in domain.iter_conditions()):
            domain = domain.optimize_full(self).map_conditions(self._ccm_only_visible)
        return super()._search(domain, *args, **kwargs)

    def _read_group_groupby(self, alias, groupby_spec, query):
        sql = super()._read_group_groupby(alias, groupby_spec, query)
        if self.env.su or groupby_spec != "activity_state":
            return sql
        visible = SOME.optimize_full(self)._to_sql(self, alias, query)
        return SQL("CASE WHEN %s THEN %s END", visible, sql)

    # === HELPERS === #
    def _search_activity_state(self, operator, value):
        """Odoo looks for states past all rules: who has none but hidden activities has none."""
        found = Domain(super()._search_activity_state(operator, value))
        if operator not in ("in", "not in"):
            return found
        wants_none = (False in value) == (operator == "in")
        return found | ~SOME if wants_none else found & SOME

    @staticmethod
    def _ccm_only_visible(condition):
        field, operator, value = condition.field_expr, condition.operator, condition.value
        if field != "activity_ids" or operator not in ("in", "not in") or False not in value:
            return condition
        rest = [item for item in value if item]
        found = ~SOME | Domain(field, "in", rest) if rest else ~SOME
        return found if operator == "in" else ~found
