"""The close in a storm: killed again and again, a database that crashes, four at work at once,
transactions that PostgreSQL refuses at random, one patient in a thousand whose books are broken.

In the end there is one live invoice for each ready patient-month and none for others, the totals are
the preview's to the cent, and no month stands between states. ``dev/storm`` is the long form;
without it each case is short enough for every run of the tests.
"""

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import psycopg2
import pytest
from test_close_processes import BUILD, MONTHS, UNDO, Practice, snippet, until

from processes import ROOT, Process, run, scratch_database

IS_LONG = bool(os.environ.get("CCM_STORM"))
RESTARTS = 5
KILLS, ROUNDS, REFUSED_ROUNDS = (50, 8, 4) if IS_LONG else (2, 1, 1)
PATIENTS = 20
SEED = int(os.environ.get("CCM_STORM_SEED", random.randrange(10**6)))
# 28 days are too few for the days' slots of a thousand patients.
POISONED_MONTHS = ["2026-01-01", "2026-03-01", "2026-05-01", "2026-07-01"]

CLOSE_TO_THE_END = """
close(MONTH)
env.cr.commit()
"""

CLOSE_IN_TWOS = """
ccm_month_close.BATCH = 2
meet("begin")
close(MONTH)
"""

# The bills alone, so that a blow falls among them: deciding and loading take most of a whole close.
BILL_IN_TWOS = """
go_to_close(MONTH)
env["ccm.month"]._refresh(MONTH)
env.cr.commit()
run = env["ccm.close"]._ensure(env.company, [day_of(MONTH, 1)])
run._begin_run()
env.cr.commit()
meet("begin")
while run._run_batch(2):
    env.cr.commit()
"""

# Whoever is refused for good begins again, as the scheduler and a person do.
PERSIST = """
import psycopg2

refused = 0


def persist(work):
    global refused
    for _attempt in range(50):
        try:
            result = work()
            env.cr.commit()
            return result
        except psycopg2.OperationalError:
            refused += 1
            env.cr.rollback()
            env.invalidate_all(flush=False)
        except UserError as error:
            env.cr.rollback()
            return str(error)
    raise AssertionError("refused fifty times")


def document(month, login=None):
    closes = (as_user(login) if login else env)["ccm.close"]
    persist(lambda: closes.sudo()._ensure(env.company, [day_of(month, 1)]))
    return closes.search([("month", "=", month), ("company_id", "=", env.company.id)])


def press(month):
    \"\"\"Close as the button does: one request begins, each further one bills a batch.\"\"\"
    close_ = document(month, "ccm_biller")
    progress = persist(lambda: retrying(close_.action_start, env))
    for _request in range(500):
        if not isinstance(progress, dict) or progress["state"] != "running":
            return
        progress = persist(lambda: retrying(lambda: close_.action_run_batch(4), env))


def work_jobs(month):
    \"\"\"Run batches as the jobs of a queue: each a transaction, tried again when refused.\"\"\"
    close_ = document(month)
    persist(close_._begin_run)
    while persist(lambda: retrying(lambda: close_._run_batch(3), env)):
        pass


def run_cron():
    persist(env["ccm.month"]._cron_close_month)
"""

AT_ONCE = (
    PERSIST
    + """
ccm_month_close.BATCH = 2
for month in ROUNDS:
    go_to_close(month)
    meet(month)
    if worker < 2:
        run_cron()
    elif worker == 2:
        press(month)
    else:
        work_jobs(month)
result = refused
"""
)


# Decided already, so that all begin with the bills.
REFRESH = """
for month in ROUNDS:
    go_to_close(month)
    env["ccm.month"]._refresh(month)
    env.cr.commit()
"""


class Storm(Practice):
    """The practice of the other file, one month of it closed over and over."""

    ready = PATIENTS

    def __init__(self, database, months):
        super().__init__(database)
        self._full_months = iter(months)

    def close_and_check(self, month, preview):
        self.run(CLOSE_TO_THE_END, MONTH=month)
        self.check_settled(month, preview)

    def check_settled(self, month, preview):
        """Nothing is in between: no run at work, no month that failed, the sums to the cent."""
        self.check_closed(month, preview)
        assert self.check_no_halves(month) == self.ready
        states = self.query("SELECT state, ended_on FROM ccm_close WHERE month = %s", month)
        assert [state for state, _ended in states] == ["done"], states
        assert not self.query(
            "SELECT 1 FROM ccm_month WHERE month = %s AND (state = 'ready' OR error_on IS NOT NULL)",
            month,
        )


def tell(words):
    """Say a figure; dev/storm shows it."""
    sys.stderr.write(f"\n{words}")


@contextmanager
def build(months, ready=PATIENTS, nurses=("ccm_nurse",)):
    with scratch_database() as database:
        values = {"MONTHS": months, "RACE_MONTHS": [], "READY": ready, "RACING": 0}
        run(database, snippet(BUILD, NURSES=list(nurses), **values))
        practice = Storm(database, months)
        practice.ready = ready
        practice.query("UPDATE res_company SET ccm_invoice_state = 'posted'")
        practice.query("ANALYZE")
        yield practice
        for process in practice.processes:
            process.kill()
        practice.close()


@pytest.fixture(scope="module")
def practice():
    with build(MONTHS[: 3 + ROUNDS + REFUSED_ROUNDS]) as practice:
        yield practice


def test_killed_and_resumed(practice):
    """SIGKILL at a random moment of the close, then the next night goes on to the end."""
    month = practice.full_month()
    preview = practice.preview(month)
    moments = random.Random(SEED)
    resume = """
while True:
    meet("wait")
    env.cr.commit()
    close(MONTH)
    env.cr.commit()
    meet("closed")
    env.cr.commit()
    env.invalidate_all()
"""
    resume += "".join(f"    {line}\n" for line in UNDO.strip().splitlines())
    resume += "    env.cr.commit()\n"
    resumer = practice.begin(resume, MONTH=month).go()
    resumer.wait_for("wait")
    reached = []
    ways = {CLOSE_IN_TWOS: 3.0, BILL_IN_TWOS: 2.0}  # and within how many seconds the blow falls
    for number in range(KILLS):
        way = BILL_IN_TWOS if number % 5 else CLOSE_IN_TWOS
        worker = Process(practice.database, snippet(way, MONTH=month)).go()
        worker.wait_for("begin")
        worker.release()
        time.sleep(moments.uniform(0.0, ways[way]))
        worker.kill()
        until(lambda: is_gone(practice, worker), "the end of its transaction")  # noqa: B023
        reached.append(practice.check_no_halves(month))
        # the next blow falls within the time that it takes here and now
        ways[way] *= 0.7 if reached[-1] == PATIENTS else 1.3 if not reached[-1] else 1
        resumer.release()
        resumer.wait_for("closed")
        practice.check_settled(month, preview)
        resumer.release()
        resumer.wait_for("wait")
        assert practice.check_no_halves(month) == 0, f"seed {SEED}, kill {number}"
    resumer.kill()
    partly = sum(0 < count < PATIENTS for count in reached)
    tell(
        f"{KILLS} kills (seed {SEED}), each resumed: {partly} in the middle of the invoices,"
        f" {reached.count(0)} before the first, {reached.count(PATIENTS)} after the last"
    )
    assert not IS_LONG or partly > KILLS // 4, "few blows fell among the invoices"
    practice.close_and_check(month, preview)


def is_gone(practice, process):
    """Tell whether PostgreSQL has ended the transaction of a process that was killed."""
    return not practice.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", f"odoo-{process.pid}"
    )


def test_two_crons_a_button_and_a_job_runner(practice):
    """Four at one month at the same moment, round after round."""
    months = [practice.full_month() for _ in range(ROUNDS)]
    practice.run(REFRESH, ROUNDS=months)
    previews = {month: practice.preview(month) for month in months}
    refused = practice.meet_in_rounds(AT_ONCE, months, count=4)
    for month in months:
        practice.check_settled(month, previews[month])
    tell(f"{ROUNDS} rounds of four at once; batches refused for good, each: {refused}")


def test_serialization_failures(practice):
    """PostgreSQL refuses statements at random, and somebody touches the rows all the while."""
    months = [practice.full_month() for _ in range(REFUSED_ROUNDS)]
    practice.run(REFRESH, ROUNDS=months)
    previews = {month: practice.preview(month) for month in months}
    # a rollback does not take the numbers of a sequence back
    practice.query("CREATE SEQUENCE storm_asked")
    practice.query("CREATE SEQUENCE storm_refused")
    practice.query(
        """
        CREATE FUNCTION storm_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('application_name') NOT LIKE 'odoo%' THEN
                RETURN NULL;
            END IF;
            -- the twentieth always: a short storm has its lightning, too
            IF nextval('storm_asked') = 20 OR random() < 0.02 THEN
                PERFORM nextval('storm_refused');
                RAISE 'could not serialize access (storm)' USING ERRCODE = '40001';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    tables = ("account_move", "account_move_line", "ccm_month", "mail_message")
    for table in tables:
        practice.query(
            f"CREATE TRIGGER storm AFTER INSERT OR UPDATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION storm_refuse()"
        )
    over = threading.Event()
    touched = []
    toucher = threading.Thread(target=touch, args=(practice, months, over, touched))
    toucher.start()
    try:
        refused = practice.meet_in_rounds(AT_ONCE, months, count=4)
        # what was in the toucher's hands when its turn came is billed by the next night
        over.set()
        toucher.join()
        for month in months:
            practice.run(PERSIST + "go_to_close(MONTH)\nrun_cron()", MONTH=month)
            practice.check_settled(month, previews[month])
    finally:
        over.set()
        toucher.join()
        for table in tables:
            practice.query(f"DROP TRIGGER storm ON {table}")
    [(injected, any_was)] = practice.query("SELECT last_value, is_called FROM storm_refused")
    assert any_was, "nothing was refused"
    tell(
        f"{injected} serialization failures injected, {len(touched)} rows touched;"
        f" refused for good and begun again, each: {refused}"
    )


def touch(practice, months, over, touched):
    """Write random months of the close under REPEATABLE READ until ``over``."""
    connection = practice.connect()
    connection.autocommit = False
    connection.set_session(isolation_level="REPEATABLE READ")
    while not over.wait(0.05):
        with suppress(psycopg2.OperationalError), connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ccm_month SET write_date = write_date WHERE id = ("
                "SELECT id FROM ccm_month WHERE month = ANY(%s::date[]) ORDER BY random() LIMIT 1)",
                (months,),
            )
            time.sleep(0.005)
            touched.append(cursor.rowcount)
    connection.close()


# --- a database that crashes ---


def shell(commands):
    """Run ``commands`` with the functions of dev/lib.sh at hand and return what they print."""
    lines = f"set -euo pipefail; . dev/lib.sh; {commands}"
    done = subprocess.run(
        ["bash", "-c", lines], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Crashing(Storm):
    """The same practice in a cluster of its own, which may be crashed: nobody else is in it."""

    def __init__(self, database, months):
        self.conf = shell(
            "ensure_cluster storm; write_conf storm;"
            f" pg storm createdb {database};"
            f" pg test pg_dump {database} | pg storm psql -qX {database} >/dev/null"
        )
        super().__init__(database, months)

    def connect(self):
        connection = psycopg2.connect(
            dbname=self.database, host=shell("pg_socket storm"), user="odoo"
        )
        connection.autocommit = True
        return connection

    def begin(self, body, worker=0, **values):
        process = Process(self.database, snippet(body, **values), worker, conf=self.conf)
        self.processes.append(process)
        return process

    def run(self, body, **values):
        process = self.begin(body, **values).go().wait()
        assert process.ok, process.error
        return process.result

    def crash(self):
        """End PostgreSQL as a power cut does (immediate), and start it: it recovers from its log."""
        shell('as_pg "$(pg_bin)/pg_ctl" -s -w -m immediate -D "$(pg_dir storm)/data" stop')
        shell("start_cluster storm")
        self._connection = self.connect()

    def remove(self):
        self.close()
        directory = shell("stop_cluster storm; pg_dir storm")
        shutil.rmtree(directory)


@pytest.fixture
def crashing(practice):
    month = practice.full_month()
    crashing = Crashing(practice.database, [month])
    try:
        yield crashing
    finally:
        for process in crashing.processes:
            process.kill()
        crashing.remove()


@pytest.mark.skipif(not IS_LONG, reason="makes a cluster of its own: a part of dev/storm")
def test_postgresql_crashes(crashing):
    """PostgreSQL goes down in the middle of the close and comes back; the next night goes on."""
    month = crashing.full_month()
    preview = crashing.preview(month)
    moments = random.Random(SEED)
    reached = []
    for number in range(RESTARTS):
        worker = crashing.begin(CLOSE_IN_TWOS, MONTH=month).go()
        worker.wait_for("begin")
        worker.release()
        # in the middle of the invoices: some are there, others not
        goal = moments.randrange(1, PATIENTS - 8)
        until(lambda: len(crashing.live_invoices(month)) >= goal, "the first invoices")  # noqa: B023
        crashing.crash()
        assert not worker.wait().ok, "a close that has lost its database says so"
        reached.append(crashing.check_no_halves(month))
        assert 0 < reached[-1] < PATIENTS, f"seed {SEED}, crash {number}"
        crashing.close_and_check(month, preview)
        crashing.run(UNDO, MONTH=month)
        assert crashing.check_no_halves(month) == 0
    tell(f"{RESTARTS} crashes of PostgreSQL, each resumed; billed before each: {reached}")


# --- one in a thousand ---

POISONS = {
    "archived product": (
        """
# whose time alone is billed by the practitioner's own code
env.company.ccm_code_choice = "practitioner_first"
log("ccm_doctor", "Ready 00", f"{MONTH[:7]}-20 15:00:00", 35)
product = env["ccm.service.code"].search([("code", "=", "99491")], limit=1).product_id
product.active = False
""",
        "product.active = True",
        "product of code 99491 is archived: unarchive it",
    ),
    "closed account": (
        """
account = env["account.account"].create(
    {"name": "Old", "code": "X1999", "account_type": "asset_receivable", "reconcile": True}
)
bad.property_account_receivable_id = account
account.active = False
""",
        "account.active = True",
        "is archived: unarchive it in the Chart of Accounts",
    ),
    "fiscal position": (
        """
position = env["account.fiscal.position"].create({"name": "Out of state"})
bad.property_account_position_id = position
position.active = False
""",
        "bad.property_account_position_id = False",
        "fiscal position Out of state is archived: choose another",
    ),
    "currency rate": (
        """
env.ref("base.EUR").active = True
env["res.currency.rate"].search([]).unlink()
bad.specific_property_product_pricelist = env["product.pricelist"].create(
    {"name": "Europe", "currency_id": env.ref("base.EUR").id}
)
""",
        "bad.specific_property_product_pricelist = False",
        "No exchange rate of EUR is known",
    ),
}

POISONED = """
ccm_month_close.BATCH = 200
for MONTH, (poison, mend, _words) in zip(MONTHS, POISONS, strict=True):
    go_to_close(MONTH)
    bad = patient("Ready 00")
    exec(poison)
    env.cr.commit()
    env["ccm.month"]._cron_close_month()
    meet(MONTH)
    env.cr.commit()
    env.invalidate_all()
    exec(mend)
    clock.tick(timedelta(days=1))
    env["ccm.month"]._cron_close_month()
    env.cr.commit()
    meet(MONTH)
    env.cr.commit()
"""


def check_all_but_one(practice, month, words):
    """All are billed but the first, who is flagged and told what to do."""
    assert practice.check_no_halves(month) == practice.ready - 1
    [(name, state, message)] = practice.query(
        "SELECT p.name, m.state, error_message FROM ccm_month m"
        " JOIN res_partner p ON p.id = partner_id"
        " WHERE month = %s AND p.name LIKE 'Ready %%' AND m.state <> 'invoiced'",
        month,
    )
    assert (name, state) == ("Ready 00", "ready")
    assert words in message, message
    flagged = practice.query(
        "SELECT count(*) FROM ccm_month WHERE month = %s AND error_on IS NOT NULL", month
    )
    assert flagged == [(1,)]


@pytest.fixture
def poisoned(request):
    if not IS_LONG:
        yield request.getfixturevalue("practice")
        return
    nurses = ("ccm_nurse", "ccm_nurse_2", "ccm_nurse_3")
    with build(POISONED_MONTHS, 1000, nurses) as practice:
        yield practice


def test_one_poisoned_among_all(poisoned):
    """One patient's books are broken in each way: the others are billed, and it once mended."""
    poisons = POISONS if IS_LONG else {"currency rate": POISONS["currency rate"]}
    months = [poisoned.full_month() for _poison in poisons]
    values = {"MONTHS": months, "POISONS": list(poisons.values())}
    process = poisoned.begin(POISONED, **values).go()
    for month, (poison, (_break, _mend, words)) in zip(months, poisons.items(), strict=True):
        process.wait_for(month)
        check_all_but_one(poisoned, month, words)
        process.release()
        process.wait_for(month)
        assert poisoned.check_no_halves(month) == poisoned.ready, poison
        assert not poisoned.query(
            "SELECT 1 FROM ccm_month WHERE month = %s AND error_on IS NOT NULL", month
        )
        process.release()
        tell(f"{poison}: {poisoned.ready - 1} billed and 1 flagged; mended, it is billed")
    assert process.wait().ok, process.error
