"""Who could be asked to join, why, and how asking begins."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from .common import CcmCommon


@freeze_time("2026-07-15 14:00:00")
class TestEligibility(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.medicare = cls.env["res.partner"].create(
            {"name": "Medicare Part B", "is_company": True, "ccm_payer_scope": "in"}
        )
        cls.hearing = cls.env["ccm.diagnosis"].search([("code", "=", "H90.3")])
        cls.hearing = cls.hearing or cls._find_diagnosis("H90.3", "Hearing loss", "chronic")

    @classmethod
    def make_eligible(cls, seen="2026-05-04", conditions=2, **vals):
        """Return a patient whom the practice could ask."""
        patient = cls.make_patient(**{"ccm_payer_id": cls.medicare.id, **vals})
        for diagnosis in (cls.diabetes, cls.hypertension, cls.hearing)[:conditions]:
            cls.make_condition(patient, diagnosis)
        if seen:
            cls.make_visit(patient, seen)
        return patient

    def row(self, patient, company=None):
        return self.env["ccm.eligibility"].search(
            [("partner_id", "=", patient.id), ("company_id", "=", (company or self.company).id)]
        )

    def assert_stands(self, patient, standing, *words, lacks=False):
        row = self.row(patient)
        self.assertEqual((row.standing, row.lacks), (standing, lacks), row.why)
        for word in words:
            self.assertIn(word, row.why)
        return row

    # --- stories --------------------------------------------------------------------------------

    def test_from_the_list_to_enrolled(self):
        patient = self.make_eligible()
        row = self.assert_stands(
            patient,
            "eligible",
            "2 conditions count: E11.9",
            "I10",
            "Last seen on 05/04/2026.",
            "Medicare Part B pays for it.",
        )
        action = row.with_user(self.nurse).action_start_enrollment()
        self.assertEqual(action["params"]["message"], "1 new candidate(s).")
        enrollment = patient.ccm_enrollment_ids
        self.assertRecordValues(
            enrollment,
            [
                {
                    "state": "candidate",
                    "practitioner_id": self.practitioner.id,
                    "coordinator_id": self.nurse.id,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(action["params"]["next"]["domain"], [("id", "in", enrollment.ids)])
        self.assert_stands(patient, "in_talks")

        action = enrollment.with_user(self.nurse).action_move("active")
        form = Form(
            self.env[action["res_model"]].with_user(self.nurse).with_context(**action["context"])
        )
        for point in ("available", "cost_sharing", "one_practitioner", "may_stop"):
            form[f"told_{point}"] = True
        form.save().action_record()
        self.assertEqual(enrollment.state, "active")
        self.assertEqual(patient.ccm_consent_id.text_id.lang_id.code[:2], "en")
        self.assert_stands(patient, "enrolled")

    def test_facts_change_and_so_does_the_list(self):
        patient = self.make_eligible(conditions=0, seen=None)
        self.assertFalse(self.row(patient), "nothing is on record of her")
        first = self.make_condition(patient, self.diabetes)
        self.assert_stands(patient, "out", "One more condition is needed; E11.9", "No visit")
        self.make_visit(patient, "2026-07-01")
        self.assert_stands(patient, "almost", lacks="conditions")
        self.make_condition(patient, self.hypertension)
        self.assert_stands(patient, "eligible")
        first.significant_risk = False
        self.assert_stands(patient, "almost", lacks="conditions")
        first.unlink()
        self.assert_stands(patient, "almost", "I10", lacks="conditions")

    def test_a_year_passes(self):
        patient = self.make_eligible(seen="2025-07-15")
        self.assert_stands(patient, "eligible")
        cron = self.env.ref("ccm_module.ir_cron_refresh_eligibility")
        with freeze_time("2026-07-16 03:30:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()  # still the 15th in New York
        self.env.invalidate_all()
        self.assert_stands(patient, "eligible")
        with freeze_time("2026-09-20 14:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        row = self.assert_stands(patient, "almost", lacks="seen")
        self.assertTrue(row.why.startswith("Not seen for 14 months, since 07/15/2025"), row.why)

    def test_one_patient_who_cannot_be_decided_keeps_nobody_from_it(self):
        lost, other = (self.make_eligible(seen="2025-07-15", name=name) for name in ("Ann", "Bea"))
        model = type(self.env["ccm.eligibility"])
        collect = model._collect

        def stumble(records, partners):
            if lost in partners:
                raise ValueError("Ann's own words")
            return collect(records, partners)

        cron = self.env.ref("ccm_module.ir_cron_refresh_eligibility")
        logger = "odoo.addons.ccm_module.models.ccm_batch"
        with (
            freeze_time("2026-09-20 14:00:00"),
            self.enter_registry_test_mode(),
            patch.object(model, "_collect", stumble),
            self.assertLogs(logger, "ERROR") as logs,
        ):
            cron.method_direct_trigger()
        self.assertNotIn("own words", "".join(logs.output))
        self.env.invalidate_all()
        self.assert_stands(other, "almost", lacks="seen")
        self.assert_stands(lost, "eligible")
        # The next run begins with whom this one left, and has no more to do than that.
        seen = []
        with (
            freeze_time("2026-09-20 16:00:00"),
            self.enter_registry_test_mode(),
            patch.object(model, "_refresh", lambda _self, partners: seen.append(partners.ids)),
        ):
            cron.method_direct_trigger()
        self.assertIn(lost.id, seen[0])
        self.assertNotIn(other.id, {partner_id for ids in seen for partner_id in ids})

    def test_declined_and_asked_again_after_half_a_year(self):
        patient = self.make_eligible()
        enrollment = self.make_enrollment(patient)
        reason = self.env.ref("ccm_module.ccm_enrollment_reason_cost_sharing")
        enrollment.write({"state": "declined", "reason_id": reason.id})
        row = self.assert_stands(
            patient, "closed", "Declined or left on 07/15/2026: Does not want the cost sharing."
        )
        with freeze_time("2027-01-15 14:00:00"):
            self.env["ccm.eligibility"]._refresh(patient)
            self.assert_stands(patient, "eligible", "Declined or left on")
            row.with_user(self.nurse).action_start_enrollment()
        self.assertEqual(set(patient.ccm_enrollment_ids.mapped("state")), {"candidate", "declined"})

    def test_deceased_is_not_asked_again(self):
        patient = self.make_eligible()
        reason = self.env.ref("ccm_module.ccm_enrollment_reason_deceased")
        self.make_enrollment(patient).write({"state": "declined", "reason_id": reason.id})
        with freeze_time("2028-01-15 14:00:00"):
            self.env["ccm.eligibility"]._refresh(patient)
        self.assert_stands(patient, "out", "Deceased")

    def test_the_practice_says_how_long_to_wait(self):
        patient = self.make_eligible()
        reason = self.env.ref("ccm_module.ccm_enrollment_reason_no_need")
        self.make_enrollment(patient).write({"state": "declined", "reason_id": reason.id})
        self.assert_stands(patient, "closed")
        self.company.ccm_ask_again_months = 0
        self.assert_stands(patient, "eligible")
        with self.refused(ValidationError, "Ask Again After"):
            self.company.ccm_ask_again_months = -1

    # --- the payer ------------------------------------------------------------------------------

    def test_payer(self):
        private = self.env["res.partner"].create({"name": "Private Mutual", "is_company": True})
        patient = self.make_eligible(ccm_payer_id=private.id)
        self.assert_stands(patient, "almost", "Say on Private Mutual", lacks="payer")
        private.ccm_payer_scope = "out"
        self.assert_stands(patient, "out", "Private Mutual does not pay")
        private.ccm_payer_scope = "in"
        self.assert_stands(patient, "eligible", "Private Mutual pays")
        patient.ccm_payer_id = False
        self.assert_stands(patient, "almost", "Neither a payer nor", lacks="payer")
        patient.ccm_mbi = "1EG4-TE5-MK73"
        self.assert_stands(patient, "eligible", "Has a Medicare number.")

    # --- care elsewhere -------------------------------------------------------------------------

    def test_other_care_that_excludes_and_that_warns(self):
        patient = self.make_eligible()
        other = self.env["ccm.other.service"].create(
            {"partner_id": patient.id, "kind": "other_ccm", "date_from": "2026-06-01"}
        )
        self.assert_stands(patient, "out", "Another practitioner bills CCM")
        other.date_to = "2026-06-30"
        self.assert_stands(patient, "eligible")
        other.write({"kind": "hospice", "date_to": False})
        self.assert_stands(patient, "eligible", "hospice")

    def test_another_practice_has_her(self):
        away = self.env["res.company"].create({"name": "Another practice"})
        patient = self.make_eligible()
        for vals in ({"diagnosis_id": self.diabetes.id}, {"diagnosis_id": self.hypertension.id}):
            self.env["ccm.condition"].create(
                {
                    "partner_id": patient.id,
                    "company_id": away.id,
                    "lasts_12_months": True,
                    "significant_risk": True,
                    **vals,
                }
            )
        self.make_enrollment(patient).action_activate()
        self.assert_stands(patient, "enrolled")
        there = self.row(patient, away)
        self.assertEqual(there.standing, "out")
        self.assertIn("Another practice here", there.why)
        self.nurse.write({"company_id": away.id, "company_ids": [(6, 0, away.ids)]})
        seen = self.env["ccm.eligibility"].with_user(self.nurse).search([])
        self.assertEqual(seen.company_id, away)
        with self.refused(AccessError):
            self.row(patient).with_user(self.nurse).read(["why"])

    # --- starting many --------------------------------------------------------------------------

    def test_starting_makes_no_doubles(self):
        patients = [self.make_eligible(name=f"Patient {n}") for n in range(3)]
        self.make_enrollment(patients[0])
        enrolled = self.make_ready_patient()
        rows = self.env["ccm.eligibility"].search(
            [("partner_id", "in", [p.id for p in (*patients, enrolled)])]
        )
        model = rows.with_user(self.nurse)
        action = model.action_start_enrollment()
        self.assertIn("2 new candidate(s). Left out: 2", action["params"]["message"])
        action = model.action_start_enrollment()
        self.assertIn("0 new candidate(s). Left out: 4", action["params"]["message"])
        for patient in patients:
            self.assertEqual(len(patient.ccm_enrollment_ids), 1)
        with self.refused(ValidationError, "being asked already"):
            self.make_enrollment(patients[1], state="contacted")
        with self.refused_by_database("in_talks_unique"):
            self.env.cr.execute(
                "INSERT INTO ccm_enrollment (partner_id, program_id, company_id, state)"
                " SELECT partner_id, program_id, company_id, 'considering' FROM ccm_enrollment"
                " WHERE id = %s",
                patients[1].ccm_enrollment_ids.ids,
            )

    def test_roles(self):
        row = self.row(self.make_eligible())
        row.with_user(self.biller).read(["standing", "why"])
        for user in (self.biller, self.outsider):
            with self.refused(AccessError):
                row.with_user(user).action_start_enrollment()
        for user in (self.nurse, self.manager):
            with self.refused(AccessError):
                row.with_user(user).standing = "out"

    def test_archived_patient_is_not_in_the_list(self):
        patient = self.make_eligible()
        row = self.row(patient)
        patient.active = False
        self.assertNotIn(row, self.env["ccm.eligibility"].search([]))
        patient.active = True
        self.assertIn(row, self.env["ccm.eligibility"].search([]))

    # --- at size --------------------------------------------------------------------------------

    def test_queries_are_as_many_for_forty_as_for_four(self):
        patients = self.env["res.partner"].union(
            *(self.make_eligible(name=f"Patient {number}") for number in range(40))
        )
        model = self.env["ccm.eligibility"]

        def queries(work, some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            work(some)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def read(some):
            rows = model.with_user(self.nurse).search([("partner_id", "in", some.ids)])
            rows.web_read({"why": {}, "birthdate": {}, "standing": {}})

        for work in (model._refresh, read):
            queries(work, patients[:4])  # rights and rules go into the cache
            few, many = queries(work, patients[:4]), queries(work, patients)
            self.assertEqual(few, many, work.__name__)
