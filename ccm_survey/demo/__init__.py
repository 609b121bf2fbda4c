from . import ccm_demo
