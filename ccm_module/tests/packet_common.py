"""Billed months whose audit packets are made, and how a packet's pages are read."""

import io
from contextlib import contextmanager

from freezegun import freeze_time
from PIL import Image
from psycopg2.extras import Json
from reportlab.pdfgen import canvas

from odoo.tools.pdf import PdfFileReader

from .common import CcmCommon

NOVEMBER_3 = "2026-11-03 15:00:00"
NAMES = ("María-José Núñez Ibáñez", "Ada Second", "Ada Third")


def pages_of(pdf, last=None):
    """Return the text of each page, or of the ``last`` ones, its words one space apart."""
    pages = list(PdfFileReader(io.BytesIO(pdf)).pages)[-(last or 0) :]
    return [" ".join(page.extract_text().split()) for page in pages]


def text_of(pdf):
    return " ".join(pages_of(pdf))


def tight(text):
    """Return ``text`` without the blanks that stand for a change of direction, not for a blank."""
    return text.replace("“ ", "“").replace(" ”", "”").replace("> <", "><")


def paper(words, pages=1, size=(612, 792), **options):
    """Return a PDF as a scanner makes it."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer, pagesize=size, **options)
    for _page in range(pages):
        sheet.drawString(72, size[1] - 72, words)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (300, 80), "navy").save(buffer, "PNG")
    return buffer.getvalue()


class PacketCommon(CcmCommon):
    """October 2026 is invoiced, and posted, for three patients; it is 3 November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ccm_invoice_state = "posted"
        cls.patients = cls.env["res.partner"]
        for number, name in enumerate(NAMES):
            cls.patients |= cls.make_ready_patient(
                day="2026-09-01", name=name, ccm_mrn=f"MRN-70{number}"
            )
        cls.patient = cls.patients[0]
        cls.entry = cls.log(
            cls.patient, "2026-10-05 15:00:00", minutes=25, note="Habló de su glucosa."
        )
        for number, patient in enumerate(cls.patients[1:]):
            cls.log(patient, f"2026-10-06 1{number + 5}:00:00", minutes=25)
        clock = freeze_time(NOVEMBER_3)
        clock.start()
        cls.addClassCleanup(clock.stop)

    @classmethod
    def bill(cls):
        """Bill October for the three, and return their months, in the patients' order."""
        months = cls.env["ccm.month"]._refresh("2026-10-01", cls.patients)
        months.with_user(cls.biller).action_invoice()
        return months.sorted(lambda month: month.partner_id.id)

    def print_packet(self, month, user=None):
        """Return the PDF that the button on the month leads to."""
        month = month.with_user(user or self.biller)
        action = month.action_print_packet()
        self.assertEqual(action["type"], "ir.actions.report")
        report = month.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, kind = report._render_qweb_pdf(action["report_name"], month.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def run_packets(self):
        """Run the cron as the scheduler does."""
        with self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_audit_packet").method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def damaged_decision(self, month):
        """The month's decision record cannot be read, as after a failed restore; mended at the end."""
        self.env.flush_all()
        execute = self.env.cr.execute
        where = "WHERE month_id = %s"
        execute(f"SELECT facts FROM ccm_decision {where}", [month.id])
        [kept] = self.env.cr.fetchone()
        for facts in ({}, kept):
            execute("ALTER TABLE ccm_decision DISABLE TRIGGER USER")
            execute(f"UPDATE ccm_decision SET facts = %s {where}", [Json(facts), month.id])
            execute("ALTER TABLE ccm_decision ENABLE TRIGGER USER")
            self.env.invalidate_all()
            if not facts:
                yield
