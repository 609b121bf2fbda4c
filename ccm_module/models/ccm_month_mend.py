"""Where what is missing from a month's bill is mended: one place for each reason."""

from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import months
from .ccm_month import MONEY

TOPICS = [
    ("enrollment", "Enrollment"),
    ("consent", "Consent"),
    ("conditions", "Conditions"),
    ("visit", "Visit"),
    ("plan", "Care plan"),
    ("time", "Time"),
    ("mdm", "Decision making"),
    ("fees", "Price"),
    ("other", "Other care"),
    ("practitioner", "Practitioner"),
    ("practice", "Practice"),
    ("patient", "Patient"),
]

# The topic of each reason that blocks or warns; ``_mend_<topic>`` opens its place.
TOPIC_OF = {
    "no_enrollment": "enrollment",
    "consent_missing": "consent",
    "consent_other_practitioner": "consent",
    "consent_revoked": "consent",
    "consent_incomplete": "consent",
    "conditions": "conditions",
    "code_retired": "conditions",
    "not_listed_chronic": "conditions",
    "initiating_visit": "visit",
    "visit_same_day": "visit",
    "g0506_once": "visit",
    "g0506_late": "visit",
    "g0506_same_day": "visit",
    "plan_missing": "plan",
    "plan_not_approved": "plan",
    "plan_copy_missing": "plan",
    "timer_running": "time",
    "timer_paused": "time",
    "entries_to_review": "time",
    "entries_to_describe": "time",
    "mdm_by_another": "mdm",
    "mdm_note_missing": "mdm",
    "no_fee": "fees",
    "practitioner_npi": "practitioner",
    "practice_npi": "practice",
    "birthdate_missing": "patient",
    "medicare_number_missing": "patient",
    "other_other_ccm": "other",
    "other_home_health": "other",
    "other_hospice": "other",
    "other_esrd": "other",
    "other_apcm": "other",
    "other_pcm": "other",
    "maybe_home_health": "other",
    "maybe_hospice": "other",
    "maybe_apcm": "other",
}

# Which entries each reason about time speaks of
ENTRIES = {
    "timer_running": [("state", "=", "running")],
    "timer_paused": [("state", "=", "paused")],
    "entries_to_review": [("to_review", "=", True)],
    "entries_to_describe": [("to_describe", "=", True)],
}


class CcmMonthBlocker(models.Model):
    _inherit = "ccm.month.blocker"

    # === FIELDS === #
    topic = fields.Selection(
        TOPICS, "What Is Missing", compute="_compute_topic", store=True, index=True
    )
    partner_id = fields.Many2one(related="month_id.partner_id")
    month_state = fields.Selection(related="month_id.state", string="Month's State")
    codes = fields.Char(related="month_id.codes")
    currency_id = fields.Many2one(related="month_id.currency_id")
    amount_total = fields.Monetary(
        "Held Back",
        related="month_id.amount_total",
        groups=MONEY,
    )

    # === COMPUTE === #
    @api.depends("code")
    def _compute_topic(self):
        for record in self:
            record.topic = TOPIC_OF.get(record.code)

    # === ACTIONS === #
    def action_mend(self):
        """Open the place where this is mended."""
        self.ensure_one()
        self.check_access("read")
        return getattr(self, f"_mend_{self.topic}")()

    def action_view_month(self):
        """Open the patient's month that this holds back."""
        self.ensure_one()
        return self._form(self.month_id, "ccm_module.ccm_month_view_form")

    # === HELPERS === #
    def _of_patient(self, model, name, *domain, by_id=False):
        """Return an action for the patient's records of ``model``; a single one is opened itself."""
        partner = self.partner_id
        domain = [
            ("partner_id", "=", partner.id),
            ("company_id", "=", self.company_id.id),
            *domain,
        ]
        found = self.env[model].search(domain, limit=2)
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"default_partner_id": partner.id},
        }
        if len(found) == 1 and by_id:
            action.update(res_id=found.id, views=[(False, "form")])
        return action

    def _form(self, record, view="base.view_partner_form"):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(self.env.ref(view).id, "form")],
        }

    def _mend_enrollment(self):
        return self._of_patient("ccm.enrollment", self.env._("Enrollment"))

    def _mend_consent(self):
        if self.env["ccm.consent"].has_access("create"):
            return self.env["ccm.consent.guide"]._open(self.partner_id, self.company_id)
        return self._of_patient("ccm.consent", self.env._("Consents"))

    def _mend_conditions(self):
        return self._of_patient("ccm.condition", self.env._("Conditions"))

    def _mend_visit(self):
        return self._of_patient("ccm.visit", self.env._("Visits"))

    def _mend_plan(self):
        return self._of_patient("ccm.care.plan", self.env._("Care Plans"), by_id=True)

    def _mend_time(self):
        _start, stop = months.bounds(self.month_id.month, self.company_id._ccm_zone())
        return self._of_patient(
            "ccm.activity",
            self.env._("Time"),
            ("start", "<", datetime.fromtimestamp(stop, UTC).replace(tzinfo=None)),
            *ENTRIES[self.code],
            by_id=True,
        )

    def _mend_mdm(self):
        return self._form(self.month_id, "ccm_module.ccm_month_view_form")

    def _mend_fees(self):
        if not self.env["ccm.fee.schedule"].has_access("read"):
            raise UserError(
                self.env._("Fees and prices are the biller's: tell the biller that one is missing.")
            )
        return self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_fee_schedule_action")

    def _mend_other(self):
        return self._of_patient("ccm.other.service", self.env._("Other Care"), by_id=True)

    def _mend_practitioner(self):
        return self._form(self.month_id.practitioner_id)

    def _mend_practice(self):
        if self.env.user.has_group("base.group_system"):
            return self.env["ir.actions.act_window"]._for_xml_id(
                "ccm_module.res_config_settings_action"
            )
        return self._form(self.company_id.partner_id)

    def _mend_patient(self):
        return self.partner_id._ccm_open_form()
