from odoo import api, fields, models


class CcmEnrollmentReason(models.Model):
    """Why a patient declined, or why an enrollment ended: coded, so that it can be counted."""

    _name = "ccm.enrollment.reason"
    _description = "Reason to decline or end"
    _order = "sequence, name"
    _rec_names_search = ["name", "code"]

    sequence = fields.Integer(default=50)
    code = fields.Char(required=True, copy=False)
    name = fields.Char(required=True, translate=True)
    applies_to = fields.Selection(
        [("declined", "Declined"), ("ended", "Ended"), ("both", "Declined or Ended")],
        required=True,
        default="both",
    )
    is_final = fields.Boolean(
        "Do Not Ask Again",
        help="Patients who declined or left for this reason are not offered the program again.",
    )
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex(
        "(code)", lambda env, diag: env._("Code: another reason has this code.")
    )

    @api.model
    def _by_code(self, code):
        """Return the reason of ``code``, archived or not; empty if a practice deleted it."""
        return self.with_context(active_test=False).search([("code", "=", code)], limit=1)
