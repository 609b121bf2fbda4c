"""A month in a practice, from the first form to the posted invoice."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestMonthStory(CcmCommon):
    def test_a_month_in_a_practice(self):
        self.company.ccm_close_day = 3
        self.company.ccm_invoice_state = "posted"
        payer = self.env["res.partner"].create({"name": "Medicare Part B", "is_company": True})

        # 28 September. The doctor sees Rosa and talks about the programme.
        with freeze_time("2026-09-28 14:00:00"):
            form = Form(self.env["res.partner"].with_user(self.nurse))
            form.name = "Rosa Alvarez"
            form.is_ccm_patient = True
            form.ccm_birthdate = "1948-05-02"
            form.ccm_mbi = "1eg4-te5-mk73"
            form.ccm_payer_id = payer
            for diagnosis in (self.diabetes, self.hypertension):
                with form.ccm_condition_ids.new() as line:
                    line.diagnosis_id = diagnosis
                    line.onset_date = "2019-03-01"
                    line.lasts_12_months = True
                    line.significant_risk = True
            with form.ccm_visit_ids.new() as visit:
                visit.practitioner_id = self.practitioner
                visit.kind = "em_4"
                visit.ccm_discussed = True
            rosa = form.save()

            # The nurse reads her the text; she agrees.
            form = Form(self.env["ccm.consent"].with_user(self.nurse))
            form.partner_id = rosa
            form.practitioner_id = self.practitioner
            form.method = "verbal"
            form.told_available = form.told_cost_sharing = True
            form.told_one_practitioner = form.told_may_stop = True
            form.save().action_give()

            form = Form(self.env["ccm.enrollment"].with_user(self.nurse))
            form.partner_id = rosa
            form.practitioner_id = self.practitioner
            form.coordinator_id = self.nurse
            form.save().action_activate()

            plan = self.make_plan(rosa)
            plan.with_user(self.doctor).action_approve()
            given = plan.with_user(self.nurse).action_give_copy()
            wizard = self.env[given["res_model"]].with_user(self.nurse)
            wizard.with_context(**given["context"]).create({"way": "paper"}).action_confirm()

        # October. A call with the timer, a medication review by hand, and a meeting of two.
        nurse_time = self.env["ccm.activity"].with_user(self.nurse)
        with freeze_time("2026-10-06 15:00:00") as clock:
            rosa.with_user(self.nurse).action_ccm_start_timer()
            clock.tick(25 * 60 + 59)
            call = nurse_time.browse(nurse_time.action_stop_timer())
            self.assertEqual(call.seconds, 25 * 60 + 59)
            self.assertEqual((call.performer, call.source), ("staff", "timer"))
            call.action_describe(call.type_id.id, "Went through her readings", "reached")
        with freeze_time("2026-10-14 20:00:00"):
            form = Form(
                nurse_time.with_context(default_partner_id=rosa.id),
                "ccm_module.ccm_activity_view_form_manual",
            )
            form.start, form.stop = "2026-10-14 18:00:00", "2026-10-14 18:15:00"
            form.type_id = self.env.ref("ccm_module.ccm_activity_type_medication")
            form.reason = "Logged after the pharmacy called back"
            form.save()
            self.assertEqual(rosa.ccm_month_minutes, 40, "25:59 and 15:00 are 40 whole minutes")
            self.assertEqual(rosa.ccm_month_code, "99490 + 99439")
        with freeze_time("2026-10-20 20:00:00"):
            for user in (self.nurse, self.doctor):
                self.env["ccm.activity"].with_user(user).create(
                    {
                        "partner_id": rosa.id,
                        "start": "2026-10-20 19:00:00",
                        "stop": "2026-10-20 19:21:00",
                        "reason": "Case meeting",
                    }
                )
            month = rosa.ccm_month_id
            self.assertEqual(month.state, "open")
            self.assertEqual((month.staff_minutes, month.practitioner_minutes), (61, 21))
            self.assertEqual(month.total_minutes, 61, "two people in one meeting count once")

        # 2 November: too early. 3 November: the night run bills October.
        self.run_close("2026-11-02 09:00:00")
        self.assertNotEqual(month.state, "invoiced")
        self.run_close("2026-11-03 09:00:00")
        self.assertEqual(month.state, "invoiced", month.reason or month.error_message)

        # The biller looks the invoice over.
        month = month.with_user(self.biller)
        invoice = month.move_id
        self.assertRecordValues(
            invoice,
            [
                {
                    "state": "posted",
                    "partner_id": payer.id,
                    "ccm_patient_id": rosa.id,
                    "ccm_mbi": "1EG4TE5MK73",
                    "ccm_practitioner_npi": self.NPI,
                    "ccm_practice_npi": self.PRACTICE_NPI,
                    "ccm_place_of_service": "11",
                    "amount_untaxed": 66.13 + 2 * 50.44,
                }
            ],
        )
        self.assertEqual(invoice.ccm_diagnosis_ids, self.diabetes | self.hypertension)
        self.assertEqual(str(invoice.ccm_service_date), "2026-10-20")
        self.assertEqual(
            [
                (line.product_id.default_code, line.quantity, line.price_unit)
                for line in invoice.invoice_line_ids
            ],
            [("99490", 1, 66.13), ("99439", 2, 50.44)],
        )
        self.assertIn("61 clinical-staff minutes", invoice.invoice_line_ids[0].name)

        # The night after, nothing is billed again.
        self.run_close("2026-11-04 09:00:00")
        self.assertEqual(month.partner_id.ccm_month_ids.move_ids, invoice)

        # The payer wants it undone: the credit note frees the month, and the next night bills it.
        with freeze_time("2026-11-05 12:00:00"):
            wizard = (
                self.env["account.move.reversal"]
                .with_user(self.biller)
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({"journal_id": invoice.journal_id.id, "reason": "Wrong payer"})
            )
            credit = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
            credit.with_user(self.biller).action_post()
        self.assertEqual(credit.ccm_patient_id, rosa)
        self.assertEqual(month.state, "ready")
        self.run_close("2026-11-06 09:00:00")
        self.assertEqual(month.state, "invoiced")
        self.assertEqual(month.move_ids, invoice | month.move_id)

    def test_practitioner_s_own_month(self):
        """Thirty minutes of the doctor's own time pay more than the same minutes as staff time."""
        patient = self.make_ready_patient(day="2026-09-01")
        with freeze_time("2026-10-20 20:00:00"):
            self.env["ccm.activity"].with_user(self.doctor).create(
                {
                    "partner_id": patient.id,
                    "start": "2026-10-20 18:00:00",
                    "stop": "2026-10-20 18:30:00",
                    "note": "Titrated insulin with the patient",
                }
            )
        with freeze_time("2026-11-01 15:00:00"):
            month = self.env["ccm.month"]._refresh("2026-10-01", patient)
            self.assertEqual(month.line_ids.mapped("code"), ["99491"])
            self.company.ccm_code_choice = "staff_first"
            month = self.env["ccm.month"]._refresh("2026-10-01", patient)
            self.assertEqual(month.line_ids.mapped("code"), ["99490"])

    def test_payer_s_pricelist_overrides_the_fee(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Advantage plan",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": -10,
                        }
                    )
                ],
            }
        )
        plan = self.env["res.partner"].create(
            {
                "name": "Plan",
                "is_company": True,
                "specific_property_product_pricelist": pricelist.id,
            }
        )
        patient = self.make_ready_patient(day="2026-09-01", ccm_payer_id=plan.id)
        self.log(patient, "2026-10-06 15:00:00", minutes=20)
        with freeze_time("2026-11-01 15:00:00"):
            month = self.env["ccm.month"]._refresh("2026-10-01", patient)
            self.assertEqual(month.amount_total, 72.74, "66.13 and ten per cent, to the cent")
            month.action_invoice()
        self.assertEqual(month.move_id.amount_untaxed, 72.74)
