"""Audit packets when the power goes: what is made stays made, and the next run makes the rest."""

from practice import TELL
from processes import run, scratch_database, start

ASK = f"""
{TELL}
months = env["ccm.month"].search([("state", "=", "invoiced")], limit=7)
months.with_user(env.ref("base.user_admin")).action_make_packets()
"""

# Two batches are committed; the third is made, and lost.
HALF_WAY = """
import time

from odoo.addons.ccm_module.models import ccm_audit_packet_make as make

make.BATCH = 2
batch, made = make.CcmAuditPacket._make_batch, []


def slow(self):
    made.append(batch(self))
    if len(made) == 3:
        say("half way")
        time.sleep(120)
    return made[-1]


make.CcmAuditPacket._make_batch = slow
env.ref("ccm_module.ir_cron_audit_packet").method_direct_trigger()
"""

STAND = """
packet = env["ccm.audit.packet"].search([])
result = [packet.state, {line.id: line.digest for line in packet.line_ids if line.digest}]
"""

GO_ON = """
env.ref("ccm_module.ir_cron_audit_packet").method_direct_trigger()
"""

OPEN = """
import hashlib
import io
import zipfile

packet = env["ccm.audit.packet"].search([])
with zipfile.ZipFile(io.BytesIO(packet.file_ids.raw)) as archive:
    result = {
        line.id: [line.digest, hashlib.sha256(
            archive.read(line.month_id._packet_number() + ".pdf")
        ).hexdigest()]
        for line in packet.line_ids
    }
"""


def test_killed_half_way():
    with scratch_database() as db:
        run(db, ASK)
        process = start(db, HALF_WAY)
        process.wait_for("half way")
        process.kill()
        state, kept = run(db, STAND).result
        assert (state, len(kept)) == ("running", 4)
        run(db, GO_ON)
        state, made = run(db, STAND).result
        assert (state, len(made)) == ("done", 7)
        assert kept.items() <= made.items(), "what was made is not made again"
        for digest, found in run(db, OPEN).result.values():
            assert digest == found
