"""The patient's time and months, and where this month stands."""

from odoo import api, fields, models

from ..billing import months
from .ccm_month import MONEY
from .res_partner import CLINICAL

# What a month's decision or its invoice takes from the contact itself.
MONTH_FIELDS = {"ccm_payer_id", "ccm_birthdate", "ccm_mbi", "npi"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #
    ccm_activity_ids = fields.One2many("ccm.activity", "partner_id", "Time", groups=CLINICAL)
    ccm_month_ids = fields.One2many("ccm.month", "partner_id", "Months", groups=CLINICAL)
    ccm_month_id = fields.Many2one(
        "ccm.month", "This Month", compute="_compute_ccm_month", groups=CLINICAL
    )
    ccm_month_minutes = fields.Integer(
        "Minutes This Month", compute="_compute_ccm_month", groups=CLINICAL
    )
    ccm_month_code = fields.Char("Codes Reached", compute="_compute_ccm_month", groups=CLINICAL)
    ccm_next_code = fields.Char("Next Code", compute="_compute_ccm_month", groups=CLINICAL)
    ccm_next_seconds = fields.Integer(
        "Seconds to Next Code", compute="_compute_ccm_month", groups=CLINICAL
    )
    ccm_next_amount = fields.Float(
        "The Next Code Adds",
        compute="_compute_ccm_month",
        groups=MONEY,
        help="In the practice's currency.",
    )
    ccm_missing = fields.Text("To Mend", compute="_compute_ccm_month", groups=CLINICAL)
    ccm_invoice_count = fields.Integer(compute="_compute_ccm_invoice_count", groups=CLINICAL)

    # === COMPUTE === #
    @api.depends("ccm_month_ids.decided_on")
    @api.depends_context("company")
    def _compute_ccm_month(self):
        found = {}
        month = months.first_day(self.env.company._ccm_today())
        for record in self.env["ccm.month"].search(
            [("partner_id", "in", self._origin.ids), ("month", "=", month)]
        ):
            found[record.partner_id.id] = record
        for partner in self:
            record = found.get(partner._origin.id, self.env["ccm.month"])
            partner.ccm_month_id = record
            partner.ccm_month_minutes = record.total_minutes
            partner.ccm_month_code = record.codes
            partner.ccm_next_code = record.next_code
            partner.ccm_next_seconds = record.next_seconds
            # sudo: the amount has its own groups, on both models
            partner.ccm_next_amount = record.sudo().next_amount
            partner.ccm_missing = record.reason

    @api.depends("ccm_month_ids.move_ids")
    @api.depends_context("allowed_company_ids")
    def _compute_ccm_invoice_count(self):
        counts = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("ccm_patient_id", "in", self._origin.ids),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["ccm_patient_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.ccm_invoice_count = counts.get(partner._origin, 0)

    # === CRUD === #
    def write(self, vals):
        result = super().write(vals)
        if MONTH_FIELDS & vals.keys():
            month_model = self.env["ccm.month"].sudo()
            month_model._refresh_open(self)
            if "npi" in vals:
                month_model._refresh_practitioner(self)
        return result

    # === ACTIONS === #
    def action_ccm_start_timer(self):
        """Start the current user's timer for this patient and open the patient.

        Where it runs for another, the browser asks first what becomes of that one.
        """
        self.ensure_one()
        self._ccm_check("ccm.activity", "create")
        activities = self.env["ccm.activity"]
        running = activities._running_of_user()
        if running and running.partner_id != self:
            return {
                "type": "ir.actions.client",
                "tag": "ccm_timer_start",
                "params": {"partner_id": self.id},
            }
        if not running:
            activities.action_start_timer(self.id)
        return self.action_ccm_open()

    def action_ccm_open(self):
        """Open this patient in the Chronic Care app."""
        self.ensure_one()
        self._ccm_check("ccm.month")
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.res_partner_action")
        views = [view for view in action["views"] if view[1] == "form"]
        return {**action, "res_id": self.id, "views": views, "view_mode": "form"}

    def action_ccm_add_time(self):
        """Open a blank entry for this patient, to log time by hand."""
        self.ensure_one()
        self._ccm_check("ccm.activity", "create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Time"),
            "res_model": "ccm.activity",
            "view_mode": "form",
            "views": [(self.env.ref("ccm_module.ccm_activity_view_form_manual").id, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def action_view_ccm_months(self):
        """Open this patient's months."""
        self._ccm_check("ccm.month")
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_month_action")
        return {**action, "domain": [("partner_id", "in", self.ids)], "context": {}}

    def action_view_ccm_invoices(self):
        """Open the invoices of this patient's months."""
        self._ccm_check("account.move")
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.account_move_action")
        return {**action, "domain": [("ccm_patient_id", "in", self.ids)]}

    # === HELPERS === #
    def _ccm_check(self, model, operation="read"):
        """Refuse whoever may not read these patients, or not do ``operation`` in ``model``."""
        self.check_access("read")
        self.env[model].check_access(operation)

    def _ccm_company(self, default, day):
        """Return the practice in whose program the patient is in the month of ``day``.

        Else the contact's own company, else ``default``.
        """
        self.ensure_one()
        enrollment = self.env["ccm.month"]._enrollment_of(self.ccm_enrollment_ids, day)
        return (enrollment and enrollment.company_id) or self.company_id or default
