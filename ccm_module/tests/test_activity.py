"""Time: exact seconds, one place at a time, and nothing lost or forged."""

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestActivity(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.other = cls.make_ready_patient(day="2026-09-01", name="Ben Other", ccm_mrn="MRN-2")
        cls.time = cls.env["ccm.activity"].with_user(cls.nurse)

    def month(self, patient=None, month="2026-10-01"):
        return (patient or self.patient).ccm_month_ids.filtered(lambda m: str(m.month) == month)

    # --- the timer ---

    def test_timer_counts_seconds_and_never_rounds_up(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            entry = self.time.browse(self.time.action_start_timer(self.patient.id))
            self.assertEqual((entry.state, entry.stop, entry.seconds), ("running", False, 0))
            clock.tick(19 * 60 + 59)
            self.assertEqual(self.time.action_stop_timer(), entry.ids)
            self.assertEqual((entry.state, entry.source, entry.seconds), ("done", "timer", 1199))
        self.assertEqual(self.month().total_minutes, 19)
        self.assertFalse(self.month().line_ids)
        self.log(self.patient, "2026-10-06 15:00:00", minutes=0, seconds=1)
        self.assertEqual(self.month().line_ids.code, "99490")

    def test_one_running_timer_a_person(self):
        with freeze_time("2026-10-05 15:00:00"):
            self.time.action_start_timer(self.patient.id)
            with self.assertRaisesRegex(UserError, "still running for Ada Patient"):
                self.time.action_start_timer(self.other.id)
            # Another nurse may work on the same patient.
            self.env["ccm.activity"].with_user(self.doctor).action_start_timer(self.patient.id)

    def test_stop_without_a_timer(self):
        with self.assertRaisesRegex(UserError, "No timer is running"):
            self.time.action_stop_timer()

    def test_running_timer_blocks_the_month_it_began_in(self):
        with freeze_time("2026-10-31 23:50:00"):
            self.time.action_start_timer(self.patient.id)
        with freeze_time("2026-11-03 15:00:00"):
            month = self.env["ccm.month"]._refresh("2026-10-01", self.patient)
        self.assertIn("still running", month.reason)

    # --- by hand ---

    def test_nobody_hooks_time_into_another_s_work(self):
        with freeze_time("2026-10-05 15:00:00") as clock:
            theirs = self.env["ccm.activity"].with_user(self.doctor)
            theirs = theirs.browse(theirs.action_start_timer(self.patient.id))
            clock.tick(600)
            theirs.action_stop_timer()
        forged = {"session_id": theirs.id, "to_describe": True}
        mine = self.log(self.patient, "2026-10-05 16:00:00", **forged)
        by_context = self.time.with_context(
            **{f"default_{name}": value for name, value in forged.items()}
        ).create(
            {
                "partner_id": self.patient.id,
                "start": "2026-10-05 17:00:00",
                "stop": "2026-10-05 17:10:00",
                "reason": "Logged after the call",
            }
        )
        for entry in (mine, by_context):
            self.assertFalse(entry.session_id or entry.to_describe)
        # Even where one is: a session is one person's for one patient.
        mine.sudo().write({"session_id": theirs.id})
        self.assertEqual(mine.sudo()._session(), mine.sudo())

    def test_corrected_to_another_practice_s_patient(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.make_patient(name="Cy Elsewhere", ccm_mrn="MRN-3", company_id=elsewhere.id)
        entry = self.log(self.patient, "2026-10-05 15:00:00").with_user(self.nurse)
        fix = {"partner_id": theirs.id, "correction_reason": "Was Cy's"}
        with self.refused(AccessError):
            entry.write(fix)
        self.nurse.company_ids |= elsewhere
        both = self.company | elsewhere
        entry.with_context(allowed_company_ids=both.ids).write(fix)
        self.assertEqual(entry.sudo().company_id, elsewhere)

    def test_by_hand_needs_a_reason(self):
        with self.assertRaises(ValidationError, msg="Why by Hand"):
            self.log(self.patient, "2026-10-05 15:00:00", reason=False)
        entry = self.log(self.patient, "2026-10-05 15:00:00", reason=False, note="Called about BP")
        self.assertEqual(entry.source, "manual")

    def test_stop_before_start(self):
        with freeze_time("2026-10-05 18:00:00"):
            for stop in ("2026-10-05 14:59:59", "2026-10-05 15:00:00"):
                with self.assertRaisesRegex(ValidationError, "Stop must be later than Start"):
                    self.time.create(
                        {
                            "partner_id": self.patient.id,
                            "start": "2026-10-05 15:00:00",
                            "stop": stop,
                            "reason": "x",
                        }
                    )

    def test_future_and_endless_time(self):
        with freeze_time("2026-10-05 15:00:00"):
            for start, stop, message in (
                ("2026-10-05 14:50:00", "2026-10-05 15:00:01", "future"),
                ("2026-10-04 01:00:00", "2026-10-04 13:00:01", "12 hours"),
            ):
                with self.assertRaisesRegex(ValidationError, message):
                    self.time.create(
                        {
                            "partner_id": self.patient.id,
                            "start": start,
                            "stop": stop,
                            "reason": "x",
                        }
                    )

    def test_nobody_is_in_two_places(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        with self.assertRaisesRegex(ValidationError, "11:00 to 2026-10-05 11:20.*two places"):
            self.log(self.other, "2026-10-05 15:19:59", minutes=5)
        self.log(self.other, "2026-10-05 15:20:00", minutes=5)  # touching is fine
        self.log(self.other, "2026-10-05 15:00:00", minutes=5, user=self.doctor)
        mine = self.time.search(
            [("partner_id", "=", self.other.id), ("user_id", "=", self.nurse.id)]
        )
        with self.assertRaisesRegex(ValidationError, "two places"):
            mine.write({"start": "2026-10-05 15:10:00", "correction_reason": "x"})

    def test_postgresql_itself_refuses_two_places(self):
        first = self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        second = self.log(self.other, "2026-10-05 16:00:00", minutes=20)
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.ExclusionViolation):
            self.env.cr.execute(
                "UPDATE ccm_activity SET start = %s WHERE id = %s", (first.start, second.id)
            )

    def test_voided_time_frees_its_place_and_its_minutes(self):
        entry = self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        wizard = (
            self.env["ccm.activity.void"]
            .with_user(self.nurse)
            .create({"activity_ids": entry.ids, "reason": "Wrong patient"})
        )
        wizard.action_apply()
        self.assertEqual((entry.state, entry.void_reason), ("void", "Wrong patient"))
        self.assertEqual(self.month().total_minutes, 0)
        self.log(self.other, "2026-10-05 15:00:00", minutes=20)
        with self.assertRaises(AccessError):
            entry.with_user(self.manager).unlink()

    # --- months, people, patients ---

    def test_month_end_splits_at_the_practice_s_midnight(self):
        # 23:40 to 00:30 in New York: twenty minutes of October, thirty of November.
        self.log(self.patient, "2026-11-01 03:40:00", minutes=50)
        self.assertEqual(self.month().total_minutes, 20)
        self.assertEqual(self.month(month="2026-11-01").total_minutes, 30)

    def test_two_at_once_count_once(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        self.log(self.patient, "2026-10-05 15:10:00", minutes=20, user=self.doctor)
        month = self.month()
        self.assertEqual(
            (month.total_minutes, month.staff_minutes, month.practitioner_minutes), (30, 20, 20)
        )
        self.assertIn("two people at once", month.explanation)

    def test_one_meeting_about_three_patients(self):
        third = self.make_ready_patient(day="2026-09-01", name="Cy Third", ccm_mrn="MRN-3")
        patients = self.patient | self.other | third
        with freeze_time("2026-10-05 18:00:00"):
            wizard = (
                self.env["ccm.activity.share"]
                .with_user(self.nurse)
                .create(
                    {
                        "partner_ids": patients.ids,
                        "start": "2026-10-05 15:00:00",
                        "stop": "2026-10-05 15:30:01",
                        "reason": "Case meeting",
                    }
                )
            )
            entries = self.time.search(wizard.action_apply()["domain"])
        self.assertEqual(sorted(entries.mapped("seconds")), [600, 600, 601])
        self.assertEqual(set(entries.mapped("shared_count")), {3})
        self.assertEqual(entries.partner_id, patients)
        with self.assertRaisesRegex(UserError, "shared among several patients"):
            entries[0].write({"stop": "2026-10-05 15:11:00"})
        entries[0]._void("Patient was not discussed")

    def test_kind_that_does_not_count(self):
        office = self.env.ref("ccm_module.ccm_activity_type_office")
        entry = self.log(self.patient, "2026-10-05 15:00:00", type_id=office.id)
        self.assertEqual(self.month().total_minutes, 0)
        office.counts = True
        self.assertFalse(entry.counts, "what was entered keeps what it was entered as")

    def test_performer_is_what_the_person_was_then(self):
        entry = self.log(self.patient, "2026-10-05 15:00:00")
        self.nurse.ccm_performer = "none"
        self.assertEqual(entry.performer, "staff")
        self.log(self.patient, "2026-10-06 15:00:00")
        self.assertEqual(self.month().total_minutes, 20)

    # --- a billed month ---

    def test_billed_month_is_locked(self):
        """What is in a bill changes by a correction only; new time comes in late, and says so."""
        entry = self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        with freeze_time("2026-11-03 15:00:00"):
            self.env["ccm.month"]._refresh("2026-10-01", self.patient).action_invoice()
        locked = "2026-10 is already invoiced"
        with self.refused(UserError, locked):
            entry.write({"note": "Something else"})
        with self.refused(UserError, locked):
            entry.write({"reason": "Something else", "correction_reason": "No"})
        with self.refused(UserError, locked):
            entry._void("No")
        with self.refused(UserError, locked):
            entry.sudo().unlink()
        # Neither bypassing the refresh nor calling it in time is a client's to choose.
        late = self.time.with_context(ccm_no_refresh=True, default_is_late=False).create(
            {
                "partner_id": self.patient.id,
                "start": "2026-10-08 15:00:00",
                "stop": "2026-10-08 15:20:00",
                "reason": "x",
                "is_late": False,
            }
        )
        self.assertTrue(late.is_late)
        self.assertEqual((self.month().total_minutes, self.month().state), (20, "invoiced"))
        self.assertTrue(self.month().has_difference)

    # --- over RPC ---

    def test_a_client_cannot_forge_time(self):
        vals = {
            "partner_id": self.patient.id,
            "start": "2026-10-05 15:00:00",
            "stop": "2026-10-05 15:20:00",
            "reason": "x",
        }
        forged = self.time.create(
            {**vals, "source": "timer", "performer": "practitioner", "state": "void"}
        )
        self.assertEqual(
            (forged.source, forged.performer, forged.state), ("manual", "staff", "done")
        )
        with self.assertRaises(AccessError):
            forged.write({"performer": "practitioner"})
        with self.assertRaises(AccessError):
            forged.write({"user_id": self.doctor.id})
        with self.assertRaises(AccessError):
            self.time.create({**vals, "user_id": self.doctor.id})
        with self.assertRaises(AccessError):
            self.env["ccm.activity"].with_user(self.outsider).action_start_timer(self.patient.id)
        with self.assertRaises(AccessError):
            self.env["ccm.activity"].with_user(self.biller).create(vals)

    def test_a_client_s_defaults_forge_nothing(self):
        forged = self.time.with_context(
            default_source="timer", default_state="void", default_performer="practitioner"
        ).create(
            {
                "partner_id": self.patient.id,
                "start": "2026-10-05 15:00:00",
                "stop": "2026-10-05 15:20:00",
                "reason": "x",
            }
        )
        self.assertEqual(
            (forged.source, forged.performer, forged.state), ("manual", "staff", "done")
        )

    def test_what_only_the_system_writes(self):
        entry = self.log(self.patient, "2026-10-05 15:00:00")
        for vals in (
            {"seconds": 99999},
            {"void_reason": "x"},
            {"shared_count": 2},
            {"state": "void"},
            {"company_id": self.env["res.company"].create({"name": "Other"}).id},
        ):
            with self.assertRaises(AccessError, msg=str(vals)):
                entry.write(vals)

    def test_another_practice_s_patient(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._make_user("ccm_stranger", "user", "staff")
        stranger.write({"company_ids": [(6, 0, elsewhere.ids)], "company_id": elsewhere.id})
        with self.assertRaises(AccessError):
            self.log(self.patient, "2026-10-05 15:00:00", user=stranger)
        with self.assertRaises(AccessError):
            self.time.with_user(stranger).action_start_timer(self.patient.id)

    def test_only_a_manager_mends_another_s_time(self):
        entry = self.log(self.patient, "2026-10-05 15:00:00")
        values = {"stop": "2026-10-05 15:25:00", "correction_reason": "The call was longer"}
        with self.assertRaises(AccessError):
            entry.with_user(self.doctor).write(values)
        with self.assertRaises(AccessError):
            entry.with_user(self.doctor)._void("x")
        entry.with_user(self.manager).write(values)
        self.assertEqual(entry.seconds, 1500)

    def test_a_refused_entry_leaves_no_note_in_the_log(self):
        """Two transactions may pass the polite check; PostgreSQL's refusal must not tell the note."""
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        self.patch(type(self.time), "_check_placements", lambda *args, **kwargs: None)
        refused = self.assertRaises(psycopg2.errors.ExclusionViolation)
        with self.assertLogs("odoo.sql_db", "ERROR") as logs, refused:
            self.log(self.other, "2026-10-05 15:10:00", note="Patient admits drinking")
        self.assertNotIn("drinking", "".join(logs.output))
