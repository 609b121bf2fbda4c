from . import (
    account_move_reversal,
    base_partner_merge,
    ccm_activity_share,
    ccm_activity_void,
    ccm_care_plan_copy,
    ccm_care_plan_start,
    ccm_consent_revoke,
    ccm_data_import,
    ccm_enrollment_close,
    ccm_month_cancel,
)
