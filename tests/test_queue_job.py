"""The close of a month by OCA's queue_job: real processes do its jobs, as its own controller does.

In the addon's own database, since queue_job is no part of the others.
"""

import os
import subprocess
import sys

import pytest

from processes import ROOT, run, run_together, scratch_database

PATIENTS = 24

FILL = f"""
import sys
sys.path.insert(0, "benchmarks")
import generate
from dateutil.relativedelta import relativedelta

env.company.ccm_invoice_state = "posted"
month = env.company._ccm_today().replace(day=1) - relativedelta(months=1)
env["ccm.month"]._refresh(month, generate.fill_month(env, month, {PATIENTS}, 15))
env["ccm.close"]._ensure(env.company, [month])
"""

PRELUDE = """
import time
from odoo.addons.ccm_queue_job.models import ccm_close
from odoo.addons.queue_job.controllers.main import RunJobController as controller

ccm_close.BATCH = 5
close = env["ccm.close"].search([])


def take():
    env.cr.execute(
        "UPDATE queue_job SET state = 'enqueued' WHERE uuid IN (SELECT uuid FROM queue_job"
        " WHERE state = 'pending' AND channel = 'root.ccm_close' AND (eta IS NULL OR eta <= now())"
        " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING uuid"
    )
    row = env.cr.fetchone()
    env.cr.commit()
    return row and row[0]


def is_idle():
    env.cr.execute("SELECT 1 FROM queue_job WHERE state NOT IN ('done', 'failed', 'cancelled')")
    row = env.cr.fetchone()
    env.cr.commit()
    return not row


def work():
    done = 0
    while not is_idle():
        if uuid := take():
            if job := controller._acquire_job(env, uuid):
                controller._runjob(env, job)
                env.cr.commit()
                done += 1
        else:
            time.sleep(0.1)
    return done
"""

LOOK = """
env.cr.execute("SELECT state, COUNT(*) FROM ccm_month GROUP BY state")
states = dict(env.cr.fetchall())
env.cr.execute("SELECT COUNT(*), COUNT(DISTINCT ccm_month_id) FROM account_move WHERE state = 'posted'")
result = {
    "states": states,
    "moves": list(env.cr.fetchone()),
    "close": [close.state, close.done_count, close.failed_count, close.waiting_job_count],
    "jobs": dict(env["queue.job"]._read_group([], ["state"], ["__count"])),
    "channels": env["queue.job"].search([]).mapped("channel"),
}
"""


@pytest.fixture(scope="module")
def practice():
    with scratch_database() as database:
        subprocess.run(
            [ROOT / "dev/odoo", "-d", database, "-i", "ccm_queue_job", "--stop-after-init",
             "--no-http", "--log-level=error"],
            check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert run(database, FILL).ok
        yield database


def test_who_may_call_what(practice):
    """The addon's own tests, which a database without it cannot hold."""
    # none of them needs a browser, which a run of everything has to have used
    environment = {k: v for k, v in os.environ.items() if k != "CCM_ALL_TESTS"}
    command = [sys.executable, "-m", "pytest", f"--odoo-database={practice}", "-s"]
    process = subprocess.run(
        [*command, "ccm_queue_job/tests"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    sys.stdout.write(process.stdout)


def ask(database, snippet):
    process = run(database, PRELUDE + snippet)
    assert process.ok, process.error
    return process.result


def test_two_workers_bill_each_patient_once(practice):
    """The jobs are queued twice, and one that met another transaction is tried again."""
    queued = ask(
        practice,
        "biller = env['res.users'].create({'name': 'B', 'login': 'b', 'group_ids':"
        " [(4, env.ref('ccm_module.group_ccm_biller').id)]})\n"
        "close.with_user(biller).action_start_jobs()\n"
        "close._delay_batches()\n" + LOOK,
    )
    assert set(queued["channels"]) == {"root.ccm_close"}
    assert queued["jobs"] == {"pending": 5, "wait_dependencies": 1}
    assert queued["close"] == ["running", 0, 0, 6]

    # PostgreSQL says of the first that two transactions met.
    retried = ask(
        practice,
        """
import psycopg2
from odoo.addons.ccm_module.models.ccm_month_invoice import CcmMonth

class Met(psycopg2.errors.SerializationFailure):
    pgcode = "40001"
    pgerror = "could not serialize access"

original = CcmMonth._invoice
def met(months):
    original(months)
    raise Met()
type(env["ccm.month"])._invoice = met
uuid = take()
controller._runjob(env, controller._acquire_job(env, uuid))
env.cr.commit()
job = env["queue.job"].search([("uuid", "=", uuid)])
result = [job.state, job.retry, bool(job.eta), env["account.move"].search_count([])]
env.cr.execute("UPDATE queue_job SET eta = NULL")
""",
    )
    assert retried == ["pending", 1, True, 0]

    first, second = run_together(practice, PRELUDE + "result = work()", 2)
    assert first.ok and second.ok, first.error + second.error
    assert first.result and second.result, "both had work"
    closed = ask(practice, LOOK)
    assert closed["states"] == {"invoiced": PATIENTS}
    assert closed["moves"] == [PATIENTS, PATIENTS]
    assert closed["close"] == ["done", PATIENTS, 0, 0]
    assert closed["jobs"] == {"done": 6}


def test_only_a_biller_starts_jobs(practice):
    refused = ask(
        practice,
        """
from odoo.exceptions import AccessError
nurse = env["res.users"].search([("login", "=", "bench_nurse_001")])
try:
    close.with_user(nurse).action_start_jobs()
    result = "allowed"
except AccessError:
    result = "refused"
""",
    )
    assert refused == "refused"
