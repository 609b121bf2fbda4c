"""Audit packets of many months in the background: see README.md beside this file.

audit_packets.py DATABASE [PATIENTS [ENTRIES]]: fills the database, which must be fresh, bills last month
for so many patients with so many entries of time each, and has the packets made by the cron's own method.
"""

import resource
import sys
import time

import generate
from dateutil.relativedelta import relativedelta
from meter import peak_mb, reset_peak

from odoo import release
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

PATIENTS, ENTRIES = 100, 40
NOTE = "Called the patient; went through blood sugar, medicines and the next visit. "


def processor():
    """Return the processor time of this process and of those that it ran, in seconds."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, kinds))


def main(database, patients=PATIENTS, entries=ENTRIES):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        month = env.company._ccm_today().replace(day=1) - relativedelta(months=1)
        people = generate.fill_month(env, month, int(patients), int(entries))
        cr.execute("UPDATE ccm_activity SET note = repeat(%s, 1 + id %% 4)", [NOTE])
        months = env["ccm.month"]._refresh(month, people)
        months.action_invoice()
        manager = env.ref("base.user_admin")
        action = months.with_user(manager).action_make_packets()
        packet = env["ccm.audit.packet"].browse(action["res_id"])
        cr.commit()
        reset_peak()
        before = peak_mb()
        start, used = time.perf_counter(), processor()
        calls = 0
        while packet.state in ("waiting", "running"):
            # the scheduler takes the job from us after a while, and calls it again
            env.ref("ccm_module.ir_cron_audit_packet").method_direct_trigger()
            calls += 1
            cr.commit()
            env.invalidate_all()
            print(f"  {packet.done_count} made")
        taken, used = time.perf_counter() - start, processor() - used
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = sum(packet.file_ids.mapped("file_size")) / 1e6
        print(f"Odoo {release.version}, {packet.total_count} months of {entries} entries each")
        print(f"  made: {packet.done_count}, failed: {packet.failed_count}, state: {packet.state}")
        print(f"  {packet.page_count:,} pages, {size:.1f} MB in {len(packet.file_ids)} file(s)")
        print(
            f"  {taken:.0f} s, {taken / packet.total_count:.2f} s a month, {calls} runs of the job"
        )
        print(f"  processor: {used:.0f} s, of Odoo and wkhtmltopdf")
        print(f"  memory of Odoo: {before:.0f} MB before, {peak_mb():.0f} MB at most")
        print(f"  memory of wkhtmltopdf: {child:.0f} MB at most")
        return packet.done_count != int(patients)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
