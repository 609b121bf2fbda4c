from odoo import fields, models


class SurveyQuestionAnswer(models.Model):
    _inherit = "survey.question.answer"

    ccm_points = fields.Integer("Points", help="More points: more reason to look.")
    ccm_red_flag = fields.Boolean(
        "Red Flag", help="This answer alone asks the nurse to look the same day."
    )
