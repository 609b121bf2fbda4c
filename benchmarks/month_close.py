"""The close of a month, from time entries to posted invoices: see README.md beside this file.

month_close.py DATABASE PATIENTS CONTRACT_DATABASE CONTRACT_RC: fills the database, which must be fresh,
closes the last month, and sets it beside Odoo's own way to make and post the same invoices and beside OCA's
contract, which take turns with it.
"""

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import generate
from dateutil.relativedelta import relativedelta
from meter import Cost, Meter, peak_mb, reset_peak

from odoo import release
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config, split_every

BATCH = 200  # patients in a transaction, as in the nightly close
ENTRIES = 15  # of a patient
ROUND = 1000  # patients; others' invoices are made after each round
OTHERS = 500  # invoices that the others make in their turn
TURNS = 5  # of the others at most
REFRESH, AGAIN, MAKE, POST, LINK = (
    "refresh and decide",
    "decide again",
    "make the invoices",
    "post them",
    "take, link and commit",
)
FLOOR_MAKE, FLOOR_POST = "create", "action_post"


class Contract:
    """OCA contract, in a process and a database of its own."""

    def __init__(self, database, configuration):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("oca_contract.py"), database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ODOO_RC": configuration},
        )
        self.total = Cost()

    def run(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        for taken in json.loads(self.process.stdout.readline()).values():
            cost = Cost()
            vars(cost).update(taken)
            self.total += cost

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def raw_seconds(env, month):
    """Return how long PostgreSQL takes to sum up the month's entries, the best of five."""
    taken = []
    for _repeat in range(5):
        begin = time.perf_counter()
        env.cr.execute(
            "SELECT partner_id, performer, COUNT(*), SUM(seconds) FROM ccm_activity"
            " WHERE start >= %s AND start < %s GROUP BY partner_id, performer",
            [month, month + relativedelta(months=1)],
        )
        env.cr.fetchall()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def floor(meter, months_, count):
    """Make and post the same invoices as plain Odoo would, in one batch, and undo it."""
    env = months_.env
    journal = months_._find_journal()
    values = [month._prepare_move_values(journal) for month in months_[:count]]
    for vals in values:
        vals["ccm_month_id"] = False  # which can have one alive only
    env.flush_all()
    env.invalidate_all()
    with meter.stage(FLOOR_MAKE):
        moves = env["account.move"].create(values)
        env.flush_all()
    with meter.stage(FLOOR_POST):
        moves.action_post()
        env.flush_all()
    env.cr.rollback()
    env.invalidate_all()


def close(env, month, patients, contract):
    """Close the month in rounds, the others in turn with it; return what each took."""
    meter, plain = Meter(env.cr), Meter(env.cr)
    month_model = env["ccm.month"]
    document = env["ccm.close"]._ensure(env.company, [month])
    meter.watch(month_model, "_decide", AGAIN, within=LINK)
    meter.watch(month_model, "_make_moves", MAKE, within=LINK)
    meter.watch(env["account.move"], "_post", POST, within=MAKE)
    turns, made, peak, spent = 0, 0, 0, [0]
    rounds = list(split_every(ROUND, patients.ids))
    every = -(-len(rounds) // TURNS)
    for number, ids in enumerate(rounds):
        reset_peak()
        ready = month_model.browse()
        for batch in split_every(BATCH, ids):
            with meter.stage(REFRESH):
                ready += month_model._refresh(month, patients.browse(batch))
                env.cr.commit()
        with meter.stage(LINK):
            document._begin_run()
            while document._run_batch(BATCH):
                env.cr.commit()
        assert document.state == "done" and not document.failed_count, "all of the round is billed"
        peak = max(peak, peak_mb())
        spent.append(sum(meter.stages.values()).cpu)
        made += len(ids)
        if number % every == 0:
            turns += 1
            floor(plain, ready, OTHERS)
            contract.run(OTHERS)
    invoices = env["account.move"].search([("ccm_month_id.month", "=", month)])
    assert len(invoices) == made, "each is billed once"
    assert {len(move.invoice_line_ids) for move in invoices[:OTHERS]} == {2}
    assert set(invoices[:OTHERS].mapped("state")) == {"posted"}
    by_round = [later - earlier for earlier, later in pairwise(spent)]
    return meter.stages, plain.stages, turns * OTHERS, peak, by_round


def show(name, cost, count):
    print(
        f"  {name:24} {1000 * cost.wall / count:7.2f} ms {1000 * cost.cpu / count:7.2f} ms cpu"
        f" {cost.queries / count:7.3f} queries"
    )


def main(database, patients, *contract_database):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    count = int(patients)
    contract = Contract(*contract_database)
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env.company.ccm_invoice_state = "posted"
        month = env.company._ccm_today().replace(day=1) - relativedelta(months=1)
        people = generate.fill_month(env, month, count, ENTRIES)
        # A new practice's ledger, which PostgreSQL knows to be empty.
        cr.execute("ANALYZE")
        cr.execute("SELECT reltuples FROM pg_class WHERE oid = 'account_move_line'::regclass")
        assert cr.fetchone() == (0,)
        cr.commit()
        raw = raw_seconds(env, month)
        stages, plain, others, peak, by_round = close(env, month, people, contract)
    contract.close()
    print(f"\nOdoo {release.version}: {count:,} patients, {count * ENTRIES:,} entries of time")
    print("a patient:")
    for name in (REFRESH, AGAIN, MAKE, POST, LINK):
        show(name, stages[name], count)
    whole = sum(stages.values())
    show("the whole close", whole, count)
    base = sum(plain.values())
    show("floor: create", plain[FLOOR_MAKE], others)
    show("floor: action_post", plain[FLOOR_POST], others)
    compare("the floor", whole, count, base, others)
    show("OCA contract, posted", contract.total, others)
    compare("OCA contract", whole, count, contract.total, others)
    print(
        f"  raw GROUP BY of the entries: {1000 * raw:.0f} ms; refresh and decide takes"
        f" {stages[REFRESH].wall / raw:.1f} × as long"
    )
    print(f"  peak memory: {peak:.0f} MB")
    edge = len(by_round) // 3
    if edge:
        grown = sum(by_round[-edge:]) / sum(by_round[:edge])
        print(f"  the last third of the patients cost {grown:.2f} × the first, by processor time")


def compare(name, whole, count, other, others):
    wall, cpu = ((getattr(whole, kind) / count) / (getattr(other, kind) / others) for kind in ("wall", "cpu"))  # fmt: skip
    print(f"  the close is {wall:.2f} × {name} ({cpu:.2f} × by processor time)")


if __name__ == "__main__":
    main(*sys.argv[1:])
