"""The care plan: staff write, the practitioner signs, the patient gets a copy."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import CcmCommon


def give_copy(plan, **values):
    """Go through the dialog, and return what it answers."""
    context = plan.action_give_copy()["context"]
    with Form(plan.env["ccm.care.plan.copy"].with_context(**context)) as dialog:
        for name, value in values.items():
            dialog[name] = value
    return dialog.record.action_confirm()


@freeze_time("2026-07-15 14:00:00")
class TestCarePlan(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()

    # --- stories --------------------------------------------------------------------------------

    def test_nurse_writes_doctor_signs_patient_gets_a_copy(self):
        self.make_condition(self.patient, self.diabetes)
        with Form(self.env["ccm.care.plan"].with_user(self.nurse)) as form:
            form.partner_id = self.patient
            self.assertIn(self.diabetes.code, form.problem_list)
            form.medication_management = "Metformin twice a day; pill box filled on Sundays"
            with form.goal_ids.new() as goal:
                goal.name = "HbA1c below 7.5 %"
        plan = form.record
        self.assertEqual((plan.version, plan.state), (1, "draft"))

        plan.with_user(self.doctor).action_approve()
        self.assertEqual(plan.approved_by_id, self.doctor)
        self.assertEqual(plan.approved_on, date(2026, 7, 15))
        give_copy(plan.with_user(self.nurse))
        self.assertEqual(plan.copy_given_on, date(2026, 7, 15))
        self.assertEqual((plan.copy_way, plan.copy_recipient), ("paper", "patient"))

    def test_new_version_supersedes_the_old_when_it_is_signed(self):
        old = self.make_approved_plan(self.patient)
        action = old.with_user(self.nurse).action_new_version()
        new = self.env["ccm.care.plan"].browse(action["res_id"])
        self.assertEqual((new.version, new.state), (2, "draft"))
        self.assertEqual(new.goal_ids.name, old.goal_ids.name)
        self.assertFalse(new.approved_by_id or new.approved_on or new.copy_given_on)
        self.assertEqual(old.state, "approved", "in force until the new one is signed")

        new.goal_ids.name = "Blood pressure at home below 125/75"
        new.with_user(self.doctor).action_approve()
        self.assertEqual((old.state, new.state), ("superseded", "approved"))
        self.assertEqual(old.goal_ids.name, "Blood pressure at home below 130/80")

    def test_goal_of_a_signed_plan_moves_on(self):
        plan = self.make_approved_plan(self.patient)
        with Form(plan.with_user(self.nurse)) as form, form.goal_ids.edit(0) as goal:
            goal.status = "met"
        self.assertEqual(plan.goal_ids.status, "met")

    # --- signing --------------------------------------------------------------------------------

    def test_only_a_practitioner_signs(self):
        plan = self.make_plan(self.patient)
        for user in (self.nurse, self.biller, self.manager):
            with self.refused(AccessError):
                plan.with_user(user).action_approve()
        with self.refused(AccessError, "practitioner"):
            plan.with_user(self.manager).write(
                {"state": "approved", "approved_by_id": self.doctor.id}
            )
        for vals in (
            {"state": "approved"},
            {"state": "approved", "approved_by_id": self.doctor.id, "approved_on": "2026-07-15"},
        ):
            with self.refused(AccessError, "practitioner"):
                plan.with_user(self.nurse).write(vals)
            with self.refused(AccessError, "practitioner"):
                self.env["ccm.care.plan"].with_user(self.nurse).create(
                    {"partner_id": self.patient.id, **vals}
                )
        for name, value in (("approved_on", "2026-07-15"), ("approved_by_id", self.doctor.id)):
            with self.refused(ValidationError, "Approve button"):
                plan.with_user(self.nurse).write({name: value})

    def test_nobody_signs_in_anothers_name_but_a_manager_who_imports(self):
        vals = {"state": "approved", "approved_by_id": self.manager.id, "approved_on": "2026-07-01"}
        plan = self.make_plan(self.patient)
        plan.with_user(self.doctor).write(vals)
        self.assertEqual(plan.approved_by_id, self.doctor)
        self.assertEqual(plan.approved_on, date(2026, 7, 15), "today, whatever was sent")
        imported = (
            self.env["ccm.care.plan"]
            .with_user(self.manager)
            .create(
                {"partner_id": self.make_patient().id, **vals, "approved_by_id": self.doctor.id}
            )
        )
        self.assertEqual((imported.state, imported.approved_by_id), ("approved", self.doctor))
        self.assertEqual(imported.approved_on, date(2026, 7, 1))
        with self.refused(ValidationError, "Approved By"):
            self.make_plan(self.make_patient()).write({**vals, "approved_by_id": self.nurse.id})

    def test_defaults_of_the_context_do_not_sign(self):
        model = self.env["ccm.care.plan"].with_user(self.nurse)
        plan = model.with_context(
            default_state="approved",
            default_approved_by_id=self.doctor.id,
            default_approved_on="2026-07-15",
        ).create({"partner_id": self.patient.id})
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.approved_by_id or plan.approved_on)

    def test_plan_may_arrive_signed_with_its_goals(self):
        approved = {"state": "approved", "approved_by_id": self.doctor.id}
        plan = self.make_plan(self.patient, **approved, copy_given_on="2026-07-15")
        self.assertEqual((plan.state, len(plan.goal_ids)), ("approved", 1))
        with self.refused(UserError, "State"):
            self.make_plan(self.make_patient(), state="superseded")

    def test_empty_plan_is_not_signed(self):
        plan = self.make_plan(self.patient, goal_ids=False)
        with self.refused(UserError, "empty"):
            plan.with_user(self.doctor).action_approve()
        plan.coordination = "Cardiologist: yearly echo"
        plan.with_user(self.doctor).action_approve()

    def test_signed_with_an_empty_problem_list_it_takes_the_active_conditions(self):
        self.make_condition(self.patient, self.diabetes)
        self.make_condition(self.patient, self.hypertension, status="resolved")
        plan = self.make_approved_plan(self.patient)
        self.assertTrue(plan.problem_list.startswith(self.diabetes.code))
        self.assertNotIn(self.hypertension.code, plan.problem_list)

    def test_days_are_not_in_the_future(self):
        plan = self.make_plan(self.patient)
        with self.refused(ValidationError, "Approved On"):
            plan.write(
                {
                    "state": "approved",
                    "approved_by_id": self.doctor.id,
                    "approved_on": "2026-07-16",
                }
            )
        with self.refused(ValidationError, "Copy Given On"):
            plan.copy_given_on = "2026-07-16"

    def test_copy_is_given_of_what_was_approved(self):
        plan = self.make_approved_plan(self.patient).with_user(self.nurse)
        with self.refused(ValidationError, "Copy Given On.*2026-07-15"):
            plan.write({"copy_given_on": "2026-07-14", "copy_way": "paper"})
        plan.copy_given_on = "2026-07-15"

    # --- what is signed stays -------------------------------------------------------------------

    def test_signed_content_is_fixed(self):
        plan = self.make_approved_plan(self.patient, medication_management="Metformin")
        goal = plan.goal_ids
        for user in (self.nurse, self.doctor, self.manager):
            mine = plan.with_user(user)
            for vals in (
                {"medication_management": "Insulin"},
                {"problem_list": "none"},
                {"version": 9},
                {"partner_id": self.make_patient().id},
                {"approved_on": "2026-07-14"},
                {"state": "draft"},
                {"goal_ids": [(0, 0, {"name": "One more"})]},
                {"goal_ids": [(1, goal.id, {"name": "Another"})]},
                {"goal_ids": [(2, goal.id)]},
            ):
                with self.refused(UserError):
                    mine.write(vals)
            with self.refused(UserError):
                goal.with_user(user).target = "other"
        plan.with_user(self.nurse).write({"review_due": "2027-07-15", "copy_way": "portal"})

    def test_signed_rows_are_fixed_and_their_status_moves_on(self):
        rows = {
            "intervention_ids": ({"name": "Call", "responsible": "nurse"}, {"status": "done"}),
            "medication_ids": ({"name": "Metformin", "dose": "500 mg"}, {"status": "stopped"}),
            "service_ids": ({"name": "Rides"}, {"status": "active"}),
            "member_ids": ({"name": "Dr. Roe"}, None),
        }
        plan = self.make_plan(
            self.patient, **{name: [(0, 0, vals)] for name, (vals, _moves) in rows.items()}
        )
        other = self.make_plan(self.make_patient())
        plan.with_user(self.doctor).action_approve()
        for name, (vals, moves) in rows.items():
            row = plan[name].with_user(self.nurse)
            for user in (self.nurse, self.doctor, self.manager):
                with self.refused(UserError, "New Version"):
                    row.with_user(user).write({"name": "Something else"})
                with self.refused(UserError, "New Version"):
                    row.with_user(user).create({**vals, "plan_id": plan.id})
                with self.refused(UserError, "New Version"):
                    row.with_context(default_plan_id=plan.id).with_user(user).create(vals)
                with self.refused(UserError, "New Version"):
                    row.with_user(user).unlink()
            with self.refused(UserError):
                row.plan_id = other
            stray = row.create({**vals, "plan_id": other.id})
            with self.refused(UserError):
                stray.plan_id = plan
            with self.refused(AccessError):
                row.with_user(self.biller).write(moves or {"role": "x"})
            if moves:
                row.write(moves)

    def test_achievement_is_dated(self):
        plan = self.make_approved_plan(self.patient)
        goal = plan.goal_ids.with_user(self.nurse)
        goal.achievement = "134/76"
        self.assertEqual(goal.achieved_on, date(2026, 7, 15))
        goal.write({"achievement": "136/78", "achieved_on": "2026-07-10"})
        self.assertEqual(goal.achieved_on, date(2026, 7, 10))
        with freeze_time("2026-08-02 14:00:00"):
            goal.achievement = "128/74"
        self.assertEqual(goal.achieved_on, date(2026, 8, 2))
        goal.achievement = False
        self.assertFalse(goal.achieved_on)
        with self.refused(ValidationError, "As Of"):
            goal.write({"achievement": "128/74", "achieved_on": "2026-07-16"})

    def test_only_drafts_are_deleted(self):
        self.make_plan(self.patient).with_user(self.nurse).unlink()
        plan = self.make_approved_plan(self.patient)
        with self.refused(UserError, "cannot be deleted"):
            plan.with_user(self.manager).unlink()

    def test_versions_count_for_each_patient(self):
        plans = [self.make_plan(self.patient), self.make_plan(self.patient)]
        batch = self.env["ccm.care.plan"].create([{"partner_id": self.patient.id}] * 2)
        self.assertEqual([p.version for p in (*plans, *batch)], [1, 2, 3, 4])
        self.assertEqual(self.make_plan(self.make_patient()).version, 1)

    def test_roles(self):
        plan = self.make_plan(self.patient)
        plan.with_user(self.biller).read(["state", "goal_ids"])
        with self.refused(AccessError):
            plan.with_user(self.biller).environment = "x"
        with self.refused(AccessError):
            plan.with_user(self.outsider).read(["state"])
