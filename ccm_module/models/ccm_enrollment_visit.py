from odoo import api, fields, models

from ..billing import months, requirements


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
        for enrollment in self:
            start = enrollment.date_start or enrollment._today()
            visits = enrollment.partner_id.ccm_visit_ids.filtered(
                lambda v, who=enrollment.practitioner_id: v.practitioner_id == who
            )
            enrollment.needs_initiating_visit = requirements.needs_initiating_visit(
                start, [*visits.mapped("date"), enrollment.last_seen_on]
            )
            earliest = months.year_before(start)
            may_start = visits.filtered(
                lambda v, earliest=earliest: (
                    v.date >= earliest
                    and v.ccm_discussed
                    and v.kind in requirements.QUALIFYING_VISITS
                )
            )
            enrollment.initiating_visit_id = may_start.sorted("date")[:1]
