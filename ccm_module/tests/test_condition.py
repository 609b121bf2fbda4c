"""The problem list: what counts for CCM, what the practitioner must confirm, what is refused."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from .common import CcmCommon


@freeze_time("2026-07-15 14:00:00")
class TestCondition(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()

    def new_condition(self, diagnosis, user=None, **vals):
        return (
            self.env["ccm.condition"]
            .with_user(user or self.nurse)
            .create({"partner_id": self.patient.id, "diagnosis_id": diagnosis.id, **vals})
        )

    # --- stories --------------------------------------------------------------------------------

    def test_nurse_enters_two_conditions_on_the_patient_form_and_they_count(self):
        view = "ccm_module.res_partner_view_form_ccm"
        with Form(self.patient.with_user(self.nurse), view) as form:
            for diagnosis in (self.diabetes, self.hypertension):
                with form.ccm_condition_ids.new() as line:
                    line.diagnosis_id = diagnosis
                    self.assertTrue(line.lasts_12_months, "offered, since the code is chronic")
                    self.assertFalse(line.significant_risk, "the clinician says so, nobody else")
                    line.significant_risk = True
        self.assertEqual(self.patient.ccm_condition_count, 2)
        self.assertEqual(self.patient.ccm_condition_ids.mapped("is_qualifying"), [True, True])
        self.assertFalse(self.patient.ccm_condition_ids.confirm_activity_id)

    def test_code_that_is_not_chronic_is_recorded_and_the_practitioner_confirms_it(self):
        self.make_enrollment(self.patient).action_activate()
        condition = self.new_condition(self.sprain, lasts_12_months=True, significant_risk=True)
        self.assertTrue(condition.needs_confirmation)
        self.assertTrue(condition.is_qualifying)

        question = self.patient.activity_ids
        self.assertEqual(question.user_id, self.doctor)
        self.assertEqual(question, condition.sudo().confirm_activity_id)
        self.assertNotIn(self.sprain.code, question.summary + (question.note or ""))

        condition.with_user(self.doctor).action_confirm_chronic()
        self.assertEqual(condition.confirmed_by_id, self.doctor)
        self.assertEqual(condition.confirmed_on, date(2026, 7, 15))
        self.assertFalse(condition.needs_confirmation)
        self.assertFalse(self.patient.activity_ids)

    def test_form_warns_about_a_code_that_is_not_chronic_and_saves_it(self):
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as warnings:
            form = Form(self.env["ccm.condition"].with_user(self.nurse))
            form.partner_id = self.patient
            form.diagnosis_id = self.sprain
        self.assertIn(self.sprain.code, warnings.output[0])
        self.assertTrue(form.save().id)

    def test_resolved_condition_no_longer_counts(self):
        condition = self.make_condition(self.patient, self.diabetes)
        condition.status = "resolved"
        self.assertEqual(condition.end_date, date(2026, 7, 15))
        self.assertFalse(condition.is_qualifying)
        condition.status = "active"
        self.assertFalse(condition.end_date)
        self.assertTrue(condition.is_qualifying)

    # --- confirmation ---------------------------------------------------------------------------

    def test_only_a_practitioner_confirms(self):
        condition = self.new_condition(self.sprain)
        for user in (self.nurse, self.biller, self.manager):
            with self.refused(AccessError):
                condition.with_user(user).action_confirm_chronic()
        for vals in ({"confirmed_by_id": self.doctor.id}, {"confirmed_on": "2026-07-01"}):
            with self.refused(AccessError, "Confirmed By"):
                condition.with_user(self.nurse).write(vals)
            with self.refused(AccessError, "Confirmed By"):
                self.new_condition(self.diabetes, **vals)
        self.assertTrue(condition.needs_confirmation)

    def test_defaults_of_the_context_do_not_confirm(self):
        model = self.env["ccm.condition"].with_user(self.nurse)
        condition = model.with_context(
            default_confirmed_by_id=self.doctor.id, default_confirmed_on="2026-07-01"
        ).create({"partner_id": self.patient.id, "diagnosis_id": self.sprain.id})
        self.assertTrue(condition.needs_confirmation)
        self.assertFalse(condition.confirmed_on)

    def test_one_question_stays_open_however_often_the_condition_changes(self):
        condition = self.new_condition(self.sprain)
        for _again in range(3):
            condition.write({"status": "inactive"})
            self.assertFalse(self.patient.activity_ids, "nothing to ask about what is over")
            condition.write({"status": "active", "note": "again"})
        self.assertEqual(len(self.patient.activity_ids), 1)

    def test_two_conditions_are_two_questions(self):
        first = self.new_condition(self.sprain)
        other = self._find_diagnosis("J20.9", "Acute bronchitis", "acute")
        self.new_condition(other)
        self.assertEqual(len(self.patient.activity_ids), 2)
        first.with_user(self.doctor).action_confirm_chronic()
        self.assertEqual(len(self.patient.activity_ids), 1)

    def test_another_code_needs_its_own_confirmation(self):
        condition = self.new_condition(self.sprain)
        condition.with_user(self.doctor).action_confirm_chronic()
        other = self._find_diagnosis("J20.9", "Acute bronchitis", "acute")
        condition.write({"diagnosis_id": other.id})
        self.assertFalse(condition.confirmed_by_id)
        self.assertTrue(condition.needs_confirmation)
        condition.write({"diagnosis_id": self.diabetes.id})
        self.assertFalse(condition.needs_confirmation)
        self.assertFalse(self.patient.activity_ids)

    def test_without_enrollment_a_practitioner_of_the_practice_is_asked(self):
        condition = self.new_condition(self.sprain)
        asked = condition.sudo().confirm_activity_id.user_id
        self.assertEqual(asked.ccm_performer, "practitioner")

    def test_search_for_what_waits(self):
        waiting = self.new_condition(self.sprain)
        listed = self.make_condition(self.patient, self.diabetes)
        mine = [("partner_id", "=", self.patient.id)]
        search = self.env["ccm.condition"].search
        self.assertEqual(search([*mine, ("needs_confirmation", "=", True)]), waiting)
        self.assertEqual(search([*mine, ("needs_confirmation", "=", False)]), listed)

    def test_deleting_the_condition_takes_its_question_away(self):
        self.new_condition(self.sprain).with_user(self.manager).unlink()
        self.assertFalse(self.patient.activity_ids)

    # --- what is refused ------------------------------------------------------------------------

    def test_dates(self):
        for vals, field in (
            ({"onset_date": "2026-07-16"}, "Since"),
            ({"status": "resolved", "end_date": "2026-07-16"}, "Until"),
            ({"status": "resolved", "onset_date": "2026-07-02", "end_date": "2026-07-01"}, "Until"),
            ({"status": "active", "end_date": "2026-07-01"}, "Until"),
        ):
            with self.refused(ValidationError, field):
                self.new_condition(self.diabetes, **vals)
        condition = self.new_condition(self.diabetes, onset_date="2026-07-15")
        with self.refused(ValidationError, "Until"):
            condition.write({"end_date": "2026-07-15"})
        condition.write({"status": "inactive", "end_date": "2026-07-15"})

    def test_today_is_the_practices_day(self):
        # 2 a.m. UTC on the 16th: still the 15th in New York
        with freeze_time("2026-07-16 02:00:00"), self.refused(ValidationError, "Since"):
            self.new_condition(self.diabetes, onset_date="2026-07-16")

    def test_the_same_condition_twice(self):
        first = self.new_condition(self.diabetes)
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            with self.refused(ValidationError, "already has this condition"):
                self.new_condition(self.diabetes, note="Foot ulcer")
            with self.refused(ValidationError, "already has this condition"):
                self.new_condition(self.hypertension).write({"diagnosis_id": self.diabetes.id})
        first.status = "resolved"
        self.assertTrue(self.new_condition(self.diabetes), "it may come back")
        with self.refused(ValidationError, "already has this condition"):
            first.status = "active"

    def test_retired_code_is_refused_for_entry_and_stays_where_it_is(self):
        condition = self.make_condition(self.patient, self.diabetes)
        self.diabetes.date_to = "2026-06-30"
        condition.note = "still there"
        with self.refused(ValidationError, r"E11\.9 is retired.*2026-06-30"):
            self.new_condition(self.diabetes, status="active", partner_id=self.make_patient().id)
        history = self.new_condition(
            self.diabetes, status="resolved", onset_date="2019-01-01", end_date="2025-12-31"
        )
        self.assertTrue(history, "history is entered with the codes of its time")

    def test_code_not_yet_in_force(self):
        self.diabetes.date_from = "2026-10-01"
        with self.refused(ValidationError, "2026-10-01"):
            self.new_condition(self.diabetes)

    def test_company_is_no_patient(self):
        company = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        with self.refused(ValidationError, "Patient"):
            self.new_condition(self.diabetes, partner_id=company.id)

    def test_roles(self):
        condition = self.new_condition(self.diabetes)
        condition.with_user(self.biller).read(["diagnosis_id"])
        for user, vals in ((self.biller, {"note": "x"}), (self.outsider, {"note": "x"})):
            with self.refused(AccessError):
                condition.with_user(user).write(vals)
        with self.refused(AccessError):
            condition.with_user(self.outsider).read(["diagnosis_id"])
        with self.refused(AccessError):
            condition.with_user(self.nurse).unlink()
        condition.with_user(self.manager).unlink()
