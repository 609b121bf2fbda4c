"""Patients and practitioners as contacts: who they are, where they stand, who may see it."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import CcmCommon


@freeze_time("2026-07-15 14:00:00")
class TestPartner(CcmCommon):
    # --- stories --------------------------------------------------------------------------------

    def test_nurse_makes_a_patient(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.res_partner_action")
        partners = self.env["res.partner"].with_user(self.nurse)
        form = Form(
            partners.with_context(default_is_ccm_patient=True),
            "ccm_module.res_partner_view_form_ccm",
        )
        form.name = "Ada Patient"
        form.ccm_birthdate = "1950-03-14"
        form.ccm_mbi = "1eg4-te5-mk73"
        patient = form.save()
        self.assertEqual(patient.ccm_mbi, "1EG4TE5MK73", "as files carry it")
        self.assertIn(patient, partners.search(eval(action["domain"])))
        self.assertEqual(patient.ccm_consent_state, "none")
        self.assertEqual(patient.ccm_condition_count, 0)

    def test_first_record_of_care_makes_a_contact_a_patient(self):
        for make in (
            lambda p: self.make_condition(p, self.diabetes),
            self.make_consent,
            self.make_enrollment,
        ):
            contact = self.env["res.partner"].create({"name": "Ben"})
            self.assertFalse(contact.is_ccm_patient)
            make(contact)
            self.assertTrue(contact.is_ccm_patient)

    def test_ready_patient_is_what_the_other_tests_take_it_for(self):
        patient = self.make_ready_patient(day="2026-06-01")
        self.assertEqual(patient.ccm_condition_count, 2)
        self.assertEqual(patient.ccm_consent_state, "given")
        self.assertEqual(patient.ccm_enrollment_id.state, "active")
        self.assertEqual(patient.ccm_care_plan_ids.state, "approved")

    # --- practitioners --------------------------------------------------------------------------

    def test_npi_with_a_wrong_digit_is_refused_and_says_which_field(self):
        doctor = self.env["res.partner"].create({"name": "Dr. Noe", "is_ccm_practitioner": True})
        with self.refused(ValidationError, "NPI: in 1234567890 the last digit"):
            doctor.npi = "1234567890"
        for npi in ("123456789", "12345678931", "12345678X3"):
            with self.refused(ValidationError, "NPI: .* ten digits"):
                doctor.npi = npi
        doctor.npi = " 123-456-7893 "
        self.assertEqual(doctor.npi, "1234567893")
        doctor.npi = False

    def test_default_practitioner_is_the_only_one_or_the_patients(self):
        patient = self.make_patient()
        everybody = self.env["res.partner"].search([("is_ccm_practitioner", "=", True)])
        self.assertGreater(len(everybody), 1)
        self.assertFalse(patient._ccm_default_practitioner(self.company))
        consented = self.make_patient(name="Consented", ccm_mrn=False)
        self.make_consent(consented).action_give()
        self.assertEqual(consented._ccm_default_practitioner(self.company), self.practitioner)
        (everybody - self.practitioner).is_ccm_practitioner = False
        self.assertEqual(patient._ccm_default_practitioner(self.company), self.practitioner)
        self.other_practitioner.is_ccm_practitioner = True
        self.make_enrollment(patient, practitioner_id=self.other_practitioner.id).action_activate()
        self.assertEqual(patient._ccm_default_practitioner(self.company), self.other_practitioner)

    # --- identity -------------------------------------------------------------------------------

    def test_medicare_number(self):
        patient = self.make_patient()
        with self.refused(ValidationError, "Medicare Number") as _refused:
            patient.ccm_mbi = "1SG4TE5MK73"
        patient.ccm_mbi = "1EG4TE5MK73"
        taken = "Medicare Number: another contact has it already"
        other = self.make_patient()
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            for active in (True, False):
                patient.active = active
                with self.refused(ValidationError, taken):
                    self.make_patient(ccm_mbi="1EG4-TE5-MK73")
                with self.refused(ValidationError, taken):
                    other.ccm_mbi = "1eg4-te5-mk73"
        with self.refused(ValidationError, taken):
            self.env["res.partner"].create([{"name": "Twin", "ccm_mbi": "1EG4TE5MK72"}] * 2)
        patient.ccm_mbi = "1EG4TE5MK73"  # its own number again
        batch = [{"name": "Eve", "ccm_mbi": "1EG4TE5MK72"}, {"name": "Acme"}]
        self.assertEqual(len(self.env["res.partner"].create(batch)), 2)
        # no number is not a number
        self.make_patient(ccm_mbi="")
        self.make_patient(ccm_mbi=False)

    def test_message_about_a_medicare_number_does_not_repeat_it(self):
        with self.assertRaises(ValidationError) as caught:
            self.make_patient(ccm_mbi="9ZZ9ZZ9ZZ99")
        self.assertNotIn("9ZZ9", str(caught.exception))

    def test_birth_date(self):
        patient = self.make_patient(ccm_birthdate="1901-01-01")
        for day in ("2026-07-16", "1900-12-31", "0195-03-14"):
            with self.refused(ValidationError, "Birth Date"):
                patient.ccm_birthdate = day

    def test_same_mrn_is_pointed_out_not_refused(self):
        first = self.make_patient(ccm_mrn="A-77")
        second = self.make_patient(ccm_mrn="A-77")
        self.assertEqual(second.ccm_same_mrn_id, first)
        self.assertFalse(self.make_patient(ccm_mrn="A-78").ccm_same_mrn_id)
        self.assertFalse(self.make_patient(ccm_mrn=False).ccm_same_mrn_id)

    # --- searching ------------------------------------------------------------------------------

    def test_lists_of_patients(self):
        ready = self.make_ready_patient(name="Ready", day="2026-06-01")
        one = self.make_patient(name="One condition")
        self.make_condition(one, self.diabetes)
        none = self.make_patient(name="None")
        mine = ready | one | none

        def found(*domain):
            return self.env["res.partner"].search([("id", "in", mine.ids), *domain])

        self.assertEqual(found(("ccm_condition_count", "<", 2)), one | none)
        self.assertEqual(found(("ccm_condition_count", ">=", 1)), ready | one)
        self.assertEqual(found(("ccm_condition_count", "=", 0)), none)
        self.assertEqual(found(("ccm_condition_count", "!=", 0)), ready | one)
        self.assertEqual(found(("ccm_coordinator_id", "=", self.nurse.id)), ready)
        self.assertEqual(found(("ccm_coordinator_id", "!=", self.nurse.id)), one | none)
        self.assertEqual(found(("ccm_coordinator_id", "=", False)), one | none)
        self.assertEqual(found(("ccm_enrollment_id", "!=", False)), ready)
        self.assertEqual(found(("ccm_practitioner_id", "ilike", "doctor")), ready)
        search = self.env.ref("ccm_module.res_partner_view_search")
        for node in search._get_combined_arch().iter("filter"):
            domain = node.get("domain")
            if domain:
                self.env["res.partner"].with_user(self.nurse).search(
                    eval(domain, {"uid": self.nurse.id})
                )

    # --- roles ----------------------------------------------------------------------------------

    def test_employees_without_a_role_see_contacts_but_no_health_data(self):
        patient = self.make_ready_patient(day="2026-06-01").with_user(self.outsider)
        self.assertEqual(patient.name, "Ada Patient")
        clinical = [name for name in patient._fields if name.startswith("ccm_")] + [
            "is_ccm_patient"
        ]
        self.assertGreater(len(clinical), 15)
        for name in clinical:
            with self.refused(AccessError):
                patient.read([name])
        with self.refused(AccessError):
            self.env["res.partner"].with_user(self.outsider).search([("is_ccm_patient", "=", True)])
        self.assertEqual(self.outsider.with_user(self.outsider).has_group("base.group_user"), True)
        Form(patient).save()

    def test_biller_reads_the_whole_patient_form(self):
        patient = self.make_ready_patient(day="2026-06-01").with_user(self.biller)
        form = Form(patient, "ccm_module.res_partner_view_form_ccm")
        self.assertEqual(len(form.ccm_condition_ids), 2)
        self.assertEqual(form.ccm_consent_state, "given")

    def test_copying_a_patient_copies_no_record_of_care(self):
        patient = self.make_ready_patient(day="2026-06-01", ccm_mbi="1EG4TE5MK73")
        copy = patient.with_user(self.outsider).copy().sudo()
        self.assertFalse(copy.is_ccm_patient or copy.ccm_mbi or copy.ccm_condition_ids)

    def test_patient_with_a_record_cannot_be_deleted(self):
        patient = self.make_patient()
        self.make_condition(patient, self.diabetes)
        with self.refused(UserError, "Archive the contact"):
            patient.unlink()

    def test_whose_time_counts_is_set_by_whoever_manages_users(self):
        self.assertEqual(self.env["res.users"].new({}).ccm_performer, "none")
        with self.refused(AccessError):
            self.nurse.with_user(self.nurse).ccm_performer = "practitioner"
