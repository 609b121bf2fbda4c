"""A practice in its first months with the first release: run by ``make`` in that release's ``odoo shell``.

Its demo practice, told to one fixed day: three months of care, all billed but the current one, with what the
demo leaves out: a scan, a consent revoked, and a timer that runs.
"""

import base64

from freezegun import freeze_time

from odoo.tools import convert_file

TODAY = "2026-06-18 15:00:00"
DEMO = ("ccm_practice_demo", "ccm_patient_demo", "ccm_care_demo")
PAPER = b"%PDF-1.4\n% A signed consent, as scanned\n%%EOF\n"

with freeze_time(TODAY):
    for name in DEMO:
        convert_file(env, "ccm_module", f"demo/{name}.xml", idref={}, mode="init", noupdate=True)
    env.ref("ccm_module.ir_cron_close_month").sudo().active = True
    env["ccm.month"]._cron_close_month()
    consents = env["ccm.consent"].search([("state", "=", "given")], order="id")
    draft = consents[0].copy({"practitioner_id": consents[-1].practitioner_id.id})
    draft.write({"scan": base64.b64encode(PAPER), "scan_filename": "consent.pdf"})
    nurse = env["res.users"].search([("login", "=", "nurse")])
    patient = env.ref("ccm_module.demo_patient_okonkwo")
    env["ccm.activity"].with_user(nurse).action_start_timer(patient.id)
    env.cr.commit()
