"""Conversion and churn by month, against a history small enough to count by hand."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError

from .common import CcmCommon

MEASURES = (
    "candidate_count",
    "contacted_count",
    "enrolled_count",
    "declined_count",
    "ended_count",
    "active_start",
    "active_end",
    "conversion_rate",
    "churn_rate",
)


@freeze_time("2026-06-10 14:00:00")
class TestEnrollmentReport(CcmCommon):
    """Six patients, from January to today, the 10th of June.

    =====  ==========  ==========  ==========  =======================================
    who    candidate   contacted   enrolled    what became of it
    =====  ==========  ==========  ==========  =======================================
    Ann    5 Jan       -           5 Jan       active
    Bob    10 Jan      20 Jan      1 Feb       ended 30 April, moved
    Cleo   31 Jan      1 Feb       28 Feb      last day 31 March by a revoked consent
    Dan    3 Feb       -           -           declined 3 March
    Eve    28 Feb      2 March     -           declined 5 March, enrolled 1 April after all
    Flo    2 April     -           -           still a candidate
    =====  ==========  ==========  ==========  =======================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        reason = cls.env["ccm.enrollment.reason"]._by_code
        cls.moved, cls.no_calls = reason("moved"), reason("no_calls")
        cls.revoked = reason("consent_revoked")
        ann = cls.at("2026-01-05", "Ann")
        cls.step(ann, "2026-01-05", state="active")
        bob = cls.at("2026-01-10", "Bob")
        cls.step(bob, "2026-01-20", state="contacted")
        cls.step(bob, "2026-02-01", state="active")
        cls.step(bob, "2026-04-30", state="ended", reason_id=cls.moved.id)
        cleo = cls.at("2026-01-31", "Cleo")
        cls.step(cleo, "2026-02-01", state="contacted")
        cls.step(cleo, "2026-02-28", state="active")
        # her last day is over, and the nightly job has not run
        cls.step(cleo, "2026-03-20", date_end="2026-03-31", reason_id=cls.revoked.id)
        dan = cls.at("2026-02-03", "Dan")
        cls.step(dan, "2026-03-03", state="declined", reason_id=cls.no_calls.id)
        eve = cls.at("2026-02-28", "Eve")
        cls.step(eve, "2026-03-02", state="contacted")
        cls.step(eve, "2026-03-05", state="declined", reason_id=cls.no_calls.id)
        cls.step(eve, "2026-04-01", state="active")
        cls.at("2026-04-02", "Flo")
        cls.bob, cls.eve = bob, eve

    @classmethod
    def at(cls, day, name, **vals):
        with freeze_time(f"{day} 14:00:00"):
            return cls.make_enrollment(cls.make_patient(name=name), **vals)

    @classmethod
    def step(cls, enrollment, day, **vals):
        with freeze_time(f"{day} 14:00:00"):
            enrollment.write(vals)

    def report(self, groupby=("date:month",), user=None, domain=()):
        """Return ``{group: its measures}``."""
        model = self.env["ccm.enrollment.report"].with_user(user or self.nurse)
        specs = [f"{name}:{model._fields[name].aggregator}" for name in MEASURES]
        domain = [("company_id", "=", self.company.id), *domain]
        rows = model._read_group(domain, list(groupby), specs)
        size = len(groupby)
        return {row[:size]: row[size:] for row in rows}

    def test_month_by_month(self):
        #         new  contacted  enrolled  declined  ended  start  end  conversion  churn
        expected = {
            "2026-01": (3, 2, 1, 0, 0, 0, 1.0, 100.0, None),
            "2026-02": (2, 1, 2, 0, 0, 1, 3.0, 50.0, 0.0),
            "2026-03": (0, 1, 0, 2, 1, 3, 2.0, None, 100 / 3),
            "2026-04": (1, 0, 1, 0, 1, 2, 2.0, 0.0, 50.0),
            "2026-05": (0, 0, 0, 0, 0, 2, 2.0, None, 0.0),
            "2026-06": (0, 0, 0, 0, 0, 2, 2.0, None, 0.0),
        }
        found = {month.strftime("%Y-%m"): row for (month,), row in self.report().items()}
        self.assertEqual(found.keys(), expected.keys())
        for month, row in expected.items():
            for name, wanted, got in zip(MEASURES, row, found[month], strict=True):
                if wanted is None:
                    self.assertFalse(got, f"{month} {name}")
                else:
                    self.assertAlmostEqual(float(got), wanted, 6, f"{month} {name}")

    def test_ratios_of_the_sums_not_averages_of_ratios(self):
        [(_group, row)] = self.report(groupby=()).items()
        total = dict(zip(MEASURES, row, strict=True))
        self.assertAlmostEqual(float(total["conversion_rate"]), 100 * 4 / 6, 6)
        self.assertAlmostEqual(float(total["churn_rate"]), 100 * 2 / 10, 6)
        self.assertAlmostEqual(float(total["active_end"]), 12 / 6, 6)

    def test_what_comes_in_and_goes_out_adds_up(self):
        end = 0
        for _month, row in sorted(self.report().items()):
            values = dict(zip(MEASURES, row, strict=True))
            self.assertEqual(values["active_start"], end)
            end = values["active_start"] + values["enrolled_count"] - values["ended_count"]
            self.assertEqual(values["active_end"], end)

    def test_why_they_left(self):
        left = self.report(["reason_id"], domain=[("ended_count", "=", 1)])
        self.assertEqual(
            {reason.code: row[4] for (reason,), row in left.items()},
            {"moved": 1, "consent_revoked": 1},
        )
        declined = self.report(["reason_id"], domain=[("declined_count", "=", 1)])
        self.assertEqual({r.code: row[3] for (r,), row in declined.items()}, {"no_calls": 2})

    def test_a_corrected_day_counts_where_it_belongs(self):
        self.bob.date_end = "2026-05-31"
        months = {month: row[4] for (month,), row in self.report().items()}
        self.assertEqual(months[date(2026, 4, 1)], 0)
        self.assertEqual(months[date(2026, 5, 1)], 1)

    def test_a_last_day_to_come_has_not_ended(self):
        self.eve.write({"date_end": "2026-06-30", "reason_id": self.moved.id})
        june = self.report()[date(2026, 6, 1),]
        self.assertEqual((june[4], june[6]), (0, 2))
        with freeze_time("2026-07-01 14:00:00"):
            self.env["ccm.enrollment"].search([])._end_if_past()
            months = self.report()
        self.assertEqual((months[date(2026, 6, 1),][4], months[date(2026, 6, 1),][6]), (1, 1))

    def test_the_day_is_the_practice_s(self):
        with freeze_time("2026-07-01 03:00:00"):  # June is not over in New York
            self.assertNotIn((date(2026, 7, 1),), self.report())
        with freeze_time("2026-07-01 05:00:00"):
            self.assertIn((date(2026, 7, 1),), self.report())

    def test_each_practice_sees_its_own(self):
        away = self.env["res.company"].create({"name": "Another practice"})
        there = self.at("2026-03-01", "Gus", company_id=away.id)
        self.step(there, "2026-03-01", state="active")
        model = self.env["ccm.enrollment.report"]
        seen = model.with_user(self.nurse).search([])
        self.assertEqual(seen.company_id, self.company)
        self.nurse.write({"company_id": away.id, "company_ids": [(6, 0, away.ids)]})
        self.env.invalidate_all()  # rows have no ids of their own: these are others, in a new request
        seen = model.with_user(self.nurse).search([])
        self.assertEqual(seen.enrollment_id, there)
        self.assertEqual(sum(seen.mapped("active_end")), 4, "March to June")

    def test_rights(self):
        model = self.env["ccm.enrollment.report"]
        for user in (self.biller, self.manager):
            self.assertTrue(model.with_user(user).search([], limit=1))
        with self.refused(AccessError):
            model.with_user(self.outsider).search([])

    def test_pivot_and_graph_ask_for_these(self):
        model = self.env["ccm.enrollment.report"].with_user(self.nurse)
        found = model.formatted_read_group(
            [], ["date:month"], ["active_end:avg", "conversion_rate:avg", "churn_rate:avg"]
        )
        self.assertTrue(found)
