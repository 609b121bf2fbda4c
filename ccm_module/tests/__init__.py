from . import test_billing_month_rules, test_billing_units
