from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SurveySurvey(models.Model):
    """A survey of the type check-in: invited patients only, and its answers are health data."""

    _inherit = "survey.survey"

    # Without this addon nothing would keep the answers from every user of Surveys: they go with it.
    survey_type = fields.Selection(
        selection_add=[("ccm", "Chronic care check-in")], ondelete={"ccm": "cascade"}
    )
    ccm_threshold = fields.Integer(
        "Ask the Nurse From", help="From so many points on the nurse is asked to look. 0: never."
    )

    # === COMPUTE === #

    @api.depends("survey_type")
    @api.depends_context("uid")
    def _compute_allowed_survey_types(self):
        result = super()._compute_allowed_survey_types()
        if self.env.user.has_group("ccm_module.group_ccm_manager"):
            self.allowed_survey_types = [*(self.allowed_survey_types or []), "ccm"]
        return result

    # === CONSTRAINTS === #

    @api.constrains("survey_type", "access_mode", "users_login_required", "scoring_type")
    def _check_ccm(self):
        for survey in self.filtered(lambda s: s.survey_type == "ccm"):
            if survey.access_mode != "token":
                raise ValidationError(
                    self.env._(
                        "Access Mode: a check-in is for the patients invited; choose Invited people"
                        " only."
                    )
                )
            if survey.scoring_type != "no_scoring":
                raise ValidationError(
                    self.env._(
                        "Scoring: a check-in is no test, and tells the patient no score; choose No"
                        " scoring. Points are given with the answers."
                    )
                )

    # === CRUD === #

    def write(self, vals):
        if vals.get("survey_type", "ccm") != "ccm":
            self._refuse_other_type()
        return super().write(vals)

    def _refuse_other_type(self):
        """Keep a check-in one once it has answers: those of another survey more people may read."""
        ours = self.filtered(lambda survey: survey.survey_type == "ccm")
        answers = self.env["survey.user_input"].sudo()
        if answers.search_count([("survey_id", "in", ours.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "Survey Type: this questionnaire was sent to patients, so it stays a check-in."
                    " Duplicate it for another use."
                )
            )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if values.get("survey_type", self.env.context.get("default_survey_type")) == "ccm":
            proper = {"access_mode": "token", "scoring_type": "no_scoring", "lang_ids": False}
            proper |= {"questions_layout": "one_page", "users_can_go_back": True}
            values |= {name: value for name, value in proper.items() if name in fields}
        return values

    # === ACTIONS === #

    def action_ccm_test(self):
        """Open the questionnaire as a patient sees it; nobody's answers."""
        self.ensure_one()
        return {**self.action_test_survey(), "target": "new"}
