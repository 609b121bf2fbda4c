"""A practice that began with the first release goes on with this one: ``-u ccm_module``, and nothing is lost.

``tests/upgrade`` holds that release's database and says how it was made.
"""

import contextlib
import lzma
import os
import re
import subprocess

import psycopg2
import pytest

from odoo.tools import config

from processes import ROOT, client, run, scratch_database

FIRST = ROOT / "tests/upgrade/19.0.1.0.0.sql.xz"

# All columns of these tables are compared, row by row, but for what this release keeps elsewhere
# or says in one more language.
KEPT = r"^(ccm_|account_(move|payment|partial|full)|res_(partner|users|company)$|ir_attachment$)"
# Tables of rows each; and amounts, which are a field of their own.
MOVED = {"ccm_care_plan.community", "ccm_care_plan.interventions", "ccm_month.details"}
IN_SPANISH = {
    *("ccm_activity_type.name", "ccm_enrollment_reason.name", "ccm_program.name"),
    *("ccm_service_code.name", "ccm_setup_step.name", "ccm_setup_step.description"),
}

# What an install of this release is made of
THINGS = """
SELECT 'record ' || name FROM ir_model_data WHERE module = 'ccm_module'
UNION SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
        FROM information_schema.columns JOIN ir_model ON replace(ir_model.model, '.', '_') = table_name
        JOIN ir_model_data AS data ON data.model = 'ir.model' AND res_id = ir_model.id
       WHERE data.module = 'ccm_module' AND ir_model.model LIKE 'ccm.%'
UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
"""

CLOCK = """
from freezegun import freeze_time

clock = freeze_time("2026-06-18 16:00:00")
frozen = clock.start()
"""

# Each record is read whole, each menu's view built, as each would be on a screen.
LOOK = (
    CLOCK
    + """
read = 0
for model in env["ir.model"].search([("model", "=like", "ccm.%"), ("abstract", "=", False)]):
    records = env[model.model].with_context(active_test=False)
    if records._auto or records._table_query:
        read += len(records.search([], limit=500).read())
patients = env["res.partner"].search([("is_ccm_patient", "=", True)])
read += len(patients.read()) + len(env["account.move"].search([]).read())
views = 0
for action in env["ir.actions.act_window"].search([]):
    if action.get_external_id()[action.id].startswith("ccm_module."):
        views += len(env[action.res_model].get_views(action.views)["views"])
billed = env["ccm.month"].search([("state", "=", "invoiced")])
billed._compare()
months = env["ccm.month"].search([])
months._decide()
result = {
    "read": read,
    "views": views,
    "billed": len(billed),
    "differ": billed.filtered("has_difference").mapped("display_name"),
    "states": {state: len(group) for state, group in months.grouped("state").items()},
}
env.cr.rollback()
"""
)

# The timer that ran through the update is stopped, time is logged, and the month is closed.
WORK = (
    CLOCK
    + """
def as_user(login):
    return env(user=env["res.users"].search([("login", "=", login)]).id)

timer = env["ccm.activity"].search([("state", "=", "running")])
frozen.move_to("2026-06-18 15:25:00")
as_user("nurse")["ccm.activity"].action_stop_timer()
timer.note = "Went through her medicines with her by telephone."
frozen.move_to("2026-07-02 15:00:00")
env["ccm.month"]._cron_close_month()
june = env["ccm.month"].search([("month", "=", "2026-06-01")])
billed = june.filtered("move_id")
decisions = env["ccm.decision"].search([("month_id", "in", june.ids)])
result = {
    "seconds": timer.seconds,
    "enrolled": len(june),
    "billed": len(billed),
    "records": len(decisions),
    "again": decisions.action_check()["params"]["type"],
    "with her": timer.partner_id in billed.partner_id,
}
"""
)


@pytest.fixture(scope="module")
def upgraded():
    """Yield the first release's database after the update, and what was in it before."""
    name = f"upgrade_{os.getpid()}"
    client("createdb", "-T", "template0", "--lc-collate=C", name)
    try:
        with lzma.open(FIRST) as file:
            client("psql", "-qXo/dev/null", "-vON_ERROR_STOP=1", name, input=file.read())
        before = {"columns": columns(name), "plans": plans(name), "rows": last_ids(name)}
        update = subprocess.run(
            [ROOT / "dev/odoo", "-d", name, "-u", "ccm_module", "--stop-after-init", "--no-http"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        yield name, before, update
    finally:
        client("dropdb", "--force", "--if-exists", name)


def query(database, sql, *args):
    connection = psycopg2.connect(dbname=database, host=config["db_host"], user=config["db_user"])
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(sql, args or None)
        return cursor.fetchall()


def last_ids(database):
    """Return the tables looked at, and the last row of each."""
    tables = query(
        database,
        """
        SELECT DISTINCT table_name::text FROM information_schema.columns
          JOIN pg_class ON relname = table_name AND relkind = 'r'
         WHERE table_schema = 'public' AND table_name ~ %s AND column_name = 'id'
        """,
        KEPT,
    )
    return {
        table: query(database, f'SELECT coalesce(max(id), 0) FROM "{table}"')[0][0]
        for (table,) in tables
    }


def columns(database, last=None):
    """Return how many rows a column has and a fingerprint of what is in them, for each column."""
    result = {}
    for table, last_id in (last or last_ids(database)).items():
        names = query(
            database,
            "SELECT column_name::text FROM information_schema.columns"
            " WHERE table_name = %s AND column_name NOT IN ('write_date', 'write_uid')",
            table,
        )
        prints = ", ".join(
            f"""md5(string_agg(concat(id, ':', "{name}"), ' ' ORDER BY id))""" for (name,) in names
        )
        ((count, *values),) = query(
            database, f'SELECT count(*), {prints} FROM "{table}" WHERE id <= {last_id}'
        )
        for (name,), value in zip(names, values, strict=True):
            result[f"{table}.{name}"] = (count, value)
    return result


def plans(database):
    """Return the texts of the plans of care that became rows, line by line."""
    return query(database, "SELECT id, interventions, community FROM ccm_care_plan ORDER BY id")


def test_update_says_nothing_that_deserves_a_warning(upgraded):
    _name, _before, update = upgraded
    assert not re.findall(r".* (?:WARNING|ERROR|CRITICAL) .*", update.stdout), update.stdout[-9000:]
    assert update.returncode == 0


def test_every_row_is_as_it_was(upgraded, record_property):
    name, before, _update = upgraded
    after = columns(name, before["rows"])
    changed = {key for key, value in before["columns"].items() if after.get(key) != value}
    assert changed - IN_SPANISH == MOVED
    assert query(name, "SELECT count(*) FROM account_move WHERE state = 'posted'") == [(54,)]
    record_property(
        "measured",
        f"upgrade: {len(before['columns'])} columns of {len(before['rows'])} tables as they were",
    )


def test_texts_of_the_plans_became_rows(upgraded):
    name, before, _update = upgraded
    assert len(before["plans"]) == 25
    for plan, interventions, community in before["plans"]:
        for table, text in (
            ("ccm_care_plan_intervention", interventions),
            ("ccm_care_plan_service", community),
        ):
            rows = query(
                name, f"SELECT name FROM {table} WHERE plan_id = %s ORDER BY sequence, id", plan
            )
            assert [words for (words,) in rows] == text.split("\n")


def test_it_is_made_of_what_a_new_install_is(upgraded):
    name, _before, _update = upgraded
    with scratch_database() as fresh:
        wanted = {thing for (thing,) in query(fresh, THINGS)}
    found = {thing for (thing,) in query(name, THINGS)}
    assert not wanted - found
    assert not {thing for thing in found - wanted if not thing.startswith("record demo_")}


def test_it_can_be_looked_at_and_the_old_bills_are_right(upgraded, record_property):
    name, _before, _update = upgraded
    seen = run(name, LOOK).result
    record_property("measured", f"upgrade: {seen['read']} records and {seen['views']} views read")
    assert seen["read"] > 1000
    assert seen["views"] > 60
    assert seen["billed"] == 49
    assert not seen["differ"]


def test_work_goes_on(upgraded):
    name, _before, _update = upgraded
    done = run(name, WORK).result
    assert done["seconds"] == 25 * 60
    assert done["billed"] == done["records"] > 0
    assert done["again"] == "success"


def test_the_old_bills_are_sealed_by_the_first_run_of_the_job(upgraded):
    name, _before, _update = upgraded
    sealed = run(
        name,
        """
wake = env.ref("ccm_module.ir_cron_seal")
assert wake.active and wake.nextcall <= env.cr.now()
before = env["ccm.seal"]._check_chain(env.company)
wake.method_direct_trigger()
env.cr.commit()  # see what it did in its own transaction
result = [before, env["ccm.seal"]._check_chain(env.company)]
""",
    ).result
    before, after = sealed
    assert before["waiting"] == after["links"] >= 49
    assert after["ok"] and after["waiting"] == 0, after
