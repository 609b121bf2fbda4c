from odoo import api, fields, models
from odoo.exceptions import UserError

# Answers are for whoever cares, and for whoever checks.
READERS = "ccm_module.group_ccm_user,ccm_module.group_ccm_auditor"


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #
    ccm_check_in_ids = fields.One2many(
        "survey.user_input",
        "partner_id",
        "Check-ins",
        domain=[("ccm_company_id", "!=", False), ("test_entry", "=", False)],
        groups=READERS,
    )
    ccm_check_in_plan_ids = fields.One2many(
        "ccm.check.in.plan", "partner_id", "Check-in Schedule", groups=READERS
    )
    ccm_check_in_to_review = fields.Integer(
        "Check-ins to Look At", compute="_compute_ccm_check_in_to_review", groups=READERS
    )

    # === COMPUTE === #

    @api.depends("ccm_check_in_ids.ccm_flag", "ccm_check_in_ids.ccm_reviewed_at")
    def _compute_ccm_check_in_to_review(self):
        counts = dict(
            self.env["survey.user_input"]._read_group(
                [
                    ("partner_id", "in", self.ids),
                    ("ccm_flag", "!=", False),
                    ("ccm_reviewed_at", "=", False),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.ccm_check_in_to_review = counts.get(partner._origin, 0)

    # === ACTIONS === #

    def action_ccm_check_in(self):
        """Ask which questionnaire, and how."""
        self.ensure_one()
        self._ccm_check("ccm.check.in.send", "create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check-in"),
            "res_model": "ccm.check.in.send",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    # === HELPERS === #

    def _ccm_practice(self):
        """Return the practice that cares for the patient, as far as the current user works there."""
        self.ensure_one()
        active = self.sudo().ccm_enrollment_ids.filtered(lambda e: e.state == "active").company_id
        return (active & self.env.companies)[:1] or self.env.company

    def _ccm_new_check_in(self, survey, company, deadline=False, way="link"):
        """Return an open check-in of the patient: the one not yet answered, else a new one.

        To be called by those who may, as superuser; ``survey`` is one of the type check-in.
        """
        self.ensure_one()
        if survey.survey_type != "ccm":
            raise UserError(self.env._("Questionnaire: choose one that is a check-in."))
        open_one = self.env["survey.user_input"].search(
            [
                ("survey_id", "=", survey.id),
                ("partner_id", "=", self.id),
                ("ccm_company_id", "=", company.id),
                ("test_entry", "=", False),
                ("state", "!=", "done"),
                "|",
                ("deadline", "=", False),
                ("deadline", ">", fields.Datetime.now()),
            ],
            limit=1,
        )
        if open_one:
            # a link that was sent still expires when the nurse asks on the phone
            open_one.write({"deadline": deadline or open_one.deadline, "ccm_way": way})
            return open_one
        return survey._create_answer(
            partner=self,
            check_attempts=False,
            deadline=deadline,
            ccm_company_id=company.id,
            ccm_way=way,
        )

    def _ccm_mail_check_in(self, check_in):
        """Send the patient the link to a check-in, by the invitation of Surveys."""
        self.ensure_one()
        template = self.env.ref("ccm_survey.mail_template_check_in")
        invite = self.env["survey.invite"].with_context(lang=self.lang or self.env.lang)
        invite.create(
            {
                "survey_id": check_in.survey_id.id,
                "partner_ids": [fields.Command.set(self.ids)],
                "template_id": template.id,
            }
        )._send_mail(check_in)
