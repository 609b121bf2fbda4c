"""Into the programme and out of it; visits and other care on the way."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import CcmCommon


@freeze_time("2026-07-15 14:00:00")
class TestEnrollment(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()
        cls.no_calls = cls.env.ref("ccm_module.ccm_enrollment_reason_no_calls")
        cls.moved = cls.env.ref("ccm_module.ccm_enrollment_reason_moved")

    def close(self, enrollment, step, reason, date_end=None):
        action = getattr(enrollment, step)()
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        wizard.reason_id = reason
        if date_end:
            wizard.date_end = date_end
        wizard.save().action_confirm()

    # --- stories --------------------------------------------------------------------------------

    def test_from_candidate_to_active(self):
        with Form(self.env["ccm.enrollment"].with_user(self.nurse)) as form:
            form.partner_id = self.patient
            form.practitioner_id = self.practitioner
        enrollment = form.record
        self.assertEqual(enrollment.state, "candidate")
        self.assertEqual(enrollment.program_id.code, "CCM")
        self.assertEqual(enrollment.coordinator_id, self.nurse)
        self.assertFalse(self.patient.ccm_enrollment_id)

        enrollment.action_contact()
        enrollment.action_consider()
        with self.refused(ValidationError, "Consent: Ada Patient has no consent to Doctor"):
            enrollment.action_activate()
        enrollment.sudo().action_activate()  # as an import may
        self.assertEqual(enrollment.date_start, date(2026, 7, 15))
        self.assertEqual(self.patient.ccm_enrollment_id, enrollment)
        self.assertEqual(self.patient.ccm_practitioner_id, self.practitioner)
        self.assertEqual(self.patient.ccm_coordinator_id, self.nurse)
        self.assertIn("consent", self.patient.ccm_missing, "told before the first minute")
        self.assertFalse(enrollment.consent_id, "the form says that consent is missing")
        consent = self.make_consent(self.patient)
        consent.action_give()
        self.assertEqual(enrollment.consent_id, consent)

    def test_patient_declines_and_thinks_again(self):
        enrollment = self.make_enrollment(self.patient)
        self.close(enrollment, "action_decline", self.no_calls)
        self.assertEqual((enrollment.state, enrollment.reason_id), ("declined", self.no_calls))
        enrollment.action_consider()
        self.assertFalse(enrollment.reason_id)
        enrollment.action_activate()
        self.assertEqual(enrollment.state, "active")

    def test_ended_today(self):
        enrollment = self.make_enrollment(self.patient, date_start="2026-03-01")
        enrollment.action_activate()
        self.assertEqual(enrollment.date_start, date(2026, 3, 1), "Start as entered")
        self.close(enrollment, "action_end", self.moved)
        self.assertEqual((enrollment.state, enrollment.date_end), ("ended", date(2026, 7, 15)))
        self.assertFalse(self.patient.ccm_enrollment_id)
        again = self.make_enrollment(self.patient)
        again.action_activate()
        self.assertEqual(self.patient.ccm_enrollment_id, again)

    def test_last_day_to_come_ends_by_itself(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        self.close(enrollment, "action_end", self.moved, "2026-07-31")
        self.assertEqual(enrollment.state, "active")
        cron = self.env.ref("ccm_module.ir_cron_end_enrollments")
        for moment, state in (
            ("2026-07-31 14:00:00", "active"),
            ("2026-08-01 02:00:00", "active"),  # still the 31st in New York
            ("2026-08-01 14:00:00", "ended"),
        ):
            with freeze_time(moment), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            enrollment.invalidate_recordset()
            self.assertEqual(enrollment.state, state, moment)
        self.assertEqual(enrollment.reason_id, self.moved)

    def test_funnel_shows_every_column_even_when_empty(self):
        self.make_enrollment(self.patient)
        model = self.env["ccm.enrollment"].with_context(read_group_expand=True)
        shown = model.web_read_group([("partner_id", "=", self.patient.id)], ["state"], ["__count"])
        self.assertEqual(
            [(group["state"], group["__count"]) for group in shown["groups"]],
            [
                ("candidate", 1),
                ("contacted", 0),
                ("considering", 0),
                ("active", 0),
                ("declined", 0),
                ("ended", 0),
            ],
        )

    # --- the initiating visit -------------------------------------------------------------------

    def test_new_patient_begins_with_a_visit(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        self.assertTrue(enrollment.needs_initiating_visit)
        self.assertFalse(enrollment.initiating_visit_id)
        self.make_visit(self.patient, "2026-07-14", kind="other")
        self.make_visit(self.patient, "2026-07-14", ccm_discussed=False)
        self.assertFalse(enrollment.initiating_visit_id)
        visit = self.make_visit(self.patient, "2026-07-15", kind="em_2")
        self.assertEqual(enrollment.initiating_visit_id, visit)

    def test_patient_seen_within_the_year_needs_none(self):
        for seen, needed in (
            ("2026-07-14", False),
            ("2025-07-15", False),
            ("2025-07-14", True),
            ("2026-07-15", True),  # the start itself is not before it
        ):
            patient = self.make_patient()
            enrollment = self.make_enrollment(patient, date_start="2026-07-15")
            self.make_visit(patient, seen, kind="em_2", ccm_discussed=False)
            self.assertEqual(enrollment.needs_initiating_visit, needed, seen)

    def test_day_from_the_chart_counts_too(self):
        enrollment = self.make_enrollment(self.patient, date_start="2026-07-15")
        enrollment.last_seen_on = "2026-01-10"
        self.assertFalse(enrollment.needs_initiating_visit)
        with self.refused(ValidationError, "Last Seen"):
            enrollment.last_seen_on = "2026-07-16"

    def test_seen_by_somebody_else_is_not_seen(self):
        self.make_visit(self.patient, "2026-07-01", practitioner_id=self.other_practitioner.id)
        enrollment = self.make_enrollment(self.patient, date_start="2026-07-15")
        self.assertTrue(enrollment.needs_initiating_visit)

    def test_visit_of_the_future(self):
        self.make_visit(self.patient, "2026-07-15")
        with self.refused(ValidationError, "Date"):
            self.make_visit(self.patient, "2026-07-16")

    # --- what is refused ------------------------------------------------------------------------

    def test_active_needs_a_practitioner(self):
        enrollment = self.make_enrollment(self.patient, practitioner_id=False)
        with self.refused(ValidationError, "Billing Practitioner"):
            enrollment.action_activate()
        with self.refused(ValidationError, "Practitioner"):
            enrollment.practitioner_id = self.nurse.partner_id

    def test_one_active_enrollment(self):
        self.make_enrollment(self.patient).action_activate()
        second = self.make_enrollment(self.patient)
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            with self.refused(ValidationError, "already enrolled"):
                second.action_activate()
            with self.refused(ValidationError, "already enrolled"):
                self.make_enrollment(self.patient, state="active")

    def test_practitioner_of_past_time_stays(self):
        with freeze_time("2026-06-01 14:00:00"):
            enrollment = self.make_enrollment(self.patient)
            enrollment.action_activate()
            enrollment.with_user(self.nurse).practitioner_id = self.other_practitioner
            enrollment.practitioner_id = self.practitioner
        self.log(self.patient, "2026-06-05 15:00:00", minutes=20)
        with freeze_time("2026-06-30 14:00:00"):
            enrollment.practitioner_id = self.other_practitioner  # nothing is billed yet
            enrollment.practitioner_id = self.practitioner
        for user in (self.nurse, self.manager):
            with self.refused(UserError, "start a new one"):
                enrollment.with_user(user).practitioner_id = self.other_practitioner
        enrollment.write({"practitioner_id": self.practitioner.id, "note": "sent back"})

    def test_end_needs_a_last_day(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        wizard = self.env["ccm.enrollment.close"].create(
            {"enrollment_id": enrollment.id, "reason_id": self.moved.id, "date_end": False}
        )
        with self.refused(ValidationError, "Last Day"):
            wizard.action_confirm()

    def test_reason_is_needed_and_fits_the_state(self):
        enrollment = self.make_enrollment(self.patient)
        with self.refused(ValidationError, "Reason"):
            enrollment.write({"state": "declined"})
        enrollment.action_activate()
        with self.refused(ValidationError, "Reason"):
            enrollment.write({"state": "ended"})
        with self.refused(ValidationError, "Wants no calls"):
            enrollment.write({"state": "ended", "reason_id": self.no_calls.id})
        with self.refused(ValidationError, "Reason"):
            self.make_enrollment(self.make_patient(), state="ended")

    def test_dates(self):
        enrollment = self.make_enrollment(self.patient, date_start="2026-07-10")
        enrollment.action_activate()
        with self.refused(ValidationError, "End"):
            enrollment.date_end = "2026-07-09"
        ended = {"state": "ended", "reason_id": self.moved.id}
        with self.refused(ValidationError, "End"):
            enrollment.write({**ended, "date_end": "2026-07-16"})
        enrollment.write({**ended, "date_end": "2026-07-10"})

    def test_what_was_active_is_not_reopened_but_by_a_manager(self):
        self.make_consent(self.patient).action_give()
        enrollment = self.make_enrollment(self.patient).with_user(self.nurse)
        enrollment.action_activate()
        with self.refused(UserError, "can only end"):
            enrollment.write({"state": "candidate"})
        enrollment.write({"state": "ended", "reason_id": self.moved.id})
        with self.refused(UserError, "can only end"):
            enrollment.action_activate()
        enrollment.with_user(self.manager).action_activate()
        self.assertFalse(enrollment.date_end)

    def test_only_what_has_not_started_is_deleted(self):
        self.make_enrollment(self.patient).with_user(self.nurse).unlink()
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        with self.refused(UserError, "cannot be deleted"):
            enrollment.with_user(self.manager).unlink()

    def test_roles(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.with_user(self.biller).read(["state"])
        for user in (self.biller, self.outsider):
            with self.refused(AccessError):
                enrollment.with_user(user).action_activate()
        with self.refused(AccessError):
            self.no_calls.with_user(self.nurse).name = "x"

    def test_other_practice_does_not_see_it(self):
        enrollment = self.make_enrollment(self.patient)
        visit = self.make_visit(self.patient, "2026-07-01")
        away = self.env["res.company"].create({"name": "Another practice"})
        self.nurse.write({"company_id": away.id, "company_ids": [(6, 0, away.ids)]})
        for record in (enrollment, visit):
            with self.refused(AccessError):
                record.with_user(self.nurse).read(["partner_id"])

    def test_record_stays_in_its_practice(self):
        visit = self.make_visit(self.patient, "2026-07-01")
        away = self.env["res.company"].create({"name": "Another practice"})
        self.manager.company_ids += away
        for user in (self.nurse, self.manager):
            with self.refused(UserError, "Practice"):
                visit.with_user(user).company_id = away
        visit.with_user(self.nurse).write({"company_id": self.company.id, "note": "sent back"})


@freeze_time("2026-07-15 14:00:00")
class TestOtherService(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()

    def new_service(self, **vals):
        return (
            self.env["ccm.other.service"]
            .with_user(self.nurse)
            .create({"partner_id": self.patient.id, **vals})
        )

    def test_hospital_stay_by_its_exact_moments(self):
        # in at 10 p.m. on the 3rd in New York, out at 9 a.m. on the 6th
        stay = self.new_service(
            kind="inpatient", admitted_at="2026-07-04 02:00:00", discharged_at="2026-07-06 13:00:00"
        )
        self.assertEqual(stay.date_from, date(2026, 7, 3))
        self.assertEqual(stay.date_to, date(2026, 7, 6))

    def test_form_offers_the_days_of_the_moments(self):
        form = Form(self.env["ccm.other.service"].with_user(self.nurse))
        form.partner_id = self.patient
        form.kind = "snf"
        form.admitted_at = "2026-07-04 02:00:00"
        self.assertEqual(form.date_from, date(2026, 7, 3))
        form.kind = "hospice"
        self.assertFalse(form.admitted_at)

    def test_moments_fit_the_days_and_the_kind(self):
        day = {"date_from": "2026-07-03", "date_to": "2026-07-06"}
        for vals, field in (
            ({"kind": "inpatient", "admitted_at": "2026-07-04 14:00:00"}, "Admitted At"),
            ({"kind": "snf", "discharged_at": "2026-07-07 14:00:00"}, "Discharged At"),
            ({"kind": "hospice", "admitted_at": "2026-07-03 14:00:00"}, "Admitted At"),
            ({"kind": "esrd", "date_to": "2026-07-02"}, "To"),
            (
                {
                    "kind": "inpatient",
                    "date_to": "2026-07-03",
                    "admitted_at": "2026-07-03 15:00:00",
                    "discharged_at": "2026-07-03 14:00:00",
                },
                "Discharged At",
            ),
        ):
            with self.refused(ValidationError, field):
                self.new_service(**{**day, **vals})

    def test_kinds_may_overlap(self):
        for kind in ("rpm", "bhi", "tcm", "pcm"):
            self.assertTrue(self.new_service(kind=kind, date_from="2026-07-01"))
