from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..billing import fees, options

# The settings that a month's decision depends on.
MONTH_SETTINGS = {
    "ccm_tz",
    "ccm_visit_day_rule",
    "ccm_code_choice",
    "ccm_place_of_service",
    "ccm_locality_id",
    "ccm_conversion",
}
# Those that say who is offered the program.
ELIGIBILITY_SETTINGS = {"ccm_tz", "ccm_ask_again_months"}

TIMER_MODES = [
    ("auto", "Starts when a patient is opened"),
    ("manual", "Is started by hand"),
    ("never", "Is not offered: time is logged by hand"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    # === FIELDS === #
    # Time and the close
    ccm_tz = fields.Selection(
        _tz_get,
        string="Practice Time Zone",
        required=True,
        default="America/New_York",
        help="The practice's calendar months begin and end at midnight here.",
    )
    ccm_close_day = fields.Integer(
        string="Close on Day",
        default=5,
        help="From this day of the month on, last month is billed each night. 0: never by itself.",
    )
    ccm_timer_limit = fields.Integer(
        string="Timer Limit (hours)",
        default=3,
        help="A timer that ran longer counts only once the person has said what really happened.",
    )
    ccm_timer_staff = fields.Selection(
        TIMER_MODES, string="Timer of Clinical Staff", required=True, default="manual"
    )
    ccm_timer_practitioner = fields.Selection(
        TIMER_MODES, string="Timer of Practitioners", required=True, default="manual"
    )
    ccm_visit_day_rule = fields.Selection(
        [
            ("warn", "Counts, with a warning"),
            ("exclude", "Staff time does not count"),
            ("count", "Counts"),
        ],
        string="Time on the Day of a Visit",
        required=True,
        default="warn",
        help="Medicare forbids counting a minute twice; whether staff time on the day of a visit "
        "counts is read differently, so this is the practice's choice.",
    )
    # Who sees whom
    ccm_restrict_patients = fields.Boolean(
        string="Patients for Their Care Team Only",
        help="Care team and practitioners see the patients whom they look after or cover, and those"
        " whom nobody looks after yet. Billers, managers and auditors see all.",
    )
    ccm_emergency_hours = fields.Integer(
        string="Emergency Access Lasts (hours)",
        default=4,
        help="So long somebody else sees a patient's record who says why care cannot wait.",
    )
    # Enrollment
    ccm_ask_again_months = fields.Integer(
        string="Ask Again After (months)",
        default=6,
        help="A patient who declined or left is offered the program again after so many months.",
    )
    # The bill
    ccm_code_choice = fields.Selection(
        [
            (options.HIGHEST, "The highest amount"),
            (options.PRACTITIONER_FIRST, "Practitioner's codes first"),
            (options.STAFF_FIRST, "Staff codes first"),
        ],
        string="Where Several Codes Fit",
        required=True,
        default=options.HIGHEST,
    )
    ccm_invoice_state = fields.Selection(
        [("draft", "Drafts to look over"), ("posted", "Posted at once")],
        string="Invoices Are Made As",
        required=True,
        default="draft",
    )
    ccm_invoice_date = fields.Selection(
        [("month_end", "Last day of the month of service"), ("today", "Day of the close")],
        string="Invoice Date",
        required=True,
        default="month_end",
        help="Where that day's period is locked, Odoo books into the first open period.",
    )
    ccm_journal_id = fields.Many2one(
        "account.journal",
        string="CCM Journal",
        domain=[("type", "=", "sale")],
        check_company=True,
        help="Empty: the first sales journal.",
    )
    ccm_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Monthly Plan",
        domain=[("res_model", "=", "res.partner")],
        check_company=True,
        help="Activities launched for each enrolled patient as a month begins. Empty: none.",
    )
    ccm_biller_id = fields.Many2one(
        "res.users",
        string="Responsible for Billing",
        help="Is asked to look after a month that could not be invoiced.",
    )
    ccm_place_of_service = fields.Char(
        string="Place of Service",
        default="11",
        help="Where the practitioner would see the patient: 11 office, 19 or 22 hospital outpatient.",
    )
    # Fees
    ccm_locality_id = fields.Many2one(
        "ccm.locality", string="Medicare Locality", help="Empty: national amounts."
    )
    ccm_conversion = fields.Selection(
        [("nonqp", "Standard"), ("qp", "Qualifying APM participant")],
        string="Conversion Factor",
        required=True,
        default="nonqp",
    )
    ccm_npi = fields.Char(related="partner_id.npi", string="Practice NPI", readonly=False)

    # === CONSTRAINTS === #
    @api.constrains(
        "ccm_close_day",
        "ccm_timer_limit",
        "ccm_place_of_service",
        "ccm_ask_again_months",
        "ccm_emergency_hours",
    )
    def _check_ccm_settings(self):
        for company in self:
            if not 0 <= company.ccm_close_day <= 28:
                raise ValidationError(
                    self.env._("Close on Day must be between 1 and 28, or 0 for never.")
                )
            if not 1 <= company.ccm_timer_limit <= 24:
                raise ValidationError(self.env._("Timer Limit must be between 1 and 24 hours."))
            if not 1 <= company.ccm_emergency_hours <= 24:
                raise ValidationError(
                    self.env._("Emergency Access Lasts must be between 1 and 24 hours.")
                )
            if not 0 <= company.ccm_ask_again_months <= 120:
                raise ValidationError(
                    self.env._("Ask Again After must be between 0 and 120 months.")
                )
            pos = company.ccm_place_of_service or ""
            if not (len(pos) == 2 and pos.isdigit()):
                raise ValidationError(
                    self.env._("Place of Service must be two digits, as 11 for an office.")
                )

    # === CRUD === #
    def write(self, vals):
        if "ccm_tz" in vals:
            self._check_ccm_tz_free(vals["ccm_tz"])
        result = super().write(vals)
        if "ccm_restrict_patients" in vals:
            self.env.registry.clear_cache()  # the record rules are kept as they were evaluated
        if MONTH_SETTINGS & vals.keys():
            for company in self:
                company.env["ccm.month"].sudo()._refresh_company(company)
        if ELIGIBILITY_SETTINGS & vals.keys():
            rows = fields.Domain("company_id", "in", self.ids)
            self.env["ccm.eligibility"]._refresh_all(
                fields.Domain("ccm_eligibility_ids", "any", rows)
            )
        return result

    # === HELPERS === #
    def _check_ccm_tz_free(self, zone):
        """Once a month is billed its midnights stand, or its last evening would count twice."""
        moving = self.filtered(lambda company: company.ccm_tz != zone)
        billed = [("company_id", "in", moving.ids), ("state", "=", "invoiced")]
        if moving and self.env["ccm.month"].sudo().search_count(billed, limit=1):
            raise UserError(
                self.env._(
                    "Practice Time Zone: months were billed in the present zone, so it cannot be "
                    "changed any more."
                )
            )

    def _ccm_zone(self):
        """Return the practice's time zone as a ``ZoneInfo``."""
        self.ensure_one()
        return ZoneInfo(self.ccm_tz or "UTC")

    def _ccm_today(self):
        """Return today's date in the practice's time zone."""
        return fields.Datetime.now().replace(tzinfo=UTC).astimezone(self._ccm_zone()).date()

    def _ccm_timer_mode(self, user):
        """Return how ``user`` starts the timer here, one of ``TIMER_MODES``."""
        self.ensure_one()
        performer = user.sudo().ccm_performer
        return {"staff": self.ccm_timer_staff, "practitioner": self.ccm_timer_practitioner}.get(
            performer, "manual"
        )

    def _ccm_is_facility(self):
        """Tell whether the place of service is paid the facility amount."""
        return self.ccm_place_of_service in fees.FACILITY_PLACES
