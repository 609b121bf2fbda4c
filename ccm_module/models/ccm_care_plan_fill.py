"""How templates fill a draft: merged with one another, and with what somebody has typed."""

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..care_plan.merge import Row, merge_rows, merge_text
from .ccm_care_plan_template import TEXTS

ROWS = ("goal_ids", "intervention_ids", "service_ids")
BETWEEN = "; "  # between the conditions that a row is for


class CcmCarePlan(models.Model):
    _inherit = "ccm.care.plan"

    # === ACTIONS === #

    def action_add_templates(self):
        """Open the dialog that fills this draft from templates."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ccm_module.ccm_care_plan_start_action"
        )
        return {
            **action,
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_plan_id": self.id,
                "ccm_partner_id": self.partner_id.id,
            },
        }

    # === HELPERS === #

    def _fill_from(self, templates):
        """Add to this draft what it lacks of ``templates``, and who looks after the patient.

        Nothing that is there is changed or taken away. The words come in the language of the
        templates' context.

        :raises UserError: if the plan is no draft
        """
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._("State: only a draft can be filled from templates. Use New Version.")
            )
        values = {name: merge_text(self[name], templates.mapped(name)) for name in TEXTS}
        values["problem_list"] = merge_text(self.problem_list, [self._problems(self.partner_id)])
        for name in ROWS:
            offered = [
                Row(row.name, row.merge_key or "", (template.name,), row)
                for template in templates
                for row in template[name]
            ]
            values[name] = self._merge_commands(name, offered, self._row_values)
        team = [Row(vals["name"], payload=vals) for vals in self._team_values()]
        values["member_ids"] = self._merge_commands("member_ids", team, lambda row: row.payload)
        self.write({name: value for name, value in values.items() if value})

    def _merge_commands(self, name, offered, values_of):
        rows = self[name]
        present = [
            Row(
                row.name,
                row.merge_key or "",
                tuple(filter(None, (row.origin or "").split(BETWEEN))),
            )
            for row in rows
        ]
        added, grown = merge_rows(present, offered)
        after = max(rows.mapped("sequence"), default=0) + 1
        return [
            fields.Command.update(rows[index].id, {"origin": BETWEEN.join(origins)})
            for index, origins in grown.items()
        ] + [
            fields.Command.create({"sequence": after + index, **values_of(row)})
            for index, row in enumerate(added)
        ]

    def _row_values(self, row):
        offered = row.payload
        values = {
            "name": row.name,
            "merge_key": row.key or False,
            "origin": BETWEEN.join(row.origins),
        }
        if offered.kind == "goal":
            by = self._today() + relativedelta(months=offered.months)
            values |= {"target": offered.target, "target_date": offered.months and by}
        elif offered.kind == "intervention":
            values |= {"responsible": offered.responsible, "frequency": offered.frequency}
        return values

    def _team_values(self):
        """Return the values of the practice's own people around the patient."""
        partner, company = self.partner_id, self.company_id
        people = (
            (partner._ccm_default_practitioner(company), self.env._("Practitioner")),
            (partner.ccm_coordinator_id.partner_id, self.env._("Care coordinator")),
        )
        return [
            {
                "name": person.name,
                "contact_id": person.id,
                "role": role,
                "phone": person.phone or company.phone,
            }
            for person, role in people
            if person
        ]
