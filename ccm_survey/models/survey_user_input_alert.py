from markupsafe import Markup

from odoo import models


class SurveyUserInput(models.Model):
    """Answers that need a look reach the nurse the same day, once."""

    _inherit = "survey.user_input"

    # === HELPERS === #

    def _save_lines(self, question, answer, comment=None, overwrite_existing=True):
        before = self._ccm_red_flags()
        result = super()._save_lines(
            question, answer, comment=comment, overwrite_existing=overwrite_existing
        )
        # a red flag counts though the patient never comes to the end
        self._ccm_judge(is_worse=bool(self._ccm_red_flags() - before))
        return result

    def _mark_done(self):
        result = super()._mark_done()
        self._ccm_judge()
        return result

    def _ccm_judge(self, is_worse=False):
        """Ask the nurse to look, today, if the answers so far call for it.

        :param bool is_worse: there is a red flag that was not there before; whoever has looked at
            the answers has not seen it, and is asked again
        """
        kind = self.env.ref("ccm_survey.mail_activity_type_check_in").sudo()
        for check_in in self.sudo():
            if not check_in.ccm_company_id or check_in.test_entry:
                continue
            flag = check_in._ccm_find_flag()
            unseen = is_worse and bool(check_in.ccm_reviewed_at)
            if not flag or (flag == check_in.ccm_flag and check_in.ccm_alert_id and not unseen):
                continue
            values = {"ccm_flag": flag}
            if unseen:
                values.update(ccm_reviewed_by_id=False, ccm_reviewed_at=False)
            if unseen or not check_in.ccm_flag:
                alert = check_in.partner_id._ccm_ask_today(
                    kind, check_in.ccm_company_id, note=check_in._ccm_link()
                )
                values["ccm_alert_id"] = alert.id
            check_in.write(values)

    def _ccm_red_flags(self):
        """Return the choices made so far that are red flags."""
        chosen = self.sudo().user_input_line_ids.suggested_answer_id
        return chosen.filtered("ccm_red_flag")

    def _ccm_find_flag(self):
        """Return why the answers need a look: ``answer``, ``points`` when done, or False."""
        self.ensure_one()
        if any(self.user_input_line_ids.mapped("suggested_answer_id.ccm_red_flag")):
            return "answer"
        threshold = self.survey_id.ccm_threshold
        if self.state == "done" and threshold and self.ccm_points >= threshold:
            return "points"
        return False

    def _ccm_link(self):
        """Return a link to the answers, for those who may see them; it says nothing of them."""
        return Markup('<p><a href="/odoo/ccm-check-ins/%s">%s</a></p>') % (
            self.id,
            self.env._("Open the answers"),
        )
