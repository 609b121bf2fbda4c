{
    "name": "Chronic Care: Check-ins",
    "summary": "Questionnaires that patients answer, and red flags that reach the nurse the same day",
    "version": "19.0.1.0.0",
    "category": "Healthcare",
    "license": "LGPL-3",
    "author": "ccm_module contributors",
    "website": "https://github.com/ccm-module/ccm_module",
    "depends": ["ccm_module", "survey"],
    "auto_install": True,
}
