from odoo import api, fields, models

from .ccm_unique import refuse_second

PROPOSED = (
    *("low", "high", "diastolic_low", "diastolic_high"),
    *("gain", "gain_days", "slow_gain", "slow_gain_days"),
)


def _limit_taken(env, _diag=None):
    return env._(
        "Kind: the patient has limits of this kind already. Change those, or choose another kind."
    )


class CcmReadingLimit(models.Model):
    """A patient's own limits for one kind of reading, in place of that kind's."""

    _name = "ccm.reading.limit"
    _description = "Limits of a Patient's Readings"
    _inherit = ["ccm.patient.mixin", "ccm.reading.range.mixin", "mail.thread"]
    _order = "partner_id, type_id"

    # === FIELDS === #
    type_id = fields.Many2one(
        "ccm.reading.type", "Kind", required=True, index=True, ondelete="restrict"
    )
    unit = fields.Char(related="type_id.unit")
    with_diastolic = fields.Boolean(related="type_id.with_diastolic")
    reason = fields.Char(required=True, tracking=True, help="Why these limits, and who set them.")
    low = fields.Float(tracking=True)
    high = fields.Float(tracking=True)
    diastolic_low = fields.Float(tracking=True)
    diastolic_high = fields.Float(tracking=True)
    gain = fields.Float(tracking=True)
    slow_gain = fields.Float(tracking=True)

    _patient_type_unique = models.UniqueIndex(
        "(partner_id, company_id, type_id)",
        _limit_taken,
    )

    # === COMPUTE === #

    @api.depends("type_id")
    def _compute_display_name(self):
        for limit in self:
            limit.display_name = limit.type_id.display_name

    @api.onchange("type_id")
    def _onchange_type_id(self):
        """Begin with what applies now."""
        for name in PROPOSED if self.type_id else ():
            self[name] = self.type_id[name]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_second_limit(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if {"partner_id", "company_id", "type_id"} & vals.keys():
            self._refuse_second_limit([vals])
        return super().write(vals)

    def _refuse_second_limit(self, vals_list):
        names = ("partner_id", "company_id", "type_id")
        refuse_second(self, vals_list, names, lambda _row: True, _limit_taken(self.env))

    # === HELPERS === #

    @api.model
    def _in_force(self, readings):
        """Return for each reading what it is judged by: the patient's own limit, else its kind."""
        # sudo: a reading is judged alike whoever enters it
        own = self.sudo().search(
            [("partner_id", "in", readings.partner_id.ids), ("type_id", "in", readings.type_id.ids)]
        )
        found = {(limit.partner_id, limit.company_id, limit.type_id): limit for limit in own}
        return {
            reading: found.get(
                (reading.partner_id, reading.company_id, reading.type_id), reading.type_id
            )
            for reading in readings
        }
