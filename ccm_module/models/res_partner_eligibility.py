"""Who pays for the program, and where a patient stands on the way into it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .res_partner import CLINICAL

# What eligibility takes from the contact itself.
ELIGIBILITY_FIELDS = {"is_ccm_patient", "ccm_payer_id", "ccm_mbi", "company_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #

    # Payer
    ccm_payer_scope = fields.Selection(
        [("in", "Yes"), ("out", "No")],
        "Pays for Chronic Care",
        copy=False,
        groups=CLINICAL,
        help="Whether this payer pays for Chronic Care Management: Medicare and Medicare Advantage"
        " do. Empty: not known; then a patient's Medicare number says yes.",
    )

    # Patient
    ccm_eligibility_ids = fields.One2many(
        "ccm.eligibility", "partner_id", "Eligibility by Practice", groups=CLINICAL
    )
    ccm_eligibility_id = fields.Many2one(
        "ccm.eligibility", "Eligibility", compute="_compute_ccm_eligibility", groups=CLINICAL
    )
    ccm_standing = fields.Selection(
        lambda self: self.env["ccm.eligibility"]._fields["standing"].selection,
        "Standing",
        compute="_compute_ccm_eligibility",
        groups=CLINICAL,
    )
    ccm_why = fields.Text("Why", compute="_compute_ccm_eligibility", groups=CLINICAL)
    ccm_consent_needed = fields.Boolean(compute="_compute_ccm_consent_needed", groups=CLINICAL)

    # === COMPUTE === #

    @api.depends(
        "ccm_condition_ids.is_qualifying",
        "ccm_visit_ids.date",
        "ccm_other_service_ids.kind",
        "ccm_enrollment_ids.state",
        "ccm_payer_id",
        "ccm_mbi",
    )
    @api.depends_context("company", "lang")
    def _compute_ccm_eligibility(self):
        rows = self.env["ccm.eligibility"].search(
            [("partner_id", "in", self._origin.ids), ("company_id", "=", self.env.company.id)]
        )
        by_patient = {row.partner_id.id: row for row in rows}
        for partner in self:
            row = by_patient.get(partner._origin.id, rows.browse())
            partner.ccm_eligibility_id = row
            partner.ccm_standing = row.standing
            partner.ccm_why = row.why

    @api.depends(
        "ccm_consent_ids.state",
        "ccm_consent_ids.practitioner_id",
        "ccm_enrollment_ids.state",
        "ccm_enrollment_ids.practitioner_id",
    )
    def _compute_ccm_consent_needed(self):
        """Needed by whoever is not enrolled, and by whoever is without consent to that practitioner."""
        for partner in self:
            practitioner = partner.ccm_practitioner_id
            partner.ccm_consent_needed = not any(
                consent.state == "given" and consent.practitioner_id == practitioner
                for consent in partner.ccm_consent_ids
            )

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if self.env.su and self.env.context.get("ccm_no_refresh"):
            return result
        eligibility = self.env["ccm.eligibility"]
        if ELIGIBILITY_FIELDS & vals.keys():
            eligibility._refresh(self)
        if "ccm_payer_scope" in vals:
            eligibility._refresh_all(Domain("ccm_payer_id", "in", self.ids))
        return result

    # === ACTIONS === #

    def action_ccm_guide(self):
        """Read the consent text to this patient; see ccm.consent.guide."""
        self.ensure_one()
        return self.env["ccm.consent.guide"]._open(self)

    def action_ccm_end(self):
        """Ask why and when the active enrollment ends; see ccm.enrollment.close."""
        self.ensure_one()
        if not self.ccm_enrollment_id:
            raise UserError(self.env._("This patient is in no program: there is nothing to end."))
        return self.ccm_enrollment_id.action_end()

    # === HELPERS === #

    def _ccm_open_form(self):
        """Return the action that opens the patient on the care."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("ccm_module.res_partner_view_form_ccm").id, "form")],
        }

    def _ccm_payer_in_scope(self):
        """Tell whether the payer pays for the program: True, False, or None while nobody knows.

        What the practice says of the payer goes first; else whoever has a Medicare number is
        covered. A patient without either pays alone, and nobody has said that she would.
        """
        self.ensure_one()
        scope = self.ccm_payer_id.ccm_payer_scope
        if scope:
            return scope == "in"
        return True if self.ccm_mbi else None
