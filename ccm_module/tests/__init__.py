from importlib.util import find_spec

from . import (
    test_account_move,
    test_activity,
    test_billing_month_rules,
    test_billing_units,
    test_care_plan,
    test_condition,
    test_consent,
    test_data_import,
    test_demo,
    test_diagnosis,
    test_enrollment,
    test_fees,
    test_identifiers,
    test_month,
    test_month_close,
    test_month_story,
    test_partner,
    test_setup_step,
    test_tours,
)

# Not every Odoo that runs an addon's tests has hypothesis; pytest finds the file without this line.
if find_spec("hypothesis"):
    from . import test_billing_properties
