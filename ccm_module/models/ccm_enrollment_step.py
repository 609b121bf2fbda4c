from odoo import fields, models


class CcmEnrollmentStep(models.Model):
    """The day of a step on a patient's way into the program, kept by the enrollment itself.

    Enrolling and leaving have days of their own on the enrollment, which may be corrected there;
    the steps before have nothing but this.
    """

    _name = "ccm.enrollment.step"
    _description = "Step of an enrollment"
    _order = "date, id"

    enrollment_id = fields.Many2one(
        "ccm.enrollment", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="enrollment_id.company_id", store=True, index=True)
    state = fields.Selection(
        [
            ("candidate", "Candidate"),
            ("contacted", "Contacted"),
            ("considering", "Considering"),
            ("declined", "Declined"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True)
    reason_id = fields.Many2one("ccm.enrollment.reason", readonly=True, ondelete="restrict")
