from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SurveyUserInput(models.Model):
    """A check-in: what one patient answered, in one practice."""

    _inherit = "survey.user_input"

    # === FIELDS === #
    survey_type = fields.Selection(related="survey_id.survey_type")
    ccm_company_id = fields.Many2one("res.company", "Practice", readonly=True, index=True)
    ccm_way = fields.Selection(
        [("link", "By the patient"), ("phone", "On the phone")],
        "Answered",
        readonly=True,
    )
    ccm_points = fields.Integer("Points", compute="_compute_ccm_points", store=True)
    ccm_flag = fields.Selection(
        [("answer", "Red flag"), ("points", "Many points")], "Needs a Look", readonly=True
    )
    ccm_alert_id = fields.Many2one("mail.activity", readonly=True, copy=False)
    ccm_reviewed_by_id = fields.Many2one("res.users", "Reviewed By", readonly=True, copy=False)
    ccm_reviewed_at = fields.Datetime("Reviewed", readonly=True, copy=False)

    # === COMPUTE === #

    @api.depends("user_input_line_ids.suggested_answer_id")
    def _compute_ccm_points(self):
        for check_in in self:
            lines = check_in.user_input_line_ids
            check_in.ccm_points = sum(lines.mapped("suggested_answer_id.ccm_points"))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._ccm_with_patient(vals) for vals in vals_list])

    def _ccm_with_patient(self, vals):
        """Return the values of a check-in with its practice and the patient's language."""
        survey = self.env["survey.survey"].sudo().browse(vals.get("survey_id"))
        if survey.survey_type != "ccm" or vals.get("test_entry"):
            return vals
        patient = self.env["res.partner"].sudo().browse(vals.get("partner_id"))
        if not patient.is_ccm_patient:
            raise UserError(
                self.env._(
                    "A check-in is for a Chronic Care patient: send it from the patient's form."
                )
            )
        company = vals.get("ccm_company_id") or patient._ccm_practice().id
        lang = self.env["res.lang"]._lang_get(patient.lang)
        supported = survey._get_supported_lang_codes()
        known = {"lang_id": lang.id} if lang.code in supported else {}
        return {"ccm_way": "link", **known, **vals, "ccm_company_id": company}

    # === ACTIONS === #

    def action_ccm_open(self):
        """Open the answers."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref("ccm_survey.survey_user_input_view_form").id, "form")],
        }

    def action_ccm_ask(self):
        """Open the questions, to enter what the patient says on the phone."""
        self.ensure_one()
        self._ccm_check_care_team()
        if self.state == "done":
            raise UserError(self.env._("This check-in is answered already."))
        self.sudo().ccm_way = "phone"
        return {**self.survey_id.sudo().action_start_survey(answer=self.sudo()), "target": "new"}

    def action_ccm_start_timer(self):
        """Start the nurse's timer: her look at the answers is time, the patient's answering is not."""
        self.ensure_one()
        return self.partner_id.action_ccm_start_timer()

    def action_ccm_reviewed(self):
        """Record that the current user looked at the answers, and close what asked for it."""
        self._ccm_check_care_team()
        if any(check_in.state != "done" and not check_in.ccm_flag for check_in in self):
            raise UserError(self.env._("There is nothing to review before it is answered."))
        # sudo: the rights are checked above, and answers are closed to writing
        todo = self.sudo().filtered(lambda check_in: not check_in.ccm_reviewed_at)
        todo.write({"ccm_reviewed_by_id": self.env.uid, "ccm_reviewed_at": fields.Datetime.now()})
        for alert in todo.ccm_alert_id.filtered("active"):
            others = todo.search([("ccm_alert_id", "=", alert.id), ("ccm_reviewed_at", "=", False)])
            if not others:
                alert.with_user(self.env.user).sudo().action_feedback()

    # === HELPERS === #

    def _ccm_check_care_team(self):
        self.check_access("read")
        if not self.env.user.has_group("ccm_module.group_ccm_user"):
            raise AccessError(self.env._("This is for the care team."))

    def _ccm_may_enter(self, user):
        """Tell whether ``user`` may enter this patient's answers."""
        return (
            len(self) == 1
            and self.survey_id.survey_type == "ccm"
            and user.has_group("ccm_module.group_ccm_user")
            and self.with_user(user).has_access("read")
        )
