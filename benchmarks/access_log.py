"""What the access log adds to the opening of a patient's form: see README.md beside this file.

access_log.py DATABASE [PATIENTS ROWS]: fills the database, which must be fresh, and measures.
"""

import gc
import statistics
import sys
import time

import generate
import screens
from patient_work import FORM, spread

from odoo import release
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

PATIENTS, ROWS = 1000, 1_000_000
REPEATS = 200
TARGET = 1.1

FILL = """
    INSERT INTO ccm_access_log (
        date, user_id, kind, partner_id, company_id, res_model, res_id, record_count)
    SELECT now() - (n + 10) * interval '1 minute', %s, 'open', p.id, %s, 'res.partner', p.id, 1
      FROM generate_series(1, %s) n
      JOIN (SELECT id, row_number() OVER () - 1 AS place FROM res_partner WHERE id = ANY(%s)) p
        ON p.place = n %% %s
"""


def opened(env, form, patient):
    """Return how long the form takes as one request does it: the answer and the commit."""
    env.invalidate_all()
    env.cr.commit()
    start = time.perf_counter()
    screens.seconds(env, lambda: form.read(patient))
    env.cr.commit()
    return time.perf_counter() - start


def main(database, patients=PATIENTS, rows=ROWS):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        nurses, people = generate.fill(env, int(patients), 100 * int(patients))
        nurse = nurses[0]
        cr.execute(FILL, [nurse.id, env.company.id, int(rows), people.ids, len(people)])
        cr.commit()
        cr.execute("ANALYZE")
        cr.execute("SHOW fsync")
        print(f"Odoo {release.version}, {REPEATS} repeats, fsync {cr.fetchone()[0]}")
        print(f"{len(people):,} patients, {int(rows):,} rows in the log")
        mine = env(user=nurse.id, su=False)
        form = screens.FormPage(mine["res.partner"], env.ref(FORM).id)
        silent = screens.FormPage(mine["res.partner"], env.ref(FORM).id)
        # the addon is found only now that Odoo is set up
        from odoo.addons.ccm_module.models.base import SHOWN

        silent.model = silent.model.with_context(ccm_shown=SHOWN)
        # her own patients, each opened once with the log: not the same look again, always a row
        ids = people.ids[1 : REPEATS + 2]
        cr.execute("SELECT count(*) FROM ccm_access_log")
        before = cr.fetchone()[0]
        times = {form: [], silent: []}
        gc.collect()
        for place, patient in enumerate(ids):
            turns = (form, silent) if place % 2 else (silent, form)
            for page in turns:
                times[page].append(opened(mine, page, patient))
        cr.execute("SELECT count(*) FROM ccm_access_log")
        written = cr.fetchone()[0] - before
        if written != len(ids):
            sys.exit(f"{written} rows for {len(ids)} openings")
        # who opens it first also pays for what PostgreSQL reads first
        with_log, without = (times[page][1:] for page in (form, silent))
        ratio = statistics.median(with_log) / statistics.median(without)
        print(f"  the patient's form without the log: {spread(without)}")
        print(f"  with it, a row each time:           {spread(with_log)}, {ratio:.3f} × that")
        if ratio > TARGET:
            print(f"    MISSED: at most {TARGET} × was the aim")
        return ratio > TARGET


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
