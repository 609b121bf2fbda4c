from odoo import api, fields, models

from ..billing import facts, requirements


class CcmEnrollment(models.Model):
    """Whether CCM has to begin with a visit, and the visit it began with."""

    _inherit = "ccm.enrollment"

    # === FIELDS === #

    needs_initiating_visit = fields.Boolean(
        compute="_compute_initiating_visit",
        help="The patient is new, or was not seen by the billing practitioner within the year before"
        " the start: CCM begins with a visit (CMS CCM FAQ).",
    )
    initiating_visit_id = fields.Many2one(
        "ccm.visit",
        compute="_compute_initiating_visit",
        help="The first visit with the billing practitioner that may start CCM.",
    )

    # === COMPUTE === #

    @api.depends(
        "date_start",
        "last_seen_on",
        "practitioner_id",
        "partner_id.ccm_visit_ids.date",
        "partner_id.ccm_visit_ids.practitioner_id",
        "partner_id.ccm_visit_ids.kind",
        "partner_id.ccm_visit_ids.ccm_discussed",
    )
    def _compute_initiating_visit(self):
        month_model = self.env["ccm.month"]
        for enrollment in self:
            today = enrollment._today()
            visits = {
                month_model._visit_fact(visit): visit
                for visit in enrollment.partner_id.ccm_visit_ids.filtered("date")
            }
            known = facts.MonthFacts(
                month=today,
                zone=enrollment.company_id._ccm_zone(),
                enrollment=facts.Enrollment(
                    practitioner=enrollment.practitioner_id.id,
                    start=enrollment.date_start or today,
                    last_seen=enrollment.last_seen_on or None,
                ),
                visits=tuple(visits),
            )
            enrollment.needs_initiating_visit = requirements.visit_required(known)
            enrollment.initiating_visit_id = visits.get(requirements.initiating_visit(known))
