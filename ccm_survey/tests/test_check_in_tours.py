"""In Chromium: what a patient marks on her phone, the nurse sees on her worklist."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import CheckInCommon


@tagged("post_install", "-at_install")
class TestCheckInTours(CheckInCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the browser has Odoo's own zone, and a call due today is due today in both
        cls.company.ccm_tz = "UTC"
        # the browser's clock is the real one, so the patient has to be enrolled by now
        begun = fields.Date.today() - timedelta(days=40)
        cls.ada = cls.make_ready_patient(begun.isoformat(), name="Bea Patient", ccm_mrn="MRN-2")
        cls.nurse.tz = cls.company.ccm_tz
        if "odoobot_state" in cls.nurse._fields:
            cls.nurse.odoobot_state = "disabled"

    def test_a_red_flag_reaches_the_nurse(self):
        self.env["ccm.month"]._refresh(fields.Date.today().replace(day=1), self.ada)
        check_in = self.check_in()
        self.start_tour(check_in.get_start_url(), "ccm_check_in_patient_tour")
        self.env.invalidate_all()
        self.assertEqual(check_in.ccm_flag, "answer")
        self.start_tour("/odoo/ccm-this-month", "ccm_check_in_nurse_tour", login="ccm_nurse")
        self.env.invalidate_all()
        self.assertEqual(check_in.ccm_reviewed_by_id, self.nurse)
        self.assertFalse(self.alerts())
