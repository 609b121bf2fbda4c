"""A month of a practice in Chromium, from the first form to the posted invoice.

The browser's clock is the real one, the server's is set for each part. So the story is told of
last month, whatever month that is: nothing that the browser shows lies in its future.
"""

from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import CcmCommon

MORNING_IN_NEW_YORK = timedelta(hours=15)  # UTC


@tagged("post_install", "-at_install")
class TestTours(CcmCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.nurse | cls.doctor | cls.biller | cls.manager | cls.env.ref("base.user_admin")
        people.tz = cls.company.ccm_tz
        if "odoobot_state" in people._fields:
            people.odoobot_state = "disabled"  # its first chat covers a phone's screen
        cls.this_month = fields.Datetime.now().replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        # Medicare's amounts of a coming year may not be known yet; the story needs some.
        schedule = cls.env["ccm.fee.schedule"].search([], order="date_from desc", limit=1)
        if schedule.date_to and schedule.date_to < cls.this_month.date():
            schedule.date_to = cls.this_month

    def moment(self, months_ago, day):
        """Return a morning in the practice: of that day, so many months before this one."""
        return (
            self.this_month
            - relativedelta(months=months_ago)
            + timedelta(days=day - 1)
            + MORNING_IN_NEW_YORK
        )

    def walk(self, moment, tour, login):
        """Let ``login`` take a tour at ``moment``; time goes on from there."""
        with freeze_time(moment, tick=True):
            self.start_tour("/odoo", tour, login=login)
        self.env.invalidate_all()

    def test_a_month_in_a_practice(self):
        self.company.ccm_close_day = 3
        self.company.ccm_invoice_state = "draft"
        payer = self.env["res.partner"].create({"name": "Medicare Part B", "is_company": True})

        # The month before last: Rosa joins, the nurse writes her plan, the doctor approves it.
        self.walk(self.moment(2, 26), "ccm_enroll_tour", "ccm_nurse")
        rosa = self.env["res.partner"].search([("name", "=", "Rosa Alvarez")])
        self.assertEqual(rosa.ccm_practitioner_id, self.practitioner)
        self.walk(self.moment(2, 27), "ccm_plan_tour", "ccm_nurse")
        self.walk(self.moment(2, 28), "ccm_approve_tour", "ccm_doctor")
        plan = rosa.ccm_care_plan_ids
        self.assertEqual((plan.state, plan.approved_by_id), ("approved", self.doctor))

        # Last month: a call of 25 minutes, and time by hand.
        call = self.moment(1, 6)
        self.walk(call, "ccm_call_tour", "ccm_nurse")
        timer = rosa.ccm_activity_ids
        self.assertEqual(timer.state, "running", "a closed browser does not stop the timer")
        self.walk(timer.start + timedelta(minutes=25), "ccm_log_tour", "ccm_nurse")
        month = self.env["ccm.month"].search(
            [("partner_id", "=", rosa.id), ("month", "=", call.date().replace(day=1))]
        )
        self.assertEqual(month.state, "open")

        # This month: the night decides last month, and the biller bills it before the close day.
        with freeze_time(self.moment(0, 1)):
            self.env.ref("ccm_module.ir_cron_close_month").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(month.state, "ready", month.reason)
        self.walk(self.moment(0, 2), "ccm_bill_tour", "ccm_biller")
        self.assertEqual(month.state, "invoiced")
        self.assertRecordValues(
            month.move_id,
            [{"state": "posted", "partner_id": payer.id, "ccm_patient_id": rosa.id}],
        )

    def test_the_manager_sets_up(self):
        self.start_tour("/odoo", "ccm_checklist_tour", login="ccm_manager")

    def test_the_administrator_s_settings(self):
        self.env.ref("base.user_admin").group_ids += self.env.ref("ccm_module.group_ccm_manager")
        self.start_tour("/odoo/settings", "ccm_settings_tour", login="admin")

    def test_a_call_from_a_phone(self):
        rosa = self.make_ready_patient(
            day=self.moment(2, 26).date().isoformat(), name="Rosa Alvarez"
        )
        with patch.object(type(self), "browser_size", "375x667"):
            self.start_tour("/odoo/ccm-patients", "ccm_phone_tour", login="ccm_nurse")
        self.env.invalidate_all()
        self.assertEqual(rosa.ccm_activity_ids.note, "Called from the car")
