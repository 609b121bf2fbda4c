from . import test_check_in, test_check_in_plan, test_check_in_rights, test_check_in_tours
