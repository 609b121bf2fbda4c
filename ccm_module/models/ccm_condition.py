from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ccm_unique import refuse_second

CLOSED = ("inactive", "resolved")
ONE_ACTIVE = ("partner_id", "diagnosis_id", "company_id", "status")


def _already_active(env, _diag=None):
    return env._(
        "Diagnosis: the patient already has this condition as active. Change that one, or end"
        " it first."
    )


class CcmCondition(models.Model):
    """A line of the patient's problem list.

    CCM needs two active ones that last twelve months or until death and put the patient at
    significant risk of death, acute exacerbation, decompensation or functional decline (MLN909188).
    Whether a disease is chronic is the clinician's judgement: a code that AHRQ's list does not call
    chronic is recorded like any other, and the practitioner is asked to confirm it
    (ccm_condition_confirm.py).
    """

    _name = "ccm.condition"
    _description = "Patient's condition"
    _inherit = ["ccm.patient.mixin", "ccm.fact.mixin", "ccm.history.mixin"]
    _order = "status, onset_date, id"
    _rec_name = "diagnosis_id"
    _decides_eligibility = True

    # === FIELDS === #

    diagnosis_id = fields.Many2one(
        "ccm.diagnosis",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    chronicity = fields.Selection(related="diagnosis_id.chronicity")
    onset_date = fields.Date("Since", tracking=True)
    status = fields.Selection(
        [("active", "Active"), ("inactive", "Inactive"), ("resolved", "Resolved")],
        required=True,
        default="active",
        tracking=True,
    )
    end_date = fields.Date(
        "Until",
        tracking=True,
        help="Last day the condition was active. Empty while it is active.",
    )
    lasts_12_months = fields.Boolean(
        "12 Months or More",
        tracking=True,
        help="Expected to last at least twelve months, or until the patient's death.",
    )
    significant_risk = fields.Boolean(
        tracking=True,
        help="Puts the patient at significant risk of death, acute exacerbation, decompensation or"
        " functional decline. The clinician's statement.",
    )
    is_qualifying = fields.Boolean(
        "Counts for CCM",
        compute="_compute_is_qualifying",
        store=True,
        help="Active, lasts twelve months or more, and a significant risk. CCM needs two.",
    )
    note = fields.Text()

    _active_unique = models.UniqueIndex(
        "(partner_id, diagnosis_id, company_id) WHERE status = 'active'",
        _already_active,
    )

    # === COMPUTE === #

    @api.depends("status", "lasts_12_months", "significant_risk")
    def _compute_is_qualifying(self):
        for condition in self:
            condition.is_qualifying = (
                condition.status == "active"
                and condition.lasts_12_months
                and condition.significant_risk
            )

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("diagnosis_id")
    def _onchange_diagnosis_id(self):
        diagnosis = self.diagnosis_id
        if not diagnosis:
            return None
        if diagnosis.chronicity == "chronic":
            self.lasts_12_months = True
            return None
        return {
            "warning": {
                "title": self.env._("Not on the list of chronic conditions"),
                "message": self.env._(
                    "%(code)s is not one that AHRQ's list calls chronic. It can be recorded; the"
                    " practitioner will be asked to confirm it.",
                    code=diagnosis.code,
                ),
                "type": "notification",
            }
        }

    @api.onchange("end_date")
    def _onchange_end_date(self):
        if self.end_date and self.status == "active":
            self.status = "resolved"

    @api.onchange("status")
    def _onchange_status(self):
        if self.status == "active":
            self.end_date = False
        elif not self.end_date:
            self.end_date = self._today()

    @api.constrains("onset_date", "end_date", "status")
    def _check_dates(self):
        for condition in self:
            code, today = condition.diagnosis_id.code, condition._today()
            if condition.onset_date and condition.onset_date > today:
                raise ValidationError(
                    self.env._(
                        "Since: %(code)s cannot begin in the future. Enter today or an earlier"
                        " day.",
                        code=code,
                    )
                )
            if condition.status == "active" and condition.end_date:
                raise ValidationError(
                    self.env._(
                        "Until: %(code)s is active, so it has no last day. Clear Until, or set"
                        " Status to Inactive or Resolved.",
                        code=code,
                    )
                )
            if condition.status != "active" and not condition.end_date:
                raise ValidationError(
                    self.env._("Until: enter the last day %(code)s was active.", code=code)
                )
            if condition.end_date and condition.end_date > today:
                raise ValidationError(
                    self.env._(
                        "Until: %(code)s cannot have ended in the future. Leave it active until"
                        " then.",
                        code=code,
                    )
                )
            onset, end = condition.onset_date, condition.end_date
            if onset and end and end < onset:
                raise ValidationError(
                    self.env._("Until: %(code)s cannot end before it began (Since).", code=code)
                )

    @api.constrains("diagnosis_id")
    def _check_code_in_force(self):
        """Refuse to *record* a code out of force; a record that is there already stays.

        The day looked at is the last day the condition was active, so that history can be entered
        with the codes of its time.
        """
        for condition in self:
            diagnosis = condition.diagnosis_id
            last_active = condition.end_date or condition._today()
            if diagnosis.date_to and diagnosis.date_to < last_active:
                raise ValidationError(
                    self.env._(
                        "Diagnosis: code %(code)s is retired; its last day was %(day)s. Choose the"
                        " code that replaced it.",
                        code=diagnosis.code,
                        day=diagnosis.date_to,
                    )
                )
            if diagnosis.date_from and diagnosis.date_from > condition._today():
                raise ValidationError(
                    self.env._(
                        "Diagnosis: code %(code)s is valid from %(day)s only. Choose the code that"
                        " is in force until then.",
                        code=diagnosis.code,
                        day=diagnosis.date_from,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("status") in CLOSED and not vals.get("end_date"):
                vals["end_date"] = self._today()
        self.browse()._refuse_second(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_change_billed(vals, ("partner_id", "diagnosis_id"))
        vals = dict(vals)
        if not vals.keys().isdisjoint(ONE_ACTIVE):
            self._refuse_second([vals])
        if vals.get("status") == "active":
            vals["end_date"] = False
        elif vals.get("status") in CLOSED and not vals.get("end_date"):
            undated = self.filtered(lambda condition: not condition.end_date)
            if undated:
                super(CcmCondition, undated).write({**vals, "end_date": self._today()})
                vals.pop("end_date", None)
        result = super().write(vals)
        if vals.get("status") in CLOSED:
            # a row that follows may be the same condition, come back: out of the unique index now
            self.flush_recordset(["status"])
        return result

    def _billed_on(self):
        return self._invoiced_months().filtered(
            lambda month: self.diagnosis_id in month.diagnosis_ids
        )

    def _refuse_second(self, vals_list):
        message = _already_active(self.env)
        refuse_second(self, vals_list, ONE_ACTIVE, lambda row: row["status"] == "active", message)
