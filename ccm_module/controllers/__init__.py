from . import ccm_close
