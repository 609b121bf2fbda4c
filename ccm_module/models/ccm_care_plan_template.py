from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..care_plan import codes

# Texts that a template can offer. What was found with this patient (memory, home, caregiver) is
# never offered: a finding is signed, so somebody must have found it.
TEXTS = ("expected_outcome", "symptom_management", "medication_management", "coordination")


class CcmCarePlanTemplate(models.Model):
    """What a care plan usually says for one condition; several flow together into one plan."""

    _name = "ccm.care.plan.template"
    _description = "Care plan template"
    _order = "sequence, name, id"

    # === FIELDS === #

    name = fields.Char(
        "Condition", required=True, translate=True, help="In the patient's words, as: Heart failure"
    )
    sequence = fields.Integer(default=10, help="The first one's words are taken for what is alike.")
    active = fields.Boolean(default=True)
    codes = fields.Char(
        "Diagnosis Codes",
        required=True,
        help="Beginnings of ICD-10-CM codes and ranges of them, with commas between: E11, I20-I25",
    )
    expected_outcome = fields.Text("Expected Outcome and Prognosis", translate=True)
    symptom_management = fields.Text(
        translate=True, help="A line for each sign. A line that two templates share appears once."
    )
    medication_management = fields.Text("How Medicines Are Managed", translate=True)
    coordination = fields.Text("Coordination with Others", translate=True)
    row_ids = fields.One2many("ccm.care.plan.template.row", "template_id", copy=True)
    goal_ids = fields.One2many(
        "ccm.care.plan.template.row",
        "template_id",
        "Treatment Goals",
        domain=[("kind", "=", "goal")],
    )
    intervention_ids = fields.One2many(
        "ccm.care.plan.template.row",
        "template_id",
        "Planned Interventions",
        domain=[("kind", "=", "intervention")],
    )
    service_ids = fields.One2many(
        "ccm.care.plan.template.row",
        "template_id",
        "Community and Social Services",
        domain=[("kind", "=", "service")],
    )
    matched = fields.Char(
        "Patient's Conditions",
        compute="_compute_matched",
        help="The active conditions of the patient that the template is for.",
    )

    # === COMPUTE === #

    @api.depends("codes")
    @api.depends_context("ccm_partner_id")
    def _compute_matched(self):
        partner = self.env["res.partner"].browse(self.env.context.get("ccm_partner_id"))
        for template in self:
            diagnoses = template._diagnoses_of(partner)
            template.matched = ", ".join(diagnoses.mapped("name"))

    # === CONSTRAINTS === #

    @api.constrains("codes")
    def _check_codes(self):
        for template in self:
            try:
                ranges = codes.parse(template.codes)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Diagnosis Codes: “%(part)s” is neither the beginning of a code, like E11,"
                        " nor a range of two, like I20-I25.",
                        part=error.args[0],
                    )
                ) from None
            if not ranges:
                raise ValidationError(
                    self.env._("Diagnosis Codes: enter at least one beginning of a code.")
                )

    # === CRUD === #

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for template, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", template.name)
        return vals_list

    # === HELPERS === #

    def _diagnoses_of(self, partner):
        """Return the active conditions of ``partner`` that this template is for, as diagnoses."""
        self.ensure_one()
        try:
            ranges = codes.parse(self.codes)
        except ValueError:  # still being typed; said when it is saved
            return self.env["ccm.diagnosis"]
        active = partner.ccm_condition_ids.filtered(lambda c: c.status == "active")
        return active.diagnosis_id.filtered(lambda d: codes.matches(ranges, d.code))

    @api.model
    def _for_patient(self, partner):
        """Return the templates that match the patient's active conditions, in order."""
        return self.search([("active", "=", True)]).filtered(
            lambda template: template._diagnoses_of(partner)
        )
