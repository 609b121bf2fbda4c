from decimal import Decimal

from odoo import fields, models

from ..billing import fees

DIGITS = (6, 4)


class CcmLocalityGpci(models.Model):
    """Geographic practice cost indices of a locality for a span of days of service."""

    _name = "ccm.locality.gpci"
    _description = "Medicare Locality Indices"
    _inherit = ["ccm.fee.mixin"]
    _order = "locality_id, date_from desc"
    _rec_name = "locality_id"

    # === FIELDS === #

    locality_id = fields.Many2one("ccm.locality", required=True, index=True, ondelete="cascade")
    date_from = fields.Date("First Day", required=True)
    date_to = fields.Date("Last Day", help="Empty: until other indices begin")
    work = fields.Float(digits=DIGITS, required=True)
    pe = fields.Float("Practice Expense", digits=DIGITS, required=True)
    malpractice = fields.Float(digits=DIGITS, required=True)
    source = fields.Char(help="Where the figures come from")

    # === SQL OBJECTS === #

    _dates_check = models.Constraint(
        "CHECK (date_to >= date_from)", "A locality's indices cannot end before they begin."
    )
    # with =, inside GiST: the extension btree_gist, which the addon's pre_init hook makes
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (locality_id WITH =, daterange(date_from, date_to, '[]') WITH &&)",
        "A locality cannot have two sets of indices on the same day.",
    )
    _indices_check = models.Constraint(
        "CHECK (LEAST(work, pe, malpractice) > 0)", "A locality's index must be above zero."
    )

    # === HELPERS === #

    def _as_gpci(self):
        """Return the indices as ``fees.Gpci`` (Decimal, as printed by CMS)."""
        self.ensure_one()
        indices = (self.work, self.pe, self.malpractice)
        return fees.Gpci(*(Decimal(str(round(index, 4))) for index in indices))
