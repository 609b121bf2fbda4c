from . import ccm_check_in_send
