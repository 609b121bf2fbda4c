from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .ccm_reading_range_mixin import DIGITS, GAIN, HIGH, IN_RANGE, LOW, shown

# A device's clock may be a little ahead of the server's.
CLOCKS_DIFFER = timedelta(minutes=5)

# What the system itself writes (see ccm_reading_alert.py), whatever a client sends.
JUDGED = {"status", "range_text", "alert_id", "alerted_at"}

# A change of these may change the judgement.
MEASURED = {"value", "diastolic", "taken_at", "type_id", "active"}


class CcmReading(models.Model):
    """A blood pressure, a weight, a glucose: what was measured, when, and by whom.

    One or two values in the unit of its kind. Whether it was in range is decided at entry by the
    limits of that moment, and again when the reading is corrected; limits that change later do not
    rewrite what was seen.
    """

    _name = "ccm.reading"
    _description = "Reading"
    _inherit = ["ccm.patient.mixin", "mail.thread"]
    _order = "taken_at desc, id desc"

    # === FIELDS === #
    type_id = fields.Many2one(
        "ccm.reading.type", "Kind", required=True, ondelete="restrict", tracking=True
    )
    taken_at = fields.Datetime(
        "Taken", required=True, default=fields.Datetime.now, tracking=True, index=True
    )
    value = fields.Float(
        required=True,
        digits=DIGITS,
        tracking=True,
        aggregator="avg",
        help="Of a blood pressure the systolic one.",
    )
    diastolic = fields.Float(
        digits=DIGITS, tracking=True, aggregator="avg", help="Of a blood pressure only."
    )
    unit = fields.Char(related="type_id.unit")
    with_diastolic = fields.Boolean(related="type_id.with_diastolic")
    shown = fields.Char("Reading", compute="_compute_shown")
    source = fields.Selection(
        [("nurse", "Measured here"), ("patient", "Told by the patient"), ("device", "Device")],
        required=True,
        default="patient",
    )
    note = fields.Char(tracking=True)
    active = fields.Boolean(
        default=True, tracking=True, help="Archive a reading that is wrong or of somebody else."
    )
    status = fields.Selection(
        [
            (IN_RANGE, "In range"),
            (LOW, "Too low"),
            (HIGH, "Too high"),
            (GAIN, "Rapid gain"),
        ],
        "Assessment",
        readonly=True,
        copy=False,
        index=True,
    )
    range_text = fields.Char(
        "Range Then", readonly=True, copy=False, help="The limits at the time of entry."
    )
    alert_id = fields.Many2one("mail.activity", readonly=True, copy=False, index="btree_not_null")
    alerted_at = fields.Datetime("Alert Raised", readonly=True, copy=False)

    _patient_type_taken = models.Index("(partner_id, type_id, taken_at)")

    # === COMPUTE === #

    @api.depends("value", "diastolic", "type_id")
    def _compute_shown(self):
        for reading in self:
            value = shown(reading.value)
            if reading.with_diastolic:
                value = f"{value}/{shown(reading.diastolic)}"
            reading.shown = f"{value} {reading.unit or ''}".strip()

    @api.depends("type_id", "taken_at")
    def _compute_display_name(self):
        # not the value: names of records get into titles, addresses and messages
        for reading in self:
            reading.display_name = reading.type_id.display_name

    # === CONSTRAINTS === #

    @api.constrains("type_id", "value", "diastolic")
    def _check_value(self):
        for reading in self:
            reading.type_id._check_plausible(reading.value, reading.diastolic)

    @api.constrains("taken_at")
    def _check_taken_at(self):
        latest = fields.Datetime.now() + CLOCKS_DIFFER
        if any(reading.taken_at > latest for reading in self):
            raise ValidationError(
                self.env._("Taken: this moment is still to come; enter now or earlier.")
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._without_judgement(vals) for vals in vals_list]
        quiet = {"mail_create_nolog": True, "mail_create_nosubscribe": True}
        readings = super(
            CcmReading, self._ccm_with_own_defaults(JUDGED).with_context(**quiet)
        ).create(vals_list)
        readings = readings.with_env(self.env)
        readings._judge()
        return readings

    def write(self, vals):
        vals = self._without_judgement(vals)
        self._refuse_other_patient(vals)
        later = self._later_in_window() if MEASURED & vals.keys() else None
        result = super().write(vals)
        if later is not None:
            (self | later)._judge()
        return result

    def unlink(self):
        later = self._later_in_window()
        alerts = self.alert_id
        result = super().unlink()
        self.browse()._withdraw(alerts)
        (later - self).exists()._judge()
        return result

    def _refuse_other_patient(self, vals):
        if any(reading._changed_fields(vals, ["partner_id"]) for reading in self):
            raise UserError(
                self.env._(
                    "Patient: a reading stays with its patient. Archive it, and enter it for the"
                    " right one."
                )
            )

    def _without_judgement(self, vals):
        """Return ``vals`` without what only the system writes, as superuser."""
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in JUDGED}
