from . import (
    test_activity,
    test_billing_month_rules,
    test_billing_units,
    test_care_plan,
    test_condition,
    test_consent,
    test_enrollment,
    test_identifiers,
    test_month,
    test_month_story,
    test_partner,
)
