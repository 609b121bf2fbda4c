"""Where what is missing from a month's bill is mended: one place for each reason."""

from datetime import UTC, datetime

from odoo import models
from odoo.exceptions import UserError

from ..billing import months

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
    "audit_early": "consent",
    "audit_notes": "time",
    "audit_copied": "time",
    "audit_overlap": "time",
    "audit_units": "time",
}

# Which entries each reason about time speaks of; any other speaks of all that count
ENTRIES = {
    "timer_running": [("state", "=", "running")],
    "timer_paused": [("state", "=", "paused")],
    "entries_to_review": [("to_review", "=", True)],
    "entries_to_describe": [("to_describe", "=", True)],
}


class CcmMendMixin(models.AbstractModel):
    """What is wrong with a patient's month, and the way to where it is mended.

    It has a ``month_id``, ``company_id`` and ``partner_id``, the ``code`` of the reason and its
    ``topic``.
    """

    _name = "ccm.mend.mixin"
    _description = "What is to be mended"

    # === ACTIONS === #
    def action_mend(self):
        """Open the place where this is mended."""
        self.ensure_one()
        self.check_access("read")
        if not self.topic:
            raise UserError(self.env._("Here is nothing to mend."))
        return getattr(self, f"_mend_{self.topic}")()

    def action_view_month(self):
        """Open the patient's month that this holds back."""
        self.ensure_one()
        self.check_access("read")
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
        start, stop = (
            datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
            for moment in months.bounds(self.month_id.month, self.company_id._ccm_zone())
        )
        counted = [("state", "=", "done"), ("stop", ">", start)]
        return self._of_patient(
            "ccm.activity",
            self.env._("Time"),
            ("start", "<", stop),
            *ENTRIES.get(self.code, counted),
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
