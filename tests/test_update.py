"""An update of the addon keeps what the practice changed."""

import subprocess

from processes import ROOT, run, scratch_database

EDIT = """
code = env.ref("ccm_module.service_code_99439")
code.max_units = 1
env.ref("ccm_module.product_99490").name = "Our own words"
env.ref("ccm_module.ccm_activity_type_call").write({"name": "Call", "counts": False})
env["ccm.diagnosis"].search([("code", "=", "F32.A")]).write({"chronicity": "chronic"})
env["ccm.consent.text"].search([], limit=1).active = False
schedule = env["ccm.fee.schedule"].search([], limit=1)
schedule.conversion_factor = 40
env.ref("ccm_module.ir_cron_close_month").active = False
env.ref("ccm_module.rule_ccm_month_company").active = False
"""

LOOK = """
result = {
    "units": env.ref("ccm_module.service_code_99439").max_units,
    "product": env.ref("ccm_module.product_99490").name,
    "call": env.ref("ccm_module.ccm_activity_type_call").read(["name", "counts"])[0],
    "F32.A": env["ccm.diagnosis"].search([("code", "=", "F32.A")]).chronicity,
    "texts": env["ccm.consent.text"].with_context(active_test=False).search([]).mapped("active"),
    "factors": sorted(env["ccm.fee.schedule"].search([]).mapped("conversion_factor")),
    "cron": env.ref("ccm_module.ir_cron_close_month").active,
    "rule": env.ref("ccm_module.rule_ccm_month_company").active,
    "diagnoses": env["ccm.diagnosis"].search_count([]),
    "codes": env["ccm.service.code"].search_count([]),
}
"""


def test_update_keeps_the_practice_s_edits():
    with scratch_database() as db:
        shipped = run(db, LOOK).result
        run(db, EDIT)
        edited = run(db, LOOK).result
        assert all(
            edited[key] != shipped[key] for key in shipped if key not in ("diagnoses", "codes")
        )
        subprocess.run(
            [
                ROOT / "dev/odoo",
                *("-d", db, "-u", "ccm_module", "--stop-after-init", "--no-http"),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        assert run(db, LOOK).result == edited
