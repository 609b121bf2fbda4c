"""What will be done, and help from the community, were texts of the care plan: each line becomes a row.

Signed plans get theirs too, word for word. Nobody knows from a text how far a thing is or whose it is, so
the rows say so: as planned, to be arranged, and to be done by whom the text names.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL
from odoo.tools.sql import column_exists

# text of the plan that was: the table of its rows, and what a row says besides
ROWS = {
    "interventions": (
        "ccm_care_plan_intervention",
        {"responsible": "other", "responsible_name": "named in the text", "status": "planned"},
    ),
    "community": ("ccm_care_plan_service", {"status": "needed"}),
}


def migrate(cr, version):
    for text, (table, values) in ROWS.items():
        if not column_exists(cr, "ccm_care_plan", text):
            continue  # installed between the two releases: these are rows already
        cr.execute(
            SQL(
                """
                INSERT INTO %s (plan_id, company_id, sequence, name, %s,
                                create_uid, create_date, write_uid, write_date)
                SELECT plan.id, plan.company_id, 10 * line.number, btrim(line.words, E' \t\r'), %s,
                       plan.create_uid, plan.create_date, plan.write_uid, plan.write_date
                  FROM ccm_care_plan AS plan,
                       string_to_table(plan.%s, E'\n') WITH ORDINALITY AS line(words, number)
                 WHERE btrim(line.words, E' \t\r') <> ''
                """,
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(SQL("%s", value) for value in values.values()),
                SQL.identifier(text),
            )
        )
    env = api.Environment(cr, SUPERUSER_ID, {})
    plans = env["ccm.care.plan"].search([])
    plans.modified(["intervention_ids", "service_ids"])
    env.flush_all()
