from . import (
    ccm_check_in_plan,
    ccm_patient_data,
    res_partner,
    survey_question,
    survey_survey,
    survey_user_input,
    survey_user_input_alert,
    survey_user_input_line,
)
