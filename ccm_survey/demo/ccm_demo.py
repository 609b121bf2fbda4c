"""Check-ins of the demo practice's patients."""

from odoo import api, models

# Patient, questionnaire, and the number of the choice for each question; words for an open one.
ANSWERS = (
    ("okonkwo", "symptoms", {"how": 2, "breath": 1, "swelling": 1, "chest": 1, "balance": 1}),
    (
        "thibodeaux",
        "symptoms",
        {
            "how": 3,
            "breath": 2,
            "swelling": 3,
            "chest": 1,
            "balance": 1,
            "more": "My shoes do not fit since Sunday.",
        },
    ),
)


class CcmDemo(models.AbstractModel):
    _inherit = "ccm.demo"

    @api.model
    def _load_check_ins(self):
        """Record the answers, once, where the demo practice is there."""
        first = self.env.ref(f"ccm_module.demo_patient_{ANSWERS[0][0]}", raise_if_not_found=False)
        if not first or first.sudo().ccm_check_in_ids:
            return
        for name, key, answers in ANSWERS:
            patient = self._ref("patient", name).sudo()
            survey = self.env.ref(f"ccm_survey.survey_{key}").sudo()
            check_in = patient._ccm_new_check_in(survey, patient._ccm_practice())
            check_in._mark_in_progress()
            for question, answer in answers.items():
                self._answer(check_in, f"{key}_{question}", answer)
            check_in._mark_done()

    def _answer(self, check_in, question, answer):
        if isinstance(answer, int):
            answer = self.env.ref(f"ccm_survey.choice_{question}_{answer}").id
        check_in._save_lines(self.env.ref(f"ccm_survey.question_{question}").sudo(), answer)
