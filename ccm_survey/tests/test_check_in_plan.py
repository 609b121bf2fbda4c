"""A check-in every few weeks, for those who wish it."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import CheckInCommon


@tagged("post_install", "-at_install")
class TestCheckInPlan(CheckInCommon):
    def plan(self, moment="2026-06-08 14:00", **vals):
        with freeze_time(moment):
            return (
                self.env["ccm.check.in.plan"]
                .with_user(self.nurse)
                .create({"partner_id": self.ada.id, "survey_id": self.symptoms.id, **vals})
            )

    def run_cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("ccm_survey.ir_cron_send_check_ins").method_direct_trigger()
        self.env.invalidate_all()

    def mails(self):
        return self.env["mail.mail"].search([("recipient_ids", "in", self.ada.ids)])

    def test_every_two_weeks(self):
        plan = self.plan(weeks=2)
        self.run_cron("2026-06-08 15:00")
        self.assertEqual(len(self.mails()), 1)
        self.assertEqual(plan.next_date, date(2026, 6, 22))
        self.run_cron("2026-06-08 16:00")
        self.assertEqual(len(self.mails()), 1, "once a day is enough")
        self.answer(self.ada.ccm_check_in_ids)
        self.run_cron("2026-06-22 15:00")
        self.assertEqual(len(self.ada.ccm_check_in_ids), 2)

    def test_the_day_is_the_practice_s(self):
        self.plan(next_date="2026-06-10")
        self.run_cron("2026-06-10 03:00")  # 23:00 of the 9th in New York
        self.assertFalse(self.mails())
        self.run_cron("2026-06-10 05:00")
        self.assertTrue(self.mails())

    def test_after_weeks_without_a_run(self):
        plan = self.plan(weeks=1)
        self.run_cron("2026-07-01 15:00")
        self.assertEqual(len(self.mails()), 1, "one, and not one for each week")
        self.assertEqual(plan.next_date, date(2026, 7, 6))

    def test_not_to_who_has_left(self):
        self.plan()
        reason = self.env.ref("ccm_module.ccm_enrollment_reason_moved")
        with freeze_time("2026-06-08 16:00"):
            self.ada.ccm_enrollment_id.write(
                {"state": "ended", "date_end": "2026-06-08", "reason_id": reason.id}
            )
        self.run_cron("2026-06-09 15:00")
        self.assertFalse(self.mails())

    def test_not_without_an_address(self):
        self.plan()
        self.ada.email = False
        self.run_cron("2026-06-09 15:00")
        self.assertFalse(self.ada.ccm_check_in_ids)

    def test_one_that_breaks_keeps_nobody_from_theirs(self):
        ben = self.make_ready_patient(name="Ben", ccm_mrn="B", email="ben@example.com")
        broken, plan = self.plan(), self.plan(partner_id=ben.id)
        send = type(plan)._send

        def explode(self):
            if self == broken:
                raise KeyError("Ada's answers")
            return send(self)

        self.patch(type(plan), "_send", explode)
        with self.assertLogs("odoo.addons.ccm_module.models.ccm_batch", "ERROR") as log:
            self.run_cron("2026-06-08 15:00")
        self.assertEqual((broken.next_date, plan.next_date), (date(2026, 6, 8), date(2026, 7, 6)))
        self.assertIn(f"{broken.id}", log.output[0])
        self.assertNotIn("Ada", log.output[0])

    def test_bad_values(self):
        with self.refused(ValidationError, "gets it already"):
            self.plan()
            self.plan()
        with self.refused(ValidationError, "Agreed On"):
            self.plan(agreed_on="2026-06-09")
        self.ada.email = False
        with self.refused(ValidationError, "E-mail: the patient has none"):
            self.plan()
        other = self.env["survey.survey"].create({"title": "Our coffee"})
        self.ada.email = "ada@example.com"
        with self.refused(ValidationError, "Questionnaire: choose"):
            self.plan(survey_id=other.id)
        with self.refused(ValidationError, "from 1 to 52"):
            self.plan(weeks=0)

    def test_for_the_care_team(self):
        plan = self.plan()
        for user in (self.biller, self.outsider):
            with self.subTest(user=user.login), self.refused(AccessError):
                plan.with_user(user).read(["weeks"])
