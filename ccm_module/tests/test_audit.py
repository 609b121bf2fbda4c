"""The mock audit of a month: who is drawn, what is found, and the way to mend it."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CcmCommon

NOTE = "Went through the tablets with the patient"


@tagged("post_install", "-at_install")
class TestAudit(CcmCommon):
    """Ada and Bea are complete in October, Cleo has one condition and no note, Dan no time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patients = cls.env["res.partner"]
        for number, name in enumerate(("Ada", "Bea", "Cleo", "Dan"), 1):
            cls.patients += cls.make_ready_patient(
                day="2026-09-01", name=name, ccm_mrn=f"MRN-{number}"
            )
        cls.ada, cls.bea, cls.cleo, cls.dan = cls.patients
        for hour, (patient, note) in enumerate(
            ((cls.ada, NOTE), (cls.bea, NOTE + " again"), (cls.cleo, False))
        ):
            cls.log(patient, f"2026-10-05 {hour + 14}:00:00", minutes=25, note=note)
        with freeze_time("2026-09-15 15:00:00"):
            cls.cleo.ccm_condition_ids[0].status = "inactive"
        with freeze_time("2026-11-02 15:00:00"):
            cls.months = cls.env["ccm.month"]._refresh("2026-10-01", cls.patients).sorted("id")

    def make(self, user=None, **vals):
        with freeze_time("2026-11-02 15:00:00"):
            record = self.env["ccm.audit"].with_user(user or self.manager).create(vals)
            record.action_run()
        return record

    def found(self, record, patient, requirement=None):
        return record.finding_ids.filtered(
            lambda f: f.partner_id == patient and requirement in (None, f.requirement)
        )

    # --- the story -------------------------------------------------------------------------------

    def test_a_month_is_audited_and_mended(self):
        record = self.make()
        self.assertEqual(
            (record.state, record.population_count, record.month_count), ("done", 3, 3)
        )
        self.assertEqual(record.month_ids.partner_id, self.ada | self.bea | self.cleo)
        self.assertFalse(self.found(record, self.dan), "no minutes, no bill, no audit")
        self.assertFalse(self.found(record, self.ada).filtered(lambda f: not f.is_met))
        bad = self.found(record, self.cleo).filtered(lambda f: not f.is_met)
        self.assertEqual(bad, record.failed_ids)
        self.assertEqual(set(bad.mapped("requirement")), {"conditions", "notes"})
        self.assertEqual((record.failed_count, record.warning_count), (1, 1))
        # nine required points of each of three patients, one not met
        self.assertAlmostEqual(record.score, 100 * 26 / 27, 1)
        condition = bad.filtered(lambda f: f.requirement == "conditions")
        self.assertIn("Only 1 active condition(s)", condition.text)
        action = condition.with_user(self.manager).action_mend()
        self.assertEqual(action["res_model"], "ccm.condition")
        self.assertIn(("partner_id", "=", self.cleo.id), action["domain"])
        self.assertIn("96.3 % of the requirements are met", record.message_ids[0].body)
        # mended, and looked at again
        self.cleo.ccm_condition_ids.status = "active"
        again = self.make()
        self.assertEqual((again.failed_count, again.score), (0, 100))

    def test_a_billed_month_that_its_minutes_do_not_carry_any_more(self):
        with freeze_time("2026-11-03 15:00:00"):
            self.months[0].with_user(self.biller).action_invoice()
            entry = self.ada.ccm_activity_ids
            entry.with_user(self.manager).write(
                {"stop": "2026-10-05 14:12:00", "correction_reason": "Misread the clock"}
            )
        record = self.make()
        units = self.found(record, self.ada, "units")
        self.assertFalse(units.is_met)
        self.assertEqual(units.text, "99490 is billed with 1 unit(s); today's minutes carry 0.")
        self.assertTrue(self.found(record, self.bea, "units").is_met)
        self.assertEqual(units.with_user(self.manager).action_mend()["res_model"], "ccm.activity")

    def test_copied_notes_and_two_places(self):
        self.log(self.ada, "2026-10-12 15:00:00", minutes=5, note=NOTE.upper() + " 7")
        record = self.make()
        self.assertFalse(self.found(record, self.ada, "copied").is_met)
        self.assertEqual(self.found(record, self.ada, "copied").severity, "warning")
        self.assertTrue(self.found(record, self.ada, "overlap").is_met)
        # PostgreSQL refuses it; should it ever be there, it is found
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE ccm_activity DROP CONSTRAINT ccm_activity_one_place")
        self.env.cr.execute(
            "UPDATE ccm_activity SET start = '2026-10-05 14:20:00' WHERE id = %s",
            [self.bea.ccm_activity_ids.id],
        )
        self.env.invalidate_all(flush=False)
        record = self.make()
        for patient in (self.ada, self.bea):
            self.assertFalse(self.found(record, patient, "overlap").is_met)
        self.assertTrue(self.found(record, self.cleo, "overlap").is_met)

    # --- the sample ------------------------------------------------------------------------------

    def test_the_same_seed_draws_the_same(self):
        drawn = [self.make(seed=7, least=1, percent=30).month_ids for _time in range(2)]
        self.assertEqual(drawn[0], drawn[1])
        self.assertEqual(len(drawn[0]), 1)
        seeds = {self.make(seed=seed, least=1, percent=0).month_ids for seed in range(8)}
        self.assertGreater(len(seeds), 1)

    def test_what_may_be_asked_for(self):
        for name, value in (("percent", 101), ("least", 0)):
            with self.refused_by_database(f"ccm_audit_{name}_range"):
                self.make(**{name: value})
        with self.refused(ValidationError, "not a future one"):
            self.make(month="2027-01-01")
        with self.refused(UserError, "No patient is billed"):
            self.make(month="2026-02-01")
        self.assertEqual(str(self.make(month="2026-10-19").month), "2026-10-01")

    def test_settings(self):
        self.company.write({"ccm_audit_percent": 20, "ccm_audit_least": 2})
        with freeze_time("2026-11-02 15:00:00"), Form(self.env["ccm.audit"]) as form:
            self.assertEqual((form.percent, form.least), (20, 2))
        for vals in ({"ccm_audit_percent": 101}, {"ccm_audit_least": 0}):
            with self.refused(ValidationError, "Mock Audit"):
                self.company.write(vals)

    # --- who, and once ---------------------------------------------------------------------------

    def test_who_may(self):
        record = self.make()
        for user in (self.auditor, self.biller):
            seen = record.with_user(user)
            self.assertEqual(seen.score, record.score)
            self.assertTrue(seen.finding_ids.mapped("text"))
            with self.refused(AccessError):
                record.with_user(user).create({})
            with self.refused(AccessError):
                seen.action_run()
        for user in (self.nurse, self.outsider):
            with self.refused(AccessError):
                record.with_user(user).read(["score"])
        other = self.env["res.company"].create({"name": "Other practice"})
        stranger = self._make_user("ccm_stranger", "manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["ccm.audit"].with_user(stranger).search([]))
        self.assertFalse(self.env["ccm.audit.finding"].with_user(stranger).search([]))

    def test_what_was_found_stays(self):
        record = self.make()
        for call, message in (
            (lambda: record.write({"seed": 1}), "is not changed"),
            (lambda: record.action_run(), "was made already"),
            (lambda: record.unlink(), "is kept"),
        ):
            with self.refused(UserError, message):
                call()

    # --- the monthly job -------------------------------------------------------------------------

    def run_job(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_audit").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["ccm.audit"].search([("company_id", "=", self.company.id)])

    def test_once_a_month_when_all_is_decided(self):
        with freeze_time("2026-10-31 15:00:00"):
            self.months._decide()
        self.assertFalse(self.run_job("2026-11-01 15:00:00"), "not decided since it ended")
        with freeze_time("2026-11-02 15:00:00"):
            self.months._decide()
        record = self.run_job("2026-11-02 16:00:00")
        self.assertEqual((record.state, record.month_count), ("done", 3))
        self.assertEqual(record.made_by_id, self.env.ref("base.user_root"))
        self.assertEqual(self.run_job("2026-11-03 16:00:00"), record)

    def test_switched_off(self):
        self.company.ccm_audit_percent = 0
        self.assertFalse(self.run_job("2026-11-02 16:00:00"))

    def test_a_constant_number_of_queries(self):
        def queries(months):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            months._audit()
            return self.env.cr.sql_log_count - before

        queries(self.months)
        self.assertLessEqual(queries(self.months[:3]), queries(self.months[:1]) + 2)
