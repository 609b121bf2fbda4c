"""The benchmarks still run, and no screen asks the database more as the practice grows.

Numbers of queries only: how long they take is for benchmarks/ on a quiet machine.
"""

import sys
from pathlib import Path

from odoo.tests import TransactionCase, tagged

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import generate
import screens
from patient_work import FORM


@tagged("post_install", "-at_install")
class TestBenchmarks(TransactionCase):
    def practice(self, patients, activities):
        """Return the number of queries of each screen in a practice of that size."""
        with self.env.cr.savepoint() as savepoint:
            nurses, people = generate.fill(self.env, patients, activities)
            self.assertEqual(len(people), patients)
            entries = self.env["ccm.activity"].search_count([("partner_id", "in", people.ids)])
            self.assertEqual(entries, activities)
            mine = self.env(user=nurses[0].id, su=False)
            form = screens.FormPage(mine["res.partner"], self.env.ref(FORM).id)
            page = screens.ListPage(mine, mine["ccm.month"].action_open_worklist())
            self.assertTrue(page.read()["records"])
            numbers = {
                "form": screens.queries(mine, lambda: form.read(people[5].id)),
                "worklist": screens.queries(mine, page.read),
            }
            savepoint.rollback()
            self.env.invalidate_all()
        return numbers

    def test_a_large_practice_asks_no_more(self):
        small = self.practice(180, 1800)  # enough for a whole page of one nurse's patients
        large = self.practice(400, 6000)
        self.assertEqual(small, large)
        self.measured = f"benchmarks: queries {large}, with 180 as with 400 patients"
