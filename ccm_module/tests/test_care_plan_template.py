"""A plan out of templates: merged, in order, and never over what somebody typed."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.ccm_care_plan_approval import APPROVAL_ACTIVITY
from .common import CcmCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-07-15 14:00:00")
class TestCarePlanTemplate(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kidney = cls._find_diagnosis("N18.32", "Chronic kidney disease, stage 3b", "chronic")
        cls.patient = cls.make_patient()
        cls.make_enrollment(cls.patient)
        for diagnosis in (cls.diabetes, cls.hypertension, cls.kidney):
            cls.make_condition(cls.patient, diagnosis)

    def template(self, name):
        return self.env.ref(f"ccm_module.care_plan_template_{name}")

    def open_dialog(self, **defaults):
        """Return the dialog as the nurse's browser opens it on the patient."""
        context = {"default_partner_id": self.patient.id, **defaults}
        return Form(self.env["ccm.care.plan.start"].with_user(self.nurse).with_context(**context))

    def fill(self, dialog):
        action = dialog.save().action_create()
        return self.env["ccm.care.plan"].with_user(self.nurse).browse(action["res_id"])

    # --- stories --------------------------------------------------------------------------------

    def test_nurse_writes_from_templates_doctor_approves(self):
        self.patient.ccm_enrollment_ids.action_activate()
        dialog = self.open_dialog()
        expected = self.template("hypertension") + self.template("diabetes") + self.template("ckd")
        self.assertEqual(dialog.template_ids[:], expected)
        plan = self.fill(dialog)
        # one goal for the blood pressure that all three want, and where it comes from
        pressure = plan.goal_ids.filtered(lambda goal: goal.merge_key == "bp")
        self.assertEqual(
            pressure.origin, "High blood pressure; Type 2 diabetes; Chronic kidney disease"
        )
        self.assertEqual(pressure.target_date, date(2026, 10, 15))
        self.assertEqual(plan.goal_ids[0], pressure, "the first template's first")
        names = plan.intervention_ids.mapped("name")
        self.assertEqual(len(set(names)), len(names))
        self.assertTrue(all(plan.intervention_ids.mapped("responsible")))
        lines = plan.symptom_management.splitlines()
        self.assertEqual(len(set(lines)), len(lines))
        self.assertEqual(sum("911" in line for line in lines), 1)
        self.assertEqual(
            plan.member_ids.mapped("name"), [self.practitioner.name, self.nurse.partner_id.name]
        )
        self.assertIn(self.kidney.name, plan.problem_list)

        # what was found with this patient nobody fills in for the nurse
        self.assertEqual(
            plan.missing_elements,
            "Cognitive and Functional Assessment, Environmental Evaluation, Caregiver Assessment",
        )
        self.assertEqual(plan.completeness, 75)
        plan.cognitive_functional = "Three words and the clock without fault"
        plan.environment = "One floor"
        plan.caregiver = "Daughter, next door"
        self.assertEqual((plan.completeness, plan.missing_elements), (100, ""))

        plan.action_ask_approval()
        self.assertTrue(plan.is_waiting)
        activity = plan.activity_ids
        self.assertEqual(activity.activity_type_id, self.env.ref(APPROVAL_ACTIVITY))
        self.assertEqual(activity.user_id, self.doctor)
        plans = self.env["ccm.care.plan"].with_user(self.doctor)
        self.assertEqual(plans.search([("is_waiting", "=", True)]) & plan, plan)
        plan.with_user(self.doctor).action_approve()
        self.assertFalse(plan.is_waiting or plan.activity_ids)
        self.assertEqual(plan.asked_by_id, self.nurse)

    def test_who_is_asked(self):
        self.patient.ccm_enrollment_ids.action_activate()
        plan = self.make_plan(self.patient).with_user(self.nurse)
        self.assertEqual(plan.approver_id, self.doctor, "the billing practitioner")
        second = self._make_user("ccm_second", "practitioner", "practitioner")
        for user in (self.nurse, self.manager):
            with self.refused(ValidationError, "To Be Approved By"):
                plan.approver_id = user
        plan.action_ask_approval()
        plan.approver_id = second
        self.assertEqual(plan.activity_ids.user_id, second, "the question goes along")
        notices = [("model", "=", plan._name), ("res_id", "=", plan.id)]
        notices.append(("message_type", "=", "user_notification"))
        self.assertFalse(
            self.env["mail.message"].search(notices), "no mail: its subject is the patient's name"
        )
        plan.action_ask_approval()
        self.assertEqual(len(plan.activity_ids), 1)

        nobody = self.make_plan(self.make_patient(), approver_id=False).with_user(self.nurse)
        self.practitioner.is_ccm_practitioner = False
        with self.refused(UserError, "To Be Approved By"):
            nobody.action_ask_approval()
        with self.refused(AccessError):
            plan.with_user(self.biller).action_ask_approval()
        empty = self.make_plan(self.patient, goal_ids=False)
        with self.refused(UserError, "empty"):
            empty.with_user(self.nurse).action_ask_approval()

    def test_several_are_approved_at_once_of_one_patient_the_newer(self):
        plans = self.make_plan(self.patient) + self.make_plan(self.patient)
        plans += self.make_plan(self.make_patient())
        plans.sorted("version", reverse=True).with_user(self.doctor).action_approve()
        self.assertEqual(plans.mapped("state"), ["superseded", "approved", "approved"])

    def test_older_draft_does_not_take_the_place_of_a_newer_plan(self):
        old = self.make_plan(self.patient)
        self.make_approved_plan(self.patient)
        with self.refused(UserError, "version 2 is approved already"):
            old.with_user(self.doctor).action_approve()

    # --- merging --------------------------------------------------------------------------------

    def test_nothing_typed_is_lost(self):
        plan = self.make_plan(
            self.patient,
            symptom_management="Dizzy in the morning: sits down first.",
            expected_outcome="Wants to see her grandson graduate.",
            goal_ids=[
                (0, 0, {"name": "blood pressure in range AT HOME", "target": "Below 140/90"})
            ],
            intervention_ids=[(0, 0, {"name": "Son counts the pills", "responsible": "caregiver"})],
        )
        typed_goal, typed_intervention = plan.goal_ids, plan.intervention_ids
        dialog = self.open_dialog()
        self.assertEqual(dialog.plan_id, plan, "the draft that is there, not one more")
        self.assertEqual(self.fill(dialog), plan)
        self.assertTrue(
            plan.symptom_management.startswith("Dizzy in the morning: sits down first.")
        )
        self.assertIn("Wants to see her grandson graduate.\n", plan.expected_outcome)
        self.assertEqual(typed_goal.target, "Below 140/90", "the same goal, in her words")
        self.assertIn("Type 2 diabetes", typed_goal.origin)
        self.assertEqual(plan.intervention_ids[0], typed_intervention)
        self.assertEqual(len(plan.goal_ids.filtered(lambda g: "pressure" in g.name.lower())), 1)

        before = (plan.read(), *(plan[name].read() for name in ("goal_ids", "intervention_ids")))
        self.fill(self.open_dialog())
        after = (plan.read(), *(plan[name].read() for name in ("goal_ids", "intervention_ids")))
        self.assertEqual(after, before, "a second time adds nothing")

    def test_words_changed_by_the_nurse_stay_changed(self):
        plan = self.fill(self.open_dialog())
        goal = plan.goal_ids.filtered(lambda g: g.merge_key == "bp")
        goal.name = "Top number below 130"
        rows = plan.goal_ids
        self.fill(self.open_dialog())
        self.assertEqual((plan.goal_ids, goal.name), (rows, "Top number below 130"))

    def test_new_version_begins_with_the_plan_in_force(self):
        plan = self.make_approved_plan(self.patient, environment="Stairs to the bath")
        dialog = self.open_dialog()
        self.assertEqual((dialog.start_from, dialog.current_plan_id), ("current", plan))
        new = self.fill(dialog)
        self.assertEqual((new.version, new.environment), (2, "Stairs to the bath"))
        self.assertIn(plan.goal_ids.name, new.goal_ids.mapped("name"))
        self.assertIn("bp", new.goal_ids.mapped("merge_key"))

        new.unlink()
        dialog = self.open_dialog()
        dialog.start_from = "blank"
        self.assertFalse(self.fill(dialog).environment)

    def test_only_active_conditions_call_for_a_template(self):
        self.patient.ccm_condition_ids.filtered(
            lambda c: c.diagnosis_id == self.diabetes
        ).status = "resolved"
        templates = self.open_dialog().template_ids[:]
        self.assertEqual(templates, self.template("hypertension") + self.template("ckd"))
        shown = templates.with_context(ccm_partner_id=self.patient.id)
        self.assertEqual(shown.mapped("matched"), [self.hypertension.name, self.kidney.name])

    def test_no_template_still_begins_a_plan(self):
        self.patient.ccm_condition_ids.unlink()
        dialog = self.open_dialog()
        self.assertFalse(dialog.template_ids[:])
        plan = self.fill(dialog)
        self.assertEqual((plan.state, plan.partner_id), ("draft", self.patient))
        self.assertFalse(plan.goal_ids)

    def test_words_in_the_patients_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        goal = self.template("hypertension").goal_ids[0]
        goal.with_context(lang="es_ES").name = "Presión en rango"
        self.patient.lang = "es_ES"
        plan = self.fill(self.open_dialog())
        self.assertEqual(plan.goal_ids[0].name, "Presión en rango")
        rows = plan.goal_ids
        dialog = self.open_dialog()
        dialog.lang = "en_US"
        self.fill(dialog)
        self.assertEqual(plan.goal_ids, rows, "a row is the same in any language")

    # --- the practice's own templates -----------------------------------------------------------

    def test_manager_writes_a_template(self):
        with Form(self.env["ccm.care.plan.template"].with_user(self.manager)) as form:
            form.name = "Gout"
            form.codes = "m10, M1A"
            with form.goal_ids.new() as goal:
                goal.name = "No attack"
                goal.months = 6
        template = form.record
        self.assertEqual(template.row_ids.kind, "goal")
        self.make_condition(self.patient, self._find_diagnosis("M10.9", "Gout", "chronic"))
        self.assertIn(template, self.open_dialog().template_ids[:])
        copied = template.copy()
        self.assertEqual((copied.name, copied.goal_ids.name), ("Gout (copy)", "No attack"))

    def test_what_is_no_code_is_refused(self):
        for text, part in (("E11, gout", "gout"), ("I25-I20", "I25-I20"), (" , ", "at least one")):
            with self.refused(ValidationError, f"Diagnosis Codes.*{part}"):
                self.template("ckd").codes = text

    def test_shipped_templates(self):
        templates = self.env["ccm.care.plan.template"].search([])
        self.assertEqual(len(templates), 14)
        for template in templates:
            self.assertTrue(template.goal_ids and template.intervention_ids, template.name)
            self.assertTrue(all(template.row_ids.mapped("merge_key")), template.name)
        # the same key in two templates stands for the same thing
        for (kind, key), rows in templates.row_ids.grouped(lambda r: (r.kind, r.merge_key)).items():
            self.assertEqual(len(set(rows.mapped("name"))), 1, (kind, key))

    # --- rights ---------------------------------------------------------------------------------

    def test_roles(self):
        template = self.template("ckd")
        for user in (self.nurse, self.doctor, self.biller):
            template.with_user(user).goal_ids.read(["name"])
            with self.refused(AccessError):
                template.with_user(user).name = "x"
            with self.refused(AccessError):
                template.goal_ids.with_user(user).unlink()
        with self.refused(AccessError):
            template.with_user(self.outsider).read(["name"])
        for user in (self.biller, self.outsider):
            with self.refused(AccessError):
                self.env["ccm.care.plan.start"].with_user(user).create(
                    {"partner_id": self.patient.id}
                )

    def test_dialog_changes_drafts_only_and_no_other_practice(self):
        approved = self.make_approved_plan(self.patient)
        with self.refused(UserError, "only a draft"):
            self.fill(self.open_dialog(default_plan_id=approved.id))
        self.patient.ccm_enrollment_ids.action_activate()
        draft = self.make_plan(self.patient)
        draft._fill_from(self.template("dementia"))
        other = self.env["res.company"].create({"name": "Lower Ferry Clinic"})
        stranger = self._make_user("ccm_stranger", "user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        start = self.env["ccm.care.plan.start"].with_user(stranger)
        with self.refused(AccessError):
            start.create({"partner_id": self.patient.id, "plan_id": draft.id}).action_create()
        for name in ("goal_ids", "intervention_ids", "service_ids", "member_ids"):
            self.assertTrue(draft[name])
            with self.refused(AccessError):
                draft[name].browse(draft[name].ids).with_user(stranger).read(["name"])

    def test_another_patients_draft_is_not_filled(self):
        draft = self.make_plan(self.make_patient())
        with self.refused(ValidationError, "Draft"):
            self.fill(self.open_dialog(default_plan_id=draft.id))
