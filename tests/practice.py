"""The demo's practice in a database of a test's own, on one fixed day: billed months, and an open one."""

TODAY = "2026-06-18 15:00:00"

# A snippet for processes.run; its clock stands, as that of whatever follows in the same snippet.
TELL = f"""
from freezegun import freeze_time
from odoo.modules import Manifest
from odoo.tools import convert_file

frozen = freeze_time("{TODAY}").start()
for file in Manifest.for_addon("ccm_module")["demo"]:
    convert_file(env, "ccm_module", file, idref={{}}, mode="init", noupdate=True)
env["ccm.month"]._cron_close_month()
"""
