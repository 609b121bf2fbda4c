"""A patient answers, and the nurse hears of it the same day where she should."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import CheckInCommon


@tagged("post_install", "-at_install")
class TestCheckIn(CheckInCommon):
    # --- stories --------------------------------------------------------------------------------

    def test_all_is_well(self):
        check_in = self.check_in()
        self.answer(check_in)
        self.assertRecordValues(
            check_in,
            [{"state": "done", "ccm_points": 0, "ccm_flag": False, "partner_id": self.ada.id}],
        )
        self.assertFalse(self.alerts())

    def test_a_red_flag(self):
        with freeze_time("2026-06-09 02:00"):  # 22:00 of the 8th in New York
            self.answer(self.check_in(), chest=2)
        self.assertRecordValues(
            self.alerts(), [{"user_id": self.nurse.id, "date_deadline": date(2026, 6, 8)}]
        )
        self.assertEqual(self.ada.ccm_check_in_ids.ccm_flag, "answer")

    def test_many_points(self):
        """Two answers that are no flags add up to the questionnaire's five points."""
        self.assertEqual(self.symptoms.ccm_threshold, 5)
        below = self.check_in()
        self.answer(below, breath=3, how=3)
        self.assertEqual((below.ccm_points, below.ccm_flag), (4, False))
        at = self.check_in()
        self.answer(at, breath=3, balance=2)
        self.assertEqual((at.ccm_points, at.ccm_flag), (5, "points"))
        self.assertEqual(self.alerts(), at.ccm_alert_id)

    def test_a_red_flag_before_the_end(self):
        """The patient marks the worst and closes the page: the nurse hears of it all the same."""
        check_in = self.check_in()
        check_in._mark_in_progress()
        question = self.env.ref("ccm_survey.question_symptoms_chest")
        check_in._save_lines(question, self.choice("chest", 3).id)
        self.assertTrue(self.alerts())
        check_in._mark_done()
        self.assertEqual(len(self.alerts()), 1, "once")

    def test_two_check_ins_are_one_call(self):
        first, second = self.check_in(), None
        self.answer(first, chest=2)
        second = self.check_in()
        self.answer(second, balance=3)
        self.assertEqual(first.ccm_alert_id, second.ccm_alert_id)
        for check_in in first | second:
            self.assertIn(f"/odoo/ccm-check-ins/{check_in.id}", self.alerts().note)

    def test_its_words_say_nothing(self):
        self.answer(self.check_in(), chest=3)
        text = f"{self.alerts().summary} {self.alerts().note} {self.alerts().display_name}"
        self.assertNotIn("chest", text.lower())
        self.assertNotIn("flag", text.lower())

    def test_review(self):
        first, second = self.check_in(), None
        self.answer(first, chest=2)
        second = self.check_in()
        self.answer(second, balance=3)
        alert = first.ccm_alert_id
        first.with_user(self.nurse).action_ccm_reviewed()
        self.assertTrue(alert.active, "the other one waits still")
        with freeze_time("2026-06-08 15:00"):
            second.with_user(self.nurse).action_ccm_reviewed()
        self.assertFalse(alert.active)
        self.assertEqual(second.ccm_reviewed_by_id, self.nurse)
        second.with_user(self.doctor).action_ccm_reviewed()
        self.assertEqual(second.ccm_reviewed_by_id, self.nurse, "the first look stays")

    def test_a_red_flag_after_the_review(self):
        """The nurse looks at the first page already; the second one marks something worse."""
        check_in = self.check_in()
        check_in._mark_in_progress()
        first = self.env.ref("ccm_survey.question_symptoms_chest")
        second = self.env.ref("ccm_survey.question_symptoms_balance")
        check_in._save_lines(first, self.choice("chest", 2).id)
        check_in.with_user(self.nurse).action_ccm_reviewed()
        self.assertFalse(self.alerts())
        check_in._save_lines(first, self.choice("chest", 2).id)
        self.assertFalse(self.alerts(), "she has seen that one")
        check_in._save_lines(second, self.choice("balance", 3).id)
        self.assertEqual(self.alerts(), check_in.ccm_alert_id)
        self.assertFalse(check_in.ccm_reviewed_at or check_in.ccm_reviewed_by_id)
        check_in._mark_done()
        self.assertEqual(len(self.alerts()), 1)

    def test_nothing_to_review_yet(self):
        with self.refused(UserError, "nothing to review"):
            self.check_in().with_user(self.nurse).action_ccm_reviewed()

    def test_whose_minutes_count(self):
        """The patient's answering is no time of ours; the nurse's look at it is."""
        with freeze_time("2026-06-08 14:00"):
            check_in = self.check_in()
            self.answer(check_in, chest=2)
        self.assertFalse(self.ada.ccm_activity_ids)
        with freeze_time("2026-06-08 15:00"):
            check_in.with_user(self.nurse).action_ccm_start_timer()
        with freeze_time("2026-06-08 15:04"):
            self.env["ccm.activity"].with_user(self.nurse).action_stop_timer()
            check_in.with_user(self.nurse).action_ccm_reviewed()
        self.assertRecordValues(
            self.ada.ccm_activity_ids, [{"user_id": self.nurse.id, "seconds": 240}]
        )

    # --- sending --------------------------------------------------------------------------------

    def wizard(self, patient=None, user=None):
        model = self.env["ccm.check.in.send"].with_user(user or self.nurse)
        return model.create({"partner_id": (patient or self.ada).id, "survey_id": self.symptoms.id})

    def test_by_mail(self):
        self.wizard().action_send()
        check_in = self.ada.ccm_check_in_ids
        mail = self.env["mail.mail"].search([("recipient_ids", "in", self.ada.ids)])
        self.assertIn(check_in.access_token, mail.body_html)
        self.assertEqual(mail.subject, f"A few questions from {self.company.name}")
        self.assertNotIn("chronic", f"{mail.subject} {mail.body_html}".lower())
        self.assertEqual(check_in.ccm_company_id, self.company)
        self.wizard().action_send()
        self.assertEqual(self.ada.ccm_check_in_ids, check_in, "the same link once more")

    def test_a_mailed_link_expires_though_the_nurse_asks_on_the_phone(self):
        self.wizard().action_send()
        check_in = self.ada.ccm_check_in_ids
        deadline = check_in.deadline
        self.assertTrue(deadline)
        self.wizard().action_ask()
        self.assertRecordValues(check_in, [{"deadline": deadline, "ccm_way": "phone"}])

    def test_without_an_address(self):
        self.ada.email = False
        with self.refused(UserError, "E-mail: the patient has none"):
            self.wizard().action_send()
        self.assertFalse(self.ada.ccm_check_in_ids)

    def test_in_the_patient_s_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.ada.lang = "es_ES"
        self.assertEqual(self.check_in().lang_id.code, "es_ES")

    def test_only_for_patients(self):
        contact = self.env["res.partner"].create({"name": "A supplier", "email": "s@example.com"})
        with self.refused(UserError, "for a Chronic Care patient"):
            self.wizard(contact).action_send()
        with self.refused(UserError, "for a Chronic Care patient"):
            self.symptoms.sudo()._create_answer(email="anybody@example.com")

    def test_invited_people_only(self):
        with self.refused(ValidationError, "Access Mode"):
            self.symptoms.access_mode = "public"
        with self.refused(ValidationError, "no test"):
            self.symptoms.scoring_type = "scoring_with_answers"

    def test_it_stays_a_check_in_once_somebody_answered(self):
        """With another type the answers would be open to every user of Surveys."""
        self.check_in()
        with self.refused(ValidationError, "stays a check-in"):
            self.symptoms.with_user(self.manager).survey_type = "survey"
        unused = self.symptoms.copy()
        unused.survey_type = "survey"
        self.assertEqual(unused.survey_type, "survey")

    def test_a_trial_run_is_nobody_s(self):
        trial = self.symptoms._create_answer(user=self.manager, test_entry=True)
        self.answer(trial, chest=3)
        self.assertFalse(self.manager.partner_id.activity_ids)
        self.assertFalse(trial.ccm_flag)

    def test_questionnaires_are_the_manager_s(self):
        survey = (
            self.env["survey.survey"]
            .with_user(self.manager)
            .with_context(default_survey_type="ccm")
            .create({"title": "Your garden", "ccm_threshold": 2})
        )
        self.assertRecordValues(
            survey,
            [
                {
                    "access_mode": "token",
                    "scoring_type": "no_scoring",
                    "questions_layout": "one_page",
                }
            ],
        )


@tagged("post_install", "-at_install")
class TestCheckInPage(CheckInCommon, HttpCase):
    def submit(self, check_in, **numbers):
        token = f"{self.symptoms.access_token}/{check_in.access_token}"
        self.make_jsonrpc_request(f"/survey/begin/{token}", {})
        answers = {
            str(question): str(choice) for question, choice in self.answers(**numbers).items()
        }
        return self.make_jsonrpc_request(f"/survey/submit/{token}", answers)

    def test_the_patient_answers(self):
        """By the link alone, as nobody who is logged in."""
        check_in = self.check_in()
        self.env.flush_all()
        page = self.url_open(check_in.get_start_url())
        self.assertIn("How you have been this week", page.text)
        self.submit(check_in, chest=2)
        self.env.invalidate_all()
        self.assertEqual(check_in.state, "done")
        self.assertEqual(check_in.ccm_way, "link")
        self.assertEqual(self.alerts().user_id, self.nurse)
        # a second try changes nothing
        self.submit(check_in)
        self.env.invalidate_all()
        self.assertEqual(check_in.ccm_flag, "answer")
        self.assertEqual(len(check_in.user_input_line_ids), 6)

    def test_the_nurse_enters_what_the_patient_says(self):
        wizard = (
            self.env["ccm.check.in.send"]
            .with_user(self.nurse)
            .create({"partner_id": self.ada.id, "survey_id": self.symptoms.id})
        )
        action = wizard.action_ask()
        check_in = self.ada.ccm_check_in_ids
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertIn(check_in.access_token, action["url"])
        self.authenticate("ccm_nurse", "ccm_nurse")
        self.submit(check_in, balance=3)
        self.env.invalidate_all()
        self.assertRecordValues(
            check_in,
            [{"state": "done", "ccm_way": "phone", "test_entry": False, "partner_id": self.ada.id}],
        )
        self.assertTrue(self.alerts())
        self.assertFalse(self.ada.ccm_activity_ids, "the call is time only once she logs it")

    def test_another_employee_may_not(self):
        check_in = self.check_in()
        self.authenticate("ccm_outsider", "ccm_outsider")
        self.submit(check_in, chest=2)
        self.env.invalidate_all()
        self.assertFalse(check_in.user_input_line_ids)

    def test_a_wrong_token(self):
        page = self.url_open(f"/survey/start/{self.symptoms.access_token}")
        self.assertNotIn("chest", page.text)
