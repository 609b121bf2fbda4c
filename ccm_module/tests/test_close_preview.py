"""What a biller sees of a month before it is billed, and the way from there to what is missing."""

import pathlib
import re

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..billing import concurrency
from ..models import ccm_close_preview
from ..models.ccm_mend_mixin import TOPIC_OF, TOPICS
from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestClosePreview(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer = cls.env["res.partner"].create({"name": "Medicare B", "is_company": True})
        cls.patients = cls.env["res.partner"]
        for number, minutes in enumerate((25, 45, 70, 10)):
            patient = cls.make_ready_patient(
                day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"MRN-{number}"
            )
            cls.log(patient, f"2026-10-0{number + 1} 15:00:00", minutes=minutes)
            cls.patients |= patient
        cls.patients[:2].ccm_payer_id = cls.payer
        cls.blocked = cls.patients[1]
        cls.blocked.ccm_condition_ids[0].significant_risk = False
        clock = freeze_time("2026-11-03 15:00:00")
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.months = cls.env["ccm.month"]._refresh("2026-10-01", cls.patients)
        closes = cls.env["ccm.close"].with_user(cls.biller)
        closes.action_open_list()
        cls.close = closes.search([("month", "=", "2026-10-01")])

    def month_of(self, patient):
        return self.months.filtered(lambda m: m.partner_id == patient)

    def section(self, key, close=None):
        """Return ``{label: cells}`` of a section, amounts as numbers."""
        sections = {section["key"]: section for section in (close or self.close).totals}
        return {
            row["label"]: [c["amount"] if isinstance(c, dict) else c for c in row["cells"]]
            for row in sections[key]["rows"]
        }

    # --- where it stands ---

    def test_month_billed_by_hand_reads_closed(self):
        """Nobody pressed Close Month: the list says all the same that nothing is left to do."""
        self.assertEqual(self.close.standing, "open")
        self.months.filtered(lambda m: m.state == "ready").with_user(self.biller).action_invoice()
        self.env.invalidate_all()
        self.assertEqual(self.close.standing, "open", "a patient's month is still to be mended")
        self.blocked.ccm_condition_ids[0].significant_risk = True
        self.month_of(self.blocked).with_user(self.biller).action_invoice()
        self.env.invalidate_all()
        self.assertEqual((self.close.standing, self.close.run), ("done", 0))
        with freeze_time("2026-10-20 15:00:00"):
            self.env.invalidate_all()
            self.assertEqual(self.close.standing, "open", "the month is not over")

    # --- totals ---

    def test_totals(self):
        ready = self.month_of(self.patients[0]) | self.month_of(self.patients[2])
        amount = sum(ready.mapped("amount_total"))
        held = self.month_of(self.blocked).amount_total
        self.assertGreater(held, 0)
        self.assertEqual(
            self.section("state"),
            {"Too few minutes": [1, ""], "Blocked": [1, held], "Ready": [2, round(amount, 2)]},
        )
        first, third = ready.mapped("amount_total")
        self.assertEqual(
            self.section("payer"),
            {"Medicare B": [1, first, 0, 0], "Patient 2": [1, third, 0, 0]},
        )
        self.assertEqual(
            self.section("practitioner"), {self.practitioner.name: [2, round(amount, 2), 0, 0]}
        )
        codes = self.section("code")
        self.assertEqual(codes["99490"][0], 2)
        self.assertEqual(codes["99439"][0], 2, "25 minutes and 70 minutes: none and two")
        self.assertEqual(self.section("topic"), {"Conditions": [1, held]})

        self.close.action_start()
        self.close.action_run_batch()
        self.env.invalidate_all()
        self.assertEqual(self.section("state")["Invoiced"], [2, round(amount, 2)])
        self.assertEqual(self.section("code")["99490"][2], 2)
        self.assertEqual(self.section("payer")["Medicare B"], [0, 0, 1, first])
        self.assertEqual(self.close.unbilled_count, 2)

    def test_totals_cost_the_same_for_more_patients(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.close.read(["totals", "ready_count", "mend_count"])
            return self.env.cr.sql_log_count - before

        queries()
        few = queries()
        for number in range(5, 9):
            patient = self.make_ready_patient(
                day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"MRN-{number}"
            )
            self.log(patient, f"2026-10-1{number} 15:00:00", minutes=45)
            if number % 2:
                patient.ccm_condition_ids[0].significant_risk = False
        self.env["ccm.month"]._refresh("2026-10-01")
        self.assertEqual(queries(), few)
        self.assertEqual(self.close.ready_count, 4)

    def test_many_payers_are_told_together(self):
        self.patch(ccm_close_preview, "SHOWN", 1)
        rows = self.section("payer")
        third = self.month_of(self.patients[2]).amount_total
        first = self.month_of(self.patients[0]).amount_total
        self.assertEqual(rows, {"Patient 2": [1, third, 0, 0], "All others": [1, first, 0, 0]})

    def test_within_reach(self):
        """25 minutes: 15 to the next code; 10 minutes: 10 to the first. The month still runs."""
        with freeze_time("2026-10-20 15:00:00"):
            self.months._decide()
            self.env.invalidate_all()
            rows = self.section("reach")
            adds = {m.partner_id: m.next_amount for m in self.months}
        self.assertEqual(
            {label: cells[0] for label, cells in rows.items()},
            {
                "At most 5 minutes to the next code": 0,
                "At most 10 minutes to the next code": 1,
                "At most 20 minutes to the next code": 3,
            },
        )
        self.assertEqual(rows["At most 10 minutes to the next code"][1], adds[self.patients[3]])
        action = self.close.action_view("reach", 10)
        self.assertEqual(
            self.env["ccm.month"].search(action["domain"]).partner_id, self.patients[3]
        )
        self.months._decide()
        self.env.invalidate_all()
        keys = [section["key"] for section in self.close.totals]
        self.assertNotIn("reach", keys, "the month is over")

    # --- the lists behind ---

    def test_every_line_opens_its_months(self):
        for section in self.close.totals:
            for row in section["rows"]:
                if not row["value"]:
                    continue
                action = self.close.action_view(section["key"], row["value"])
                found = self.env[action["res_model"]].with_user(self.biller)
                found = found.search(action["domain"])
                if section["key"] == "topic":
                    self.assertEqual(len(found.month_id), row["cells"][0])
                elif section["key"] != "code":
                    self.assertEqual(len(found), row["cells"][0], row)
        self.assertEqual(
            self.env["ccm.month"].search(self.close.action_view("code", "99439")["domain"]),
            self.month_of(self.patients[2]),
        )
        with self.refused(UserError, "no list called"):
            self.close.action_view("salary")

    def test_options_not_chosen(self):
        said = self.month_of(self.patients[0]).with_user(self.biller).other_options
        self.assertIn("99491 needs 30 minutes; there are 0.", said)
        self.assertIn("99487 needs the practitioner's", said)

    def test_an_option_that_was_reached_says_what_it_would_pay(self):
        self.log(self.patients[0], "2026-10-20 15:00:00", minutes=30, user=self.doctor)
        month = self.month_of(self.patients[0])
        self.assertEqual(len([o for o in month.details["options"] if o["lines"]]), 2)
        said = month.with_user(self.biller).other_options
        self.assertRegex(said, r"994\d\d.* would be \$.\d+\.\d\d\.")

    # --- mending ---

    @staticmethod
    def codes_of_billing():
        """Return every reason that ``billing`` gives for holding a bill back, or for a warning."""
        folder = pathlib.Path(concurrency.__file__).parent
        source = "".join(
            (folder / name).read_text() for name in ("requirements.py", "decision.py", "audit.py")
        )
        found = set(re.findall(r'Reason\(\s*"(\w+)"', source))
        found |= set(re.findall(r'facts\.\w+, "(\w+)"', source))
        found.discard("g0506")  # why the line is there
        for kind, effects in concurrency.EFFECTS.items():
            found |= {f"other_{kind}"} if concurrency.BLOCK in effects else set()
            found |= {f"maybe_{kind}"} if concurrency.WARN in effects else set()
        return found

    def test_every_reason_has_its_place(self):
        codes = self.codes_of_billing()
        self.assertIn("consent_missing", codes)
        self.assertEqual(codes - set(TOPIC_OF), set())
        self.assertEqual(set(TOPIC_OF) - codes, set(), "none is left over")
        self.assertEqual(set(TOPIC_OF.values()), {topic for topic, _name in TOPICS})

    def test_every_place_opens_for_all_who_see_the_reason(self):
        month = self.month_of(self.blocked)
        blockers = self.env["ccm.month.blocker"].create(
            [{"month_id": month.id, "severity": "blocker", "code": code} for code in TOPIC_OF]
        )
        for user in (self.biller, self.manager, self.nurse):
            for blocker in blockers.with_user(user):
                with self.subTest(user=user.login, code=blocker.code):
                    if blocker.topic == "fees" and user == self.nurse:
                        with self.refused(UserError, "tell the biller"):
                            blocker.action_mend()
                        continue
                    action = blocker.action_mend()
                    model = self.env[action["res_model"]].with_user(user)
                    if action["res_model"] != "res.config.settings":
                        model.check_access("read")
                        model.search(action.get("domain") or [])
                        model.browse(action.get("res_id")).exists().read(["display_name"])
                    for view, kind in action["views"]:
                        model.get_view(view, kind)
        with self.refused(AccessError):
            blockers[0].with_user(self.outsider).action_mend()

    def test_mended_from_the_list_the_month_is_ready_at_once(self):
        action = self.close.action_view("topic", "conditions")
        blocker = self.env["ccm.month.blocker"].with_user(self.manager).search(action["domain"])
        self.assertEqual(blocker.partner_id, self.blocked)
        place = blocker.action_mend()
        self.assertEqual(place["res_model"], "ccm.condition")
        conditions = self.env["ccm.condition"].with_user(self.manager).search(place["domain"])
        self.assertEqual(conditions, self.blocked.ccm_condition_ids)
        conditions.significant_risk = True
        self.assertEqual(self.month_of(self.blocked).state, "ready")
        self.assertFalse(blocker.exists())
        self.assertEqual(self.close.action_start()["total"], 3)

    def test_mend_opens_the_entry_itself(self):
        month = self.month_of(self.patients[0])
        with freeze_time("2026-10-31 23:30:00"):  # the evening of the 31st in New York
            timer = self.env["ccm.activity"].with_user(self.nurse)
            timer.action_start_timer(self.patients[0].id)
        month._decide()
        [blocker] = month.blocker_ids.filtered(lambda b: b.code == "timer_running")
        action = blocker.with_user(self.biller).action_mend()
        entry = self.env["ccm.activity"].browse(action["res_id"])
        self.assertEqual((entry.state, entry.partner_id), ("running", self.patients[0]))
