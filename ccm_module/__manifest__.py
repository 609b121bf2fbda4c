{
    "name": "Chronic Care Management",
    "summary": "Log care between visits, close the month, bill Medicare CCM codes",
    "version": "19.0.1.0.0",
    "category": "Healthcare",
    "license": "LGPL-3",
    "author": "ccm_module contributors",
    "website": "https://github.com/ccm-module/ccm_module",
    "depends": ["account"],
    "data": [
        # security first, then data, views, reports, wizards, menus last
        "security/ccm_groups.xml",
        "security/ir.model.access.csv",
        "views/ccm_menus.xml",
    ],
    "demo": [],
    "assets": {},
    "application": True,
    "pre_init_hook": "pre_init_hook",
}
