from odoo import api, fields, models
from odoo.exceptions import UserError


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

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(step.enrollment_id.date_start for step in self):
            raise UserError(
                self.env._("A step of an enrollment that has started is kept: it is its history.")
            )
