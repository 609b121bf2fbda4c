from odoo import api, fields, models

RESPONSIBLE = [
    ("patient", "Patient"),
    ("caregiver", "Caregiver"),
    ("nurse", "Nurse"),
    ("practitioner", "Practitioner"),
    ("specialist", "Specialist"),
    ("pharmacist", "Pharmacist"),
    ("other", "Somebody else"),
]


class CcmCarePlanIntervention(models.Model):
    """What will be done, by whom and how often."""

    _name = "ccm.care.plan.intervention"
    _inherit = "ccm.care.plan.row.mixin"
    _description = "Care plan intervention"
    _moves_on = ("status",)
    _words = ("name", "who", "frequency")

    # === FIELDS === #

    name = fields.Char("What Will Be Done", required=True)
    responsible = fields.Selection(RESPONSIBLE, required=True, default="nurse")
    responsible_name = fields.Char("Person", help="Who it is, if one person is meant.")
    who = fields.Char(compute="_compute_who")
    frequency = fields.Char("How Often", help="As: each week.")
    status = fields.Selection(
        [
            ("planned", "Planned"),
            ("active", "Under way"),
            ("done", "Done"),
            ("stopped", "Stopped"),
        ],
        required=True,
        default="planned",
    )

    # === COMPUTE === #

    @api.depends("responsible", "responsible_name")
    @api.depends_context("lang")
    def _compute_who(self):
        roles = dict(self._fields["responsible"]._description_selection(self.env))
        for row in self:
            role = roles.get(row.responsible, "")
            row.who = (
                self.env._("%(name)s (%(role)s)", name=row.responsible_name, role=role.lower())
                if row.responsible_name
                else role
            )
