"""Who looks after the patient; and what others see of the contact where the practice restricts it.

The contact stays findable, or nobody could ask for emergency access; what is Chronic Care's on it
is empty for who may not see the patient. The record of care itself has rules: see ir.rule.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .ccm_enrollment import CLOSED
from .res_partner import CLINICAL


def is_of_care(name):
    """Tell whether a contact's field of that name is Chronic Care's."""
    return name.startswith("ccm_") or name == "is_ccm_patient"


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #
    ccm_team_ids = fields.Many2many(
        "res.users",
        "ccm_patient_team",
        "partner_id",
        "user_id",
        "Care Team",
        compute="_compute_ccm_team_ids",
        store=True,
        copy=False,
        groups=CLINICAL,
        help="Coordinator and practitioner of the enrollment, and the users among the people of the"
        " care plan.",
    )
    ccm_is_hidden = fields.Boolean(
        "Closed to Me",
        compute="_compute_ccm_is_hidden",
        groups=CLINICAL,
        help="This practice restricts patients to their care team, and I am not on it.",
    )

    # === COMPUTE === #
    @api.depends(
        "ccm_enrollment_ids.state",
        "ccm_enrollment_ids.coordinator_id",
        "ccm_enrollment_ids.practitioner_id.user_ids",
        "ccm_care_plan_ids.state",
        "ccm_care_plan_ids.member_ids.contact_id.user_ids",
    )
    def _compute_ccm_team_ids(self):
        """The team of what goes on, or else of the last enrollment: a patient who left stays theirs."""
        for partner in self:
            enrollments = partner.ccm_enrollment_ids
            present = enrollments.filtered(lambda e: e.state not in CLOSED)
            present = present or enrollments.sorted("id")[-1:]
            plans = partner.ccm_care_plan_ids.filtered(lambda plan: plan.state != "superseded")
            people = present.practitioner_id | plans.member_ids.contact_id
            partner.ccm_team_ids = present.coordinator_id | people.user_ids

    @api.depends("ccm_team_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_ccm_is_hidden(self):
        hidden = self.sudo(False)._ccm_hidden()
        for partner in self:
            partner.ccm_is_hidden = partner._origin.id in hidden._ids

    # === CRUD === #
    def write(self, vals):
        if self.env["res.partner"]._ccm_private_names(vals):
            self._ccm_refuse_hidden()
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        private = self._ccm_private_names(fields_spec)
        if private and self._ccm_hidden():
            fields_spec = {name: spec for name, spec in fields_spec.items() if name not in private}
        return super().onchange(values, field_names, fields_spec)

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        private = self._ccm_private_names(fnames)
        hidden = set(self._ccm_hidden()._ids) if private else ()
        for row in rows if hidden else ():
            if row["id"] in hidden:
                row.update(
                    (name, [] if self._fields[name].type in ("one2many", "many2many") else False)
                    for name in private
                )
        return rows

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if self._ccm_private_names(path[0] for path in fields if path):
            self._ccm_refuse_hidden()
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """What only the team reads is not to be guessed by searching for it, or sorting by it.

        Nor through a link that is followed unchecked, as from a user to the own contact.
        """
        if not self.env.su:
            ordered = (
                part.split()[0].split(".")[0] for part in (order or "").split(",") if part.strip()
            )
            names = {*self._ccm_searched_names(Domain(domain)), *ordered}
            # in the list of patients the contact is found
            domain = self._ccm_narrowed(domain, names - {"is_ccm_patient"})
        return super()._search(domain, offset, limit, order, **kwargs)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Nor by grouping what is linked to a patient, as are users and bank accounts."""
        sql = super()._read_group_groupby(alias, groupby_spec, query)
        if self.env.su or not self._ccm_private_names(re.split(r"[.:]", groupby_spec)[:1]):
            return sql
        team = self.env["ir.rule"]._ccm_team_domain("id", company=None)
        if team.is_true():
            return sql
        return SQL("CASE WHEN %s THEN %s END", team._to_sql(self, alias, query), sql)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        if not self.env.su:
            specs = (spec.split(":")[0].split(".")[0] for spec in (*groupby, *aggregates))
            domain = self._ccm_narrowed(domain, specs)
        return super()._read_group(domain, groupby, aggregates, *args, **kwargs)

    # === HELPERS === #
    @api.model
    def _ccm_private_names(self, names):
        """Return those of ``names`` that say anything of a patient's care."""
        if self.env.su:
            return []
        return [name for name in names if is_of_care(name) and name != "ccm_is_hidden"]

    @api.model
    def _ccm_searched_names(self, domain):
        return {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}

    @api.model
    def _ccm_narrowed(self, domain, names):
        """Return ``domain`` without the patients whom the user may not see, if it asks for care."""
        if not self._ccm_private_names(names):
            return domain
        team = self.env["ir.rule"]._ccm_team_domain("id", company=None)
        return domain if team.is_true() else Domain(domain) & team

    def _ccm_hidden(self):
        """Return those of these contacts whose care the current user may not see."""
        team = self.env["ir.rule"]._ccm_team_domain("id", company=None)
        if self.env.su or team.is_true():
            return self.browse()
        real = self._origin
        return real - real.sudo().with_context(active_test=False).search(
            Domain("id", "in", real.ids) & team
        ).sudo(False)

    def _ccm_refuse_hidden(self):
        if self._ccm_hidden():
            raise AccessError(
                self.env._(
                    "This practice restricts patients to their care team. Use Emergency Access on"
                    " the patient's page if care cannot wait."
                )
            )

    # === ACTIONS === #
    def action_ccm_emergency(self):
        """Ask why the record of this patient is to be opened at once."""
        self.ensure_one()
        self.check_access("read")
        self.env["ccm.emergency.access"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Emergency Access"),
            "res_model": "ccm.emergency.access",
            "views": [(self.env.ref("ccm_module.ccm_emergency_access_view_form_ask").id, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }
