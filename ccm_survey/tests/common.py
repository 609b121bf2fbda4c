"""Patients who are asked how they are."""

from odoo.addons.ccm_module.tests.common import CcmCommon


class CheckInCommon(CcmCommon):
    """Ada is enrolled and has an address; ``symptoms`` is the questionnaire that comes along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.symptoms = cls.env.ref("ccm_survey.survey_symptoms")
        cls.ada = cls.make_ready_patient(email="ada@example.com")

    def check_in(self, patient=None, survey=None, **vals):
        """Return a check-in that waits for its answers."""
        patient = (patient or self.ada).sudo()
        return patient._ccm_new_check_in(survey or self.symptoms, self.company, **vals)

    def choice(self, question, number):
        return self.env.ref(f"ccm_survey.choice_symptoms_{question}_{number}")

    def answers(self, **numbers):
        """Return ``{question id: choice id}``; the first choice, which is the calm one, by default."""
        questions = ("how", "breath", "swelling", "chest", "balance")
        return {
            self.env.ref(f"ccm_survey.question_symptoms_{name}").id: self.choice(
                name, numbers.get(name, 1)
            ).id
            for name in questions
        }

    def answer(self, check_in, **numbers):
        """Answer all the questions, as the page does."""
        check_in._mark_in_progress()
        for question, choice in self.answers(**numbers).items():
            check_in._save_lines(self.env["survey.question"].browse(question), choice)
        check_in._mark_done()

    def alerts(self, patient=None):
        kind = self.env.ref("ccm_survey.mail_activity_type_check_in")
        return (patient or self.ada).activity_ids.filtered(lambda a: a.activity_type_id == kind)
