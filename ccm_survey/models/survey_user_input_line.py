from odoo import api, fields, models


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    ccm_answer = fields.Text("Answer", compute="_compute_ccm_answer")
    ccm_points = fields.Integer(related="suggested_answer_id.ccm_points")
    ccm_red_flag = fields.Boolean(related="suggested_answer_id.ccm_red_flag")
    ccm_red_flag_name = fields.Char("Marked", compute="_compute_ccm_answer")

    @api.depends("display_name", "value_text_box", "ccm_red_flag")
    def _compute_ccm_answer(self):
        """Compute the whole answer: what Surveys shows of a long one is cut short."""
        for line in self:
            line.ccm_answer = line.value_text_box or ("" if line.skipped else line.display_name)
            line.ccm_red_flag_name = line.ccm_red_flag and self.env._("Red flag")
