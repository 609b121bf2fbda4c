"""The nurse's screens in a large practice: see README.md beside this file.

patient_work.py DATABASE [PATIENTS ACTIVITIES]: fills the database, which must be fresh, and measures.
"""

import gc
import statistics
import sys
import time

import generate
import screens

from odoo import release
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

SMALL = (200, 20_000)  # two nurses, each with more than one page
LARGE = (10_000, 1_000_000)
REPEATS = 41
TARGET = 1.5
FORM = "ccm_module.res_partner_view_form_ccm"


def spread(times):
    """Return the median and the quartiles, in milliseconds."""
    low, middle, high = statistics.quantiles([1000 * one for one in times], n=4)
    return f"{middle:7.1f} ms ({low:.1f} to {high:.1f})"


def alternate(env, *calls):
    """Time the calls in turn, so that whatever disturbs the machine disturbs them all."""
    times = [[] for _call in calls]
    gc.collect()
    for _repeat in range(REPEATS):
        for call, taken in zip(calls, times, strict=True):
            taken.append(screens.seconds(env, call))
    return [taken[1:] for taken in times]


def measure(env, nurses, patients):
    """Print the figures of the practice as it is; return the numbers of queries."""
    env.cr.execute("SELECT COUNT(*) FROM ccm_activity")
    print(f"\n{len(patients):,} patients, {env.cr.fetchone()[0]:,} entries of time")
    mine = env(user=nurses[0].id, su=False)
    form = screens.FormPage(mine["res.partner"], env.ref(FORM).id)
    patient = patients[len(patients) // len(nurses) // 2].id  # one of hers
    number = {"form": screens.queries(mine, lambda: form.read(patient))}
    times = alternate(mine, lambda: form.read(patient))
    print(f"  the patient's form: {number['form']} queries, {spread(times[0])}")

    contacts = screens.ListPage(mine, "base.action_partner_form")
    opened = mine["ccm.month"].action_open_worklist()
    pages = {
        "the worklist, mine": screens.ListPage(mine, opened),
        "the worklist, everybody's": screens.ListPage(mine, {**opened, "context": {}}),
        "the patients": screens.ListPage(mine, "ccm_module.res_partner_action"),
    }
    base, *others = alternate(mine, contacts.read, *(page.read for page in pages.values()))
    print(
        f"  the contacts, first page: {screens.queries(mine, contacts.read)} queries, {spread(base)}"
    )
    for (name, page), taken in zip(pages.items(), others, strict=True):
        number[name] = screens.queries(mine, page.read)
        ratio = statistics.median(taken) / statistics.median(base)
        rows = len(page.read()["records"])
        print(
            f"  {name}: {number[name]} queries, {rows} rows, {spread(taken)}, {ratio:.2f} × the contacts"
        )
        if "worklist" in name and ratio > TARGET:
            print(f"    MISSED: at most {TARGET} × was the aim")

    def timer():
        mine["ccm.activity"].action_start_timer(patient)
        mine["ccm.activity"].action_stop_timer()

    def to_do():
        mine["res.partner"].browse(patient).activity_schedule("mail.mail_activity_data_todo")

    started, planned = alternate(mine, timer, to_do)
    print(
        f"  start and stop of a timer: {screens.queries(mine, timer)} queries, {spread(started)};"
    )
    print(
        f"  for comparison, a to-do of Odoo's own: {screens.queries(mine, to_do)} queries, {spread(planned)}"
    )
    return number


def practice(registry, patients, activities):
    """Fill the practice, measure, and leave the database as it was."""
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        start = time.perf_counter()
        nurses, people = generate.fill(env, patients, activities)
        cr.execute("ANALYZE")
        print(f"\nmade in {time.perf_counter() - start:.0f} s")
        try:
            return measure(env, nurses, people)
        finally:
            cr.rollback()


def main(database, *size):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    registry = Registry(database)
    print(f"Odoo {release.version}, {REPEATS - 1} repeats, medians and quartiles")
    small = practice(registry, *SMALL)
    large = practice(registry, *(map(int, size) if size else LARGE))
    grown = {name: (small[name], number) for name, number in large.items() if number != small[name]}
    print(f"\nqueries that grew with the practice: {grown or 'none'}")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
