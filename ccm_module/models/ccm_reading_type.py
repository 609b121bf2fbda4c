from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .ccm_reading_range_mixin import DIGITS, below, shown


class CcmReadingType(models.Model):
    """A kind of reading: what is plausible at all, and the limits of whoever has none of their own.

    The limits that come with the addon are starting points for the practice to change.
    """

    _name = "ccm.reading.type"
    _description = "Kind of Reading"
    _inherit = ["ccm.reading.range.mixin"]
    _order = "sequence, id"

    # === FIELDS === #
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="A short name for imports, as weight.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    unit = fields.Char(required=True, help="Of all readings of this kind; fixed once there is one.")
    with_diastolic = fields.Boolean(
        "Two Values", help="The second is the diastolic one, as in 120/80."
    )
    minimum = fields.Float(
        "Smallest Possible",
        digits=DIGITS,
        required=True,
        help="A smaller value is refused as a typing error.",
    )
    maximum = fields.Float(
        "Largest Possible",
        digits=DIGITS,
        required=True,
        help="A larger value is refused as a typing error.",
    )
    diastolic_minimum = fields.Float("Diastolic, Smallest Possible", digits=DIGITS)
    diastolic_maximum = fields.Float("Diastolic, Largest Possible", digits=DIGITS)
    is_used = fields.Boolean(compute="_compute_is_used")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Code: another kind of reading has it already."
    )

    # === COMPUTE === #

    def _compute_is_used(self):
        used = self._used()
        for kind in self:
            kind.is_used = kind._origin in used

    # === CONSTRAINTS === #

    @api.constrains("minimum", "maximum", "diastolic_minimum", "diastolic_maximum")
    def _check_possible(self):
        for kind in self:
            pairs = [(kind.minimum, kind.maximum)]
            if kind.with_diastolic:
                pairs.append((kind.diastolic_minimum, kind.diastolic_maximum))
            if any(low < 0 or not below(low, high) for low, high in pairs):
                raise ValidationError(
                    self.env._(
                        "Smallest Possible must be less than Largest Possible, and not below 0."
                    )
                )

    # === CRUD === #

    def write(self, vals):
        fixed = [name for name in ("unit", "with_diastolic") if name in vals]
        if fixed and any(kind[name] != vals[name] for kind in self._used() for name in fixed):
            raise UserError(
                self.env._(
                    "Unit: there are readings of this kind, which would change their meaning."
                    " Archive this kind and make a new one."
                )
            )
        return super().write(vals)

    # === HELPERS === #

    def _used(self):
        """Return those of the kinds that have readings, in any practice."""
        readings = self.env["ccm.reading"].sudo().with_context(active_test=False)
        groups = readings._read_group([("type_id", "in", self.ids)], ["type_id"])
        return self.browse([kind.id for (kind,) in groups])

    def _check_plausible(self, value, diastolic):
        """Refuse a typing error. The message names bounds and not the value, which is health data.

        :raises ValidationError: with what to look for
        """
        self.ensure_one()
        self._check_between(self.env._("Value"), value, self.minimum, self.maximum)
        if not self.with_diastolic:
            if diastolic:
                raise ValidationError(
                    self.env._(
                        "Diastolic: %(kind)s has one value only; leave it empty.", kind=self.name
                    )
                )
            return
        self._check_between(
            self.env._("Diastolic"), diastolic, self.diastolic_minimum, self.diastolic_maximum
        )
        if not below(diastolic, value):
            raise ValidationError(
                self.env._(
                    "Diastolic: it must be less than the first value. Have the two changed places?"
                )
            )

    def _check_between(self, label, value, minimum, maximum):
        # asked this way round so that "not a number" is refused too
        if not minimum <= value <= maximum:
            raise ValidationError(
                self.env._(
                    "%(label)s: %(kind)s lies between %(minimum)s and %(maximum)s %(unit)s. Look for"
                    " a typing error.",
                    label=label,
                    kind=self.name,
                    minimum=shown(minimum),
                    maximum=shown(maximum),
                    unit=self.unit,
                )
            )
