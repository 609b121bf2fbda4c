from decimal import Decimal

from odoo import fields, models

from ..billing import fees

DIGITS = (8, 4)


class CcmFeeRvu(models.Model):
    """Relative value units of one code in one fee schedule."""

    _name = "ccm.fee.rvu"
    _description = "Relative Values of a Code"
    _inherit = ["ccm.fee.mixin"]
    _order = "schedule_id, code"
    _rec_name = "code"

    # === FIELDS === #

    schedule_id = fields.Many2one("ccm.fee.schedule", required=True, index=True, ondelete="cascade")
    code = fields.Char(required=True)
    status = fields.Char(
        required=True,
        default="A",
        help="CMS status indicator. A (active), R and T are paid; others have no national amount.",
    )
    work = fields.Float(digits=DIGITS)
    pe_nonfacility = fields.Float("Practice Expense, Office", digits=DIGITS)
    pe_facility = fields.Float("Practice Expense, Facility", digits=DIGITS)
    malpractice = fields.Float(digits=DIGITS)

    # === SQL OBJECTS === #

    _code_uniq = models.UniqueIndex(
        "(schedule_id, code)", "A code has one line of figures in a fee schedule."
    )
    _figures_check = models.Constraint(
        "CHECK (LEAST(work, pe_nonfacility, pe_facility, malpractice) >= 0)",
        "Relative values cannot be below zero.",
    )

    # === HELPERS === #

    def _as_rvu(self):
        """Return the figures as ``fees.Rvu`` (Decimal, as printed by CMS)."""
        self.ensure_one()
        figures = (self.work, self.pe_nonfacility, self.pe_facility, self.malpractice)
        return fees.Rvu(*(Decimal(str(round(figure, 4))) for figure in figures))
