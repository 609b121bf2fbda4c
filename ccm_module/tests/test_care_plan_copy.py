"""The copy for the patient: on record, kept as it was given, and fit to be read."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.ccm_care_plan_copy_given import REPORT
from .common import CcmCommon
from .test_care_plan import give_copy


@tagged("post_install", "-at_install")
@freeze_time("2026-07-15 14:00:00")
class TestCarePlanCopy(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.phone = "(555) 010-0100"
        cls.patient = cls.make_patient(name="Rosa Alvarez")
        cls.make_condition(cls.patient, cls.diabetes)
        cls.plan = cls.make_plan(
            cls.patient,
            symptom_management="Dizzy: sit down.\n\nChest pain: call 911.",
            environment="One floor.",
            goal_ids=[(0, 0, {"name": "Pressure in range", "achievement": "134/76"})],
            intervention_ids=[
                (0, 0, {"name": "Weigh yourself", "responsible": "patient"}),
                (0, 0, {"name": "Call you", "responsible": "nurse", "frequency": "Each week"}),
                (0, 0, {"name": "Old habit", "status": "stopped"}),
            ],
            medication_ids=[
                (0, 0, {"name": "Metformin", "dose": "500 mg with breakfast"}),
                (0, 0, {"name": "Glyburide", "status": "stopped"}),
            ],
            member_ids=[(0, 0, {"name": "Dr. Roe", "role": "heart doctor", "phone": "555-0177"})],
            service_ids=[(0, 0, {"name": "County van", "status": "active"})],
        ).with_user(cls.nurse)

    def approve(self):
        self.plan.with_user(self.doctor).action_approve()
        return self.plan

    def page(self, plan=None, user=None):
        """Return the copy as the patient would read it."""
        report = self.env["ir.actions.report"].with_user(user or self.nurse)
        content, _kind = report._render_qweb_html(REPORT, (plan or self.plan).ids)
        return html.fromstring(content)

    def words(self, page):
        return " ".join(page.text_content().split())

    # --- on record ------------------------------------------------------------------------------

    def test_copy_is_recorded_and_kept(self):
        plan = self.approve()
        answer = give_copy(plan, way="mail", recipient="caregiver")
        kept = plan.copy_attachment_id
        self.assertEqual(answer["url"], f"/web/content/{kept.id}")
        self.assertEqual((kept.res_model, kept.res_id), ("ccm.care.plan", plan.id))
        self.assertIn(b"Metformin", kept.raw)
        self.assertEqual(
            (plan.copy_given_on, plan.copy_way, plan.copy_recipient),
            (date(2026, 7, 15), "mail", "caregiver"),
        )
        note = plan.message_ids.filtered("attachment_ids")
        self.assertEqual((note.attachment_ids, note.author_id), (kept, self.nurse.partner_id))
        self.assertIn("Caregiver. By mail", note.body)

    def test_first_day_stays_and_each_copy_is_in_the_history(self):
        plan = self.approve()
        give_copy(plan)
        first = plan.copy_attachment_id
        with freeze_time("2026-07-20 14:00:00"):
            plan.goal_ids.achievement = "128/74"
            give_copy(plan, way="portal")
        self.assertEqual((plan.copy_given_on, plan.copy_way), (date(2026, 7, 15), "paper"))
        self.assertEqual(plan.copy_attachment_id, first)
        both = plan.message_ids.attachment_ids
        self.assertEqual(len(both), 2)
        self.assertIn(b"134/76", first.raw)
        self.assertIn(b"128/74", (both - first).raw)

    def test_kept_copy_stays(self):
        plan = self.approve()
        give_copy(plan)
        kept = plan.copy_attachment_id
        for user in (self.nurse, self.manager):
            with self.refused(UserError, "copy"):
                kept.with_user(user).unlink()
            with self.refused(UserError, "copy"):
                kept.with_user(user).raw = b"something else"
            with self.refused(UserError, "copy"):
                kept.with_user(user).write({"res_id": self.make_plan(self.patient).id})
        kept.with_user(self.nurse).name = "Plan of July.pdf"

    def test_draft_is_not_given(self):
        with self.refused(UserError, "approved first"):
            self.plan.action_give_copy()
        dialog = self.env["ccm.care.plan.copy"].with_user(self.nurse)
        with self.refused(UserError, "approved first"):
            dialog.create({"plan_id": self.plan.id}).action_confirm()

    def test_day_is_one_between_approval_and_today(self):
        plan = self.approve()
        for day in ("2026-07-14", "2026-07-16"):
            with self.refused(ValidationError, "Copy Given On"):
                give_copy(plan, date=day)
        self.assertFalse(plan.copy_given_on or plan.copy_attachment_id)

    def test_without_pdf_the_record_stands(self):
        """Odoo's own words where wkhtmltopdf is missing: this is what it raises then."""
        plan = self.approve()
        reports = self.env.registry["ir.actions.report"]
        missing = UserError("Unable to find Wkhtmltopdf on this system.")
        with patch.object(reports, "_render_qweb_pdf", side_effect=missing):
            answer = give_copy(plan)
        self.assertEqual(answer["params"]["message"], missing.args[0])
        self.assertEqual(plan.copy_given_on, date(2026, 7, 15))
        self.assertFalse(plan.copy_attachment_id)
        give_copy(plan)
        self.assertTrue(plan.copy_attachment_id, "made up for with the next copy")

    # --- fit to be read -------------------------------------------------------------------------

    def test_plain_words(self):
        page = self.page(self.approve())
        words = self.words(page)
        for text in (
            "Care plan for Rosa Alvarez",
            "Approved by Doctor on 07/15/2026",
            "So far: 134/76",
            "500 mg with breakfast",
            "No longer to be taken: Glyburide",
            "Dr. Roe heart doctor 555-0177",
            "(555) 010-0100",
            "Nurse: Call you (Each week)",
            "County van",
            "Your home One floor.",
        ):
            self.assertIn(text, words)
        self.assertEqual(
            page.xpath("//*[@name='mine']/li")[0].text_content().strip(), "Weigh yourself"
        )
        watch = page.xpath("//*[@name='watch']//li")
        self.assertEqual(
            [w.text_content() for w in watch], ["Dizzy: sit down.", "Chest pain: call 911."]
        )
        self.assertIn(self.diabetes.name, words)
        for jargon in (self.diabetes.code, "Old habit", "DRAFT", "Draft", "Stopped"):
            self.assertNotIn(jargon, words)
        self.assertIn("font-size: 16pt", page.xpath("//div[@class='page']")[0].get("style"))

    def test_draft_says_so(self):
        page = self.page()
        self.assertTrue(page.xpath("//*[@name='draft_mark']"))
        self.assertIn("This is a draft", self.words(page))

    def test_older_version_says_so(self):
        plan = self.approve()
        self.make_approved_plan(self.patient)
        self.assertIn("There is a newer plan", self.words(self.page(plan)))

    def test_in_the_patients_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("ccm_module.report_ccm_care_plan_document")
        terms = {"es_ES": {"Your goals": "Sus metas"}}
        template.update_field_translations("arch_db", terms)
        status = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", "ccm.care.plan.service"), ("value", "=", "active")]
        )
        status.with_context(lang="es_ES").name = "En marcha"
        self.patient.lang = "es_ES"
        words = self.words(self.page(self.approve()))
        self.assertIn("Sus metas", words)
        self.assertIn("En marcha", words)
        self.assertNotIn("Your goals", words)
        self.assertIn("15/07/2026", words, "days as they are written there")

    # --- rights ---------------------------------------------------------------------------------

    def test_who_may_print_and_give(self):
        plan = self.approve()
        self.page(plan, self.biller)
        self.env.invalidate_all()  # what the biller may read is not in the next one's cache
        with self.refused(AccessError):
            self.page(plan, self.outsider)
        with self.refused(AccessError):
            self.env["ccm.care.plan.copy"].with_user(self.biller).create({"plan_id": plan.id})
        other = self.env["res.company"].create({"name": "Lower Ferry Clinic"})
        stranger = self._make_user("ccm_stranger", "user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.refused(AccessError):
            self.page(plan, stranger)
        self.env.invalidate_all()
        dialog = self.env["ccm.care.plan.copy"].with_user(stranger)
        with self.refused(AccessError):
            dialog.create({"plan_id": plan.id}).action_confirm()
        give_copy(plan)
        self.env.invalidate_all()
        with self.refused(AccessError):
            plan.copy_attachment_id.with_user(stranger).read(["raw"])
