from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..billing import identifiers
from .ccm_unique import refuse_second

# Health data: for the care team and the biller, not for every employee.
CLINICAL = "ccm_module.group_ccm_user,ccm_module.group_ccm_biller,ccm_module.group_ccm_auditor"
OLDEST_BIRTH_YEAR = 1900


def _mbi_taken(env, _diag=None):
    return env._(
        "Medicare Number: another contact has it already, perhaps an archived one. Go on with"
        " that contact, or correct the number."
    )


class ResPartner(models.Model):
    """Patients and practitioners are contacts; the record of care hangs on the patient."""

    _inherit = "res.partner"

    # === FIELDS === #

    # Practitioner
    is_ccm_practitioner = fields.Boolean(
        "Practitioner", help="May be the billing practitioner of Chronic Care."
    )
    npi = fields.Char(
        "NPI", copy=False, help="National Provider Identifier: ten digits, the last a check digit."
    )

    # Patient
    is_ccm_patient = fields.Boolean("Chronic Care Patient", copy=False, groups=CLINICAL, index=True)
    ccm_mrn = fields.Char(
        "MRN", copy=False, groups=CLINICAL, index="btree_not_null", help="Medical record number."
    )
    ccm_mbi = fields.Char(
        "Medicare Number",
        copy=False,
        groups=CLINICAL,
        help="Medicare Beneficiary Identifier, eleven characters, as on the card.",
    )
    ccm_birthdate = fields.Date("Birth Date", copy=False, groups=CLINICAL)
    ccm_payer_id = fields.Many2one(
        "res.partner",
        "Payer",
        copy=False,
        ondelete="restrict",
        groups=CLINICAL,
        domain="[('is_company', '=', True)]",
        help="Who gets the invoices. Empty: the patient.",
    )

    # The record of care
    ccm_condition_ids = fields.One2many(
        "ccm.condition", "partner_id", "Conditions", groups=CLINICAL
    )
    ccm_consent_ids = fields.One2many("ccm.consent", "partner_id", "Consents", groups=CLINICAL)
    ccm_enrollment_ids = fields.One2many(
        "ccm.enrollment", "partner_id", "Enrollments", groups=CLINICAL
    )
    ccm_visit_ids = fields.One2many("ccm.visit", "partner_id", "Visits", groups=CLINICAL)
    ccm_other_service_ids = fields.One2many(
        "ccm.other.service", "partner_id", "Other Care", groups=CLINICAL
    )

    # Where the patient stands
    ccm_enrollment_id = fields.Many2one(
        "ccm.enrollment",
        "Active Enrollment",
        compute="_compute_ccm_enrollment",
        search="_search_ccm_enrollment",
        groups=CLINICAL,
    )
    ccm_practitioner_id = fields.Many2one(
        "res.partner",
        "Billing Practitioner",
        compute="_compute_ccm_enrollment",
        search="_search_ccm_practitioner",
        groups=CLINICAL,
    )
    ccm_coordinator_id = fields.Many2one(
        "res.users",
        "Coordinator",
        compute="_compute_ccm_enrollment",
        search="_search_ccm_coordinator",
        groups=CLINICAL,
    )
    ccm_consent_id = fields.Many2one(
        "ccm.consent", "Standing Consent", compute="_compute_ccm_consent", groups=CLINICAL
    )
    ccm_consent_state = fields.Selection(
        [("none", "Missing"), ("draft", "Draft"), ("given", "Given"), ("revoked", "Revoked")],
        "Consent",
        compute="_compute_ccm_consent",
        groups=CLINICAL,
    )
    ccm_condition_count = fields.Integer(
        "Conditions That Count",
        compute="_compute_ccm_condition_count",
        search="_search_ccm_condition_count",
        groups=CLINICAL,
        help="Active conditions that last twelve months or more and are a significant risk. Two are"
        " needed.",
    )
    ccm_same_mrn_id = fields.Many2one(
        "res.partner", compute="_compute_ccm_same_mrn_id", groups=CLINICAL
    )

    _ccm_mbi_unique = models.UniqueIndex(
        "(ccm_mbi, (COALESCE(company_id, 0))) WHERE ccm_mbi IS NOT NULL",
        _mbi_taken,
    )

    # === COMPUTE === #

    @api.depends("ccm_enrollment_ids.state", "ccm_enrollment_ids.practitioner_id")
    def _compute_ccm_enrollment(self):
        for partner in self:
            active = partner.ccm_enrollment_ids.filtered(lambda e: e.state == "active")[:1]
            partner.ccm_enrollment_id = active
            partner.ccm_practitioner_id = active.practitioner_id
            partner.ccm_coordinator_id = active.coordinator_id

    def _search_ccm_enrollment(self, operator, value):
        return self._search_in_enrollment("id", operator, value)

    def _search_ccm_practitioner(self, operator, value):
        return self._search_in_enrollment("practitioner_id", operator, value)

    def _search_ccm_coordinator(self, operator, value):
        return self._search_in_enrollment("coordinator_id", operator, value)

    def _search_in_enrollment(self, name, operator, value):
        """Return the domain of patients whose active enrollment matches; empty means none."""
        if operator == "in" and False in value:
            having = [("state", "=", "active"), (name, "!=", False)]
            rest = [item for item in value if item]
            without = fields.Domain("ccm_enrollment_ids", "not any", having)
            if not rest:
                return without
            return without | self._search_in_enrollment(name, "in", rest)
        if operator.startswith("not ") or operator == "!=":
            return NotImplemented
        return fields.Domain(
            "ccm_enrollment_ids", "any", [("state", "=", "active"), (name, operator, value)]
        )

    @api.depends("ccm_consent_ids.state", "ccm_enrollment_ids.practitioner_id")
    def _compute_ccm_consent(self):
        for partner in self:
            consents = partner.ccm_consent_ids
            given = consents.filtered(lambda c: c.state == "given")
            practitioner = partner.ccm_practitioner_id
            mine = given.filtered(lambda c, who=practitioner: c.practitioner_id == who)
            partner.ccm_consent_id = (mine or given)[:1]
            partner.ccm_consent_state = (mine or given or consents)[:1].state or "none"

    @api.depends("ccm_condition_ids.is_qualifying")
    def _compute_ccm_condition_count(self):
        counts = dict(
            self.env["ccm.condition"]._read_group(
                [("partner_id", "in", self.ids), ("is_qualifying", "=", True)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.ccm_condition_count = counts.get(partner._origin, 0)

    def _search_ccm_condition_count(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "in"):
            return NotImplemented
        counts = self.env["ccm.condition"]._read_group(
            [("is_qualifying", "=", True)], ["partner_id"], ["__count"]
        )
        compare = {
            "<": lambda count: count < value,
            "<=": lambda count: count <= value,
            ">": lambda count: count > value,
            ">=": lambda count: count >= value,
            "in": lambda count: count in value,
        }[operator]
        matching = [partner.id for partner, count in counts if compare(count)]
        domain = fields.Domain("id", "in", matching)
        if compare(0):
            # whoever has none is in no group
            domain |= fields.Domain("id", "not in", [partner.id for partner, _count in counts])
        return domain

    @api.depends("ccm_mrn", "company_id")
    def _compute_ccm_same_mrn_id(self):
        for partner in self:
            partner.ccm_same_mrn_id = partner.ccm_mrn and self.search(
                [
                    ("ccm_mrn", "=", partner.ccm_mrn),
                    ("id", "!=", partner._origin.id),
                    ("company_id", "in", (False, partner.company_id.id)),
                ],
                limit=1,
            )

    # === CONSTRAINTS === #

    @api.constrains("npi")
    def _check_npi(self):
        for partner in self.filtered("npi"):
            if len(partner.npi) != 10 or not partner.npi.isdecimal():
                raise ValidationError(
                    self.env._("NPI: %(npi)s must be ten digits, nothing else.", npi=partner.npi)
                )
            if not identifiers.npi_is_valid(partner.npi):
                raise ValidationError(
                    self.env._(
                        "NPI: in %(npi)s the last digit, a check digit, does not fit the others."
                        " One digit is mistyped, or two have changed places; compare it with the"
                        " NPPES registry.",
                        npi=partner.npi,
                    )
                )

    @api.constrains("ccm_mbi")
    def _check_ccm_mbi(self):
        for partner in self.filtered("ccm_mbi"):
            if not identifiers.mbi_is_valid(partner.ccm_mbi):
                # the number itself identifies the patient: not in a message, which may be logged
                raise ValidationError(
                    self.env._(
                        "Medicare Number: it must be eleven characters as on the card, like"
                        " 1EG4-TE5-MK73. Letters S, L, O, I, B and Z do not occur in it."
                    )
                )

    @api.constrains("ccm_birthdate")
    def _check_ccm_birthdate(self):
        today = fields.Date.context_today(self)
        for partner in self.filtered("ccm_birthdate"):
            born = partner.ccm_birthdate
            if born > today or born.year <= OLDEST_BIRTH_YEAR:
                raise ValidationError(
                    self.env._("Birth Date: enter a day after 1900 and not in the future.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._ccm_normalized(vals) for vals in vals_list]
        if any(vals.get("ccm_mbi") for vals in vals_list):
            self.browse()._ccm_refuse_taken_mbi(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not {"npi", "is_ccm_practitioner"}.isdisjoint(vals):
            self._ccm_check_names_practitioner(vals)
        vals = self._ccm_normalized(vals)
        if "ccm_mbi" in vals or "company_id" in vals:
            self._ccm_refuse_taken_mbi([vals])
        return super().write(vals)

    def _ccm_check_names_practitioner(self, vals):
        """The number goes onto claims: it is changed by who has a part in them."""
        if self.env.su or self.env.user.has_groups(CLINICAL):
            return
        if vals.get("is_ccm_practitioner") or any(self.mapped("is_ccm_practitioner")):
            raise AccessError(
                self.env._(
                    "NPI, Practitioner: they go onto claims. Ask somebody with a role in Chronic Care"
                    " to change them."
                )
            )

    def _ccm_refuse_taken_mbi(self, vals_list):
        names = ("ccm_mbi", "company_id")
        refuse_second(self, vals_list, names, lambda row: row["ccm_mbi"], _mbi_taken(self.env))

    @staticmethod
    def _ccm_normalized(vals):
        """Keep NPI and MBI as files carry them, however they were typed."""
        found = {name: vals[name] for name in ("npi", "ccm_mbi") if vals.get(name)}
        if not found:
            return vals
        return {**vals, **{name: identifiers.normalize(text) for name, text in found.items()}}

    # === HELPERS === #

    def _ccm_default_practitioner(self, company):
        """Return the patient's billing practitioner, else the one consented to, else the only one."""
        consent = self.ccm_consent_id.filtered(lambda consent: consent.company_id == company)
        if known := self.ccm_practitioner_id or consent.practitioner_id:
            return known
        practitioners = self.search(
            [("is_ccm_practitioner", "=", True), ("company_id", "in", (False, company.id))],
            limit=2,
        )
        return practitioners if len(practitioners) == 1 else self.browse()
