"""The close of a month among real processes: at once, killed, resumed, and with people at work in it.

One practice is built for the whole file; each case (and each round of a race) closes a calendar
month of its own in it, so that none can lean on another. The clock of a process stands a few days
into the month after, which makes that month the one to close.

``CCM_KILLS=500`` makes the killed close a long run: that many kills, at random moments.
"""

import os
import random
import time
from contextlib import contextmanager

import psycopg2
import pytest

from odoo.tools import config

from processes import Process, run, scratch_database

READY, OTHERS = 36, 4  # patients
RACING = 12  # with time in the months of races; a race needs no crowd
ROUNDS = 5
# A month for each case and round; 2025 and 2026 are the years that Medicare's fees are shipped for.
MONTHS = [f"{year}-{month:02d}-01" for year in (2025, 2026) for month in range(1, 13)][1:23]
FULL_MONTHS, RACE_MONTHS = MONTHS[:3], MONTHS[3:]

PRELUDE = """
import sys
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.addons.ccm_module.models import ccm_month_close
from odoo.exceptions import UserError
from odoo.service.model import retrying

# Several commits in a close of forty patients.
ccm_month_close.BATCH = 4
NURSES = ["ccm_nurse"]
frozen = freeze_time("2025-01-15 15:00:00")
clock = frozen.start()


def day_of(month, day):
    return date.fromisoformat(month).replace(day=day)


def go_to_close(month):
    clock.move_to(f"{day_of(month, 28) + timedelta(days=7)} 15:00:00")


def meet(where):
    \"\"\"Say where this process is and wait until the test lets it go on.\"\"\"
    say(where)
    sys.stdin.readline()


def as_user(login):
    return env(user=env["res.users"].search([("login", "=", login)]).id)


def patient(name):
    return env["res.partner"].search([("name", "=", name)]).ensure_one()


def months_of(month, *names):
    domain = [("partner_id.name", "in", names)] if names else []
    return env["ccm.month"].search([("month", "=", month), *domain])


def call(work, *args):
    \"\"\"Do ``work`` as a request of a browser does: in a transaction, again when PostgreSQL asks for it.\"\"\"
    try:
        retrying(lambda: work(*args), env)
    except UserError as error:
        env.cr.rollback()
        return str(error)
    return "done"


def log(login, name, start, minutes=20):
    begin = fields.Datetime.to_datetime(start)
    as_user(login)["ccm.activity"].create(
        {
            "partner_id": patient(name).id,
            "start": begin,
            "stop": begin + timedelta(minutes=minutes),
            "reason": "Logged after the call",
        }
    )


def bill(month, *names):
    months = as_user("ccm_biller")["ccm.month"].browse(months_of(month, *names).ids)
    return months.action_invoice()


def close(month):
    go_to_close(month)
    env["ccm.month"]._cron_close_month()
"""

# The helpers of the addon's own tests, at work on a database that stays.
BUILD = """
from odoo.addons.ccm_module.tests.common import CcmCommon

env.company.write({"ccm_tz": "America/New_York", "ccm_close_day": 1})


class Build(CcmCommon):
    pass


Build.env = env(context={"ccm_no_refresh": True, "tracking_disable": True})
for login in ("ccm_nurse", "ccm_nurse_2", "ccm_nurse_3"):
    Build.nurse = Build._make_user(login, "user", "staff")
Build.doctor = Build._make_user("ccm_doctor", "practitioner", "practitioner")
Build._make_user("ccm_biller", "biller")
Build.practitioner = Build.doctor.partner_id
Build.practitioner.write({"is_ccm_practitioner": True, "npi": Build.NPI})
Build.diabetes = Build._find_diagnosis("E11.9", "Type 2 diabetes", "chronic")
Build.hypertension = Build._find_diagnosis("I10", "Hypertension", "chronic")

names = [f"Ready {n:02d}" for n in range(READY)]
names += ["Short", "One condition", "No visit", "Not to bill"]
patients = {
    name: Build.make_ready_patient(day="2025-01-15", name=name, ccm_mrn=name) for name in names
}
patients["One condition"].ccm_condition_ids[0].status = "inactive"
Build.env["ccm.visit"].search([("partner_id.name", "=", "No visit")]).kind = "other"

nurses = [as_user(login).user for login in NURSES]
entries = []
for month in MONTHS:
    timed = [*names[:RACING], *names[READY:]] if month in RACE_MONTHS else names
    for n, name in enumerate(timed):
        # 20 to 69 minutes; no two at one time
        slot = n // len(nurses)
        begin = fields.Datetime.to_datetime(f"{day_of(month, 1 + slot % 28)} 13:00:00")
        begin += timedelta(hours=2 * (slot // 28))
        minutes = 10 if name == "Short" else 20 + 7 * n % 50
        entries.append(
            {
                "partner_id": patients[name].id,
                "user_id": nurses[n % len(nurses)].id,
                "start": begin,
                "stop": begin + timedelta(minutes=minutes),
                "reason": "Logged after the call",
            }
        )
clock.move_to("2027-01-05 15:00:00")
Build.env["ccm.activity"].create(entries)
for month in MONTHS:
    # before its last day is over, so that the close has all of it still to decide
    clock.move_to(f"{day_of(month, 28)} 23:00:00")
    env["ccm.month"]._refresh(month)
# A close bills whatever is ready of a year: each month waits until a case takes it (take_month).
env["ccm.month"].search([]).write({"state": "cancelled", "cancel_reason": "Asked us not to"})
"""


class Practice:
    """The scratch database, looked at with plain SQL: what is stored, whatever the addon says."""

    ready = READY  # patients who are billed, in a full month

    def __init__(self, database):
        self.database = database
        self._full_months, self._race_months = iter(FULL_MONTHS), iter(RACE_MONTHS)
        self.processes = []
        self._connection = self.connect()

    def connect(self):
        connection = psycopg2.connect(
            dbname=self.database, host=config["db_host"], user=config["db_user"]
        )
        connection.autocommit = True
        return connection

    def close(self):
        self._connection.close()

    def query(self, sql, *args):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, args or None)
            return cursor.fetchall() if cursor.description else None

    # --- processes ---

    def begin(self, body, worker=0, **values):
        """Load ``body`` into a process of its own; it waits for ``go``."""
        process = Process(self.database, snippet(body, **values), worker)
        self.processes.append(process)
        return process

    def run(self, body, **values):
        return run(self.database, snippet(body, **values)).result

    def meet_in_rounds(self, body, rounds, count=2, **values):
        """Run ``body`` in ``count`` processes that begin each round at the same moment.

        :return: the processes' results
        """
        processes = [self.begin(body, worker, ROUNDS=rounds, **values) for worker in range(count)]
        for process in processes:
            process.go()
        for number in rounds:
            for process in processes:
                process.wait_for(number)
            for process in processes:
                process.release()
        for process in processes:
            assert process.wait().ok, process.error
        return [process.result for process in processes]

    def waiting(self):
        """Return the backends that wait for a lock."""
        return self.query(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'"
        )

    def is_alone(self):
        """Tell whether PostgreSQL has ended the transactions of every process."""
        return not self.query(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    @contextmanager
    def write_lock(self, table):
        """Let nobody write to ``table``, from a moment between two transactions of those who do."""
        connection = self.connect()
        connection.autocommit = False
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
            yield
        finally:
            connection.close()

    # --- months and bills ---

    def full_month(self):
        return self._take_month(self._full_months)

    def race_month(self):
        return self._take_month(self._race_months)

    def _take_month(self, months):
        month = next(months)
        self.query(
            "UPDATE ccm_month SET state = 'open', cancel_reason = NULL, decided_on = NULL"
            " FROM res_partner p WHERE p.id = partner_id AND p.name <> 'Not to bill' AND month = %s",
            month,
        )
        return month

    def set_invoice_state(self, state):
        self.query("UPDATE res_company SET ccm_invoice_state = %s", state)

    def preview(self, month):
        """Return the sum that the practice is shown before it bills."""
        return self.query(
            "SELECT round(sum(amount_total), 2)::float FROM ccm_month"
            " JOIN res_partner p ON p.id = partner_id WHERE month = %s AND p.name LIKE 'Ready %%'",
            month,
        )[0][0]

    def month_of(self, month, name):
        """Return ``(id, minutes)`` of a patient's month."""
        return self.query(
            "SELECT m.id, total_minutes FROM ccm_month m JOIN res_partner p ON p.id = partner_id"
            " WHERE month = %s AND p.name = %s",
            month,
            name,
        )[0]

    def live_invoices(self, month):
        """Return ``[(month's id, month's own move, move, amount, units by code)]``."""
        return self.query(
            """
            SELECT move.ccm_month_id, m.move_id, move.id, move.amount_untaxed::float, (
                       SELECT jsonb_object_agg(product.default_code, line.quantity)
                         FROM account_move_line line
                         JOIN product_product product ON product.id = line.product_id
                        WHERE line.move_id = move.id AND line.display_type = 'product')
              FROM account_move move
              JOIN ccm_month m ON m.id = move.ccm_month_id
             WHERE m.month = %s AND move.move_type = 'out_invoice' AND move.state <> 'cancel'
               AND move.ccm_is_released IS NOT TRUE
            """,
            month,
        )

    def check_no_halves(self, month):
        """Whatever was stopped: a month is invoiced with its one invoice, or not at all.

        :return: how many are invoiced
        """
        live = self.live_invoices(month)
        assert len({row[0] for row in live}) == len(live), "a month has two invoices that are alive"
        assert all(own == move for _month, own, move, _amount, _codes in live)
        assert all(codes for *_rest, codes in live), "an invoice without lines"
        invoiced = self.query(
            "SELECT id FROM ccm_month WHERE month = %s AND state = 'invoiced'", month
        )
        assert {row[0] for row in live} == {row[0] for row in invoiced}
        return len(live)

    def check_closed(self, month, preview=None):
        """Who was ready has one invoice, and nobody else has any.

        It bills every minute that is stored, but for the late ones: what those would change, the
        month shows as a difference, and no other month shows any.
        """
        self.check_no_halves(month)
        live = {row[0]: row for row in self.live_invoices(month)}
        rows = self.query(
            """
            SELECT m.id, p.name, m.state, round(m.amount_total, 2)::float, m.error_message,
                   coalesce(m.has_difference, false), m.difference -> 'minutes',
                   coalesce(sum(time.seconds) FILTER (WHERE NOT time.is_late), 0)::int / 60,
                   coalesce(sum(time.seconds), 0)::int / 60
              FROM ccm_month m
              JOIN res_partner p ON p.id = m.partner_id
              LEFT JOIN LATERAL (
                SELECT extract(epoch FROM a.stop - a.start) AS seconds,
                       coalesce(a.is_late, false) AS is_late
                  FROM ccm_activity a
                 WHERE a.partner_id = m.partner_id AND a.state = 'done'
                   AND date_trunc('month', a.start) = m.month) time ON TRUE
             WHERE m.month = %s
             GROUP BY m.id, p.id
            """,
            month,
        )
        assert len(rows) == self.ready + OTHERS
        for month_id, name, state, amount, error, differs, shown, in_time, stored in rows:
            if name.startswith("Ready ") and in_time >= 20:
                assert state == "invoiced", f"{name} was left behind, {state}: {error}"
                assert live[month_id][3] == amount, name
                assert live[month_id][4] == codes_for(in_time), f"{name}: {in_time} minutes"
                assert differs == (codes_for(in_time) != codes_for(stored)), name
                assert shown == ([in_time, stored] if in_time != stored else None), name
            else:
                assert state in ("short", "blocked", "cancelled"), name
                assert month_id not in live, f"{name} was billed"
                assert in_time == stored and not differs, name
        if preview is not None:
            assert round(sum(row[3] for row in live.values()), 2) == preview


def codes_for(minutes):
    """The staff codes, by hand: 20 minutes, and each full 20 more, twice at most."""
    codes = {"99490": 1}
    if minutes >= 40:
        codes["99439"] = min(minutes // 20 - 1, 2)
    return codes


def snippet(body, **values):
    return PRELUDE + "".join(f"{name} = {value!r}\n" for name, value in values.items()) + body


def until(condition, what):
    """Ask again and again: PostgreSQL tells nobody that one of its backends waits for a lock."""
    deadline = time.monotonic() + 60
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
    return answer


@pytest.fixture(scope="module")
def built():
    with scratch_database() as database:
        months = {"MONTHS": MONTHS, "RACE_MONTHS": RACE_MONTHS}
        run(database, snippet(BUILD, READY=READY, RACING=RACING, **months))
        practice = Practice(database)
        # Nobody else does so in this cluster, and the planner is lost in tables it takes for empty.
        practice.query("ANALYZE")
        yield practice
        practice.close()


@pytest.fixture
def practice(built):
    yield built
    for process in built.processes:
        process.kill()  # those that a failed test left waiting
    built.processes.clear()
    built.set_invoice_state("draft")


CLOSE_ALL = """
for month in ROUNDS:
    close(month)
    env.cr.commit()
"""


def test_twice_in_a_row(practice):
    month = practice.full_month()
    preview = practice.preview(month)
    assert preview > 0
    practice.run(CLOSE_ALL, ROUNDS=[month, month])
    practice.check_closed(month, preview)
    assert practice.check_no_halves(month) == READY
    invoices = practice.live_invoices(month)
    practice.run(CLOSE_ALL, ROUNDS=[month])
    assert practice.live_invoices(month) == invoices


def test_two_crons_at_once(practice):
    months = [practice.race_month() for _ in range(ROUNDS)]
    previews = {month: practice.preview(month) for month in months}
    body = """
for month in ROUNDS:
    go_to_close(month)
    meet(month)
    env["ccm.month"]._cron_close_month()
    env.cr.commit()
"""
    practice.meet_in_rounds(body, months)
    for month in months:
        practice.check_closed(month, previews[month])


def test_cron_and_button_at_once(practice):
    """The button takes the last patients first, so that both get some of them.

    Every other round posts the invoices: then both want the next number of the journal as well.
    """
    months = [practice.race_month() for _ in range(ROUNDS)]
    previews = {month: practice.preview(month) for month in months}
    body = """
result = []
for number, month in enumerate(ROUNDS):
    go_to_close(month)
    if worker:
        env.company.ccm_invoice_state = "posted" if number % 2 else "draft"
        env["ccm.month"]._refresh(month)
        env.cr.commit()
    names = [f"Ready {n:02d}" for n in range(RACING)]
    meet(month)
    if worker:
        result += [call(bill, month, *names[-4:]), call(bill, month, *names)]
    else:
        env["ccm.month"]._cron_close_month()
        env.cr.commit()
"""
    _cron, button = practice.meet_in_rounds(body, months, RACING=RACING)
    for month in months:
        practice.check_closed(month, previews[month])
    # who came too late was told so
    assert all(word == "done" or "None of the chosen months" in word for word in button), button


def test_the_rest_is_billed_while_somebody_holds_a_batch(practice):
    """Two batches of four are in other hands: the close goes on with the next, the button says so."""
    month = practice.race_month()
    hold = """
go_to_close(MONTH)
env["ccm.month"]._refresh(MONTH)
env.cr.commit()
held = env["ccm.month"].search([("month", "=", MONTH), ("state", "=", "ready")], limit=8)
held.lock_for_update()
meet("held")
env.cr.rollback()
env["ccm.month"]._cron_close_month()
"""
    holder = practice.begin(hold, MONTH=month).go()
    holder.wait_for("held")
    answer = practice.run(CLOSE_ALL + "result = bill(month)", ROUNDS=[month])
    assert answer["params"]["title"] == "Nothing was invoiced"
    assert practice.check_no_halves(month) == RACING - 8
    holder.release()
    assert holder.wait().ok, holder.error
    practice.check_closed(month)


def test_time_entered_while_the_month_is_billed(practice):
    """A close and two nurses run free: each entry is in the bill, or late and shown beside it."""
    months = [practice.race_month() for _ in range(ROUNDS)]
    body = """
ccm_month_close.BATCH = 2
result = {}
for month in ROUNDS:
    go_to_close(month)
    names = [f"Ready {n:02d}" for n in range(RACING)]
    if worker == 0:
        # decided, so that the close begins with the invoices
        env["ccm.month"]._refresh(month)
        env.cr.commit()
    elif worker == 2:
        names.reverse()  # the other nurse begins at the other end
    meet(month)
    if worker == 0:
        env["ccm.month"]._cron_close_month()
        env.cr.commit()
        continue
    for n, name in enumerate(names):
        begin = f"{day_of(month, 1 + n)} {21 + worker}:00:00"
        result[f"{month} {name} {worker}"] = call(log, f"ccm_nurse_{worker + 1}", name, begin)
"""
    _close, *nurses = practice.meet_in_rounds(body, months, count=3, RACING=RACING)
    answers = [answer for nurse in nurses for answer in nurse.values()]
    assert answers == ["done"] * 2 * RACING * ROUNDS
    # A month that was in a nurse's hands when its turn came is billed by the next run.
    practice.run(CLOSE_ALL, ROUNDS=months)
    for month in months:
        practice.check_closed(month)
    stored = practice.query(
        "SELECT count(*) FROM ccm_activity JOIN res_users u ON u.id = user_id"
        " WHERE u.login LIKE 'ccm_nurse__' AND date_trunc('month', start) = ANY(%s::date[])",
        months,
    )
    assert stored == [(2 * RACING * ROUNDS,)]


NURSE = """
go_to_close(MONTH)
result = []
for name in NAMES:
    tries = []

    def enter():
        tries.append(1)
        if len(tries) == 1:
            env.cr.execute("SELECT 1")  # the snapshot of this transaction
            meet("begun")
        log("ccm_nurse_2", name, f"{day_of(MONTH, 1 + len(result))} 22:00:00")
        if len(tries) == 1:
            meet("entered")

    result.append([call(enter), len(tries)])
    meet("ended")
"""

BILLER = """
go_to_close(MONTH)
env["ccm.month"]._refresh(MONTH)
env.cr.commit()
result = []
meet("refreshed")
for name in NAMES:
    tries = []

    def invoice():
        tries.append(1)
        if len(tries) == 1:
            env.cr.execute("SELECT 1")
            meet("begun")
        bill(MONTH, name, "Ready 09")
        if len(tries) == 1:
            meet("billed")

    result.append([call(invoice), len(tries)])
    meet("ended")
"""


class Steps:
    """A process that stands at a ``meet`` until the next step."""

    def __init__(self, process):
        self.process = process.go()

    def step(self, *places):
        """Go on, and on, until the process stands at the last of ``places``."""
        for place in places:
            self.process.release()
            self.process.wait_for(place)

    def go(self):
        self.process.release()

    def result(self):
        self.process.release()
        assert self.process.wait().ok, self.process.error
        return self.process.result


def test_an_entry_and_the_bill_in_every_order(practice):
    """The nurse's and the biller's steps, interleaved in each way that matters, one patient each."""
    month = practice.race_month()
    values = {"MONTH": month, "NAMES": [f"Ready {number:02d}" for number in range(4)]}
    biller = Steps(practice.begin(BILLER, **values))
    biller.process.wait_for("refreshed")
    nurse = Steps(practice.begin(NURSE, **values))
    minutes = [practice.month_of(month, name)[1] for name in values["NAMES"]]
    nurse.process.wait_for("begun")
    biller.step("begun")

    # 1. The entry is stored after the biller's snapshot: the biller has to begin again.
    nurse.step("entered", "ended")
    biller.step("ended")
    # 2. The entry is still in hand: that month is left alone, the other (Ready 09) is not.
    nurse.step("begun", "entered")
    biller.step("begun", "billed", "ended")
    nurse.step("ended")
    # 3. The bill is still in hand: the nurse waits at the month's row, begins again, and is late.
    nurse.step("begun")
    biller.step("begun", "billed")
    nurse.go()
    until(practice.waiting, "the nurse at the month's row")
    biller.step("ended")
    nurse.process.wait_for("ended")
    # 4. The bill is stored after the nurse's snapshot, which does not know of it.
    nurse.step("begun")
    biller.step("begun", "billed", "ended")
    nurse.step("ended")

    assert nurse.result() == [["done", 1], ["done", 1], ["done", 2], ["done", 2]]
    assert biller.result() == [["done", 2], ["done", 1], ["done", 1], ["done", 1]]
    # Ready 00, 02, 03 and 09
    assert practice.check_no_halves(month) == 4
    practice.run(CLOSE_ALL, ROUNDS=[month])
    practice.check_closed(month)
    billed = [practice.month_of(month, name)[1] for name in values["NAMES"]]
    assert billed == [minutes[0] + 20, minutes[1] + 20, minutes[2], minutes[3]]
    late = practice.query(
        "SELECT p.name FROM ccm_activity a JOIN res_partner p ON p.id = partner_id"
        " WHERE is_late AND date_trunc('month', start) = %s ORDER BY p.name",
        month,
    )
    assert late == [("Ready 02",), ("Ready 03",)]


def test_late_time_while_its_month_is_billed_anew(practice):
    """Two billers press the same button while the nurse goes on finding calls."""
    practice.set_invoice_state("posted")
    month = practice.race_month()
    names = [f"Ready {number:02d}" for number in range(RACING)]
    body = """
go_to_close(MONTH)
if worker == 0:
    env["ccm.month"]._refresh(MONTH)
    bill(MONTH)
    for n, name in enumerate(NAMES):
        log("ccm_nurse_2", name, f"{day_of(MONTH, 1 + n)} 22:00:00")
    env.cr.commit()
result = []


def rebill(name):
    as_user("ccm_biller")["ccm.month"].browse(months_of(MONTH, name).ids).action_rebill()


meet("ready")
for n, name in enumerate(NAMES):
    if worker == 2:
        result.append(call(log, "ccm_nurse_3", name, f"{day_of(MONTH, 1 + n)} 23:00:00"))
    else:
        result.append(call(rebill, name))
"""
    processes = [practice.begin(body, worker, MONTH=month, NAMES=names) for worker in range(3)]
    for process in processes:  # the first has billed when the others begin
        process.go().wait_for("ready")
    for process in processes:
        process.release()
    for process in processes:
        assert process.wait().ok, process.error
    *billers, nurse = (process.result for process in processes)
    assert nurse == ["done"] * RACING
    refusals = [answer for answers in billers for answer in answers if answer != "done"]
    assert all(
        "needs no other bill" in answer
        or "Somebody else" in answer
        or "invoiced months only" in answer
        for answer in refusals
    ), refusals
    practice.check_closed(month)
    # Whatever was undone was undone once, and what is billed less what was credited is the month.
    sums = practice.query(
        """
        SELECT count(*) FILTER (WHERE move.move_type = 'out_refund'),
               count(*) FILTER (WHERE move.ccm_is_released),
               round(sum(move.amount_untaxed_signed)
                     - (SELECT sum(amount_total) FROM ccm_month WHERE month = %s
                         AND state = 'invoiced'), 2)::float
          FROM account_move move
          JOIN account_move bill ON bill.id = coalesce(move.reversed_entry_id, move.id)
          JOIN ccm_month m ON m.id = bill.ccm_month_id
         WHERE m.month = %s AND move.state = 'posted'
        """,
        month,
        month,
    )
    credits, released, left_over = sums[0]
    assert credits == released > 0
    assert left_over == 0


def test_two_nurses_at_one_patient(practice):
    """Both entries are kept; also the first of a month, whose row both have to make."""
    body = """
clock.move_to("2027-01-31 20:00:00")
result = []
for name in ROUNDS:
    meet(name)
    for day in (3 + worker, 10 + worker, 17 + worker):
        begin = f"2027-01-{day:02d} {13 + int(name[-2:])}:00:00"
        result.append(call(log, f"ccm_nurse_{worker + 2}", name, begin, 11))
"""
    names = [f"Ready {number:02d}" for number in range(ROUNDS)]
    results = practice.meet_in_rounds(body, names)
    assert results == [["done"] * 3 * ROUNDS] * 2
    minutes = [practice.month_of("2027-01-01", name)[1] for name in names]
    assert minutes == [6 * 11] * ROUNDS


def test_nobody_is_in_two_places(practice):
    """One person, two devices, two patients, at the same moment: one entry is refused in words."""
    body = """
clock.move_to("2027-02-28 20:00:00")
result = []
for begin in ROUNDS:
    meet(begin)
    result.append(call(log, "ccm_nurse_2", f"Ready {worker:02d}", begin, 25 + worker))


def enter():
    log("ccm_nurse_2", f"Ready {worker:02d}", "2027-02-20 15:00:00")
    env.flush_all()
    if not worker:
        meet("entered")


# The first has not committed, so that the second cannot see it: PostgreSQL alone is between them.
meet("ready")
result.append(call(enter))
"""
    rounds = [f"2027-02-{day:02d} 15:00:00" for day in range(1, 1 + 2 * ROUNDS)]
    first, second = (practice.begin(body, worker, ROUNDS=rounds).go() for worker in range(2))
    for place in rounds:
        first.wait_for(place)
        second.wait_for(place)
        first.release()
        second.release()
    first.wait_for("ready")
    second.wait_for("ready")
    first.release()
    first.wait_for("entered")
    second.release()
    until(practice.waiting, "the second entry at the first")
    first.release()
    assert first.wait().ok, first.error
    assert second.wait().ok, second.error
    for answers in zip(first.result, second.result, strict=True):
        assert sorted(answer == "done" for answer in answers) == [False, True], answers
        assert "nobody can be in two places" in min(answers, key=lambda answer: answer == "done")
    assert first.result[-1] == "done"
    assert 'violates exclusion constraint "ccm_activity_one_place"' in second.error
    stored = practice.query(
        "SELECT count(*) FROM ccm_activity WHERE date_trunc('month', start) = '2027-02-01'"
    )
    assert stored == [(len(rounds) + 1,)]


def test_database_takes_no_second_invoice(practice):
    """Code that goes round the close, in two processes at once: it is not in its hands."""
    [(month_id,)] = practice.query(
        "INSERT INTO ccm_month (partner_id, month, program_id, company_id, state)"
        " SELECT partner_id, '2024-12-01', program_id, company_id, 'open' FROM ccm_month LIMIT 1"
        " RETURNING id"
    )
    body = """
import psycopg2

month = env["ccm.month"].browse(MONTH_ID)
meet("ready")
try:
    env["account.move"].create(
        {"move_type": "out_invoice", "partner_id": month.partner_id.id, "ccm_month_id": month.id}
    )
    env.flush_all()
    result = "stored"
except psycopg2.errors.UniqueViolation as error:
    result = error.diag.constraint_name
    env.cr.rollback()
"""
    results = practice.meet_in_rounds(body, ["ready"], MONTH_ID=month_id)
    assert sorted(results) == ["account_move_ccm_month_once", "stored"]


def test_database_error_in_the_middle(practice):
    """PostgreSQL refuses one patient's invoice: it alone is left, until that is mended."""
    practice.set_invoice_state("posted")
    month = practice.race_month()
    preview = practice.preview(month)
    broken, _minutes = practice.month_of(month, "Ready 05")
    practice.query(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE 'disk on fire' USING ERRCODE = 'io_error'; END $$
        """
    )
    practice.query(
        "CREATE TRIGGER refuse BEFORE UPDATE ON account_move FOR EACH ROW"
        " WHEN (NEW.state = 'posted' AND NEW.ccm_month_id = %s) EXECUTE FUNCTION refuse()",
        broken,
    )
    body = """
close(MONTH)
env.cr.commit()
meet("closed")
env.cr.rollback()
bill(MONTH)
"""
    process = practice.begin(body, MONTH=month).go()
    process.wait_for("closed")
    assert practice.check_no_halves(month) == RACING - 1
    left = practice.query(
        "SELECT id, error_message FROM ccm_month WHERE month = %s AND state = 'ready'", month
    )
    assert [month_id for month_id, _message in left] == [broken]
    assert left[0][1], "the month says that it failed"
    assert "fire" not in left[0][1], "the details are for the log"
    practice.query("DROP TRIGGER refuse ON account_move")
    process.release()
    assert process.wait().ok, process.error
    practice.check_closed(month, preview)
    gaps = practice.query(
        "SELECT max(sequence_number) - min(sequence_number) + 1 - count(*) FROM account_move"
        " JOIN ccm_month m ON m.id = ccm_month_id WHERE m.month = %s",
        month,
    )
    assert gaps == [(0,)], "the numbers of the invoices have a gap"


def test_stopped_and_resumed(practice):
    """SIGKILL, or a database that goes away, in the middle of each kind of work that a close does."""
    practice.set_invoice_state("posted")
    month = practice.full_month()
    preview = practice.preview(month)
    for table, billed, is_killed in (
        ("ccm_month", 0, True),  # deciding
        ("account_move", 0, True),  # the first invoice
        ("account_move_line", 4, False),  # its lines, with a batch done
        ("mail_message", 12, True),  # the history of the month, with its batch invoiced
        ("account_move", 20, False),
    ):
        process = practice.begin("close(MONTH)", MONTH=month).go()
        until(lambda: len(practice.live_invoices(month)) >= billed, "the batches before")  # noqa: B023
        with practice.write_lock(table):
            [(backend,)] = until(practice.waiting, f"the close at {table}")
            if is_killed:
                process.kill()
            else:
                practice.query("SELECT pg_terminate_backend(%s)", backend)
                assert not process.wait().ok
        until(practice.is_alone, "the end of its transaction")
        assert billed <= practice.check_no_halves(month) < READY
    practice.run(CLOSE_ALL, ROUNDS=[month])
    practice.check_closed(month, preview)


# As an accountant would, so that the month is there to be closed, and stopped in it, once more.
UNDO = """
go_to_close(MONTH)
invoices = months_of(MONTH).move_id
invoices.button_draft()
invoices.button_cancel()
months_of(MONTH).decided_on = False
"""


def test_killed_at_random_moments(practice):
    """A few kills, or as many as ``CCM_KILLS`` says: in the end each month is billed, and once."""
    practice.set_invoice_state("posted")
    month = practice.full_month()
    preview = practice.preview(month)
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    body = "ccm_month_close.BATCH = 2\nmeet('begin')\nclose(MONTH)\n"
    for number in range(int(os.environ.get("CCM_KILLS", "3"))):
        process = practice.begin(body, MONTH=month).go()
        process.wait_for("begin")
        process.release()
        # Nothing is waited for: this is the moment at which the power fails.
        time.sleep(moments.uniform(0.1, 2.0))
        process.kill()
        practice.processes.clear()
        until(practice.is_alone, "the end of its transaction")
        if practice.check_no_halves(month) == READY:
            practice.check_closed(month, preview)
            practice.run(UNDO, MONTH=month)
            assert practice.check_no_halves(month) == 0, f"seed {seed}, kill {number}"
    practice.run(CLOSE_ALL, ROUNDS=[month])
    practice.check_closed(month, preview)
