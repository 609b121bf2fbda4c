from . import ccm_demo, ccm_demo_calls, ccm_demo_months, ccm_demo_readings
