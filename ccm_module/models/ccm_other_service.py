from odoo import api, fields, models
from odoo.exceptions import ValidationError

STAYS = ("inpatient", "snf")


class CcmOtherService(models.Model):
    """Other care in a period that Medicare weighs against CCM, or that shares its minutes.

    What each kind means for the month is decided in billing/concurrency.py; here it is only
    recorded. Several may overlap.
    """

    _name = "ccm.other.service"
    _description = "Other Care"
    _inherit = ["ccm.patient.mixin", "ccm.fact.mixin", "ccm.history.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "kind"
    _decides_eligibility = True

    # === FIELDS === #

    kind = fields.Selection(
        [
            ("other_ccm", "CCM by another practitioner"),
            ("home_health", "Home health oversight (G0181)"),
            ("hospice", "Hospice oversight (G0182)"),
            ("esrd", "Dialysis, monthly (90951–90970)"),
            ("apcm", "Advanced primary care (APCM)"),
            ("pcm", "Principal care (PCM)"),
            ("inpatient", "Hospital stay"),
            ("snf", "Skilled nursing, Part A"),
            ("tcm", "Transitional care (TCM)"),
            ("rpm", "Remote monitoring (RPM)"),
            ("bhi", "Behavioral health integration (BHI)"),
        ],
        required=True,
        tracking=True,
    )
    same_practitioner = fields.Boolean(
        "By Our Practitioner",
        tracking=True,
        help="Our billing practitioner, or our practice, bills it.",
    )
    practitioner_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        domain="[('is_ccm_practitioner', '=', True)]",
        help="Who bills it, if it is one of our own.",
    )
    practitioner_name = fields.Char("Who", help="Who bills it, or where the patient stays.")
    date_from = fields.Date("From", required=True, tracking=True)
    date_to = fields.Date("To", tracking=True, help="Last day, included. Empty: goes on.")
    admitted_at = fields.Datetime(
        tracking=True,
        help="Exact moment of a stay: minutes before it count. Empty: the whole first day is taken"
        " as inside.",
    )
    discharged_at = fields.Datetime(
        tracking=True,
        help="Exact moment of a stay: minutes after it count. Empty: the whole last day is taken as"
        " inside.",
    )
    note = fields.Text()

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("admitted_at", "discharged_at")
    def _onchange_stay(self):
        if self.admitted_at:
            self.date_from = self._local_date(self.admitted_at)
        if self.discharged_at:
            self.date_to = self._local_date(self.discharged_at)

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind not in STAYS:
            self.admitted_at = self.discharged_at = False

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for service in self:
            if service.date_to and service.date_to < service.date_from:
                raise ValidationError(
                    self.env._("To: enter %(day)s (From) or a later day.", day=service.date_from)
                )

    @api.constrains("kind", "admitted_at", "discharged_at", "date_from", "date_to")
    def _check_stay(self):
        for service in self:
            admitted, discharged = service.admitted_at, service.discharged_at
            if not admitted and not discharged:
                continue
            if service.kind not in STAYS:
                raise ValidationError(
                    self.env._(
                        "Admitted At, Discharged At: only for a hospital stay or skilled nursing."
                        " Use From and To."
                    )
                )
            if admitted and service._local_date(admitted) != service.date_from:
                raise ValidationError(
                    self.env._("Admitted At: must be on %(day)s (From).", day=service.date_from)
                )
            if discharged and service._local_date(discharged) != service.date_to:
                raise ValidationError(
                    self.env._(
                        "Discharged At: must be on the last day (To), %(day)s.",
                        day=service.date_to or self.env._("which is empty"),
                    )
                )
            if admitted and discharged and discharged < admitted:
                raise ValidationError(self.env._("Discharged At: must not be before Admitted At."))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._with_days(vals) for vals in vals_list]
        return super().create(vals_list)

    def _with_days(self, vals):
        """Derive a day left out from the exact moment, as the form does."""
        vals = dict(vals)
        for day, moment in (("date_from", "admitted_at"), ("date_to", "discharged_at")):
            if vals.get(moment) and not vals.get(day):
                vals[day] = self._local_date(fields.Datetime.to_datetime(vals[moment]))
        return vals
