"""The record of each bill: what it says, that it stays, and that it gives the same bill again."""

import json

from freezegun import freeze_time
from psycopg2 import errors

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestDecision(CcmCommon):
    """Ada has 61 minutes of the nurse, and twelve of the doctor at another time, in October."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.entries = cls.log(cls.patient, "2026-10-05 15:00:00", minutes=49, seconds=30)
        cls.entries |= cls.log(
            cls.patient, "2026-10-06 15:00:00", minutes=11, seconds=30, user=cls.doctor
        )
        with freeze_time("2026-11-03 15:00:00"):
            cls.month = cls.env["ccm.month"]._refresh("2026-10-01", cls.patient)
            cls.month.with_user(cls.biller).action_invoice()
        cls.decision = cls.month.decision_id
        cls.invoice = cls.month.move_id

    def text(self, html):
        return " ".join(str(html).split())

    def render_pdf_page(self, move):
        report = self.env.ref("account.account_invoices")
        html, _kind = report._render_qweb_html(report.report_name, move.ids)
        return html.decode()

    # --- what it holds ---------------------------------------------------------------------------

    def test_each_bill_has_its_record(self):
        self.assertEqual(len(self.month.decision_ids), 1)
        self.assertEqual(self.decision.move_id, self.invoice)
        self.assertEqual(self.decision.made_by_id, self.biller)
        self.assertEqual(str(self.decision.made_on), "2026-11-03 15:00:00")
        self.assertEqual(self.decision.choice, "highest")
        self.assertEqual(self.decision.codes, "99490 + 99439 ×2")
        self.assertAlmostEqual(self.decision.amount, self.month.amount_total)
        self.assertAlmostEqual(self.decision.amount, self.invoice.amount_untaxed)
        self.assertTrue(self.decision.is_present)
        self.assertEqual(self.decision.fee_release, "Medicare PFS 2026 · national · Standard")
        self.assertRegex(self.decision.rule_release, r"^19\.0\S+ · 2022-01-01 · [0-9a-f]{8}$")

    def test_the_nightly_close_keeps_who_ran_it(self):
        other = self.make_ready_patient(day="2026-09-01", name="Bea", ccm_mrn="MRN-2")
        self.log(other, "2026-10-07 15:00:00", minutes=20)
        self.run_close("2026-11-05 12:00:00")
        kept = other.ccm_month_ids.decision_ids
        self.assertEqual(kept.made_by_id, self.env.ref("base.user_root"))

    def test_the_facts_are_exact(self):
        facts, result = self.decision.facts, self.decision.result
        self.assertEqual([work["id"] for work in facts["work"]], self.entries.ids)
        self.assertEqual(facts["zone"], "America/New_York")
        self.assertEqual(result["staff_seconds"], 49 * 60 + 30)
        self.assertEqual(result["practitioner_seconds"], 11 * 60 + 30)
        self.assertEqual(result["combined_seconds"], 61 * 60)
        self.assertEqual(result["amount"], "167.01")
        self.assertIn(["99490", "2026-10-06", "66.13"], self.decision.prices)

    def test_in_words(self):
        self.assertEqual(
            self.decision.words, "61 clinical-staff minutes in October 2026 → 99490 ×1, 99439 ×2"
        )
        story = self.text(self.decision.with_user(self.biller).story)
        for words in (
            "Clinical staff: 49:30",
            "Billing practitioner personally: 11:30",
            "Together: <strong>61:00</strong>",
            "99491 needs 30 minutes; there are 11.",
            "Nurse",
            "10/5/26, 11:00",
            "Conditions: E11.9, I10",
            "Care plan, version 1",
        ):
            self.assertIn(words, story)

    def test_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_ES")
        spanish = self.decision.with_context(lang="es_ES")
        self.assertIn("octubre", spanish.words)
        self.assertIn("octubre", self.invoice.with_context(lang="es_ES").ccm_bill_words)

    def test_an_assessment_and_two_performers(self):
        """The doctor's half hour pays more than the nurse's; the assessment is told apart."""
        patient = self.make_ready_patient(day="2026-09-01", name="Cleo", ccm_mrn="MRN-3")
        patient.ccm_visit_ids.planning_beyond_visit = True
        self.log(patient, "2026-09-07 15:00:00", minutes=31, user=self.doctor)
        with freeze_time("2026-10-03 15:00:00"):
            month = self.env["ccm.month"]._refresh("2026-09-01", patient)
            month.with_user(self.biller).action_invoice()
        assessment = (
            "The practitioner's own assessment and planning beyond the visit of 09/01/2026 →"
            " G0506 ×1"
        )
        self.assertEqual(
            month.decision_id.words.splitlines(),
            [
                "31 minutes of the practitioner personally in September 2026 → 99491 ×1",
                assessment,
            ],
        )
        self.assertIn(
            "Reached, but it brings less than the codes chosen.",
            self.text(month.decision_id.story),
            "99490 was reached as well",
        )

    # --- for ever --------------------------------------------------------------------------------

    def test_nobody_changes_or_deletes_it(self):
        for user in (self.biller, self.manager, self.env.ref("base.user_root")):
            record = self.decision.with_user(user)
            with self.refused((AccessError, UserError)):
                record.amount = 1
            with self.refused((AccessError, UserError)):
                record.unlink()
        with self.refused(UserError, "never changed"):
            self.decision.sudo().write({"result": {}})
        with self.refused(UserError, "never deleted"):
            self.decision.sudo().unlink()
        with self.refused(AccessError):
            self.decision.with_user(self.manager).copy()

    def test_the_database_itself_refuses(self):
        self.env.flush_all()
        for change in (
            "UPDATE ccm_decision SET amount = 1 WHERE id = %s",
            "UPDATE ccm_decision SET result = '{}' WHERE id = %s",
            "DELETE FROM ccm_decision WHERE id = %s",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(errors.RestrictViolation, "never changed"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(change, [self.decision.id])

    def test_its_month_cannot_be_deleted(self):
        self.invoice.unlink()
        self.assertFalse(self.month.move_ids)
        with self.refused(UserError, "decision record"):
            self.month.unlink()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(errors.ForeignKeyViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("DELETE FROM ccm_month WHERE id = %s", [self.month.id])

    def test_an_undone_bill_keeps_its_record(self):
        self.invoice.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.month.decision_ids, self.decision)
        self.assertFalse(self.month.decision_id)
        self.assertFalse(self.decision.is_present)
        with freeze_time("2026-11-04 15:00:00"):
            self.month.with_user(self.biller).action_invoice()
        self.assertEqual(len(self.month.decision_ids), 2)
        self.assertEqual(self.month.decision_id.move_id, self.month.move_id)
        self.assertNotEqual(self.month.decision_id, self.decision)
        search = self.env["ccm.decision"].search
        of_month = [("month_id", "=", self.month.id)]
        self.assertEqual(search([*of_month, ("is_present", "=", True)]), self.month.decision_id)
        self.assertEqual(search([*of_month, ("is_present", "=", False)]), self.decision)

    def test_one_record_an_invoice(self):
        vals = self.decision.copy_data()[0]
        with self.refused_by_database("ccm_decision_move_unique"):
            self.env["ccm.decision"].sudo().create({**vals, "move_id": self.invoice.id})

    def test_a_bill_that_fails_leaves_no_record(self):
        other = self.make_ready_patient(day="2026-09-01", name="Bea", ccm_mrn="MRN-2")
        self.log(other, "2026-10-07 15:00:00", minutes=20)
        before = self.env["ccm.decision"].search_count([])
        self.break_bill_of(other)
        with freeze_time("2026-11-04 15:00:00"):
            month = self.env["ccm.month"]._refresh("2026-10-01", other)
            month.with_user(self.biller).action_invoice()
        self.assertIn("is archived", month.error_message)
        self.assertEqual(self.env["ccm.decision"].search_count([]), before)

    # --- who reads it ----------------------------------------------------------------------------

    def test_who_reads_it(self):
        for user in (self.biller, self.manager, self.auditor):
            self.assertTrue(self.decision.with_user(user).amount)
        self.assertTrue(self.decision.with_user(self.doctor).facts)
        with self.refused(AccessError):
            self.decision.with_user(self.doctor).read(["amount"])
        for user in (self.nurse, self.outsider):
            with self.refused(AccessError):
                self.decision.with_user(user).read(["amount"])
            with self.refused(AccessError):
                self.decision.with_user(user).action_check()
        with self.refused(AccessError):
            self.month.with_user(self.nurse).read(["decision_id"])

    def test_other_companies_do_not(self):
        found = self.env["ccm.decision"].with_user(self.make_stranger()).search([])
        self.assertFalse(found)

    def test_minutes_are_health_data_on_the_invoice(self):
        words = "61 clinical-staff minutes in October 2026 → 99490 ×1, 99439 ×2"
        self.assertEqual(self.invoice.with_user(self.biller).ccm_bill_words, words)
        accountant = new_test_user(
            self.env, "ccm_accountant", groups="account.group_account_manager"
        )
        with self.refused(AccessError):
            self.invoice.with_user(accountant).read(["ccm_bill_words"])
        arch = self.invoice.with_user(accountant).get_view(view_type="form")["arch"]
        self.assertNotIn("ccm_bill_words", arch)
        self.assertNotIn("action_view_ccm_decision", arch)

    def test_printed_on_this_invoice_and_on_no_other(self):
        words = "61 clinical-staff minutes in October 2026 → 99490 ×1, 99439 ×2"
        self.assertIn(words, self.render_pdf_page(self.invoice))
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.patient.id,
                "invoice_line_ids": [Command.create({"name": "A pen", "price_unit": 1})],
            }
        )
        self.assertFalse(plain.ccm_bill_words)
        self.assertNotIn("clinical-staff", self.render_pdf_page(plain))

    def test_opened_from_month_and_invoice(self):
        self.assertEqual(
            self.month.with_user(self.biller).action_view_decisions()["res_id"], self.decision.id
        )
        self.assertEqual(
            self.invoice.with_user(self.biller).action_view_ccm_decision()["res_id"],
            self.decision.id,
        )

    # --- decided again ---------------------------------------------------------------------------

    def test_checked_from_the_record_alone(self):
        """Codes, fees and the setting have changed since; the record gives the same bill."""
        self.env["ccm.service.code"].search([]).write({"max_units": 1})
        self.env["ccm.fee.schedule"].search([]).write({"conversion_factor": 50})
        self.company.ccm_code_choice = "staff_first"
        self.assertEqual(self.decision._rerun(), {self.decision: True})
        told = self.decision.with_user(self.biller).action_check()
        self.assertEqual(told["params"]["type"], "success")

    def test_a_record_that_was_tampered_with_is_found_out(self):
        """As the owner of the database might, who can switch its triggers off."""
        self.env.flush_all()
        for path, value in (
            ("{facts,work,0,stop}", self.decision.facts["work"][0]["stop"] - 600),
            ("{result,lines,0,price}", "1.00"),
        ):
            column, *inner = path.strip("{}").split(",")
            with self.env.cr.savepoint() as savepoint:
                self.env.cr.execute("ALTER TABLE ccm_decision DISABLE TRIGGER ccm_decision_kept")
                self.env.cr.execute(
                    f"UPDATE ccm_decision SET {column} = jsonb_set({column}, %s, %s) WHERE id = %s",
                    ["{" + ",".join(inner) + "}", json.dumps(value), self.decision.id],
                )
                self.env.invalidate_all()
                self.assertEqual(self.decision._rerun(), {self.decision: False})
                told = self.decision.with_user(self.biller).action_check()
                self.assertEqual(told["params"]["type"], "danger")
                self.assertIn("1 of 1", told["params"]["message"])
                savepoint.rollback()
            self.env.invalidate_all()

    def test_queries_do_not_grow_with_the_batch(self):
        def queries(count, day):
            patients = self.env["res.partner"]
            for number in range(count):
                patient = self.make_ready_patient(
                    day="2026-09-01", name=f"{day} {number}", ccm_mrn=f"{day}-{number}"
                )
                self.log(patient, f"2026-10-{day} {10 + number}:00:00", minutes=25)
                patients |= patient
            with freeze_time("2026-11-04 15:00:00"):
                months = self.env["ccm.month"]._refresh("2026-10-01", patients)
                months.action_invoice()
                kept = months.decision_ids
                self.assertEqual(len(kept), count)
                decided = {month: kept_facts(month) for month in months}
                self.env.flush_all()
                self.env.invalidate_all()
                months.move_id.mapped("ccm_month_id.partner_id")
                self.env.cr.execute("SAVEPOINT kept")
                self.env.cr.execute(
                    "UPDATE ccm_decision SET move_id = NULL WHERE id = ANY(%s)", [kept.ids]
                )
                before = self.env.cr.sql_log_count
                self.env["ccm.decision"]._keep(months.move_id, decided)
                self.env.flush_all()
                spent = self.env.cr.sql_log_count - before
                self.env.cr.execute("ROLLBACK TO SAVEPOINT kept")
                self.env.invalidate_all()
            return spent

        def kept_facts(month):
            from ..billing.decision import decide
            from ..billing.record import codes_from, facts_from

            record = month.decision_id._as_record()
            facts = facts_from(record)
            return facts, decide(facts, codes_from(record), record["choice"])

        self.assertEqual(queries(2, "12"), queries(8, "13"))
