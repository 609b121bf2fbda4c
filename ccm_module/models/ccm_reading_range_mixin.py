from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

# Readings have one decimal: a scale shows tenths, and no monitor shows more. Values are compared
# at that precision too, so that the sum of tenths is never a hair above or below a limit.
DECIMALS = 1
DIGITS = (6, DECIMALS)

IN_RANGE, LOW, HIGH, GAIN = "in_range", "low", "high", "gain"


def below(value, limit):
    return float_compare(value, limit, precision_digits=DECIMALS) < 0


def shown(number):
    """Return a value as people write it: 120, 98.6."""
    return f"{number:.{DECIMALS}f}".removesuffix(".0")


class CcmReadingRangeMixin(models.AbstractModel):
    """Limits for one kind of reading: both ends belong to the range, and 0 is no limit."""

    _name = "ccm.reading.range.mixin"
    _description = "Limits of a reading"

    low = fields.Float("Lowest", digits=DIGITS, help="Below it a reading is out of range. 0: none.")
    high = fields.Float(
        "Highest", digits=DIGITS, help="Above it a reading is out of range. 0: none."
    )
    diastolic_low = fields.Float("Diastolic, Lowest", digits=DIGITS, help="0: none.")
    diastolic_high = fields.Float("Diastolic, Highest", digits=DIGITS, help="0: none.")
    gain = fields.Float(
        "Rapid Gain",
        digits=DIGITS,
        help="So much more, or above, than the lowest reading of the days before. 0: not watched.",
    )
    gain_days = fields.Integer("Within Days", default=2)
    slow_gain = fields.Float(
        "Slower Gain",
        digits=DIGITS,
        help="The same over more days. 0: not watched.",
    )
    slow_gain_days = fields.Integer("Within Days (Slower)", default=7)
    range_text = fields.Char("Range", compute="_compute_range_text")

    # === COMPUTE === #

    @api.depends(
        *("low", "high", "diastolic_low", "diastolic_high"),
        *("gain", "gain_days", "slow_gain", "slow_gain_days"),
    )
    @api.depends_context("lang")
    def _compute_range_text(self):
        for record in self:
            upper = record._text_of(record.low, record.high)
            lower = record._text_of(record.diastolic_low, record.diastolic_high)
            gains = [
                self.env._("+%(gain)s in %(days)s days", gain=shown(gain), days=days)
                for gain, days in record._gain_rules()
            ]
            bounds = f"{upper or '–'} / {lower}" if lower else upper
            record.range_text = ", ".join(filter(None, [bounds, *gains]))

    @staticmethod
    def _text_of(low, high):
        if low and high:
            return f"{shown(low)}–{shown(high)}"
        return f"≥ {shown(low)}" if low else f"≤ {shown(high)}" if high else ""

    # === CONSTRAINTS === #

    @api.constrains(
        *("low", "high", "diastolic_low", "diastolic_high"),
        *("gain", "gain_days", "slow_gain", "slow_gain_days"),
    )
    def _check_range(self):
        for record in self:
            for low, high in (("low", "high"), ("diastolic_low", "diastolic_high")):
                if record[high] and not below(record[low], record[high]):
                    raise ValidationError(
                        self.env._(
                            "%(low)s must be less than %(high)s.",
                            low=record._fields[low]._description_string(self.env),
                            high=record._fields[high]._description_string(self.env),
                        )
                    )
            if any(record[name] < 0 for name in ("low", "diastolic_low", "gain", "slow_gain")):
                raise ValidationError(self.env._("Limits cannot be negative; 0 means no limit."))
            for gain, days in (("gain", "gain_days"), ("slow_gain", "slow_gain_days")):
                if record[gain] and not 1 <= record[days] <= 31:
                    raise ValidationError(
                        self.env._(
                            "%(days)s must be between 1 and 31.",
                            days=record._fields[days]._description_string(self.env),
                        )
                    )

    # === HELPERS === #

    def _judge_value(self, value, diastolic):
        """Return where a reading lies: ``in_range``, ``low`` or ``high``."""
        self.ensure_one()
        pairs = [(value, self.low, self.high), (diastolic, self.diastolic_low, self.diastolic_high)]
        # too high comes first: of a pressure of 200/50 that is the news
        if any(high and below(high, number) for number, _low, high in pairs):
            return HIGH
        if any(low and below(number, low) for number, low, _high in pairs):
            return LOW
        return IN_RANGE

    def _gain_rules(self):
        """Return the watched gains as pairs: how much, within how many days."""
        self.ensure_one()
        rules = ((self.gain, self.gain_days), (self.slow_gain, self.slow_gain_days))
        return [(gain, days) for gain, days in rules if gain]
