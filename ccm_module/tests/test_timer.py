"""The timer on the server: one truth, to the second, whoever asks it and however."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestTimer(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.other = cls.make_ready_patient(day="2026-09-01", name="Ben Other", ccm_mrn="MRN-2")
        cls.time = cls.env["ccm.activity"].with_user(cls.nurse)
        cls.call = cls.env.ref("ccm_module.ccm_activity_type_call")
        cls.review = cls.env.ref("ccm_module.ccm_activity_type_medication")
        cls.office = cls.env.ref("ccm_module.ccm_activity_type_office")

    def start(self, patient=None, **kwargs):
        return self.time.browse(
            self.time.action_start_timer((patient or self.patient).id, **kwargs)
        )

    def month(self, patient=None, month="2026-10-01"):
        return (patient or self.patient).ccm_month_ids.filtered(lambda m: str(m.month) == month)

    def state(self):
        self.env.invalidate_all()
        return self.time.get_timer_state()

    # --- a call, described ---

    def test_a_call_from_start_to_note(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(25 * 60 + 59)
            call.action_stop_timer()
            self.assertTrue(call.to_describe)
            self.assertEqual(call.seconds, 1559, "counted at once")
            self.assertEqual([e["id"] for e in self.state()["to_describe"]], call.ids)
            self.assertFalse(self.month().is_contacted, "nobody said yet that it was")
            clock.tick(120)  # the time that typing takes is not the call's
            call.action_describe(self.call.id, "  Cuff readings down  ", "reached")
        self.assertEqual((call.type_id, call.outcome), (self.call, "reached"))
        self.assertEqual((call.note, call.to_describe), ("Cuff readings down", False))
        self.assertEqual((call.seconds, call.source), (1559, "timer"))
        self.assertFalse(call.revision_ids, "words said for the first time correct nothing")
        self.assertFalse(self.state()["to_describe"])
        self.assertEqual(self.month().total_minutes, 25)
        self.assertTrue(self.month().is_contacted)

    def test_what_was_done_needs_its_three_words(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(60)
            for args, message in (
                ((0, "Note"), "Kind is missing"),
                ((self.call.id, "Note"), "Outcome is missing"),
                ((self.call.id, "  ", "reached"), "Note is missing"),
                ((self.review.id, None), "Note is missing"),
            ):
                with self.refused(ValidationError, message):
                    call.action_describe(*args)
            self.assertEqual(call.state, "running", "a refusal stops nothing")
            # No outcome of work that is no contact; and it stops the timer as well.
            call.action_describe(self.review.id, "Doses compared", "reached")
        self.assertEqual((call.state, call.seconds, call.outcome), ("done", 60, False))

    def test_stopped_at_the_moment_of_the_click(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(3600)  # the network was away for most of an hour
            with self.refused(ValidationError, "Stop must not be before Start"):
                call.action_stop_timer("2026-10-05 14:59:59")
            with self.refused(UserError, "Stop is not a moment"):
                call.action_stop_timer("yesterday")
            call.action_describe(self.call.id, "Spoke", "reached", at="2026-10-05 15:10:07")
            self.assertEqual(call.seconds, 607)
            longer = self.start(self.other)
            clock.tick(60)
            longer.action_stop_timer("2026-10-05 23:00:00")
            self.assertEqual(longer.seconds, 60, "shortened it may be, lengthened never")

    def test_a_stop_that_came_late_shortens_what_another_tab_stopped(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(1800)
            call.action_stop_timer()  # on another device, half an hour after the click here
            call.action_describe(self.call.id, "Spoke", "reached", at="2026-10-05 15:10:00")
            self.assertEqual((call.seconds, call.source), (600, "timer"))
            self.assertEqual(call.revision_ids.field_name, "stop")
            self.assertEqual(self.month().total_minutes, 10)
            call.action_describe(self.call.id, "Spoke", "reached", at="2026-10-05 15:05:00")
            self.assertEqual(call.seconds, 600, "described: corrected with a reason only")
            # Never longer; and a moment before it began is not this stretch's, the words are.
            for offset, seconds in ((3600, 60), (-3600, 60), (20, 20)):
                later = self.start(self.other)
                clock.tick(60)
                later.action_pause_timer()
                at = fields.Datetime.to_string(later.start + timedelta(seconds=offset))
                later.action_describe(self.review.id, "Doses", at=at)
                self.assertEqual((later.seconds, later.note), (seconds, "Doses"))

    def test_paused_at_the_moment_of_the_click(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(600)
            with self.refused(ValidationError, "Stop must not be before Start"):
                call.action_pause_timer("2026-10-05 14:59:59")
            call.action_pause_timer("2026-10-05 15:03:00")
            self.assertEqual((call.state, call.seconds), ("paused", 180))
            longer = self.start(self.other)
            clock.tick(60)
            self.time.action_pause_timer(at="2026-10-05 23:00:00")
            self.assertEqual(longer.seconds, 60)

    def test_a_draft_says_whether_it_was_kept(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            self.assertIs(call.action_save_draft({"note": "On the phone"}), True)
            clock.tick(60)
            call.action_stop_timer()
            self.assertIs(call.action_save_draft({"note": "Spoke"}), True)
            call.action_describe(self.review.id, "Doses compared")
            self.assertIs(call.action_save_draft({"note": "Something else"}), False)
        self.assertEqual(call.note, "Doses compared")

    def test_asking_twice_does_it_once(self):
        """The answer was lost on the way: the browser asks again."""
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(600)
            for _again in range(2):
                call.action_describe(self.call.id, "Spoke", "reached", at="2026-10-05 15:05:00")
                clock.tick(30)
            self.assertEqual(call.action_stop_timer(), call.ids)
        self.assertEqual((call.seconds, call.note), (300, "Spoke"))
        self.assertFalse(call.revision_ids)

    def test_a_timer_of_no_second_leaves_nothing(self):
        with freeze_time("2026-10-05 15:00:00"):
            slip = self.start()
            self.assertIn("still running", self.month().reason)
            self.assertEqual(slip.action_stop_timer(), [])
            self.assertFalse(slip.exists())
            self.assertNotIn("still running", self.month().reason or "")
            noted = self.start()
            noted.action_save_draft({"note": "She called back"})
            self.assertEqual(noted.action_stop_timer(), noted.ids, "words are never dropped")

    # --- pause ---

    def test_pause_keeps_exact_seconds_and_counts_only_when_finished(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            first = self.start()
            first.action_save_draft({"note": "Asked about her feet", "type_id": self.review.id})
            clock.tick(7 * 60 + 13)
            self.time.action_pause_timer()
            self.assertEqual((first.state, first.seconds), ("paused", 433))
            self.assertEqual(self.month().total_minutes, 0)
            self.assertIn("paused", self.month().reason)
            [paused] = self.state()["paused"]
            self.assertEqual((paused["seconds"], paused["note"]), (433, "Asked about her feet"))

            clock.tick(1800)  # another patient's call in between
            between = self.start(self.other)
            clock.tick(600)
            with self.refused(UserError, "still running for Ben Other"):
                first.action_resume_timer()
            between.action_describe(self.call.id, "Spoke", "reached")

            second = self.time.browse(first.action_resume_timer())
            self.assertEqual(second.session_id, first)
            self.assertEqual((first.note, second.note), (False, "Asked about her feet"))
            self.assertEqual(first.action_resume_timer(), second.id, "it runs already")
            running = self.state()["running"]
            self.assertEqual((running["id"], running["seconds"]), (second.id, 433))
            clock.tick(12 * 60 + 47)
            self.assertEqual(self.month().total_minutes, 0)
            second.action_stop_timer()
            self.assertEqual(set((first | second).mapped("state")), {"done"})
            self.assertEqual([e["seconds"] for e in self.state()["to_describe"]], [1200])
            second.action_describe(self.review.id, "Feet and doses")
        self.assertEqual(self.month().total_minutes, 20, "7:13 and 12:47, and not a second more")
        self.assertEqual(self.month().line_ids.code, "99490")
        self.assertEqual((first.note, second.note), (False, "Feet and doses"))
        self.assertEqual(first.type_id, self.review)
        self.assertFalse((first | second).filtered("to_describe"))

    def test_stop_while_paused(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            first = self.start()
            clock.tick(60)
            first.action_pause_timer()
            clock.tick(60)
            second = self.time.browse(first.action_resume_timer())
            clock.tick(60)
            second.action_pause_timer()
            clock.tick(3600)
            # From the head of the chain as well as from its end.
            first.action_describe(self.call.id, "Left word with her son", "left_message")
        self.assertEqual(self.month().total_minutes, 2)
        self.assertEqual((first.outcome, second.outcome), ("left_message", "left_message"))
        self.assertEqual(self.month().attempt_count, 1, "one call, in two stretches")
        self.assertFalse(self.month().is_contacted)
        with self.assertRaisesRegex(UserError, "stopped meanwhile"):
            first.action_resume_timer()

    def test_a_paused_stretch_blocks_each_month_it_lies_in(self):
        # 23:50 on 31 October in New York, over midnight
        with freeze_time("2026-11-01 03:50:00") as clock:
            first = self.start()
            clock.tick(30 * 60)
            first.action_pause_timer()
        self.run_close("2026-11-06 09:00:00")
        october, november = self.month(), self.month(month="2026-11-01")
        self.assertEqual(october.state, "short", "nothing of it is billed")
        for month in (october, november):
            self.assertIn("A timer is paused", month.reason)
            self.assertEqual(month.total_minutes, 0)
        with freeze_time("2026-11-06 15:00:00"):
            first.action_describe(self.review.id, "Doses compared")
        self.assertEqual((october.total_minutes, november.total_minutes), (10, 20))

    def test_nothing_is_billed_that_nobody_described(self):
        with freeze_time("2026-10-30 15:00:00") as clock:
            call = self.start()
            clock.tick(25 * 60)
            call.action_stop_timer()
        self.run_close("2026-11-06 09:00:00")
        self.assertEqual(self.month().state, "blocked")
        self.assertIn("1 time entry(ies) have no note yet", self.month().reason)
        with freeze_time("2026-11-06 15:00:00"):
            call.action_describe(self.review.id, "Doses compared")
        self.run_close("2026-11-07 09:00:00")
        self.assertEqual(self.month().state, "invoiced")

    def test_first_words_come_through_after_the_bill(self):
        with freeze_time("2026-10-30 15:00:00") as clock:
            call = self.start()
            clock.tick(25 * 60)
            call.action_describe(self.review.id, "Doses compared")
        self.run_close("2026-11-06 09:00:00")
        with self.refused(UserError, "already invoiced"):
            call.with_user(self.nurse).write({"note": "Something else"})
        # Billed without a word, as it could be once.
        self.env.cr.execute(
            "UPDATE ccm_activity SET note = NULL, to_describe = true WHERE id = %s", call.ids
        )
        self.env.invalidate_all()
        amount = self.month().amount_total
        with freeze_time("2026-11-06 15:00:00"):
            with self.refused(UserError, "choose a kind like"):
                call.action_describe(self.office.id, "Filed")
            self.assertIs(call.action_save_draft({"note": "Doses"}), True)
            call.action_describe(self.call.id, "Spoke", "reached", at="2026-10-30 15:01:00")
        self.assertEqual((call.note, call.to_describe, call.seconds), ("Spoke", False, 1500))
        self.assertEqual((self.month().state, self.month().amount_total), ("invoiced", amount))
        self.assertFalse(self.state()["to_describe"])

    def test_the_night_when_clocks_go_back(self):
        # 1 November 2026: 1:30 comes twice in New York. An hour and a half passed, not half.
        with freeze_time("2026-11-01 05:30:00") as clock:
            call = self.start()
            clock.tick(90 * 60)
            call.action_describe(self.call.id, "A long night", "reached")
            call.write({"stop": "2026-11-01 06:45:00", "correction_reason": "Ended earlier"})
        self.assertEqual(call.seconds, 75 * 60)
        kept = call.revision_ids
        self.assertEqual(
            (kept.old_value, kept.new_value),
            ("2026-11-01 02:00:00 EST", "2026-11-01 01:45:00 EST"),
        )

    # --- another patient ---

    def test_switching_in_one_step_loses_nothing(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            first = self.start()
            first.action_save_draft({"note": "To be called back"})
            clock.tick(300)
            second = self.start(self.other, running="stop")
            self.assertEqual((first.state, first.seconds), ("done", 300))
            self.assertEqual(second.state, "running")
            [waiting] = self.state()["to_describe"]
            self.assertEqual((waiting["id"], waiting["note"]), (first.id, "To be called back"))
            clock.tick(60)
            third = self.start(self.patient, running="pause")
            self.assertEqual((second.state, third.state), ("paused", "running"))
            # A form that opens never switches by itself; nor does the same patient's button.
            for running in ("keep", "pause", "stop"):
                self.assertEqual(self.start(self.patient, running=running), third)
            self.assertEqual(self.start(self.other, running="keep"), third)

    def test_two_sessions_race_for_the_one_timer(self):
        """What the polite check cannot see of another transaction, PostgreSQL refuses."""
        with freeze_time("2026-10-05 15:00:00"):
            self.start()
            self.patch(type(self.time), "_running_of_user", lambda self: self.browse())
            self.patch(type(self.time), "_check_placements", lambda *args, **kwargs: None)
            with self.refused_by_database("ccm_activity_one_timer|ccm_activity_one_place"):
                self.start(self.other)

    # --- who may ---

    def test_another_s_timer(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(60)
            theirs = call.with_user(self.doctor)
            for attempt in (
                theirs.action_stop_timer,
                theirs.action_pause_timer,
                theirs.action_resume_timer,
                lambda: theirs.action_describe(self.review.id, "Mine"),
                lambda: theirs.action_save_draft({"note": "Mine"}),
                call.with_user(self.biller).action_stop_timer,
                self.env["ccm.activity"].with_user(self.biller).get_timer_state,
                self.env["ccm.activity"].with_user(self.outsider).get_timer_state,
            ):
                with self.refused(AccessError):
                    attempt()
            with self.refused(AccessError, "Only the person"):
                call.with_user(self.manager).action_resume_timer()
            self.assertIs(
                self.env["ccm.activity"].with_user(self.doctor).get_timer_state()["running"], False
            )
            call.with_user(self.manager).action_stop_timer()
        self.assertEqual((call.state, call.user_id), ("done", self.nurse))

    def test_nonsense_over_rpc(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            clock.tick(60)
            for values in ({"state": "done"}, {"start": "2026-10-05 10:00:00"}, None, ["note"]):
                with self.refused(UserError, "A draft has"):
                    call.action_save_draft(values)
            for vals in ({"state": "paused"}, {"to_describe": False}, {"session_id": call.id}):
                with self.refused(AccessError):
                    call.write(vals)
            with self.refused(UserError, "Stop the timer first"):
                call.write({"start": "2026-10-05 14:00:00", "correction_reason": "x"})
            with self.refused(UserError, "no longer exists"):
                self.time.action_start_timer(0)
            with self.refused(UserError, "no longer there"):
                self.time.browse(2**31 - 1).action_stop_timer()
            with self.refused(UserError, "still running"):
                self.time.action_start_timer(self.other.id, running="whatever")
        self.assertEqual(call.state, "running")

    # --- by role ---

    def test_each_role_s_way_to_start(self):
        doctor = self.env["ccm.activity"].with_user(self.doctor)
        self.assertEqual(self.time.get_timer_state()["mode"], "manual")
        self.company.write({"ccm_timer_staff": "never", "ccm_timer_practitioner": "auto"})
        self.assertEqual(self.time.get_timer_state()["mode"], "never")
        self.assertEqual(doctor.get_timer_state()["mode"], "auto")
        with self.refused(UserError, "logged by hand"):
            self.start()
        doctor.action_start_timer(self.patient.id)

    def test_start_from_a_list_opens_the_patient(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            opened = self.patient.with_user(self.nurse).action_ccm_start_timer()
            self.assertEqual(
                (opened["res_model"], opened["res_id"]), ("res.partner", self.patient.id)
            )
            self.assertEqual([kind for _view, kind in opened["views"]], ["form"])
            clock.tick(60)
            month = (
                self.env["ccm.month"]
                .with_user(self.nurse)
                ._refresh(fields.Date.to_date("2026-10-05"), self.other)
            )
            asked = month.action_start()
            self.assertEqual(asked["tag"], "ccm_timer_start", "the browser asks about the first")
            self.assertEqual(asked["params"], {"partner_id": self.other.id})
            self.assertEqual(self.time._running_of_user().partner_id, self.patient)

    # --- what browsers are told ---

    def test_the_state_costs_the_same_however_much_waits(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            self.start()
            clock.tick(60)
            self.state()
            self.env.flush_all()
            with self.assertQueryCount(8) as _one:
                self.env.invalidate_all()
                self.time.get_timer_state()
            for patient in (self.other, self.patient, self.other, self.patient):
                self.start(patient, running="stop")
                clock.tick(60)
            self.env.flush_all()
            with self.assertQueryCount(8):
                self.env.invalidate_all()
                state = self.time.get_timer_state()
        self.assertEqual(len(state["to_describe"]), 4)
        self.assertEqual(state["now"] - state["running"]["start"], 60_000)
        self.assertEqual(state["running"]["progress"]["next_code"], "99490")

    def test_every_device_is_told_and_told_no_words(self):
        told = []
        self.patch(
            type(self.env["bus.bus"]),
            "_sendone",
            lambda _self, target, kind, message: told.append((target, kind, message)),
        )
        with freeze_time("2026-10-05 15:00:00") as clock:
            call = self.start()
            for step in (
                call.action_pause_timer,
                call.action_resume_timer,
                self.time.action_stop_timer,
            ):
                clock.tick(60)
                before = len(told)
                step()
                self.assertGreater(len(told), before)
        mine = [entry for entry in told if entry[1] == "ccm_timer"]
        self.assertEqual({target for target, _kind, _message in mine}, {self.nurse.partner_id})
        self.assertTrue(all(message.keys() == {"ids"} for _target, _kind, message in mine))


@tagged("post_install", "-at_install")
class TestForgottenTimer(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.time = cls.env["ccm.activity"].with_user(cls.nurse)

    def forget(self, hours=15):
        """Return a timer of the nurse that runs since 11:00 in New York, so many hours later."""
        with freeze_time("2026-10-05 15:00:00"):
            entry = self.time.browse(self.time.action_start_timer(self.patient.id))
        clock = freeze_time(
            fields.Datetime.to_datetime("2026-10-05 15:00:00") + timedelta(hours=hours)
        )
        clock.start()
        self.addCleanup(clock.stop)
        return entry

    @property
    def month(self):
        return self.patient.ccm_month_ids.filtered(lambda m: str(m.month) == "2026-10-01")

    def answer(self, entry, user=None, **vals):
        """Answer in the dialog that asks."""
        action = entry.with_user(user or self.nurse).action_ask()
        wizard = self.env[action["res_model"]].with_user(user or self.nurse)
        wizard.with_context(**action["context"]).create(vals).action_apply()

    def test_asked_from_the_limit_on_and_not_before(self):
        entry = self.forget(hours=3)
        self.assertFalse(self.time.get_timer_state()["to_answer"])
        with freeze_time("2026-10-05 18:00:01"):
            entry.invalidate_recordset()
            self.assertEqual([e["id"] for e in self.time.get_timer_state()["to_answer"]], entry.ids)
            self.assertEqual(self.time.search([("is_forgotten", "=", True)]), entry)
            self.assertFalse(self.time.search([("is_forgotten", "=", False)]) & entry)
        entry.invalidate_recordset()
        with self.refused(UserError, "settled already"):
            entry.action_ask()

    def test_worked_until(self):
        entry = self.forget()
        for until, message in (
            (False, "Worked Until is missing"),
            ("2026-10-05 15:00:00", "must lie between 2026-10-05 11:00 and 2026-10-06 02:00"),
            ("2026-10-06 07:00:00", None),  # later than now is now: the whole time
        ):
            if message:
                with self.refused(ValidationError, message):
                    self.answer(entry, answer="until", until=until)
        self.answer(entry, answer="until", until="2026-10-05 15:21:00")
        self.assertEqual((entry.state, entry.seconds, entry.source), ("done", 1260, "manual"))
        self.assertEqual(entry.reason, "The timer was not stopped in time.")
        self.assertTrue(entry.to_describe, "what was done is still to be said")
        self.assertEqual(self.month.total_minutes, 21)
        self.assertIn("1 time entry(ies) have no note yet", self.month.reason)
        entry.action_describe(self.env.ref("ccm_module.ccm_activity_type_plan").id, "Plan written")
        self.assertFalse(self.month.reason)

    def test_stopped_too_late_counts_nothing_until_answered(self):
        entry = self.forget()
        self.time.action_stop_timer()
        self.assertTrue(entry.to_review)
        self.assertEqual(self.month.total_minutes, 0)
        self.assertIn("say what really happened", self.month.reason)
        with self.refused(AccessError):
            entry.write({"to_review": False})
        entry.action_describe(self.env.ref("ccm_module.ccm_activity_type_plan").id, "Plan written")
        self.assertEqual(self.month.total_minutes, 0)
        self.answer(entry, answer="until", until="2026-10-05 15:30:00", why="Went to lunch")
        self.assertEqual(self.month.total_minutes, 30)
        reason, kept = entry.revision_ids.sorted("field_name")
        self.assertEqual((reason.old_value, reason.new_value), ("", "Went to lunch"))
        self.assertEqual(kept.field_name, "stop")
        self.assertEqual(kept.old_value, "2026-10-06 02:00:00 EDT", "what the timer had measured")
        self.assertEqual((kept.why, kept.user_id), ("Went to lunch", self.nurse))

    def test_right_as_it_is(self):
        entry = self.forget(hours=4)
        with self.refused(ValidationError, "Why is missing"):
            entry.action_answer("right", why=" ")
        self.answer(entry, answer="right", why="Discharge planned with the whole family")
        self.assertEqual((entry.seconds, entry.source), (4 * 3600, "timer"))
        self.assertEqual(entry.reason, "Discharge planned with the whole family")
        self.assertEqual(self.month.total_minutes, 240)

    def test_did_not_work_on_this(self):
        entry = self.forget()
        self.answer(entry, answer="nothing")
        self.assertEqual(entry.state, "void")
        self.assertEqual(self.month.total_minutes, 0)
        self.assertFalse(self.time.get_timer_state()["to_answer"])
        with self.refused(UserError, "settled already"):
            entry.action_answer("right", why="x")

    def test_a_closed_browser_is_not_the_end_of_it(self):
        cron = self.env.ref("ccm_module.ir_cron_ask_forgotten")
        entry = self.forget()
        for _hour in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.env.invalidate_all()
        asked = entry.activity_ids
        self.assertEqual(asked.user_id, self.nurse, "asked, and asked once")
        self.assertEqual((entry.state, self.month.total_minutes), ("running", 0), "nothing guessed")
        self.answer(entry, answer="until", until="2026-10-05 15:21:00")
        self.assertFalse(entry.activity_ids)

    def test_a_question_marked_done_unanswered_comes_again_the_next_day_only(self):
        entry = self.forget()
        ask = self.env["ccm.activity"]._cron_ask_forgotten
        ask()
        entry.activity_ids.action_done()
        ask()
        self.assertFalse(entry.activity_ids, "not again within the hour")
        with freeze_time("2026-10-07 15:00:00"):
            ask()
            self.assertEqual(entry.activity_ids.user_id, self.nurse)

    def test_what_is_paused_or_has_no_note_is_asked_about_the_next_day(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            silent = self.time.browse(self.time.action_start_timer(self.patient.id))
            clock.tick(600)
            silent.action_stop_timer()
            first = self.time.browse(self.time.action_start_timer(self.patient.id))
            clock.tick(600)
            first.action_pause_timer()
            clock.tick(600)
            paused = self.time.browse(first.action_resume_timer())
            clock.tick(600)
            paused.action_pause_timer()
        entries = silent | first | paused
        # 23:59 in New York: its day is not over
        with freeze_time("2026-10-06 03:59:00"):
            self.env["ccm.activity"]._cron_ask_forgotten()
            self.assertFalse(entries.activity_ids)
        with freeze_time("2026-10-06 04:01:00"):
            for _hour in range(2):
                self.env["ccm.activity"]._cron_ask_forgotten()
                self.env.invalidate_all()
            self.assertFalse(first.activity_ids, "asked about the work, not about each stretch")
            self.assertEqual(
                (silent.activity_ids.summary, paused.activity_ids.summary),
                (
                    "Time without a note: say what was done",
                    "A timer is still paused: go on with it or stop it",
                ),
            )
            self.assertEqual(entries.activity_ids.user_id, self.nurse)
        with freeze_time("2026-10-06 15:00:00"):
            kind = self.env.ref("ccm_module.ccm_activity_type_plan").id
            for entry in (silent, paused):
                entry.action_describe(kind, "Plan written")
        self.assertFalse(entries.activity_ids, "settled with the answer")

    def test_paused_timers_of_somebody_who_left_reach_a_manager(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            entry = self.time.browse(self.time.action_start_timer(self.patient.id))
            clock.tick(600)
            entry.action_pause_timer()
        self.nurse.active = False
        with freeze_time("2026-10-06 15:00:00"):
            self.env["ccm.activity"]._cron_ask_forgotten()
        managers = self.env.ref("ccm_module.group_ccm_manager").all_user_ids
        self.assertIn(entry.activity_ids.user_id, managers)

    def test_one_that_cannot_be_asked_about_stops_no_other(self):
        with freeze_time("2026-10-04 15:00:00") as clock:
            bad = self.time.browse(self.time.action_start_timer(self.patient.id))
            clock.tick(600)
            bad.action_pause_timer()
        good = self.forget()
        model = type(self.env["ccm.activity"])
        ask = model._ask

        def fail(entry, *args):
            ask(entry, *args)
            if entry == bad:
                raise ValueError("words of a patient")

        self.patch(model, "_ask", fail)
        with self.assertLogs("odoo.addons.ccm_module.models.ccm_batch") as logged:
            self.env["ccm.activity"]._cron_ask_forgotten()
        self.env.invalidate_all()
        self.assertEqual((len(bad.activity_ids), len(good.activity_ids)), (0, 1))
        self.assertIn(f"ccm.activity {bad.id}", logged.output[0])
        self.assertNotIn("words", logged.output[0])

    def test_a_manager_answers_for_somebody_who_left(self):
        entry = self.forget()
        self.nurse.active = False
        self.env["ccm.activity"]._cron_ask_forgotten()
        managers = self.env.ref("ccm_module.group_ccm_manager").all_user_ids
        self.assertIn(entry.activity_ids.user_id, managers)
        with self.refused(AccessError):
            self.answer(entry, self.doctor, answer="right", why="x")
        self.answer(
            entry, self.manager, answer="until", until="2026-10-05 15:21:00", why="Phone log"
        )
        self.assertEqual((entry.user_id, entry.seconds), (self.nurse, 1260))


@tagged("post_install", "-at_install")
class TestCorrection(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.other = cls.make_ready_patient(day="2026-09-01", name="Ben Other", ccm_mrn="MRN-2")
        cls.entry = cls.log(cls.patient, "2026-10-05 15:00:00", note="Feet looked at")
        cls.entry.invalidate_recordset()

    def test_the_dialog_keeps_the_old_values_who_and_why(self):
        entry = self.entry.with_user(self.nurse)
        action = entry.action_correct()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.nurse)
            .with_context(**action["context"])
            .create({"why": "Was Ben's, and took longer"})
        )
        self.assertEqual((wizard.partner_id, wizard.stop), (entry.partner_id, entry.stop))
        wizard.write({"partner_id": self.other.id, "stop": "2026-10-05 15:25:00"})
        with freeze_time("2026-10-06 12:00:00"):
            wizard.action_apply()
        self.assertEqual((entry.partner_id, entry.seconds), (self.other, 1500))
        kept = {r.field_name: (r.old_value, r.new_value) for r in entry.revision_ids}
        self.assertEqual(
            kept,
            {
                "partner_id": ("Ada Patient", "Ben Other"),
                "stop": ("2026-10-05 11:20:00 EDT", "2026-10-05 11:25:00 EDT"),
            },
        )
        self.assertEqual(entry.revision_ids.user_id, self.nurse)
        self.assertEqual(set(entry.revision_ids.mapped("why")), {"Was Ben's, and took longer"})
        months = (self.patient | self.other).ccm_month_ids
        minutes = months.filtered(lambda m: str(m.month) == "2026-10-01").mapped("total_minutes")
        self.assertEqual(sorted(minutes), [0, 25], "both patients' months follow")

    def test_over_rpc_it_needs_the_reason_too(self):
        entry = self.entry.with_user(self.nurse)
        review = self.env.ref("ccm_module.ccm_activity_type_medication")
        for vals in (
            {"start": "2026-10-05 14:50:00"},
            {"stop": "2026-10-05 15:25:00"},
            {"type_id": review.id},
            {"partner_id": self.other.id},
        ):
            for why in ({}, {"correction_reason": "  "}):
                with self.refused(ValidationError, "fill in Why Corrected"):
                    entry.write({**vals, **why})
        # The same values again change nothing, and need nothing.
        entry.write({"type_id": entry.type_id.id, "stop": "2026-10-05 15:20:00"})
        self.assertFalse(entry.revision_ids)

    def test_another_note_keeps_the_first(self):
        self.entry.with_user(self.nurse).write({"note": "Feet and eyes looked at"})
        kept = self.entry.revision_ids
        self.assertEqual(
            (kept.old_value, kept.new_value), ("Feet looked at", "Feet and eyes looked at")
        )

    def test_voided_time_says_so_in_its_history(self):
        self.entry.with_user(self.nurse)._void("Wrong patient")
        kept = self.entry.revision_ids
        self.assertEqual(
            (kept.old_value, kept.new_value, kept.why), ("Done", "Void", "Wrong patient")
        )

    def test_nobody_writes_the_history(self):
        self.entry.with_user(self.nurse).write({"note": "Another"})
        kept = self.entry.revision_ids
        for user in (self.nurse, self.manager, self.biller):
            for attempt in (
                lambda u=user: kept.with_user(u).write({"old_value": "x"}),
                lambda u=user: kept.with_user(u).unlink(),
                lambda u=user: kept.with_user(u).create({"activity_id": self.entry.id}),
            ):
                with self.refused(AccessError):
                    attempt()
            self.assertEqual(kept.with_user(user).old_value, "Feet looked at")
        with self.refused(AccessError):
            kept.with_user(self.outsider).read(["old_value"])
