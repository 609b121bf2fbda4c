from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing.codes import ServiceCode


class CcmServiceCode(models.Model):
    """One billing code in one period of its life; the rules' numbers are data with dates."""

    _name = "ccm.service.code"
    _description = "Care Management Code"
    _order = "code, date_from desc"
    _rec_names_search = ["code", "name"]

    # === FIELDS === #
    code = fields.Char(required=True, index=True)
    name = fields.Char(
        string="Description",
        required=True,
        translate=True,
        help="In our own words; the official descriptor belongs to the AMA.",
    )
    program_id = fields.Many2one(
        "ccm.program",
        required=True,
        default=lambda self: self.env.ref("ccm_module.ccm_program_ccm", raise_if_not_found=False),
    )
    active = fields.Boolean(default=True)
    performer = fields.Selection(
        [("staff", "Clinical staff"), ("practitioner", "Billing practitioner personally")],
        required=True,
        default="staff",
    )
    kind = fields.Selection([("base", "Base code"), ("addon", "Add-on code")], required=True)
    base_code_ids = fields.Many2many(
        "ccm.service.code",
        "ccm_service_code_base_rel",
        "addon_id",
        "base_id",
        string="Add-on To",
        domain=[("kind", "=", "base")],
    )
    first_minutes = fields.Integer(
        string="From Minutes",
        help="The month's total minutes from which the first unit may be billed. 0: not timed.",
    )
    unit_minutes = fields.Integer(
        string="Further Unit Every", help="Minutes to each further unit. 0: one unit only."
    )
    max_units = fields.Integer(string="Units at Most", required=True, default=1)
    is_limit_absolute = fields.Boolean(
        string="Absolute Limit",
        default=True,
        help="On: Medicare never pays more units (MAI 2). Off: more may be appealed with "
        "documentation (MAI 3); the module still stops at the limit.",
    )
    needs_complex_mdm = fields.Boolean(string="Needs Complex MDM")
    date_from = fields.Date()
    date_to = fields.Date()
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        domain=[("type", "=", "service")],
        ondelete="restrict",
        help="Accounts, taxes and pricelists of the invoice line come from here.",
    )
    source = fields.Char(help="Where the thresholds and the limit come from.")

    # === SQL OBJECTS === #
    _code_from_unique = models.UniqueIndex(
        "(code, COALESCE(date_from, '-infinity'::date))",
        "This code already has an entry that begins on that date.",
    )
    _units_positive = models.Constraint(
        "CHECK (max_units >= 1 AND first_minutes >= 0 AND unit_minutes >= 0)",
        "Units at Most must be at least 1, and minutes must not be negative.",
    )
    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The end date of a code must not lie before its start date.",
    )

    # === COMPUTE === #
    @api.depends("code", "name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.code} {record.name}"

    # === CONSTRAINTS === #
    @api.constrains("code", "date_from", "date_to", "active")
    def _check_periods(self):
        for record in self:
            domain = [
                ("id", "!=", record.id),
                ("code", "=", record.code),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", record.date_from or "1900-01-01"),
            ]
            if record.date_to:
                domain += ["|", ("date_from", "=", False), ("date_from", "<=", record.date_to)]
            if self.search_count(domain, limit=1):
                raise ValidationError(
                    self.env._(
                        "Code %s would have two entries for the same day: end the earlier one (To) "
                        "before this one begins (From).",
                        record.code,
                    )
                )

    # === HELPERS === #
    @api.model
    def _pricer(self, company, pricelist):
        """Return ``price(code, day)``: Decimal of the company's currency for one unit, or None.

        The pricelist over the dated Medicare fee (see ``product.product``). None when nothing is
        known for that day; a price is never guessed.
        """
        currency = company.currency_id
        by_code = self._catalogue().grouped("code")
        known = {}

        def price(code, day):
            if (code, day) not in known:
                record = by_code[code]._on(day)
                if not record:
                    return None
                # In the pricelist's own currency: asked in another, Odoo takes its fixed prices
                # and surcharges for amounts of that one.
                own = pricelist.currency_id or currency
                value = pricelist._get_product_price(
                    record.product_id.with_company(company), 1.0, currency=own, date=day
                )
                value = own._convert(value, currency, company, day, round=False)
                known[code, day] = Decimal(f"{value:.6f}").quantize(
                    Decimal(1).scaleb(-currency.decimal_places), ROUND_HALF_UP
                )
            return known[code, day] or None

        return price

    @api.model
    def _catalogue(self):
        """Return every entry, of any date, that a CCM month may be billed with."""
        return self.search([("program_id", "=", self.env.ref("ccm_module.ccm_program_ccm").id)])

    def _on(self, day):
        """Return the entry, of these for one code, that is valid on ``day``."""
        return self.filtered(
            lambda record: (
                (not record.date_from or record.date_from <= day)
                and (not record.date_to or day <= record.date_to)
            )
        )

    def _as_rules(self):
        """Return the catalogue as the plain rule pack that ``billing`` reads."""
        return tuple(
            ServiceCode(
                code=record.code,
                performer=record.performer,
                kind=record.kind,
                base_codes=tuple(record.base_code_ids.mapped("code")),
                first_minutes=record.first_minutes,
                unit_minutes=record.unit_minutes,
                max_units=record.max_units,
                needs_complex_mdm=record.needs_complex_mdm,
                date_from=record.date_from or None,
                date_to=record.date_to or None,
            )
            for record in self
        )
