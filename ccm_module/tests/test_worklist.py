"""The worklist: a coordinator's morning, what stands where and in which order, and what it costs."""

import contextlib
from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..billing import worklist
from .billing_common import NURSE_20, NURSE_60, by_doctor, judge
from .common import CcmCommon

MORNING = "2026-10-06 14:00:00"  # Tuesday, ten o'clock in New York
OCTOBER = date(2026, 10, 1)


class TestWorklistCommon(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._make_user("ccm_colleague", "user", "staff")
        cls.ada = cls.make_ready_patient(day="2026-09-01", name="Ada")
        cls.ben = cls.make_ready_patient(day="2026-09-01", name="Ben", ccm_mrn="B")

    def month(self, patient, moment=MORNING):
        with freeze_time(moment):
            return self.env["ccm.month"]._refresh(moment[:10], patient)

    def attempt(self, patient, outcome, moment, user=None, **vals):
        with freeze_time(moment):
            model = self.env["ccm.attempt"].with_user(user or self.nurse)
            form = Form(model.with_context(default_partner_id=patient.id))
            form.outcome = outcome
            for name, value in vals.items():
                form[name] = value
            return form.save().action_log()

    def worklist(self, user, moment=MORNING, *domain):
        """Return the patients' names, as the list shows them to ``user``."""
        with freeze_time(moment):
            found = (
                self.env["ccm.month"]
                .with_user(user)
                .web_search_read(
                    [("is_current", "=", True), *domain],
                    {"partner_id": {"fields": {"name": {}}}, "next_call_on": {}, "reason": {}},
                    order="work_rank desc, next_seconds, id",
                )
            )
        return [row["partner_id"]["name"] for row in found["records"]]

    def calls(self, patient):
        return self.env["mail.activity"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", patient.id)]
        )


@tagged("post_install", "-at_install")
class TestWorklist(TestWorklistCommon):
    # --- where a month stands ---

    def test_a_month_goes_from_not_contacted_to_done(self):
        month = self.month(self.ada)
        self.assertEqual((month.work_state, month.is_contacted), ("not_contacted", False))
        call = self.env.ref("ccm_module.ccm_activity_type_call").id
        self.log(self.ada, "2026-10-05 15:00:00", minutes=10, type_id=call, outcome="reached")
        self.assertEqual((month.work_state, month.is_contacted), ("short", True))
        self.log(self.ada, "2026-10-05 16:00:00", minutes=10, type_id=call)
        self.assertEqual((month.state, month.work_state), ("open", "ready"))
        self.log(self.ada, "2026-10-05 17:00:00", minutes=40, type_id=call)
        self.assertEqual(month.work_state, "done", "the staff codes end at 60 minutes")

    def test_a_message_left_is_no_contact(self):
        month = self.month(self.ada)
        call = self.env.ref("ccm_module.ccm_activity_type_call").id
        self.log(self.ada, "2026-10-05 15:00:00", minutes=2, type_id=call, outcome="left_message")
        self.assertEqual(
            (month.work_state, month.attempt_count, month.last_outcome),
            ("not_contacted", 1, "left_message"),
        )
        message = self.env.ref("ccm_module.ccm_activity_type_message").id
        self.log(self.ada, "2026-10-05 16:00:00", minutes=2, type_id=message)
        self.assertEqual((month.work_state, month.attempt_count), ("short", 1))

    def test_a_void_entry_was_no_contact(self):
        month = self.month(self.ada)
        call = self.env.ref("ccm_module.ccm_activity_type_call").id
        entry = self.log(
            self.ada, "2026-10-05 15:00:00", minutes=5, type_id=call, outcome="reached"
        )
        self.assertTrue(month.is_contacted)
        with freeze_time(MORNING):
            entry._void("Wrong patient")
        self.assertFalse(month.is_contacted or month.attempt_count or month.last_contact_on)

    def test_blocked_says_what_to_mend(self):
        with freeze_time(MORNING):
            self.ada.ccm_care_plan_ids.with_context(ccm_no_refresh=True).sudo().write(
                {"copy_given_on": False}
            )
        month = self.month(self.ada)
        self.assertEqual(month.work_state, "blocked")
        self.assertIn("copy", month.reason)

    def test_the_own_running_timer_blocks_nothing(self):
        month = self.month(self.ada)
        with freeze_time(MORNING):
            self.ada.with_user(self.nurse).action_ccm_start_timer()
            self.assertIn("timer_running", month.blocker_ids.mapped("code"))
            self.assertEqual(month.work_state, "not_contacted")

    def test_what_is_billed_or_given_up_is_done(self):
        month = self.month(self.ada)
        with freeze_time(MORNING):
            self.env["ccm.month.cancel"].with_user(self.biller).create(
                {"month_ids": month.ids, "reason": "Agreed with the patient"}
            ).action_apply()
            self.assertEqual((month.work_state, month.work_rank), ("done", 0))
            month.with_user(self.biller).action_reopen()
        self.assertEqual(month.work_state, "not_contacted")

    def test_the_last_contact_may_be_of_an_earlier_month(self):
        """23:30 in New York on 30 September is October in UTC, but September here."""
        call = self.env.ref("ccm_module.ccm_activity_type_call").id
        self.log(self.ada, "2026-10-01 03:30:00", minutes=5, type_id=call, outcome="reached")
        month = self.month(self.ada)
        self.assertEqual(month.last_contact_on, date(2026, 9, 30))
        self.assertEqual((month.is_contacted, month.attempt_count), (False, 0))

    def test_kanban_shows_every_group_in_its_order(self):
        self.month(self.ada)
        with freeze_time(MORNING):
            groups = (
                self.env["ccm.month"]
                .with_user(self.nurse)
                .with_context(read_group_expand=True)
                .web_read_group([("is_current", "=", True)], ["work_state"])["groups"]
            )
        self.assertEqual(
            [group["work_state"] for group in groups],
            ["not_contacted", "short", "ready", "blocked", "done"],
        )

    # --- the order ---

    def test_the_worth_of_the_next_minutes_is_an_order_and_no_amount(self):
        def worth(*work, **changes):
            return worklist.worth(judge(work=work, **changes))

        close = by_doctor("2026-07-06 09:00", "18:00")
        self.assertGreater(worth(close), worth())
        self.assertEqual(worth(*NURSE_60), 0, "nothing more for staff to reach")
        self.assertEqual(worth(price_of=lambda code, day: None), 0)
        # A tenth more money does not show: the scale is too coarse to tell an amount.
        dearer = {"price_of": lambda code, day: Decimal("70")}
        cheaper = {"price_of": lambda code, day: Decimal("66.13")}
        self.assertEqual(worth(**dearer), worth(**cheaper))

    def test_a_draft_plans_no_call(self):
        call = self.env.ref("ccm_module.ccm_activity_type_call").id
        time = self.env["ccm.activity"].with_user(self.nurse)
        with freeze_time("2026-10-05 15:00:00") as clock:
            entry = time.browse(time.action_start_timer(self.ada.id))
            entry.action_save_draft({"type_id": call, "outcome": "no_answer"})
            clock.tick(60)
            entry.action_pause_timer()
            clock.tick(60)
            entry = time.browse(entry.action_resume_timer())
            clock.tick(60)
            entry.action_stop_timer()
            entry.action_save_draft({"outcome": "left_message"})
            self.assertFalse(self.calls(self.ada))
            entry.action_describe(call, "Left a message", "left_message")
            self.assertEqual(len(self.calls(self.ada)), 1)

    def test_due_calls_come_first_and_later_ones_wait(self):
        today = date(2026, 10, 6)
        yesterday, tomorrow = date(2026, 10, 5), date(2026, 10, 7)
        ranks = [
            worklist.rank("done", 0, yesterday, today),
            worklist.rank("short", 30, None, today),
            worklist.rank("not_contacted", 15, None, today),
            worklist.rank("blocked", 30, None, today),
            worklist.rank("short", 30, tomorrow, today),
            worklist.rank("done", 0, None, today),
        ]
        self.assertEqual(ranks, sorted(ranks, reverse=True))
        self.assertEqual(len(set(ranks)), len(ranks))

    def test_the_list_begins_with_who_is_nearest(self):
        self.log(self.ben, "2026-10-05 15:00:00", minutes=18)
        self.month(self.ada | self.ben)
        self.assertEqual(self.worklist(self.nurse)[:2], ["Ben", "Ada"])
        with freeze_time(MORNING):
            self.ada.with_user(self.nurse)._ccm_schedule_call("2026-10-06")
        self.assertEqual(self.worklist(self.nurse)[:2], ["Ada", "Ben"], "she was promised a call")

    def test_ready_is_one_decision_with_the_bill(self):
        self.assertEqual(worklist.work_state(judge(work=NURSE_20), True), "ready")
        self.assertEqual(worklist.work_state(judge(work=NURSE_20), False), "not_contacted")
        self.assertEqual(worklist.work_state(judge(work=NURSE_20, plans=()), True), "blocked")

    # --- the month turns ---

    def test_the_month_turns_over_where_the_practice_is(self):
        self.month(self.ada)
        late = "2026-11-01 03:30:00"  # still October in New York
        self.assertIn("Ada", self.worklist(self.nurse, late))
        with freeze_time("2026-11-01 04:30:00"), self.enter_registry_test_mode():
            self.assertNotIn("Ada", self.worklist(self.nurse, "2026-11-01 04:30:00"))
            self.env.ref("ccm_module.ir_cron_begin_day").method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("Ada", self.worklist(self.nurse, "2026-11-01 14:00:00"))
        november = self.ada.ccm_month_ids[0]
        self.assertEqual(
            (november.month, november.work_state), (date(2026, 11, 1), "not_contacted")
        )

    def test_a_call_agreed_for_today_comes_to_the_top_overnight(self):
        month = self.month(self.ada)
        with freeze_time(MORNING):
            self.ada.with_user(self.nurse)._ccm_schedule_call("2026-10-08")
        waiting = month.work_rank
        self.assertLess(waiting, worklist.HELD * worklist.TIER)
        with freeze_time("2026-10-08 05:00:00"), self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_begin_day").method_direct_trigger()
        self.env.invalidate_all()
        self.assertGreater(month.work_rank, worklist.DUE * worklist.TIER)

    # --- whose ---

    def test_mine_are_those_i_coordinate(self):
        self.month(self.ada | self.ben)
        self.ben.ccm_enrollment_ids.coordinator_id = self.colleague
        mine = ("is_mine", "=", True)
        self.assertEqual(self.worklist(self.nurse, MORNING, mine), ["Ada"])
        self.assertEqual(self.worklist(self.colleague, MORNING, mine), ["Ben"])
        self.assertEqual(self.worklist(self.manager, MORNING, mine), [])

    def test_the_menu_opens_on_mine_only_where_there_are_any(self):
        self.month(self.ada)
        with freeze_time(MORNING):
            model = self.env["ccm.month"]
            for user, filters in ((self.nurse, True), (self.manager, False), (self.biller, False)):
                context = model.with_user(user).action_open_worklist()["context"]
                self.assertEqual("search_default_mine" in context, filters, user.name)

    # --- money ---

    def test_a_nurse_reads_the_list_without_money(self):
        self.month(self.ada)
        with freeze_time(MORNING):
            views = (
                self.env["ccm.month"]
                .with_user(self.nurse)
                .get_views([(self.env.ref("ccm_module.ccm_month_view_list_work").id, "list")])
            )
        self.assertNotIn("next_amount", views["views"]["list"]["arch"])
        self.assertNotIn("next_amount", views["models"]["ccm.month"]["fields"])

    # --- the filters ---

    def test_every_filter_finds_whom_it_names(self):
        self.month(self.ada | self.ben)
        call = self.env.ref("ccm_module.ccm_activity_type_call").id
        self.log(self.ben, "2026-10-05 15:00:00", minutes=16, type_id=call, outcome="reached")
        with freeze_time(MORNING):
            self.ben.with_user(self.nurse)._ccm_schedule_call("2026-10-06")
            self.ada.ccm_care_plan_ids.sudo().review_due = "2026-10-01"
            cleo = self.make_patient(name="Cleo", ccm_mrn="C")
            self.make_enrollment(cleo).action_activate()
            search = self.env["ccm.month"].get_views(
                [(self.env.ref("ccm_module.ccm_month_view_search_work").id, "search")]
            )
        filters = {
            node.get("name"): safe_eval(node.get("domain"))
            for node in etree.fromstring(search["views"]["search"]["arch"]).iter("filter")
            if node.get("domain")
        }
        for name, names in (
            ("mine", ["Ben", "Ada", "Cleo"]),
            ("call_due", ["Ben"]),
            ("not_contacted", ["Ada", "Cleo"]),
            ("five_minutes", ["Ben"]),
            ("plan_review", ["Ada"]),
            ("no_consent", ["Cleo"]),
            ("blocked", ["Cleo"]),
            ("not_done", ["Ben", "Ada", "Cleo"]),
        ):
            with self.subTest(name):
                self.assertEqual(self.worklist(self.nurse, MORNING, *filters[name]), names)

    # --- cost ---

    def test_the_list_costs_as_many_queries_for_fifty_as_for_five(self):
        patients = self.env["res.partner"]
        for number in range(50):
            patients |= self.make_ready_patient(
                day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"N{number}"
            )
        self.month(patients)
        shown = [
            "work_state",
            "next_seconds",
            "total_minutes",
            "next_code",
            "reason",
            "last_contact_on",
            "last_outcome",
            "attempt_count",
            "next_call_on",
            "call_time",
            "lang",
            "phone",
            "caregiver_phone",
        ]
        people = {"fields": {"display_name": {}}}
        spec = {
            **{name: {} for name in shown},
            "partner_id": people,
            "coordinator_id": people,
            "covering_for_id": people,
        }
        model = self.env["ccm.month"].with_user(self.nurse)
        counts = []
        with freeze_time(MORNING):
            for limit in (5, 5, 50):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                found = model.web_search_read(
                    [("is_current", "=", True), ("is_mine", "=", True)],
                    spec,
                    limit=limit,
                    order="work_rank desc, next_seconds, id",
                )
                counts.append(self.env.cr.sql_log_count - before)
                self.assertEqual(len(found["records"]), limit)
        # the first round also fills caches that outlive it; the next one counts records on
        # further pages, so that it asks once more how many there are
        self.assertLessEqual(counts[2], counts[1])

    def test_deciding_fifty_costs_as_many_queries_as_five(self):
        patients = self.env["res.partner"]
        for number in range(50):
            patients |= self.make_ready_patient(
                day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"N{number}"
            )
        counts = []
        for group in (patients[:5], patients[:5], patients):
            self.month(group)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time("2026-10-07 14:00:00"):
                group.ccm_month_ids.filtered(lambda m: m.month == OCTOBER)._decide()
                self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[1])


@tagged("post_install", "-at_install")
class TestAttempts(TestWorklistCommon):
    def test_no_answer_takes_no_minutes_and_plans_a_call_for_tomorrow(self):
        month = self.month(self.ada)
        self.attempt(self.ada, "no_answer", MORNING, note="Rang ten times")
        entry = self.ada.ccm_activity_ids
        self.assertRecordValues(
            entry,
            [
                {
                    "seconds": 0,
                    "counts": False,
                    "outcome": "no_answer",
                    "note": "Rang ten times",
                    "user_id": self.nurse.id,
                }
            ],
        )
        self.assertEqual((month.total_minutes, month.attempt_count), (0, 1))
        self.assertRecordValues(
            self.calls(self.ada),
            [
                {
                    "activity_type_id": self.env.ref("ccm_module.mail_activity_type_call").id,
                    "date_deadline": date(2026, 10, 7),
                    "user_id": self.nurse.id,
                }
            ],
        )
        self.assertEqual(month.next_call_on, date(2026, 10, 7))

    def test_on_friday_the_next_call_is_on_monday(self):
        self.attempt(self.ada, "left_message", "2026-10-09 20:00:00")
        self.assertEqual(self.calls(self.ada).date_deadline, date(2026, 10, 12))

    def test_the_dialog_says_when_the_next_call_is(self):
        said = [
            self.attempt(self.ada, outcome, MORNING)["params"]["message"]
            for outcome in ("no_answer", "reached")
        ]
        self.assertEqual(
            said,
            [
                "The attempt is logged. The next call is on Wednesday, October 7.",
                "The attempt is logged.",
            ],
        )

    def test_the_calendar_names_the_patient_only(self):
        month = self.month(self.ada)
        self.assertEqual(month.display_name, "Ada · 2026-10")
        action = month.action_open_worklist()
        self.assertEqual(month.with_context(**action["context"]).display_name, "Ada")

    def test_the_next_attempt_moves_the_call_and_reaching_ends_it(self):
        month = self.month(self.ada)
        self.attempt(self.ada, "no_answer", MORNING)
        self.attempt(self.ada, "left_message", "2026-10-07 14:00:00", next_call_on="2026-10-12")
        self.assertEqual(self.calls(self.ada).mapped("date_deadline"), [date(2026, 10, 12)])
        self.attempt(self.ada, "reached", "2026-10-12 14:00:00")
        self.assertFalse(self.calls(self.ada))
        self.assertRecordValues(
            month,
            [
                {
                    "next_call_on": False,
                    "is_contacted": True,
                    "attempt_count": 3,
                    "last_contact_on": date(2026, 10, 12),
                    "last_outcome": "reached",
                }
            ],
        )

    def test_a_logged_call_ends_the_planned_one_as_well(self):
        with freeze_time(MORNING):
            self.ada.with_user(self.nurse)._ccm_schedule_call("2026-10-06")
        self.log(self.ada, "2026-10-06 15:00:00", minutes=12, outcome="reached")
        self.assertFalse(self.calls(self.ada))

    def test_the_timer_s_outcome_proposes_the_next_call_as_well(self):
        with freeze_time(MORNING):
            entry = self.env["ccm.activity"].with_user(self.nurse)
            entry = entry.browse(entry.action_start_timer(self.ada.id))
        with freeze_time("2026-10-06 14:02:00"):
            entry.action_stop_timer()
            call = self.env.ref("ccm_module.ccm_activity_type_call").id
            entry.action_describe(call, "Left a message", "left_message")
        self.assertEqual(self.calls(self.ada).date_deadline, date(2026, 10, 7))
        with freeze_time("2026-10-06 14:05:00"):
            self.ada.with_user(self.nurse)._ccm_schedule_call("2026-10-20")
            entry.outcome = "no_answer"
        self.assertEqual(
            self.calls(self.ada).mapped("date_deadline"),
            [date(2026, 10, 20)],
            "what was agreed for later stays",
        )

    def test_whoever_wants_no_next_call_gets_none(self):
        self.attempt(self.ada, "no_answer", MORNING, next_call_on=False)
        self.assertFalse(self.calls(self.ada))

    def test_a_wrong_number_plans_nothing(self):
        self.attempt(self.ada, "wrong_number", MORNING)
        self.assertFalse(self.calls(self.ada))

    def test_no_call_is_planned_for_the_past(self):
        with self.assertRaisesRegex(UserError, "Next Call"):
            self.attempt(self.ada, "no_answer", MORNING, next_call_on="2026-10-05")
        self.assertFalse(self.ada.ccm_activity_ids)

    def test_an_attempt_during_the_own_timer_is_no_overlap(self):
        with freeze_time(MORNING):
            self.ada.with_user(self.nurse).action_ccm_start_timer()
        self.attempt(self.ben, "no_answer", "2026-10-06 14:05:00")
        self.assertEqual(self.ben.ccm_activity_ids.seconds, 0)
        with freeze_time("2026-10-06 14:10:00"):
            self.env["ccm.activity"].with_user(self.nurse).action_stop_timer()
        self.assertEqual(self.ada.ccm_activity_ids.state, "done")

    def test_time_without_an_outcome_still_needs_a_length(self):
        with self.refused(UserError, "Stop must be later than Start"):
            self.log(self.ada, "2026-10-05 15:00:00", minutes=0)

    def test_nobody_outside_the_care_team_learns_of_the_call(self):
        self.attempt(self.ada, "no_answer", MORNING)
        outside = self.env["mail.activity"].with_user(self.outsider)
        self.assertFalse(outside.search([("res_id", "=", self.ada.id)]))
        self.env.invalidate_all()
        self.assertFalse(self.ada.with_user(self.outsider).activity_ids)
        self.env.invalidate_all()
        self.assertEqual(len(self.ada.with_user(self.manager).activity_ids), 1)
        with self.assertRaises(AccessError):
            self.env["ccm.attempt"].with_user(self.outsider).create({"partner_id": self.ada.id})

    def test_a_finished_call_is_noted_on_the_enrollment_not_on_the_contact(self):
        self.attempt(self.ada, "no_answer", MORNING)
        before = self.ada.message_ids
        with freeze_time("2026-10-07 14:00:00"):
            self.calls(self.ada).with_user(self.nurse).action_feedback("Asked about the knee")
        self.assertEqual(self.ada.message_ids, before)
        self.assertIn("the knee", self.ada.ccm_enrollment_ids.message_ids[0].body)

    def test_no_caller_writes_on_an_enrollment_through_the_contact(self):
        """The context comes from the client over RPC: nothing it says may open the record."""
        guest = new_test_user(self.env, "ccm_guest", groups="base.group_portal")
        record = self.ada.ccm_enrollment_ids
        before = record.message_ids
        for user in (guest, self.outsider):
            contact = self.ada.with_user(user).with_context(ccm_private_post=True)
            with self.subTest(user=user.login), contextlib.suppress(AccessError):
                contact.message_post(body="Smuggled in")
            self.assertEqual(record.message_ids, before)

    def test_a_plan_of_care_activities_is_launched_by_who_may_see_the_record(self):
        def launch(user):
            self.env["mail.activity.schedule"].with_user(user).create(
                {
                    "res_model": "res.partner",
                    "res_ids": str(self.ada.ids),
                    "plan_id": self.env.ref("ccm_module.mail_activity_plan_month").id,
                    "plan_on_demand_user_id": self.nurse.id,
                }
            ).action_schedule_plan()

        record, contact = self.ada.ccm_enrollment_ids, self.ada.message_ids
        before = record.message_ids
        with self.refused(AccessError):
            launch(self.outsider)
        self.assertEqual(record.message_ids, before)
        with freeze_time(MORNING):
            launch(self.nurse)
        self.assertEqual(len(record.message_ids - before), 1)
        self.assertEqual(self.ada.message_ids, contact)

    def test_a_call_given_to_a_colleague_sends_no_mail_with_a_name(self):
        sent = self.env["mail.mail"].search_count([])
        with freeze_time(MORNING):
            self.ada.with_user(self.nurse).activity_schedule(
                "ccm_module.mail_activity_type_call", user_id=self.colleague.id
            )
        self.assertEqual(self.env["mail.mail"].search_count([]), sent)
        self.assertEqual(self.calls(self.ada).user_id, self.colleague)


@tagged("post_install", "-at_install")
class TestPlanAndHandOver(TestWorklistCommon):
    def begin_day(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_begin_day").method_direct_trigger()
        self.env.invalidate_all()

    # --- the monthly plan ---

    def test_the_plan_comes_with_the_month_once(self):
        self.company.ccm_plan_id = self.env.ref("ccm_module.mail_activity_plan_month")
        self.begin_day("2026-10-01 05:00:00")
        planned = self.calls(self.ada)
        self.assertEqual(
            planned.sorted("date_deadline").mapped("summary"),
            ["Monthly call", "Medication review", "Care plan check"],
        )
        self.assertEqual(planned.user_id, self.nurse)
        self.assertEqual(min(planned.mapped("date_deadline")), date(2026, 10, 5))
        for moment in ("2026-10-01 06:00:00", "2026-10-20 06:00:00"):
            self.begin_day(moment)
        self.assertEqual(self.calls(self.ada), planned)

    def test_what_was_done_is_not_planned_again_this_month_and_anew_the_next(self):
        self.company.ccm_plan_id = self.env.ref("ccm_module.mail_activity_plan_month")
        self.begin_day("2026-10-01 05:00:00")
        call = self.calls(self.ada).filtered(lambda a: a.activity_category == "phonecall")
        with freeze_time("2026-10-02 15:00:00"):
            call.with_user(self.nurse).action_feedback()
        self.begin_day("2026-10-03 05:00:00")
        self.assertEqual(len(self.calls(self.ada)), 2)
        self.begin_day("2026-11-01 05:00:00")
        self.assertEqual(
            len(self.calls(self.ada)), 3, "a new call; the two still open are not doubled"
        )

    def test_without_the_setting_nothing_is_planned(self):
        self.begin_day("2026-10-01 05:00:00")
        self.assertFalse(self.calls(self.ada))

    def test_launching_by_hand_is_once_as_well(self):
        months = self.month(self.ada | self.ben)
        with freeze_time(MORNING):
            self.assertEqual(
                months.with_user(self.nurse).action_launch_plan()["params"]["type"], "warning"
            )
            self.company.ccm_plan_id = self.env.ref("ccm_module.mail_activity_plan_month")
            for _i in range(2):
                months.with_user(self.nurse).action_launch_plan()
        self.assertEqual(len(self.calls(self.ada)), 3)

    def test_odoo_s_own_dialog_schedules_for_many(self):
        months = self.month(self.ada | self.ben)
        with freeze_time(MORNING):
            action = months.with_user(self.nurse).action_schedule()
            wizard = self.env["mail.activity.schedule"].with_user(self.nurse)
            form = Form(wizard.with_context(**action["context"]))
            self.assertEqual(form.activity_type_id.name, "CCM call")
            form.date_deadline = "2026-10-09"
            form.save().action_schedule_activities()
            plan = Form(wizard.with_context(**action["context"]))
            plan.plan_id = self.env.ref("ccm_module.mail_activity_plan_month")
            plan.save().action_schedule_plan()
        self.assertEqual(months.mapped("next_call_on"), [date(2026, 10, 9)] * 2)
        self.assertEqual(len(self.calls(self.ada)), 4)
        self.assertNotIn("plan", (self.ada.message_ids[:1].body or "").lower())

    # --- hand-over ---

    def test_patients_and_calls_go_to_a_colleague_timers_stay(self):
        month = self.month(self.ada)
        self.attempt(self.ada, "no_answer", MORNING)
        with freeze_time(MORNING):
            self.ben.with_user(self.nurse).action_ccm_start_timer()
            action = self.env["ccm.handover"].with_user(self.nurse).action_hand_over()
            form = Form(
                self.env["ccm.handover"].with_user(self.nurse).with_context(**action["context"])
            )
            form.to_user_id = self.colleague
            form.reason = "On leave until spring"
            wizard = form.save()
            self.assertEqual(wizard.enrollment_ids.partner_id, self.ada | self.ben)
            wizard.action_apply()
        self.assertEqual(month.coordinator_id, self.colleague)
        self.assertEqual(self.calls(self.ada).user_id, self.colleague)
        self.assertEqual(self.ben.ccm_activity_ids.state, "running")
        self.assertEqual(self.ben.ccm_activity_ids.user_id, self.nurse)
        notes = " ".join(self.ada.ccm_enrollment_ids.message_ids.mapped("body"))
        self.assertIn("On leave until spring", notes)
        mine = self.worklist(self.colleague, MORNING, ("is_mine", "=", True))
        self.assertEqual(mine, ["Ben", "Ada"], "her call is tomorrow")

    def test_a_hand_over_says_why_and_goes_to_the_care_team(self):
        wizard = self.env["ccm.handover"].with_user(self.nurse)
        values = {"from_user_id": self.nurse.id, "to_user_id": self.colleague.id}
        with self.refused(UserError, "Reason"):
            wizard.create(values).action_apply()
        with self.refused(UserError, "not on the care team"):
            wizard.create(
                {**values, "to_user_id": self.outsider.id, "reason": "Leave"}
            ).action_apply()
        with self.refused(AccessError):
            self.env["ccm.handover"].with_user(self.biller).create(values)

    def test_many_patients_get_a_coordinator_at_once(self):
        months = self.month(self.ada | self.ben)
        with freeze_time(MORNING):
            action = months.with_user(self.manager).action_assign()
            form = Form(
                self.env["ccm.handover"].with_user(self.manager).with_context(**action["context"])
            )
            form.to_user_id = self.colleague
            form.save().action_apply()
        self.assertEqual(months.coordinator_id, self.colleague)

    def test_who_is_in_no_program_cannot_be_assigned(self):
        stray = self.make_patient(name="Stray", ccm_mrn="S")
        self.log(stray, "2026-10-05 15:00:00", minutes=5)
        with self.assertRaisesRegex(UserError, "Stray is in no program"):
            self.month(stray).action_assign()

    # --- cover ---

    def cover(self, user=None, **vals):
        values = {
            "user_id": self.nurse.id,
            "cover_id": self.colleague.id,
            "date_from": "2026-10-05",
            "date_to": "2026-10-09",
            **vals,
        }
        return self.env["ccm.cover"].with_user(user or self.nurse).create(values)

    def test_mine_includes_whom_i_cover_on_those_days_only(self):
        self.month(self.ada)
        self.cover()
        mine = ("is_mine", "=", True)
        self.assertEqual(self.worklist(self.colleague, MORNING, mine), ["Ada"])
        with freeze_time(MORNING):
            month = self.ada.ccm_month_ids[0].with_user(self.colleague)
            self.assertEqual(month.covering_for_id, self.nurse)
            context = month.action_open_worklist()["context"]
            self.assertTrue(context["ccm_covering"])
        # The last evening of the cover in New York, and the morning after
        self.assertTrue(self.worklist(self.colleague, "2026-10-10 03:00:00", mine))
        self.assertFalse(self.worklist(self.colleague, "2026-10-10 05:00:00", mine))

    def test_the_dates_of_a_cover_are_sane(self):
        self.cover()
        with self.refused_by_database("ccm_cover_one_cover"):
            self.cover(date_from="2026-10-09", date_to="2026-10-12")
        self.cover(date_from="2026-10-10", date_to="2026-10-12")
        with self.refused_by_database("ccm_cover_dates"):
            self.cover(date_from="2026-11-10", date_to="2026-11-09")
        with self.refused_by_database("ccm_cover_two_people"):
            self.cover(cover_id=self.nurse.id, date_from="2026-12-01", date_to="2026-12-01")

    def test_who_covers_is_of_the_care_team_of_that_practice(self):
        elsewhere = self._make_user("ccm_elsewhere", "user", "staff")
        branch = self.env["res.company"].create({"name": "Branch"})
        elsewhere.write({"company_ids": [(6, 0, branch.ids)], "company_id": branch.id})
        left = self._make_user("ccm_left", "user", "staff")
        left.active = False
        for user in (self.outsider, self.biller, elsewhere, left):
            with self.subTest(user=user.login), self.refused(ValidationError, "Covered By"):
                self.cover(user=self.manager, cover_id=user.id)

    def test_one_says_for_oneself_who_covers_and_a_manager_for_anybody(self):
        with self.refused(AccessError):
            self.cover(user=self.colleague)
        self.cover(user=self.manager)
