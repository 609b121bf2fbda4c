"""A large practice in seconds: one patient made through Odoo, and copied by SQL.

``fill(env, patients, activities)`` may run in a transaction of its own or within a test's. What it
makes obeys every constraint of the database, since nothing is switched off:

* One nurse for every 200 patients (two at least), whose time is laid end to end over the working days of the last
  thirteen months, so that nobody is in two places and each patient is called about twice a week.
* Each patient as the first one was made by Odoo's own methods: two chronic conditions, a visit, consent,
  an approved care plan with goals, an active enrollment, and a call that is due.
* A month for each patient and calendar month. The running one is decided by the addon for the first
  nurse's patients, and copied with its lines and notes for the others, who are at work alike.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import SQL

MONTHS = 13  # with the running one
PATIENTS_A_NURSE = 200
FIRST_HOUR, HOURS = 13, 8  # of a working day, UTC
NAMES = ["Alvarez", "Baker", "Chen", "Diaz", "Evans", "Fischer", "Garcia", "Huang", "Iyer", "Jones", "Kim", "Lopez", "Martin", "Nguyen", "Okafor", "Park", "Quinn", "Rossi", "Singh", "Tran"]  # fmt: skip
# Tables copied with the patient, and by which column each belongs to what was copied before it.
COPIED = {
    "ccm_condition": {"partner_id": "res_partner"},
    "ccm_visit": {"partner_id": "res_partner"},
    "ccm_consent": {"partner_id": "res_partner"},
    "ccm_care_plan": {"partner_id": "res_partner"},
    "ccm_care_plan_goal": {"plan_id": "ccm_care_plan"},
    "ccm_enrollment": {"partner_id": "res_partner"},
    "mail_activity": {"res_id": "res_partner"},
}


def fill(env, patients, activities):
    """Make that many patients and entries of time; return the nurses and the patients.

    :return: ``(res.users, res.partner)``
    """
    share = min(PATIENTS_A_NURSE, -(-patients // 2))
    nurses = _make_nurses(env, -(-patients // share))
    model = _make_patient(env, nurses[0])
    env.flush_all()
    ids = _copy_patients(env, model, patients - 1, nurses, share)
    today = env.company._ccm_today()
    first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
    days = [first + timedelta(n) for n in range((today - first).days)]
    _log_time(env, [model.id, *ids], activities, nurses, share, days)
    env.cr.execute("ANALYZE ccm_activity, ccm_enrollment")
    _add_past_months(env, model)
    env.invalidate_all()
    _add_running_month(env, [model.id, *ids], share)
    env.invalidate_all()
    return nurses, env["res.partner"].browse([model.id, *ids])


def fill_month(env, month, patients, entries):
    """Make patients who are all ready to be billed two codes for ``month``, and return them.

    :param date month: a first day, of a month that is over
    :param entries: of time, for each patient
    """
    share = min(PATIENTS_A_NURSE, -(-patients // 2))
    nurses = _make_nurses(env, -(-patients // share))
    model = _make_patient(env, nurses[0])
    env.flush_all()
    ids = [model.id, *_copy_patients(env, model, patients - 1, nurses, share)]
    days = [month + timedelta(n) for n in range((month + relativedelta(months=1) - month).days)]
    # 15 entries of three minutes are what the second code takes
    _log_time(env, ids, patients * entries, nurses, share, days, shortest=2600 // entries)
    env.invalidate_all()
    return env["res.partner"].browse(ids)


def _make_nurses(env, count):
    return env["res.users"].create(
        [
            {
                "name": f"Nurse {number:03}",
                "login": f"bench_nurse_{number:03}",
                "tz": env.company.ccm_tz,
                "group_ids": [(4, env.ref("ccm_module.group_ccm_user").id)],
                "ccm_performer": "staff",
            }
            for number in range(1, count + 1)
        ]
    )


def _make_patient(env, nurse):
    """Return a patient for whom nothing is missing, since a year and a half."""
    company, today = env.company, env.company._ccm_today()
    since = today - relativedelta(months=18)
    company.partner_id.npi = company.partner_id.npi or "1333333338"
    doctor = env["res.users"].create(
        {
            "name": "Doctor Bench",
            "login": "bench_doctor",
            "group_ids": [(4, env.ref("ccm_module.group_ccm_practitioner").id)],
            "ccm_performer": "practitioner",
        }
    )
    practitioner = doctor.partner_id
    practitioner.write({"is_ccm_practitioner": True, "npi": "1234567893"})
    patient = env["res.partner"].create(
        {
            "name": "Ada Alvarez",
            "is_ccm_patient": True,
            "ccm_birthdate": "1950-03-14",
            "ccm_mrn": "B-0",
            "phone": "+1 212 555 0100",
            "street": "1 Main Street",
            "city": "Albany",
        }
    )
    link = {"partner_id": patient.id, "practitioner_id": practitioner.id}
    for diagnosis in env["ccm.diagnosis"].search([("chronicity", "=", "chronic")], limit=2):
        env["ccm.condition"].create(
            {
                "partner_id": patient.id,
                "diagnosis_id": diagnosis.id,
                "onset_date": since,
                "lasts_12_months": True,
                "significant_risk": True,
            }
        )
    env["ccm.visit"].create({**link, "date": since, "kind": "em_4", "ccm_discussed": True})
    told = ("told_available", "told_cost_sharing", "told_one_practitioner", "told_may_stop")
    consent = env["ccm.consent"].create(
        {**link, "obtained_by_id": nurse.id, **dict.fromkeys(told, True)}
    )
    consent.action_give()
    plan = env["ccm.care.plan"].create(
        {
            "partner_id": patient.id,
            "goal_ids": [(0, 0, {"name": f"Goal {n}", "target": "In 4 weeks"}) for n in (1, 2, 3)],
        }
    )
    plan.with_user(doctor).action_approve()
    plan.write({"copy_given_on": today, "copy_way": "paper"})
    enrollment = env["ccm.enrollment"].create({**link, "coordinator_id": nurse.id})
    enrollment.action_activate()
    patient.activity_schedule("ccm_module.mail_activity_type_call", today, user_id=nurse.id)
    env.flush_all()
    # It all happened long ago; to say so through Odoo would take a reason for each.
    for table, column in (
        ("ccm_enrollment", "date_start"),
        ("ccm_care_plan", "approved_on"),
        ("ccm_care_plan", "copy_given_on"),
    ):
        _set(env, table, "partner_id", patient.id, column, since)
    for column in ("given_at", "recorded_at"):
        _set(env, "ccm_consent", "partner_id", patient.id, column, since)
    return patient


def _set(env, table, key, record_id, column, value):
    names = [SQL.identifier(name) for name in (table, column, key)]
    env.cr.execute(
        SQL("UPDATE %s SET %s = %s WHERE %s = %s", *names[:2], value, names[2], record_id)
    )


def _copy_patients(env, model, count, nurses, share):
    """Copy the patient ``count`` times with all that belongs to it; return the new ids."""
    env.cr.execute(SQL("DELETE FROM ccm_month WHERE partner_id = %s", model.id))
    # The n-th copy of a row has the id: the table's highest, and n times the rows that are copied.
    base = _highest(env, "res_partner")
    name = SQL(
        "(%(names)s::text[])[1 + n %% %(len)s] || ', ' || 'Patient ' || n",
        names=list(NAMES),
        len=len(NAMES),
    )
    nurse = SQL("(%s::int[])[1 + n / %s]", nurses.ids, share)
    _copy_rows(
        env,
        "res_partner",
        SQL("t.id = %s", model.id),
        count,
        {
            "name": name,
            "complete_name": name,
            "commercial_partner_id": SQL("%s + n", base),
            "ccm_mrn": SQL("'B-' || n"),
            "ccm_mbi": SQL("NULL"),
            "ccm_coordinator_id": nurse,
            "user_id": SQL("NULL"),
        },
    )
    # of what is one row of a patient; only that may have rows below it
    bases, first = {"res_partner": base}, {"res_partner": model.ids}
    for table, links in COPIED.items():
        ((column, parent),) = links.items()
        where = SQL("t.%s = ANY(%s)", SQL.identifier(column), first[parent])
        if table == "mail_activity":
            where = SQL("%s AND t.res_model = 'res.partner'", where)
        values = {
            column: SQL("%s + n", bases[parent]),
            "coordinator_id": nurse,
            "user_id": nurse,
            "date_deadline": SQL("rows.date_deadline + (n %% 9)::int - 2"),
        }
        highest = _highest(env, table)
        env.cr.execute(SQL("SELECT t.id FROM %s t WHERE %s", SQL.identifier(table), where))
        rows = [row[0] for row in env.cr.fetchall()]
        if len(rows) == 1:
            bases[table], first[table] = highest, rows
        _copy_rows(env, table, where, count, values)
    return range(base + 1, base + count + 1)


def _highest(env, table):
    env.cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table)))
    return env.cr.fetchone()[0]


def _columns(env, table):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema ="
        " 'public' AND is_generated = 'NEVER'",
        [table],
    )
    return {row[0] for row in env.cr.fetchall()} - {"id"}


def _copy_rows(env, table, where, count, values):
    """Copy each row that fits ``count`` times; ``values`` replaces columns, by SQL that may use ``n``."""
    columns = sorted(_columns(env, table))
    env.cr.execute(SQL("""
        INSERT INTO %(table)s (id, %(columns)s)
        SELECT %(base)s + (n - 1) * rows.count + rows.number, %(values)s
          FROM (SELECT t.*, ROW_NUMBER() OVER (ORDER BY t.id) AS number, COUNT(*) OVER () AS count
                  FROM %(table)s t WHERE %(where)s) AS rows
         CROSS JOIN generate_series(1, %(times)s) AS n
        """,
        table=SQL.identifier(table),
        columns=SQL(", ").join(map(SQL.identifier, columns)),
        base=_highest(env, table),
        values=SQL(", ").join(
            values.get(column) or SQL("rows.%s", SQL.identifier(column)) for column in columns
        ),
        where=where,
        times=count,
    ))  # fmt: skip
    env.cr.execute(
        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, max(_highest(env, table), 1)]
    )


def _log_time(env, patient_ids, count, nurses, share, days, shortest=30):
    """Log ``count`` entries: each nurse goes from patient to patient, all day, on all working days."""
    days = [day for day in days if day.weekday() < 5]
    a_nurse = -(-count // len(nurses))
    a_day = -(-a_nurse // len(days))
    slot = HOURS * 3600 // a_day
    assert slot > max(60, shortest), f"{a_day} entries of a nurse are too many for one day"
    kinds = env["ccm.activity.type"].search([("counts", "=", True)]).ids
    env.cr.execute(SQL("""
        INSERT INTO ccm_activity (partner_id, company_id, user_id, type_id, seconds, shared_count,
            performer, outcome, source, reason, state, note, counts, start, stop,
            create_uid, write_uid, create_date, write_date)
        SELECT (%(patients)s::int[])[1 + (nurse - 1) * %(per)s + (k * 7919) %% LEAST(
                   %(per)s, cardinality(%(patients)s::int[]) - (nurse - 1) * %(per)s)],
               %(company)s, user_id, (%(kinds)s::int[])[1 + k %% %(kind_count)s],
               length, 1, 'staff',
               CASE k %% 5 WHEN 0 THEN 'no_answer' WHEN 1 THEN 'left_message' ELSE 'reached' END,
               CASE k %% 3 WHEN 0 THEN 'manual' ELSE 'timer' END,
               'Logged after the call', 'done', 'Went through the plan', TRUE,
               begin, begin + length * INTERVAL '1 second', user_id, user_id, begin, begin
          FROM unnest(%(nurses)s::int[]) WITH ORDINALITY AS u(user_id, nurse)
         CROSS JOIN generate_series(0, %(a_nurse)s - 1) AS k
         CROSS JOIN LATERAL (SELECT
               (%(days)s::date[])[1 + k / %(a_day)s] + %(hour)s * INTERVAL '1 hour'
                   + (k %% %(a_day)s) * %(slot)s * INTERVAL '1 second' AS begin,
               %(shortest)s + (k * 104729 + nurse) %% (%(slot)s - %(shortest)s) AS length) AS one
         ORDER BY nurse, k
         LIMIT %(count)s
        """,
        patients=list(patient_ids), per=share, company=env.company.id, kinds=kinds,
        kind_count=len(kinds), nurses=nurses.ids, a_nurse=a_nurse, days=days, a_day=a_day,
        hour=FIRST_HOUR, slot=slot, shortest=shortest, count=count,
    ))  # fmt: skip


def _add_past_months(env, model):
    """Add the months before the running one, as they are after a close that nobody invoiced yet."""
    today = env.company._ccm_today()
    month = env["ccm.month"]._refresh(today, model)
    env.flush_all()
    minutes = SQL("(SELECT COALESCE(SUM(seconds), 0) / 60 FROM ccm_activity a WHERE %s)", SQL(
        "a.partner_id = e.partner_id AND a.start >= first AND a.start < first + INTERVAL '1 month'"
    ))  # fmt: skip
    columns = sorted(_columns(env, "ccm_month"))
    values = {
        "partner_id": SQL("e.partner_id"),
        "coordinator_id": SQL("e.coordinator_id"),
        "plan_id": SQL("NULL"),
        "month": SQL("first::date"),
        "staff_minutes": SQL("minutes"),
        "total_minutes": SQL("minutes"),
        "state": SQL("CASE WHEN minutes < 20 THEN 'short' ELSE 'ready' END"),
        "base_code": SQL("CASE WHEN minutes < 20 THEN NULL ELSE '99490' END"),
        "work_state": SQL("CASE WHEN minutes < 20 THEN 'short' ELSE 'ready' END"),
    }
    env.cr.execute(SQL("""
        INSERT INTO ccm_month (%(columns)s)
        SELECT %(values)s
          FROM ccm_month AS m
         CROSS JOIN ccm_enrollment AS e
         CROSS JOIN generate_series(%(first)s::date, %(last)s::date, '1 month') AS first
         CROSS JOIN LATERAL (SELECT %(minutes)s AS minutes) AS sums
         WHERE m.id = %(month)s AND e.state = 'active' AND e.company_id = m.company_id
        """,
        columns=SQL(", ").join(map(SQL.identifier, columns)),
        values=SQL(", ").join(values.get(c) or SQL("m.%s", SQL.identifier(c)) for c in columns),
        first=fields.Date.to_string(today.replace(day=1) - relativedelta(months=MONTHS - 1)),
        last=fields.Date.to_string(today.replace(day=1) - relativedelta(months=1)),
        minutes=minutes,
        month=month.id,
    ))  # fmt: skip


def _add_running_month(env, patient_ids, share):
    sample, others = patient_ids[:share], patient_ids[share:]
    today = env.company._ccm_today()
    months = env["ccm.month"]._refresh(today, env["res.partner"].browse(sample))
    env.flush_all()
    by_patient = {month.partner_id.id: month.id for month in months}
    like = [by_patient[sample[n % len(sample)]] for n in range(len(others))]
    base = _highest(env, "ccm_month")
    _copy_paired(
        env,
        "ccm_month",
        "id",
        like,
        {
            "id": SQL("%s + n", base),
            "partner_id": SQL("(%s::int[])[n]", others),
            "payer_id": SQL("(%s::int[])[n]", others),
            "plan_id": SQL(
                "(SELECT p.id FROM ccm_care_plan p WHERE p.partner_id = (%s::int[])[n])", others
            ),
            "coordinator_id": SQL(
                "(SELECT e.coordinator_id FROM ccm_enrollment e WHERE e.partner_id = (%s::int[])[n]"
                " AND e.state = 'active')",
                others,
            ),
        },
    )
    for table in ("ccm_month_line", "ccm_month_blocker"):
        _copy_paired(env, table, "month_id", like, {"month_id": SQL("%s + n", base)})
    env.cr.execute(
        "SELECT setval(pg_get_serial_sequence('ccm_month', 'id'), %s)", [base + len(like) + 1]
    )


def _copy_paired(env, table, column, like, values):
    """Copy the rows whose ``column`` is the n-th of ``like``, for each n; ``values`` as SQL with ``n``."""
    columns = sorted(_columns(env, table) | ({"id"} & values.keys()))
    env.cr.execute(SQL("""
        INSERT INTO %(table)s (%(columns)s)
        SELECT %(values)s
          FROM unnest(%(like)s::int[]) WITH ORDINALITY AS pair(like_id, n)
          JOIN %(table)s AS t ON t.%(column)s = pair.like_id
        """,
        table=SQL.identifier(table),
        columns=SQL(", ").join(map(SQL.identifier, columns)),
        values=SQL(", ").join(values.get(c) or SQL("t.%s", SQL.identifier(c)) for c in columns),
        like=like,
        column=SQL.identifier(column),
    ))  # fmt: skip
