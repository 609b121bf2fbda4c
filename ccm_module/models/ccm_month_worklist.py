"""The worklist: this month's patients, whose they are, and what one does with them."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import months
from .ccm_unlogged import unlogged
from .res_partner import CLINICAL


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    is_current = fields.Boolean(
        "Running Month",
        compute="_compute_is_current",
        search="_search_is_current",
        help="By the practice's own calendar.",
    )
    is_mine = fields.Boolean(
        "My Patients",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="Those I coordinate, and those of colleagues I cover today.",
    )
    covering_for_id = fields.Many2one(
        "res.users", compute="_compute_is_mine", help="Is away; I cover."
    )
    # What one needs for the call
    call_time = fields.Selection(related="partner_id.ccm_call_time", groups=CLINICAL)
    lang = fields.Selection(related="partner_id.lang", string="Language")
    phone = fields.Char(related="partner_id.phone")
    caregiver_phone = fields.Char(
        "Caregiver's Phone", related="partner_id.ccm_caregiver_phone", groups=CLINICAL
    )

    # === COMPUTE === #
    @api.depends("month", "company_id")
    def _compute_is_current(self):
        for record in self:
            record.is_current = record.month == months.first_day(record._local_today())

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = fields.Domain.FALSE
        by_month = {}
        for company in self.env.companies:
            month = months.first_day(company._ccm_today())
            by_month.setdefault(month, []).append(company.id)
        for month, company_ids in by_month.items():
            domain = fields.Domain("month", "=", month)
            if len(by_month) > 1:
                domain &= fields.Domain("company_id", "in", company_ids)
            running |= domain
        return running if True in value else ~running

    @api.depends("coordinator_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_mine(self):
        covered = self.env["ccm.cover"]._covered_by(self.env.user)
        for record in self:
            covering = record.coordinator_id in covered
            record.is_mine = covering or record.coordinator_id == self.env.user
            record.covering_for_id = record.coordinator_id if covering else False

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        people = self.env.user | self.env["ccm.cover"]._covered_by(self.env.user)
        return fields.Domain("coordinator_id", "in" if True in value else "not in", people.ids)

    # === ACTIONS === #
    @api.model
    def action_open_worklist(self):
        """Open This Month, on one's own patients if one has any, or else on everybody's."""
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_month_action_work")
        mine = self.search_count([("is_current", "=", True), ("is_mine", "=", True)], limit=1)
        covers = self.env["ccm.cover"]._covered_by(self.env.user)
        context = {"ccm_by_patient": True, "ccm_covering": bool(covers)}
        if mine or covers:
            context["search_default_mine"] = 1
        return {**action, "context": context}

    def action_open_patient(self):
        """Open the patient's form."""
        self.ensure_one()
        return self.partner_id.action_ccm_open()

    def action_start(self):
        """Start the current user's timer for the patient and open the patient's form."""
        self.ensure_one()
        return self.partner_id.action_ccm_start_timer()

    def action_log_attempt(self):
        """Open the dialog for an attempt to reach the patient."""
        self.ensure_one()
        return self.partner_id.action_ccm_log_attempt()

    def action_assign(self):
        """Open the dialog that gives the patients of these months another coordinator."""
        enrollments = self._enrollments_to_assign()
        return self.env["ccm.handover"]._open(
            self.env._("Assign Coordinator"), {"default_enrollment_ids": enrollments.ids}
        )

    def action_schedule(self):
        """Open Odoo's dialog to schedule an activity, or launch a plan, for all these patients."""
        self.check_access("read")
        self.env.user._ccm_check_works()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule Activity"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "target": "new",
            "context": {
                "active_model": "res.partner",
                "active_ids": self.partner_id.ids,
                "active_id": self.partner_id[:1].id,
                "default_activity_type_id": self.env.ref("ccm_module.mail_activity_type_call").id,
            },
        }

    # === HELPERS === #
    def _enrollments_to_assign(self):
        self.check_access("read")
        enrollments = self.env["ccm.enrollment"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("state", "not in", ("declined", "ended")),
            ]
        )
        missing = self.partner_id - enrollments.partner_id
        if missing:
            raise unlogged(
                UserError(
                    self.env._(
                        "%s is in no program, so nobody coordinates the care: enroll the patient first.",
                        missing[0].display_name,
                    )
                )
            )
        return enrollments
