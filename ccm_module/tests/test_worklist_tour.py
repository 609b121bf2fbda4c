"""The worklist in Chromium."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestWorklistTour(CcmCommon, HttpCase):
    def test_a_coordinator_s_morning(self):
        people = self.nurse | self.env.ref("base.user_admin")
        people.tz = self.company.ccm_tz
        if "odoobot_state" in people._fields:
            people.odoobot_state = "disabled"
        today = self.company._ccm_today()
        rosa = self.make_ready_patient(day=today.replace(day=1).isoformat(), name="Rosa Alvarez")
        sam = self.make_ready_patient(
            day=today.replace(day=1).isoformat(), name="Sam Wu", ccm_mrn="MRN-2"
        )
        month = (
            self.env["ccm.month"]
            ._refresh(today, rosa | sam)
            .filtered(lambda m: m.partner_id == rosa)
        )
        # Ten minutes further than Sam, whatever hour of the month it is
        month.write({"work_rank": month.work_rank + 5})
        self.start_tour("/odoo", "ccm_worklist_tour", login="ccm_nurse")
        self.env.invalidate_all()
        self.assertRecordValues(
            rosa.ccm_activity_ids, [{"outcome": "no_answer", "seconds": 0, "counts": False}]
        )
        self.assertEqual(sam.ccm_activity_ids.mapped("state"), ["running"])
        call = self.env["mail.activity"].search(rosa._ccm_call_domain())
        self.assertGreater(call.date_deadline, fields.Date.to_date(today))
