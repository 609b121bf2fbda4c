from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import months

# What a bill may rest on.
EVIDENCE = (
    "partner_id",
    "practitioner_id",
    "date",
    "kind",
    "ccm_discussed",
    "planning_beyond_visit",
)


class CcmVisit(models.Model):
    """A face-to-face visit with the billing practitioner.

    CCM of a new patient, or of one not seen within a year, begins with a visit at which CCM was
    discussed: E/M level 2 to 5, annual wellness visit, IPPE, or TCM (CMS CCM FAQ; AAFP 2016). The
    visit itself is billed elsewhere.
    """

    _name = "ccm.visit"
    _description = "Visit"
    _inherit = ["ccm.patient.mixin", "ccm.fact.mixin", "ccm.history.mixin"]
    _order = "date desc, id desc"
    _decides_eligibility = True

    practitioner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_ccm_practitioner', '=', True)]",
        tracking=True,
    )
    date = fields.Date(required=True, default=lambda self: self._today(), tracking=True)
    kind = fields.Selection(
        [
            ("em_2", "Office visit, level 2"),
            ("em_3", "Office visit, level 3"),
            ("em_4", "Office visit, level 4"),
            ("em_5", "Office visit, level 5"),
            ("awv", "Annual wellness visit"),
            ("ippe", "Welcome to Medicare visit (IPPE)"),
            ("tcm", "Transitional care visit (TCM)"),
            ("other", "Other (cannot start CCM)"),
        ],
        required=True,
        default="em_3",
        tracking=True,
        help="New and established patients alike.",
    )
    ccm_discussed = fields.Boolean(
        "CCM Discussed", tracking=True, help="CCM was discussed at this visit."
    )
    planning_beyond_visit = fields.Boolean(
        "Planning Beyond the Visit",
        tracking=True,
        help="The practitioner's own assessment and care planning beyond this visit, for G0506: once"
        " a patient and practitioner, at the start of CCM.",
    )
    note = fields.Text()

    @api.depends("date", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for visit in self:
            visit.display_name = f"{visit.date or ''} {kinds.get(visit.kind, '')}".strip()

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id and not self.practitioner_id:
            self.practitioner_id = self.partner_id._ccm_default_practitioner(self.company_id)

    @api.constrains("practitioner_id")
    def _check_practitioner_is_one(self):
        self._check_practitioner()

    @api.constrains("date")
    def _check_not_in_future(self):
        for visit in self:
            if visit.date > visit._today():
                raise ValidationError(
                    self.env._(
                        "Date: a visit is recorded once it took place; enter today or earlier."
                    )
                )

    # === CRUD === #

    def write(self, vals):
        self._refuse_change_billed(vals, EVIDENCE)
        return super().write(vals)

    def _billed_on(self):
        return self._invoiced_months().filtered(
            lambda month: months.last_day(month.month) >= self.date
        )
