"""One worker of the queue against two: see README.md beside this file.

close_workers.py DATABASE PATIENTS WORKERS: closes the last month in DATABASE, which has ccm_queue_job and
months that are ready (see ``fill``), by a real Odoo server with OCA's jobrunner, and prints how long
it took from the first job to the end of the run.

close_workers.py DATABASE PATIENTS fill: makes those months.
"""

import os
import sys
import time
from pathlib import Path

import generate
from dateutil.relativedelta import relativedelta

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config, split_every

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from processes import server

PATIENCE = 1800  # seconds


def fill(env, month, count):
    env.company.ccm_invoice_state = "posted"
    people = generate.fill_month(env, month, count, 15)
    for ids in split_every(200, people.ids):
        env["ccm.month"]._refresh(month, people.browse(ids))
        env.cr.commit()
    env["ccm.close"]._ensure(env.company, [month])
    env.cr.execute("ANALYZE")
    env.cr.commit()


def close(env, month, count, workers):
    document = env["ccm.close"].search([("month", "=", month)])
    assert document.ready_count == count
    os.environ["ODOO_QUEUE_JOB_CHANNELS"] = f"root:{workers},root.ccm_close:{workers}"
    os.environ["ODOO_QUEUE_JOB_HOST"] = "127.0.0.1"
    # One more worker than jobs, so that a page is still answered.
    options = (f"--workers={workers + 1}", "--load=base,web,rpc,queue_job")
    with server(env.cr.dbname, *options):
        begin = time.perf_counter()
        document.action_start_jobs()
        env.cr.commit()
        while document.state == "running":
            assert time.perf_counter() - begin < PATIENCE, "the run does not end"
            time.sleep(0.1)
            env.cr.commit()
            env.invalidate_all()
        taken = time.perf_counter() - begin
    assert (document.done_count, document.failed_count) == (count, 0)
    processes = set(env["queue.job"].search([]).mapped("worker_pid"))
    moves = env["account.move"].search([("ccm_month_id.month", "=", month)])
    assert len(moves) == len(moves.ccm_month_id) == count, "each is billed once"
    print(
        f"{workers} worker(s): {count:,} patients in {taken:.1f} s,"
        f" {1000 * taken / count:.2f} ms each, by {len(processes)} process(es)"
    )


def main(database, patients, what):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        month = env.company._ccm_today().replace(day=1) - relativedelta(months=1)
        if what == "fill":
            fill(env, month, int(patients))
        else:
            close(env, month, int(patients), int(what))


if __name__ == "__main__":
    main(*sys.argv[1:])
