"""How the demo's patients like to be called, whom nobody reached this month, and the next calls."""

from datetime import timedelta

from odoo import models

# Patient: best time, hint
CALL_TIMES = {
    "okonkwo": ("morning", "Let it ring: she walks with a frame"),
    "nguyen": ("afternoon", "Speaks English with her daughter on the line"),
    "delgado": ("evening", False),
    "thibodeaux": ("morning", False),
    "marroquin": ("noon", "Not on Fridays"),
}
# Patient: caregiver, relation, phone
CAREGIVERS = {
    "nguyen": ("Nguyễn Thị Mai", "child", "+1 614-555-0171"),
    "lindqvist": ("Karin Lindqvist", "spouse", "+1 614-555-0172"),
}
# Who, patient, days before today, outcome
ATTEMPTS = (
    ("okafor", "thibodeaux", 4, "no_answer"),
    ("okafor", "thibodeaux", 2, "left_message"),
    ("brandt", "kowalczyk", 3, "left_message"),
    ("okafor", "marroquin", 1, "no_answer"),
)
# Patient: days from today to the next call
NEXT_CALLS = {"thibodeaux": 0, "okonkwo": 1, "lindqvist": 0, "kowalczyk": 0, "marroquin": 2}


class CcmDemo(models.AbstractModel):
    _inherit = "ccm.demo"

    def _plan_calls(self, agenda):
        for name, (best, hint) in CALL_TIMES.items():
            self._ref("patient", name).write({"ccm_call_time": best, "ccm_call_note": hint})
        for name, (caregiver, relation, phone) in CAREGIVERS.items():
            contact = self.env["res.partner"].create({"name": caregiver, "phone": phone})
            self._ref("patient", name).write(
                {"ccm_caregiver_id": contact.id, "ccm_caregiver_relation": relation}
            )
        self.env["ccm.activity"].create(
            [values for attempt in ATTEMPTS for values in self._attempt_values(agenda, *attempt)]
        )
        for name, days in NEXT_CALLS.items():
            day = agenda.today + timedelta(days=days)
            self._ref("patient", name)._ccm_schedule_call(day)
        self.env["ccm.cover"].create(
            {
                "user_id": self._ref("user", "brandt").id,
                "cover_id": self._ref("user", "okafor").id,
                "date_from": agenda.today + timedelta(days=14),
                "date_to": agenda.today + timedelta(days=18),
            }
        )

    def _attempt_values(self, agenda, who, name, back, outcome):
        day = agenda.today - timedelta(days=back)
        start = day.weekday() < 5 and agenda.book([who], day, [0])
        if not start or day < agenda.month(0):
            return []
        return [
            {
                "partner_id": self._ref("patient", name).id,
                "company_id": self.env.company.id,
                "user_id": self._ref("user", who).id,
                "type_id": self._type("attempt").id,
                "start": start,
                "stop": start,
                "outcome": outcome,
                "source": "manual",
                "reason": "An attempt, logged without time",
            }
        ]
