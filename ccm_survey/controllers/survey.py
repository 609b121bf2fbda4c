from odoo.fields import Domain
from odoo.http import request

from odoo.addons.survey.controllers.main import Survey


class CheckIn(Survey):
    """Two things that differ where a survey is a check-in."""

    def _check_validity(
        self, survey_sudo, answer_sudo, answer_token, ensure_token=True, check_partner=True
    ):
        # Surveys refuse whoever is logged in and is not the one invited. The care team asks a
        # patient on the phone, and enters what the patient says.
        if check_partner and answer_token and answer_sudo._ccm_may_enter(request.env.user):
            check_partner = False
        return super()._check_validity(
            survey_sudo,
            answer_sudo,
            answer_token,
            ensure_token=ensure_token,
            check_partner=check_partner,
        )

    def _get_results_page_user_input_domain(self, survey, **post):
        # this page asks as superuser, so that the rules on answers would not hold
        domain = super()._get_results_page_user_input_domain(survey, **post)
        if survey.survey_type != "ccm":
            return domain
        return domain & Domain("ccm_company_id", "in", request.env.user.company_ids.ids)
