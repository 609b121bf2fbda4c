"""The seal among real processes: two workers at once make one chain, and a restart leaves it whole."""

from processes import run, run_together, scratch_database

BUILD = """
from freezegun import freeze_time

from odoo.addons.ccm_module.tests.common import CcmCommon

env.company.ccm_tz = "America/New_York"


class Build(CcmCommon):
    pass


Build.env = env(context={"tracking_disable": True})
Build.nurse = Build._make_user("ccm_nurse", "user", "staff")
Build.doctor = Build._make_user("ccm_doctor", "practitioner", "practitioner")
Build.practitioner = Build.doctor.partner_id
Build.practitioner.write({"is_ccm_practitioner": True, "npi": Build.NPI})
Build.diabetes = Build._find_diagnosis("E11.9", "Type 2 diabetes", "chronic")
Build.hypertension = Build._find_diagnosis("I10", "Hypertension", "chronic")
patients = env["res.partner"]
for number in range(12):
    patients += Build.make_ready_patient(
        day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"M{number}"
    )
    Build.log(patients[-1], f"2026-10-{number + 1:02d} 15:00:00", minutes=25)
with freeze_time("2026-11-03 15:00:00"):
    env["ccm.month"]._refresh("2026-10-01", patients).action_invoice()
result = env["ir.cron.trigger"].search_count(
    [("cron_id", "=", env.ref("ccm_module.ir_cron_seal").id)]
)
"""

# Small batches, so that both workers are at it for a while.
SEAL = """
from odoo.addons.ccm_module.models import ccm_seal

ccm_seal.CcmSeal._seal_batch.__defaults__ = (1,)
before = env["ccm.seal"].search_count([("create_uid", "=", env.uid)])
made = []
batch = ccm_seal.CcmSeal._seal_batch
ccm_seal.CcmSeal._seal_batch = lambda self, company: made.append(batch(self, company)) or made[-1]
env["ccm.seal"]._cron_seal()
result = [link.sequence for links in made for link in links.exists()]
"""

CHECK = """
found = env["ccm.seal"]._check_chain(env.company)
links = env["ccm.seal"].search([], order="sequence")
result = [found, links.mapped("sequence"), len(links.decision_id)]
"""


def test_two_workers_make_one_chain():
    with scratch_database() as db:
        assert run(db, BUILD).result, "the bills wake the job"
        workers = run_together(db, SEAL, 2)
        assert all(worker.ok for worker in workers), [worker.error for worker in workers]
        found, sequences, bills = run(db, CHECK).result
        assert found["ok"] and found["waiting"] == 0, found
        assert sequences == list(range(1, 13))
        assert bills == 12
