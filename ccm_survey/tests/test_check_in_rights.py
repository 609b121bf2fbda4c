"""Answers are health data: for the care team of the practice, and nobody else's."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CheckInCommon


@tagged("post_install", "-at_install")
class TestCheckInRights(CheckInCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pollster = new_test_user(cls.env, "pollster", groups="survey.group_survey_manager")
        cls.check_in_done = cls.ada.sudo()._ccm_new_check_in(cls.symptoms, cls.company)

    def setUp(self):
        super().setUp()
        self.answer(self.check_in_done, chest=2)

    def may_not(self, user, model, domain=()):
        records = self.env[model].with_user(user)
        try:
            found = records.search(list(domain))
        except AccessError:
            return True
        return not found

    def test_the_care_team_reads(self):
        for user in (self.nurse, self.doctor, self.manager):
            with self.subTest(user=user.login):
                mine = self.check_in_done.with_user(user)
                self.assertEqual(len(mine.user_input_line_ids), 5)
                self.assertIn("went away", mine.user_input_line_ids.mapped("ccm_answer")[3])
                self.assertTrue(self.ada.with_user(user).ccm_check_in_ids)

    def test_nobody_else_does(self):
        ours = [("survey_id", "=", self.symptoms.id)]
        for user in (self.pollster, self.biller, self.outsider):
            with self.subTest(user=user.login):
                self.assertTrue(self.may_not(user, "survey.user_input", ours))
                self.assertTrue(self.may_not(user, "survey.user_input.line", ours))
                with self.refused(AccessError):
                    self.check_in_done.with_user(user).read(["ccm_points"])
                with self.refused(AccessError):
                    self.ada.with_user(user).read(["ccm_check_in_ids"])

    def test_other_surveys_stay_as_they_are(self):
        survey = self.env["survey.survey"].create({"title": "Our coffee"})
        reply = survey._create_answer(email="guest@example.com")
        self.assertTrue(reply.with_user(self.pollster).read(["email"]))
        with self.refused(AccessError):
            reply.with_user(self.nurse).read(["email"])
        with self.refused(AccessError):
            survey.with_user(self.nurse).read(["title"])

    def test_nobody_rewrites_answers(self):
        for user in (self.nurse, self.manager, self.pollster):
            with self.subTest(user=user.login):
                with self.refused(AccessError):
                    self.check_in_done.with_user(user).write({"ccm_flag": False})
                with self.refused(AccessError):
                    self.check_in_done.with_user(user).user_input_line_ids.unlink()
        with self.refused(AccessError):
            self.symptoms.with_user(self.nurse).ccm_threshold = 100

    def test_calls_check_the_caller(self):
        for user in (self.biller, self.outsider, self.pollster):
            with self.subTest(user=user.login):
                with self.refused(AccessError):
                    self.check_in_done.with_user(user).action_ccm_reviewed()
                with self.refused(AccessError):
                    self.check_in_done.with_user(user).action_ccm_ask()

    def test_practices_do_not_see_each_other_s(self):
        other = self.env["res.company"].create({"name": "Another practice"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="ccm_module.group_ccm_user,survey.group_survey_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        ours = [("survey_id", "=", self.symptoms.id)]
        self.assertTrue(self.may_not(stranger, "survey.user_input", ours))
        self.assertTrue(self.may_not(stranger, "survey.user_input.line", ours))

    def test_the_page_of_results(self):
        """It asks as superuser, and must not show what the rules hide."""
        words = "Only I know this"
        self.env["survey.user_input.line"].create(
            {
                "user_input_id": self.check_in_done.id,
                "question_id": self.env.ref("ccm_survey.question_symptoms_more").id,
                "answer_type": "text_box",
                "value_text_box": words,
            }
        )
        other = self.env["res.company"].create({"name": "Another practice"})
        new_test_user(
            self.env,
            "stranger",
            groups="ccm_module.group_ccm_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        url = f"/survey/results/{self.symptoms.id}"
        for login in ("pollster", "stranger", "ccm_outsider"):
            with self.subTest(login=login):
                self.authenticate(login, login)
                self.assertNotIn(words, self.url_open(url).text)
        self.authenticate("ccm_nurse", "ccm_nurse")
        self.assertIn(words, self.url_open(url).text)
