"""Patients restricted to their care team, and the glass that one may break."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CcmCommon

NOON = "2026-06-15 16:00:00"
REASON = "Fell at home, her daughter is on the phone"


@tagged("post_install", "-at_install")
class TestTeam(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theirs = cls.make_ready_patient(ccm_mbi="1EG4TE5MK73", ccm_call_note="Not on Tuesdays")
        cls.log(cls.theirs, "2026-06-10 15:00:00", 25)
        cls.env["ccm.month"]._refresh(fields.Date.to_date("2026-06-01"), cls.theirs)
        cls.env["ccm.reading"].create(
            {
                "partner_id": cls.theirs.id,
                "type_id": cls.env.ref("ccm_module.reading_type_weight").id,
                "value": 70,
            }
        )
        cls.other_nurse = cls._make_user("ccm_other_nurse", "user", "staff")
        cls.other_doctor = cls._make_user("ccm_other_doctor", "practitioner", "practitioner")
        cls.company.ccm_restrict_patients = True

    def seen(self, user, model="ccm.month"):
        return self.env[model].with_user(user).search([("partner_id", "=", self.theirs.id)])

    def patient_models(self):
        paths = self.env["ccm.patient.data"]._paths()
        left = {"res.partner", "account.move", "ccm.access.log", "ccm.emergency.access"}
        return {name: path for name, path in paths.items() if name not in left}

    # --- who sees whom ---

    def test_only_the_team_sees_the_record(self):
        for user in (self.nurse, self.doctor, self.biller, self.manager, self.auditor):
            with self.subTest(user=user.login):
                self.assertTrue(self.seen(user))
        for user in (self.other_nurse, self.other_doctor):
            with self.subTest(user=user.login):
                self.assertFalse(self.seen(user))

    def test_every_model_with_a_patient_is_closed(self):
        closed = 0
        for name, path in self.patient_models().items():
            model = self.env[name].with_user(self.other_doctor)
            if not model.has_access("read"):
                continue
            domain = [(path, "=", self.theirs.id)]
            records = self.env[name].search(domain)
            with self.subTest(model=name):
                rules = self.env["ir.rule"].search([("model_id.model", "=", name)])
                self.assertIn("ccm_team(", " ".join(rules.mapped("domain_force")))
                self.assertFalse(model.search(domain))
                self.assertFalse(model.search_count(domain))
                if records and records._auto:
                    closed += 1
                    with self.assertRaises(AccessError):
                        records.with_user(self.other_doctor).read(["id", "display_name"])
                    with self.assertRaises(AccessError):
                        records[0].with_user(self.other_doctor).write({"write_uid": 1})
        self.assertGreater(closed, 8)

    def test_the_contact_is_found_and_says_nothing(self):
        partner = self.theirs.with_user(self.other_nurse)
        names = [name for name in partner.fields_get() if name.startswith("ccm_")]
        [values] = partner.read(["name", "is_ccm_patient", *names])
        self.assertEqual(values["name"], "Ada Patient")
        self.assertTrue(values.pop("ccm_is_hidden"))
        told = {name: values[name] for name in ("is_ccm_patient", *names) if values.get(name)}
        self.assertFalse(told)
        [told] = partner.web_read({"ccm_mrn": {}, "ccm_condition_ids": {"fields": {}}})
        self.assertFalse(told["ccm_mrn"] or told["ccm_condition_ids"])
        found = self.env["res.partner"].with_user(self.other_nurse)
        self.assertIn(self.theirs, found.search([("is_ccm_patient", "=", True)]))
        self.assertIn(self.theirs.id, dict(found.name_search("Ada Pat")))

    def test_what_is_hidden_is_not_guessed_nor_written(self):
        self.other_nurse.group_ids += self.env.ref("base.group_allow_export")
        partners = self.env["res.partner"].with_user(self.other_nurse)
        for domain in (
            [("ccm_mrn", "=", "MRN-1")],
            [("ccm_birthdate", "<", "1960-01-01")],
            [("ccm_condition_ids.diagnosis_id.code", "=", "I10")],
            [("ccm_enrollment_id", "!=", False)],
        ):
            with self.subTest(domain=domain):
                self.assertNotIn(self.theirs, partners.search(domain))
        groups = partners.formatted_read_group(
            [("id", "=", self.theirs.id)], ["ccm_birthdate:year"], ["__count"]
        )
        self.assertFalse(groups)
        hidden = self.theirs.with_user(self.other_nurse)
        with self.refused(AccessError, "care team"):
            hidden.export_data(["name", "ccm_mrn"])
        with self.refused(AccessError, "care team"):
            hidden.ccm_mbi = False
        told = hidden.onchange({}, [], {"name": {}, "ccm_mrn": {}})
        self.assertNotIn("ccm_mrn", told["value"])
        with self.refused(AccessError):
            self.env["ccm.activity"].with_user(self.other_nurse).action_start_timer(self.theirs.id)

    def test_off_everybody_sees_all(self):
        self.company.ccm_restrict_patients = False
        self.assertTrue(self.seen(self.other_nurse))
        self.assertEqual(self.theirs.with_user(self.other_nurse).ccm_mrn, "MRN-1")
        self.assertFalse(self.theirs.with_user(self.other_nurse).ccm_is_hidden)

    # --- who is on the team ---

    def test_who_is_handed_the_patient_is_on_the_team(self):
        self.theirs.ccm_enrollment_ids.coordinator_id = self.other_nurse
        self.assertTrue(self.seen(self.other_nurse))
        self.assertFalse(self.seen(self.nurse))

    def test_the_people_of_the_care_plan_are_on_the_team(self):
        self.theirs.ccm_care_plan_ids.with_user(self.doctor).action_new_version()
        self.env["ccm.care.plan.member"].create(
            {
                "plan_id": self.theirs.ccm_care_plan_ids.filtered(lambda p: p.state == "draft").id,
                "name": "The other nurse",
                "contact_id": self.other_nurse.partner_id.id,
            }
        )
        self.assertTrue(self.seen(self.other_nurse, "ccm.care.plan"))

    def test_who_covers_sees_the_patients_for_those_days(self):
        with freeze_time(NOON):
            self.env["ccm.cover"].create(
                {
                    "user_id": self.nurse.id,
                    "cover_id": self.other_nurse.id,
                    "date_from": "2026-06-15",
                    "date_to": "2026-06-16",
                }
            )
            self.assertTrue(self.seen(self.other_nurse))
            self.assertFalse(self.theirs.with_user(self.other_nurse).ccm_is_hidden)
        with freeze_time("2026-06-18 16:00:00"):
            self.assertFalse(self.seen(self.other_nurse))

    def test_a_patient_of_nobody_is_open_until_somebody_looks_after_it(self):
        newcomer = self.make_patient(name="Bea New")
        mine = newcomer.with_user(self.other_nurse)
        self.assertFalse(mine.ccm_is_hidden)
        self.env["ccm.condition"].with_user(self.other_nurse).create(
            {"partner_id": newcomer.id, "diagnosis_id": self.diabetes.id}
        )
        self.env["ccm.enrollment"].with_user(self.other_nurse).create(
            {"partner_id": newcomer.id, "practitioner_id": self.practitioner.id}
        )
        conditions = self.env["ccm.condition"]
        domain = [("partner_id", "=", newcomer.id)]
        self.assertTrue(conditions.with_user(self.other_nurse).search(domain))
        self.assertFalse(conditions.with_user(self.nurse).search(domain))

    def test_a_patient_who_left_stays_the_last_team_s(self):
        self.theirs.ccm_enrollment_ids.write(
            {
                "state": "ended",
                "date_end": "2026-06-20",
                "reason_id": self.env.ref("ccm_module.ccm_enrollment_reason_moved").id,
            }
        )
        self.assertTrue(self.seen(self.nurse))
        self.assertFalse(self.seen(self.other_nurse))

    def test_activities_on_care_are_the_team_s(self):
        call = self.theirs.activity_schedule(
            "ccm_module.mail_activity_type_call", user_id=self.nurse.id
        )
        self.assertTrue(call.activity_type_id.ccm_private)
        activities = self.env["mail.activity"]
        domain = [("id", "=", call.id)]
        self.assertTrue(activities.with_user(self.manager).search(domain))
        self.assertFalse(activities.with_user(self.other_nurse).search(domain))
        message = self.seen(self.nurse).message_post(body="She feels better")
        with self.assertRaises(AccessError):
            message.with_user(self.other_nurse).read(["body"])

    # --- emergency access ---

    def break_glass(self, user=None, reason=REASON):
        with freeze_time(NOON):
            return (
                self.env["ccm.emergency.access"]
                .with_user(user or self.other_nurse)
                .create({"partner_id": self.theirs.id, "reason": reason})
            )

    def test_who_says_why_sees_the_patient_for_some_hours(self):
        action = self.theirs.with_user(self.other_nurse).action_ccm_emergency()
        self.assertEqual(action["context"], {"default_partner_id": self.theirs.id})
        self.assertTrue(self.theirs.with_user(self.other_nurse).ccm_is_hidden)
        access = self.break_glass()
        self.assertEqual(access.until, fields.Datetime.to_datetime(NOON) + timedelta(hours=4))
        with freeze_time("2026-06-15 19:59:00"):
            self.assertTrue(self.seen(self.other_nurse))
            self.assertFalse(self.theirs.with_user(self.other_nurse).ccm_is_hidden)
            [values] = self.theirs.with_user(self.other_nurse).read(["ccm_mrn"])
            self.assertEqual(values["ccm_mrn"], "MRN-1")
            self.assertFalse(self.seen(self.other_doctor))
        with freeze_time("2026-06-15 20:00:01"):
            self.assertFalse(self.seen(self.other_nurse))

    def test_it_is_logged_and_the_managers_are_told(self):
        access = self.break_glass()
        logged = self.env["ccm.access.log"].search(
            [("kind", "=", "emergency"), ("partner_id", "=", self.theirs.id)]
        )
        self.assertEqual(logged.user_id, self.other_nurse)
        task = access.activity_ids.filtered(lambda a: a.user_id == self.manager)
        self.assertTrue(task)
        self.assertNotIn("Ada", task.summary)
        with self.refused(AccessError):
            access.with_user(self.other_nurse).action_justified()
        access.with_user(self.manager).action_unjustified()
        self.assertEqual((access.state, access.reviewed_by_id), ("unjustified", self.manager))
        self.assertFalse(access.activity_ids)

    def test_nobody_chooses_but_the_reason(self):
        access = (
            self.env["ccm.emergency.access"]
            .with_user(self.other_nurse)
            .with_context(default_until="2099-01-01 00:00:00", default_user_id=self.nurse.id)
            .create(
                {
                    "partner_id": self.theirs.id,
                    "reason": REASON,
                    "until": "2099-01-01 00:00:00",
                    "user_id": self.other_doctor.id,
                    "state": "justified",
                }
            )
        )
        self.assertEqual((access.user_id, access.state), (self.other_nurse, "new"))
        self.assertLess(access.until, fields.Datetime.now() + timedelta(hours=5))
        with self.refused(AccessError):
            access.until = "2099-01-01 00:00:00"
        with self.refused(UserError):
            access.sudo().unlink()
        self.assertFalse(self.env["ccm.emergency.access"].with_user(self.nurse).search([]))

    def test_a_reason_in_words_and_only_where_it_is_needed(self):
        for reason in ("x", "          ", "aaaaaaaaaaaaa"):
            with self.subTest(reason=reason), self.refused(ValidationError, "^Reason: "):
                self.break_glass(reason=reason)
        access = self.break_glass()
        with self.refused_by_database("ccm_emergency_access_has_reason"):
            self.env.cr.execute(
                "UPDATE ccm_emergency_access SET reason = 'x' WHERE id = %s", [access.id]
            )
        with self.refused(UserError, "open to you already"):
            self.break_glass(user=self.nurse)

    # --- what it costs ---

    def test_off_it_costs_no_query_and_on_one_for_many(self):
        partners = self.theirs | self.make_ready_patient(name="Bea", ccm_mrn="MRN-2")
        counts = {}
        for on in (False, True):
            self.company.ccm_restrict_patients = on
            for user in (self.nurse, self.biller):
                mine = partners.with_user(user)
                mine.read(["name", "ccm_mrn"])
                self.env.invalidate_all()
                mine.env.cr.flush()
                before = self.env.cr.sql_log_count
                mine.read(["name", "ccm_mrn"])
                counts[on, user] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[True, self.biller], counts[False, self.biller])
        self.assertLessEqual(counts[True, self.nurse] - counts[False, self.nurse], 2)

    def test_another_practice_s_setting_does_not_reach_here(self):
        self.company.ccm_restrict_patients = False
        elsewhere = self.env["res.company"].create(
            {"name": "Elsewhere", "ccm_restrict_patients": True}
        )
        self.other_nurse.company_ids = [Command.link(elsewhere.id)]
        self.assertTrue(self.seen(self.other_nurse))
