"""The talk in which consent is asked for, and whatever may come of it."""

from datetime import date

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from ..models.ccm_consent import TOLD
from .common import CcmCommon


@freeze_time("2026-07-15 14:00:00")
class TestConsentGuide(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()
        cls.no_calls = cls.env.ref("ccm_module.ccm_enrollment_reason_no_calls")
        cls.english = cls.env.ref("ccm_module.ccm_consent_text_en")
        cls.spanish = cls.env.ref("ccm_module.ccm_consent_text_es")

    def guide(self, patient=None, told=TOLD, user=None, **vals):
        """Return the form of the guide as the nurse sees it, with the points ticked."""
        patient = patient or self.patient
        action = patient.with_user(user or self.nurse).action_ccm_guide()
        model = self.env[action["res_model"]].with_user(user or self.nurse)
        form = Form(model.with_context(**action["context"]))
        for name in told:
            form[name] = True
        for name, value in vals.items():
            form[name] = value
        return form

    # --- she agrees -----------------------------------------------------------------------------

    def test_one_talk_consents_and_enrolls(self):
        form = self.guide(practitioner_id=self.practitioner, note="Asked what it costs: $12.")
        self.assertEqual(form.obtained_by_id, self.nurse)
        self.assertEqual(form.text_id, self.english)
        form.save().action_record()
        self.assertRecordValues(
            self.patient.ccm_consent_ids,
            [
                {
                    "state": "given",
                    "method": "verbal",
                    "practitioner_id": self.practitioner.id,
                    "obtained_by_id": self.nurse.id,
                    "text_id": self.english.id,
                    "note": "Asked what it costs: $12.",
                    "backdated_reason": False,
                    **dict.fromkeys(TOLD, True),
                }
            ],
        )
        self.assertRecordValues(
            self.patient.ccm_enrollment_ids,
            [
                {
                    "state": "active",
                    "practitioner_id": self.practitioner.id,
                    "coordinator_id": self.nurse.id,
                    "date_start": date(2026, 7, 15),
                }
            ],
        )
        self.assertTrue(self.patient.ccm_month_id, "this month begins with it")

    def test_text_is_in_her_language_each_point_beside_its_tick(self):
        self.env.ref("base.lang_es").active = True
        self.patient.lang = "es_ES"
        form = self.guide(told=())
        self.assertEqual(form.text_id, self.spanish)
        for name, words in (
            ("text_before", "Usted tiene"),
            ("text_available", "Qué es."),
            ("text_cost_sharing", "20 por ciento"),
            ("text_one_practitioner", "Un solo profesional"),
            ("text_may_stop", "Puede dejarlo"),
            ("text_after", "¿Tiene preguntas?"),
        ):
            self.assertIn(words, form[name])
        form.text_id = self.english
        self.assertIn("What it costs.", form.text_cost_sharing)

    def test_nothing_of_a_text_is_lost_between_its_parts(self):
        for text in self.english | self.spanish:
            before, points, after = text._parts()
            parts = html.fromstring(f"<div>{before}{''.join(points)}{after}</div>")
            whole = html.fromstring(f"<div>{text.body}</div>")
            self.assertEqual(
                "".join(parts.text_content().split()), "".join(whole.text_content().split())
            )

    def test_a_text_without_four_points_is_read_whole(self):
        for body in (
            "<p>Do you agree?</p>",
            "<ol><li>One</li><li>Two</li><li>Three</li></ol>",
            "Loose words<ol><li>1</li><li>2</li><li>3</li><li>4</li></ol>",
        ):
            text = self.english.copy({"version": 9, "body": body})
            self.assertFalse(text.has_points)
            self.assertEqual(text._parts()[0], text.body)
            text.unlink()
        self.assertTrue(self.english.has_points)

    def test_only_consent_and_enrollment_another_day(self):
        form = self.guide(practitioner_id=self.practitioner, enroll=False)
        form.save().action_record()
        self.assertEqual(self.patient.ccm_consent_state, "given")
        self.assertFalse(self.patient.ccm_enrollment_ids)
        again = self.guide(told=())
        self.assertTrue(again.consent_id, "there is nothing to read again")
        again.save().action_record()
        self.assertEqual(self.patient.ccm_enrollment_id.state, "active")
        self.assertEqual(len(self.patient.ccm_consent_ids), 1)

    def test_the_candidate_goes_on_not_a_second_enrollment(self):
        enrollment = self.make_enrollment(self.patient, coordinator_id=self.manager.id)
        form = self.guide(date_start=date(2026, 8, 1))
        self.assertEqual(form.practitioner_id, self.practitioner)
        self.assertEqual(form.coordinator_id, self.manager)
        form.save().action_record()
        self.assertEqual(self.patient.ccm_enrollment_ids, enrollment)
        self.assertEqual((enrollment.state, enrollment.date_start), ("active", date(2026, 8, 1)))

    def test_a_draft_becomes_the_consent(self):
        draft = self.make_consent(self.patient, told_may_stop=False)
        self.guide().save().action_record()
        self.assertEqual(self.patient.ccm_consent_ids, draft)
        self.assertEqual(draft.state, "given")

    def test_enrolled_without_consent_gets_only_that(self):
        enrollment = self.make_enrollment(self.patient)
        enrollment.action_activate()
        self.assertTrue(self.patient.ccm_consent_needed)
        form = self.guide()
        self.assertTrue(form.is_enrolled)
        form.save().action_record()
        self.assertEqual(self.patient.ccm_enrollment_ids, enrollment)
        self.assertFalse(self.patient.ccm_consent_needed)

    def test_revoked_and_won_back(self):
        self.guide(practitioner_id=self.practitioner).save().action_record()
        first = self.patient.ccm_consent_ids
        with freeze_time("2026-07-20 14:00:00"):
            first.write({"state": "revoked", "revoked_on": "2026-07-20"})
            self.assertEqual(self.patient.ccm_enrollment_id.date_end, date(2026, 7, 31))
        with freeze_time("2026-08-02 14:00:00"):
            self.env["ccm.enrollment"].search([])._end_if_past()
            self.guide().save().action_record()
        self.patient.invalidate_recordset(["ccm_consent_ids"])  # newest first, as it is read
        self.assertEqual(self.patient.ccm_consent_ids.mapped("state"), ["given", "revoked"])
        self.assertEqual(self.patient.ccm_enrollment_id.date_start, date(2026, 8, 2))
        self.assertEqual(self.patient.ccm_enrollment_id.practitioner_id, self.practitioner)

    # --- or not ---------------------------------------------------------------------------------

    def test_she_wants_to_think_about_it(self):
        form = self.guide(told=TOLD[:2], answer="considers", note="Will ask her son")
        form.save().action_record()
        self.assertRecordValues(
            self.patient.ccm_enrollment_ids, [{"state": "considering", "note": "Will ask her son"}]
        )
        self.assertFalse(self.patient.ccm_consent_ids)

    def test_she_declines_and_comes_back(self):
        form = self.guide(told=(), answer="declines")
        with self.assertRaisesRegex(AssertionError, "reason_id"):
            form.save()  # the form asks for it
        guide = self.env["ccm.consent.guide"].with_user(self.nurse)
        bare = guide.create({"partner_id": self.patient.id, "answer": "declines"})
        with self.refused(ValidationError, "Reason: choose why"):
            bare.action_record()
        self.assertFalse(self.patient.ccm_enrollment_ids)
        form.reason_id = self.no_calls
        form.save().action_record()
        declined = self.patient.ccm_enrollment_ids
        self.assertEqual((declined.state, declined.reason_id), ("declined", self.no_calls))
        self.guide(practitioner_id=self.practitioner).save().action_record()
        self.assertEqual(declined.state, "declined", "what she said then stays")
        self.assertEqual(self.patient.ccm_enrollment_id.state, "active")

    def test_enrolled_patient_does_not_decline_here(self):
        self.make_enrollment(self.patient).action_activate()
        guide = self.env["ccm.consent.guide"].with_user(self.nurse)
        record = guide.create(
            {"partner_id": self.patient.id, "answer": "declines", "reason_id": self.no_calls.id}
        )
        with self.refused(UserError, "use Revoke"):
            record.action_record()

    # --- all or nothing -------------------------------------------------------------------------

    def test_one_failed_check_and_nothing_is_written(self):
        ready = {"practitioner_id": self.practitioner}
        for told, vals, message in (
            (TOLD[:3], ready, "may stop"),
            (TOLD, {**ready, "given_at": "2026-07-15 15:00:00"}, "Given On"),
            (TOLD, {"practitioner_id": self.env["res.partner"]}, "Billing Practitioner"),
            (TOLD, {**ready, "date_start": False, "enroll": False, "given_at": False}, "Given On"),
        ):
            guide = self.guide(told=told, **vals).save()
            with self.refused(ValidationError, message):
                guide.action_record()
            self.assertFalse(self.patient.ccm_consent_ids)
            self.assertFalse(self.patient.ccm_enrollment_ids)

    def test_enrollment_fails_and_the_consent_is_not_written_either(self):
        guide = self.guide(practitioner_id=self.practitioner).save()
        # meanwhile another practice enrolls her, which the nurse here does not see
        away = self.env["res.company"].create({"name": "Another practice"})
        self.make_enrollment(self.patient, state="active", company_id=away.id)
        self.env.invalidate_all()
        with self.refused(ValidationError, "already enrolled"):
            guide.action_record()
        self.assertFalse(self.patient.ccm_consent_ids)

    def test_earlier_day_needs_a_reason(self):
        form = self.guide(practitioner_id=self.practitioner, given_at="2026-07-13 14:00:00")
        self.assertTrue(form.is_backdated)
        with self.assertRaisesRegex(AssertionError, "backdated_reason"):
            form.save()
        form.backdated_reason = "The system was down"
        form.save().action_record()
        self.assertEqual(self.patient.ccm_consent_ids.backdated_reason, "The system was down")

    def test_rpc_names_another_patient_s_enrollment_in_vain(self):
        other = self.make_enrollment(self.make_patient(name="Other"))
        guide = self.env["ccm.consent.guide"].with_user(self.nurse)
        record = guide.create(
            {
                "partner_id": self.patient.id,
                "practitioner_id": self.practitioner.id,
                "enrollment_id": other.id,
                **dict.fromkeys(TOLD, True),
            }
        )
        record.action_record()
        self.assertEqual(other.state, "candidate")
        self.assertEqual(self.patient.ccm_enrollment_id.partner_id, self.patient)

    def test_only_the_care_team(self):
        for user in (self.biller, self.outsider):
            with self.refused(AccessError):
                self.env["ccm.consent.guide"].with_user(user).create(
                    {"partner_id": self.patient.id}
                )

    # --- the funnel -----------------------------------------------------------------------------

    def test_a_card_moves_as_the_buttons_do(self):
        enrollment = self.make_enrollment(self.patient).with_user(self.nurse)
        self.assertFalse(enrollment.action_move("contacted"))
        self.assertEqual(enrollment.state, "contacted")
        self.assertEqual(enrollment.action_move("active")["res_model"], "ccm.consent.guide")
        self.assertEqual(enrollment.action_move("declined")["res_model"], "ccm.enrollment.close")
        with self.refused(UserError, "Use Declined"):
            enrollment.action_move("ended")
        self.assertEqual(enrollment.state, "contacted", "nothing but the dialog so far")
        self.make_consent(self.patient).action_give()
        self.assertFalse(enrollment.action_move("active"))
        self.assertEqual(enrollment.state, "active")
        with self.refused(UserError, "can only end"):
            enrollment.action_move("declined")
        self.assertEqual(enrollment.action_move("ended")["context"]["default_state"], "ended")
        with self.refused(AccessError):
            enrollment.with_user(self.biller).action_move("ended")

    def test_consent_comes_first_over_rpc_too(self):
        enrollment = self.make_enrollment(self.patient).with_user(self.nurse)
        for write in (
            lambda: enrollment.write({"state": "active"}),
            lambda: enrollment.create(
                {
                    "partner_id": self.patient.id,
                    "practitioner_id": self.practitioner.id,
                    "state": "active",
                }
            ),
        ):
            with self.refused(ValidationError, "Get Consent first"):
                write()

    def test_every_step_has_its_day(self):
        with freeze_time("2026-07-01 14:00:00"):
            enrollment = self.make_enrollment(self.patient)
        with freeze_time("2026-07-03 03:00:00"):
            enrollment.action_contact()  # still the 2nd in New York
        with freeze_time("2026-07-04 14:00:00"):
            enrollment.write({"state": "declined", "reason_id": self.no_calls.id})
        enrollment.action_consider()
        self.assertEqual(
            enrollment.step_ids.mapped(
                lambda step: (step.state, str(step.date), step.reason_id.code)
            ),
            [
                ("candidate", "2026-07-01", False),
                ("contacted", "2026-07-02", False),
                ("declined", "2026-07-04", "no_calls"),
                ("considering", "2026-07-15", False),
            ],
        )
        self.assertEqual(enrollment.state_since, date(2026, 7, 15))
        for user in (self.nurse, self.manager):
            with self.refused(AccessError):
                enrollment.step_ids[:1].with_user(user).date = "2026-01-01"
        slip = self.make_enrollment(self.make_patient(name="Slip"))
        slip.action_contact()
        slip.write({"state": "candidate"})
        self.assertEqual(slip.step_ids.mapped("state"), ["candidate"])
