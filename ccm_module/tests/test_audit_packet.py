"""One click from an invoice: the proof of a billed month, on paper."""

import base64
import io
import os
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..report.audit_packet_pages import framed
from .packet_common import PacketCommon, pages_of, paper, picture, text_of, tight

REPORT = "ccm_module.report_ccm_audit_packet"


@tagged("post_install", "-at_install")
class TestAuditPacket(PacketCommon):
    # --- the story ---

    def test_proof_of_a_month_in_one_click_from_its_invoice(self):
        self.patient.ccm_mbi = "1EG4TE5MK73"
        self.patient.ccm_consent_ids.with_user(self.nurse).write(
            {"scan": base64.b64encode(picture()), "scan_filename": "signed.png"}
        )
        void = self.log(self.patient, "2026-10-12 15:00:00", minutes=5, note="Typed twice")
        void.with_user(self.nurse)._void("Logged twice")
        self.entry.with_user(self.nurse).write(
            {"stop": "2026-10-05 15:21:00", "correction_reason": "The call was shorter"}
        )
        month = self.bill()[0]
        invoice = month.move_id
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({}).action_create_payments()
        action = invoice.with_user(self.biller).action_print_ccm_packet()
        self.assertEqual(action["report_name"], REPORT)
        self.assertEqual(action["context"]["active_ids"], month.ids)

        self.env["ccm.access.log"].with_user(self.doctor)._log("open", self.patient)
        decided = month.decision_id
        [link] = (
            self.env["ccm.seal"]
            ._seal_batch(self.company)
            .filtered(lambda link: link.month_id == month)
        )
        pages = pages_of(self.print_packet(month))
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Page {number} of {len(pages)}", page)
            self.assertIn("María-José Núñez Ibáñez · born 03/14/1950 · MRN MRN-700", page)
            self.assertIn(f"October 2026 · {invoice.name} · CCM-2026-10-{month.id:06d}", page)
        text = " ".join(pages)
        for part, words in {
            "who": ["•••••••MK73", f"NPI {self.NPI}", f"NPI {self.PRACTICE_NPI}", "10/05/2026"],
            "conditions": ["E11.9", "I10", "01/01/2020"],
            "consent": ["09/01/2026 10:00:00 AM EDT", "Obtained by Nurse", "signed.png", "version"],
            "told": ["Yes: Cost sharing applies", "Yes: The patient may stop at any time"],
            "visit": ["Office visit, level 4"],
            "plan": ["Blood pressure at home below 130/80", "09/01/2026 by Doctor", "On paper"],
            "time": ["10/05/2026 11:00:00 AM EDT to 11:21:00 AM EDT", "21:00 min"],
            "note": ["Habló de su glucosa.", "Nurse (Clinical staff)"],
            "correction": [
                "Nurse: Stop",
                "Before: 2026-10-05 11:25:00 EDT",
                "Why: The call was shorter",
            ],
            "void": ["Logged twice", "Typed twice"],
            "decision": ["21 clinical-staff minutes in October 2026", decided.rule_release],
            "again": ["the same lines and amounts"],
            "union": ["Clinical staff: 21:00", "Together: 21:00"],
            "invoice": [invoice.name, "99490", "Posted"],
            "payment": ["Paid 11/03/2026"],
            "seal": [f"{link.sequence} · sealed", link.hash[:40], "what it seals is as it was"],
            "log": ["Doctor Opened"],
        }.items():
            for word in words:
                with self.subTest(part):
                    self.assertIn(word, text)
        self.assertNotIn("1EG4TE5MK73", text)
        shown = self.env["ccm.access.log"].search([("partner_id", "=", self.patient.id)], limit=1)
        self.assertEqual((shown.user_id, shown.kind), (self.biller, "print"))

    def test_what_is_not_there_is_said(self):
        month = self.bill()[1]
        text = text_of(self.print_packet(month))
        self.assertIn("Medicare number None recorded.", text)
        self.assertIn("Signed paper None recorded.", text)
        self.assertIn("No payments or credit notes recorded.", text)
        self.assertIn("No note.", text)

    def test_a_bill_that_was_undone_is_still_proved(self):
        month = self.bill()[0]
        invoice = month.move_id
        invoice._ccm_undo()
        self.assertFalse(month.move_id)
        text = text_of(self.print_packet(month))
        self.assertIn("This month is not billed any more", text)
        self.assertIn(f"Credit note {invoice.reversal_move_ids.name}", text)

    def test_the_payers_denial_is_proved(self):
        month, other = self.bill()[:2]
        dialog = self.env["ccm.month.denial"].with_user(self.biller)
        dialog.create(
            {
                "month_id": month.id,
                "code": "CO-B20",
                "text": "Paid to another provider",
                "practitioner_name": "Lakeside Cardiology",
            }
        ).action_apply()
        text = text_of(self.print_packet(month))
        for words in (
            "Denied by the payer: another practitioner is paid",
            "Denied on 11/03/2026 · the bill of October 2026",
            "CO-B20",
            "Paid to another provider",
            "Lakeside Cardiology",
            "nothing is billed for this patient",
        ):
            self.assertIn(words, text)
        resolve = self.env["ccm.denial.resolve"].with_user(self.biller)
        denial = self.patient.ccm_denial_id
        resolve.create(
            {"service_id": denial.id, "answer": "wrong", "why": "Letter of 2 November"}
        ).action_apply()
        text = text_of(self.print_packet(month))
        self.assertIn("The payer was wrong", text)
        self.assertIn("Biller: The denial is resolved: Letter of 2 November", text)
        self.assertNotIn("Denied by the payer", text_of(self.print_packet(other)))

    def test_a_sealed_entry_that_was_changed_past_the_program_is_told(self):
        month = self.bill()[0]
        self.env["ccm.seal"]._seal_batch(self.company)
        self.env.cr.execute(
            "UPDATE ccm_activity SET note = 'Forged' WHERE id = %s", [self.entry.id]
        )
        self.env.invalidate_all()
        text = text_of(self.print_packet(month))
        self.assertIn("was changed past the program", text)
        self.assertNotIn("what it seals is as it was", text)

    # --- papers ---

    def test_signed_pages_follow_with_the_stamp(self):
        signed = paper("SIGNED BY THE PATIENT", pages=2, size=(1000, 600))
        consent = self.patient.ccm_consent_ids
        consent.with_user(self.nurse).scan = base64.b64encode(signed)
        month = self.bill()[0]
        pages = pages_of(self.print_packet(month))
        for page in pages[-2:]:
            self.assertIn("SIGNED BY THE PATIENT", page)
            self.assertIn(f"of {len(pages)}", page)
            self.assertIn("María-José", page)
        self.assertIn("Its pages are at the end of this packet.", " ".join(pages))

    def test_a_paper_that_cannot_be_read_is_said(self):
        months = self.bill()
        locked = paper("LOCKED", encrypt="secret")
        for month, content in zip(months, (b"%PDF-1.7 torn off", locked), strict=False):
            consent = month.partner_id.ccm_consent_ids.with_user(self.nurse)
            consent.scan = base64.b64encode(content)
            text = text_of(self.print_packet(month))
            self.assertIn("no PDF or picture that can be shown here", text)

    def test_another_size_of_paper_is_shrunk_into_the_frame(self):
        pdf = framed(paper("WIDE", size=(2000, 500)))
        [page] = PdfFileReader(io.BytesIO(pdf)).pages
        self.assertEqual((float(page.mediabox.width), float(page.mediabox.height)), (612, 792))

    # --- what must not be in it ---

    def test_another_patients_name_stays_out(self):
        wrong = self.log(self.patients[1], "2026-10-13 15:00:00", minutes=3, note="Wrong chart")
        wrong.with_user(self.nurse).write(
            {"partner_id": self.patient.id, "correction_reason": "Wrong patient"}
        )
        text = text_of(self.print_packet(self.bill()[0]))
        self.assertIn("Before: another patient", text)
        self.assertNotIn("Ada Second", text)

    def test_hostile_text_is_text(self):
        hostile = '<script>document.write("RAN")</script></div><h1>{{7*7}} \u202eabc & <b>'
        self.entry.with_user(self.nurse).note = hostile
        self.entry.with_user(self.nurse).note = "Then harmless"
        self.patient.name = "<img src=x> & \u202eeman"
        pages = pages_of(self.print_packet(self.bill()[0]))
        text = " ".join(pages)
        self.assertIn('<script>document.write("RAN")</script></div><h1>{{7*7}}', tight(text))
        self.assertIn("After: Then harmless", text, "nothing turned round what follows")
        self.assertNotIn("RAN RAN", text)
        for page in pages:
            self.assertIn("<img src=x> & eman · born", page)

    def test_a_note_of_100000_characters(self):
        self.entry.with_user(self.nurse).note = "Palabra " * 12500 + "END"
        # pypdf takes a minute to read pages so full; that all is there, their number tells
        [page] = pages_of(self.print_packet(self.bill()[0]), last=1)
        self.assertRegex(page, r"Page (\d\d) of \1")

    # --- who may ---

    def test_who_may(self):
        month = self.bill()[0]
        report = self.env["ir.actions.report"]
        for user in (self.nurse, self.doctor, self.outsider):
            with self.refused(AccessError):
                month.with_user(user).action_print_packet()
            with self.refused(AccessError):
                report.with_user(user)._render_qweb_html(REPORT, month.ids)
            with self.refused(AccessError):
                month.with_user(user).action_make_packets()
        for user in (self.manager, self.auditor):
            month.with_user(user).action_print_packet()
            month.move_id.with_user(user).action_print_ccm_packet()

    def test_another_practice(self):
        month = self.bill()[0]
        other = self.env["res.company"].create({"name": "Other Practice"})
        self.biller.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        report = self.env["ir.actions.report"].with_user(self.biller).with_company(other)
        with self.refused(AccessError):
            report._render_qweb_html(REPORT, month.ids)
        with self.refused(AccessError):
            month.with_user(self.biller).with_company(other).action_print_packet()

    def test_never_billed(self):
        month = self.env["ccm.month"]._refresh("2026-10-01", self.patient)
        with self.refused(UserError, "never billed"):
            month.with_user(self.biller).action_print_packet()

    def test_without_wkhtmltopdf(self):
        month = self.bill()[0]
        self.addCleanup(_wkhtml.cache_clear)
        with patch.dict(os.environ, {"PATH": ""}):
            _wkhtml.cache_clear()
            with self.refused(UserError, "wkhtmltopdf is not installed.*install it"):
                month.with_user(self.biller).action_print_packet()
