"""Consent: said, given, recorded, revoked. A month without it is not billed."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import CcmCommon

TOLD = ("told_available", "told_cost_sharing", "told_one_practitioner", "told_may_stop")


@freeze_time("2026-07-15 14:00:00")
class TestConsent(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient(lang="en_US")

    def new_consent(self, **vals):
        return self.make_consent(self.patient, **vals).with_user(self.nurse)

    def revoke(self, consent, day, reason="Too many calls"):
        action = consent.action_revoke()
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        wizard.revoked_on = day
        wizard.revoked_reason = reason
        wizard.save().action_confirm()

    # --- stories --------------------------------------------------------------------------------

    def test_consent_as_the_guide_records_it(self):
        self.make_enrollment(self.patient).action_activate()
        action = self.patient.with_user(self.nurse).action_ccm_guide()
        model = self.env[action["res_model"]].with_user(self.nurse)
        form = Form(model.with_context(**action["context"]))
        for point in TOLD:
            form[point] = True
        form.save().action_record()
        consent = self.patient.ccm_consent_ids

        self.assertEqual(consent.state, "given")
        self.assertEqual(consent.obtained_by_id, self.nurse)
        self.assertEqual(consent.method, "verbal")
        self.assertEqual(str(consent.recorded_at), "2026-07-15 14:00:00")
        self.assertFalse(consent.is_backdated)
        self.assertFalse(consent.valid_until)
        self.assertEqual(self.patient.ccm_consent_id, consent)
        self.assertEqual(self.patient.ccm_consent_state, "given")
        for record in (consent, self.patient.ccm_enrollment_id):
            self.assertIn("Consent to Chronic Care given", str(record.message_ids.mapped("body")))
        self.assertNotIn("onsent", str(self.patient.message_ids.mapped("body")))

    def test_patient_stops_in_mid_month_and_care_ends_with_the_month(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        consent = self.new_consent()
        consent.action_give()
        self.revoke(consent, "2026-07-15")

        self.assertEqual(consent.state, "revoked")
        self.assertEqual(consent.valid_until, date(2026, 7, 31))
        self.assertEqual(consent.revoked_by_id, self.env.user)
        self.assertEqual(enrollment.state, "active", "July is still care")
        self.assertEqual(enrollment.date_end, date(2026, 7, 31))
        self.assertEqual(enrollment.reason_id.code, "consent_revoked")
        for record in (consent, enrollment):
            self.assertIn("revoked on 2026-07-15", str(record.message_ids.mapped("body")))
        notes = str((enrollment | self.patient.ccm_enrollment_id).message_ids.mapped("body"))
        self.assertNotIn("Too many calls", notes, "the reason stays on the consent")
        self.assertNotIn("onsent", str(self.patient.message_ids.mapped("body")))

    def test_patient_changes_her_mind_within_the_month(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        consent = self.new_consent()
        consent.action_give()
        self.revoke(consent, "2026-07-15")
        self.new_consent().action_give()
        self.assertFalse(enrollment.date_end)
        self.assertFalse(enrollment.reason_id)

    def test_new_practitioner_new_consent(self):
        old = self.new_consent()
        old.action_give()
        new = self.new_consent(practitioner_id=self.other_practitioner.id)
        new.action_give()
        self.assertEqual((old | new).mapped("state"), ["given", "given"])

        self.make_enrollment(
            self.patient, practitioner_id=self.other_practitioner.id
        ).action_activate()
        self.assertEqual(self.patient.ccm_consent_id, new, "the billing practitioner's")
        old.write({"state": "revoked", "revoked_on": "2026-07-15"})
        self.assertFalse(
            self.patient.ccm_enrollment_id.date_end, "not this practitioner's enrollment"
        )

    def test_spanish_text_for_a_patient_who_speaks_spanish(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.patient.lang = "es_ES"
        form = Form(self.env["ccm.consent"])
        form.partner_id = self.patient
        self.assertEqual(form.text_id, self.env.ref("ccm_module.ccm_consent_text_es"))

    # --- giving ---------------------------------------------------------------------------------

    def test_each_of_the_four_points_must_be_said(self):
        for point in TOLD:
            consent = self.new_consent(**{point: False})
            label = self.env["ccm.consent"].fields_get([point])[point]["string"]
            with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                consent.action_give()
            self.assertIn(label, str(caught.exception))

    def test_consent_of_the_future(self):
        for state in ("draft", "given"):
            with self.refused(ValidationError, "Given On"):
                self.new_consent(given_at="2026-07-15 14:00:01", state=state)

    def test_without_moment_or_witness(self):
        for field, label in (("given_at", "Given On"), ("obtained_by_id", "Obtained By")):
            consent = self.new_consent(**{field: False})
            with self.refused(ValidationError, label):
                consent.action_give()

    def test_representative_has_a_name(self):
        consent = self.new_consent(given_by="representative")
        with self.refused(ValidationError, "Representative"):
            consent.action_give()
        consent.given_by_name = "Ben Patient, son"
        consent.action_give()

    def test_recorded_a_day_later_needs_a_reason(self):
        consent = self.new_consent(given_at="2026-07-14 14:00:00")
        self.assertTrue(consent.is_backdated)
        with self.refused(ValidationError, "Why Recorded Later.*2026-07-14"):
            consent.action_give()
        consent.backdated_reason = "The system was down"
        consent.action_give()
        with freeze_time("2026-09-01 14:00:00"):
            consent.invalidate_recordset()
            self.assertTrue(consent.is_backdated)

    def test_a_day_is_a_day_of_the_practice(self):
        # Given at 11 p.m. in New York on the 14th, recorded half an hour later: UTC has the 15th.
        with freeze_time("2026-07-15 03:30:00"):
            consent = self.new_consent(given_at="2026-07-15 03:00:00")
            consent.action_give()
            self.assertFalse(consent.is_backdated)
        # Recorded another hour later, it is the next day there, though not in UTC.
        with freeze_time("2026-07-15 04:30:00"):
            late = self.make_consent(self.make_patient(), given_at="2026-07-15 03:00:00")
            self.assertTrue(late.is_backdated)

    def test_given_long_ago_does_not_become_back_dated_as_days_pass(self):
        consent = self.new_consent()
        consent.action_give()
        with freeze_time("2027-07-15 14:00:00"):
            consent.invalidate_recordset()
            self.assertFalse(consent.is_backdated)
            consent.write({"scan_filename": "signed.pdf"})

    def test_recorded_at_is_not_for_callers(self):
        consent = self.new_consent(
            state="given",
            given_at="2026-07-15 13:00:00",
            recorded_at="2026-01-01 00:00:00",
            revoked_by_id=self.doctor.id,
        )
        self.assertEqual(str(consent.recorded_at), "2026-07-15 14:00:00")
        self.assertFalse(consent.revoked_by_id)
        with self.refused(ValidationError, "Why Recorded Later"):
            self.new_consent(
                practitioner_id=self.other_practitioner.id,
                state="given",
                given_at="2026-07-01 13:00:00",
                recorded_at="2026-07-01 13:00:00",
            )

    def test_defaults_of_the_context_are_callers_too(self):
        model = self.env["ccm.consent"].with_user(self.nurse)
        consent = model.with_context(
            default_state="revoked",
            default_revoked_on="2026-07-15",
            default_recorded_at="2026-01-01 00:00:00",
            default_revoked_by_id=self.doctor.id,
        ).create({"partner_id": self.patient.id, "practitioner_id": self.practitioner.id})
        self.assertEqual(consent.state, "draft")
        self.assertFalse(consent.recorded_at or consent.revoked_by_id or consent.revoked_on)

    def test_the_checks_hold_whatever_the_way_in(self):
        with self.refused(ValidationError):
            self.new_consent(state="given", told_may_stop=False)
        consent = self.new_consent(told_may_stop=False)
        with self.refused(ValidationError):
            consent.write({"state": "given"})

    def test_given_once(self):
        self.new_consent().action_give()
        again = self.new_consent()
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            with self.refused(ValidationError, "consent to this practitioner stands"):
                again.action_give()
            with self.refused(ValidationError, "consent to this practitioner stands"):
                self.new_consent(state="given")

    def test_practitioner_is_one(self):
        with self.refused(ValidationError, "Practitioner"):
            self.new_consent(practitioner_id=self.nurse.partner_id.id)

    # --- what is given stays --------------------------------------------------------------------

    def test_what_was_agreed_is_fixed(self):
        consent = self.new_consent(text_id=self.env.ref("ccm_module.ccm_consent_text_en").id)
        consent.action_give()
        spanish = self.env.ref("ccm_module.ccm_consent_text_es")
        for vals in (
            {"told_may_stop": False},
            {"given_at": "2026-07-15 13:00:00"},
            {"practitioner_id": self.other_practitioner.id},
            {"method": "written"},
            {"text_id": spanish.id},
            {"partner_id": self.make_patient().id},
            {"given_by": "representative", "given_by_name": "Ben"},
            {"obtained_by_id": self.doctor.id},
            {"backdated_reason": "because"},
        ):
            for user in (self.nurse, self.manager):
                with self.refused(UserError, "cannot be changed"):
                    consent.with_user(user).write(vals)

    def test_sending_the_same_values_back_changes_nothing(self):
        consent = self.new_consent()
        consent.action_give()
        consent.write(
            {"method": "verbal", "given_at": "2026-07-15 14:00:00", **dict.fromkeys(TOLD, True)}
        )
        consent.write({"state": "given"})
        self.assertEqual(str(consent.recorded_at), "2026-07-15 14:00:00")

    def test_signed_paper_may_follow_but_is_not_replaced(self):
        consent = self.new_consent(method="written")
        consent.action_give()
        consent.write({"scan": b"c2lnbmVk", "scan_filename": "signed.pdf"})
        with self.refused(UserError, "Signed Paper"):
            consent.write({"scan": b"b3RoZXI="})

    def test_no_way_back(self):
        consent = self.new_consent()
        with self.refused(UserError, "State"):
            consent.write({"state": "revoked", "revoked_on": "2026-07-15"})
        consent.action_give()
        with self.refused(UserError, "State"):
            consent.write({"state": "draft"})
        self.revoke(consent, "2026-07-15")
        for vals in ({"state": "given"}, {"revoked_on": "2026-07-14"}, {"revoked_reason": "x"}):
            with self.refused(UserError):
                consent.write(vals)

    def test_only_drafts_are_deleted(self):
        self.new_consent().unlink()
        consent = self.new_consent()
        consent.action_give()
        with self.refused(UserError, "cannot be deleted"):
            consent.with_user(self.manager).unlink()

    def test_text_read_to_a_patient_is_fixed(self):
        text = self.env.ref("ccm_module.ccm_consent_text_en").copy({"version": 7})
        text.body = "<p>Still free to change</p>"
        self.new_consent(text_id=text.id).action_give()
        for vals in (
            {"body": "<p>Other</p>"},
            {"version": 8},
            {"lang_id": self.env.ref("base.lang_es").id},
        ):
            with self.refused(UserError, "New Version"):
                text.with_user(self.manager).write(vals)
        with self.refused(UserError):
            text.unlink()
        text.active = False
        successor = self.env["ccm.consent.text"].browse(text.action_new_version()["res_id"])
        self.assertEqual(successor.version, 8)
        successor.body = "<p>Other</p>"

    # --- revoking -------------------------------------------------------------------------------

    def test_in_effect_at_the_end_of_the_calendar_month(self):
        for given, revoked, last_day in (
            ("2026-07-01", "2026-07-01", "2026-07-31"),
            ("2026-04-01", "2026-04-30", "2026-04-30"),
            ("2026-12-05", "2026-12-31", "2026-12-31"),
            ("2026-02-03", "2026-02-10", "2026-02-28"),
            ("2028-02-03", "2028-02-29", "2028-02-29"),
            ("2028-02-03", "2028-02-01", None),
        ):
            with freeze_time(f"{given} 14:00:00"):
                consent = self.make_consent(self.make_patient())
                consent.action_give()
            with freeze_time(f"{max(given, revoked)} 15:00:00"):
                if last_day:
                    consent.write({"state": "revoked", "revoked_on": revoked})
                    self.assertEqual(str(consent.valid_until), last_day)
                else:
                    with self.refused(ValidationError, "Revoked On"):
                        consent.write({"state": "revoked", "revoked_on": revoked})

    def test_day_of_revocation(self):
        consent = self.new_consent()
        consent.action_give()
        for day in ("2026-07-16", "2026-07-14", False):
            with self.refused(ValidationError, "Revoked On"):
                consent.write({"state": "revoked", "revoked_on": day})
        with self.refused(ValidationError, "Revoked On"):
            consent.write({"revoked_on": "2026-07-15"})

    def test_recorded_after_the_month_it_ends_the_enrollment_at_once(self):
        with freeze_time("2026-05-04 14:00:00"):
            enrollment = self.make_enrollment(self.patient)
            enrollment.action_activate()
            consent = self.new_consent()
            consent.action_give()
        consent.write({"state": "revoked", "revoked_on": "2026-06-10"})
        self.assertEqual(enrollment.date_end, date(2026, 6, 30))
        self.assertEqual(enrollment.state, "ended")

    def test_revoked_over_and_over_is_refused(self):
        consent = self.new_consent()
        with self.refused(UserError, "State"):
            consent.action_revoke()
        consent.action_give()
        with self.refused(UserError, "State"):
            consent.action_give()

    # --- roles ----------------------------------------------------------------------------------

    def test_roles(self):
        consent = self.new_consent()
        consent.with_user(self.biller).read(["state"])
        for user in (self.biller, self.outsider):
            with self.refused(AccessError):
                consent.with_user(user).action_give()
        with self.refused(AccessError):
            consent.with_user(self.outsider).read(["state"])
        consent.with_user(self.doctor).action_give()
        wizard = self.env["ccm.consent.revoke"].with_user(self.nurse)
        wizard.create({"consent_id": consent.id}).action_confirm()
        self.assertEqual(consent.revoked_by_id, self.nurse)
        with self.refused(AccessError):
            self.env["ccm.consent.text"].with_user(self.nurse).create({"name": "x", "body": "y"})
