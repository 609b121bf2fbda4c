"""A month's workbook by its button, and its printed report."""

import io

from freezegun import freeze_time
from lxml import html
from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ..models import ccm_close_report
from .common import CcmCommon

REPORT = "ccm_module.report_ccm_close"


@tagged("post_install", "-at_install")
class TestCloseReport(CcmCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ccm_biller_id = cls.biller
        cls.biller.password = "ccm_biller"  # as Odoo's test users have it
        cls.insurer = cls.env["res.partner"].create({"name": "Insurer", "is_company": True})
        patients = cls.env["res.partner"]
        for number, minutes in enumerate((25, 45, 65)):
            patients |= cls.make_ready_patient(
                day="2026-09-01",
                name=f"Patient <b>{number}</b>",
                ccm_mrn=f"MRN-{number}",
                ccm_payer_id=cls.insurer.id if number else False,
            )
            cls.log(patients[-1], f"2026-10-0{number + 1} 15:00:00", minutes=minutes)
        patients |= cls.make_patient(name="No Consent", ccm_mrn="MRN-9")
        cls.log(patients[-1], "2026-10-09 15:00:00", minutes=30)
        clock = freeze_time("2026-11-05 15:00:00")
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.months = (
            cls.env["ccm.month"]
            ._refresh("2026-10-01", patients)
            .sorted(lambda month: patients.ids.index(month.partner_id.id))
        )
        cls.months[:2].with_user(cls.biller).action_invoice()
        closes = cls.env["ccm.close"].with_user(cls.biller)
        closes.action_open_list()
        cls.close = closes.search(
            [("month", "=", "2026-10-01"), ("company_id", "=", cls.company.id)]
        )

    # --- the workbook ---

    def test_workbook_by_the_button(self):
        action = self.close.action_workbook()
        self.assertEqual(action["url"], f"/ccm/close/{self.close.id}/workbook")
        self.authenticate("ccm_biller", "ccm_biller")
        answer = self.url_open(action["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn("CCM%202026-10.xlsx", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        book = load_workbook(io.BytesIO(answer.content), data_only=True)
        rows = list(book["Patients"].iter_rows(min_row=2, values_only=True))
        self.assertEqual(len(rows), len(self.months) + 1)
        titles = [cell.value for cell in book["Patients"][1]]
        total = dict(zip(titles, rows[-1], strict=True))
        self.assertAlmostEqual(total["Amount (USD)"], sum(self.months.mapped("amount_total")), 2)
        billed = sum(self.months.move_id.mapped("amount_untaxed"))
        self.assertAlmostEqual(total["Invoiced (USD)"], billed, 2)

    def test_workbook_is_the_billers(self):
        url = f"/ccm/close/{self.close.id}/workbook"
        self.authenticate("ccm_nurse", "ccm_nurse")
        self.assertEqual(self.url_open(url).status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(url).url)
        with self.refused(AccessError):
            self.close.with_user(self.nurse).action_workbook()

    def test_workbook_of_another_practice(self):
        other = self.env["res.company"].create({"name": "Other"})
        close = self.env["ccm.close"].create({"company_id": other.id, "month": "2026-10-01"})
        self.authenticate("ccm_biller", "ccm_biller")
        for close_id in (close.id, close.id + 999):
            self.assertEqual(self.url_open(f"/ccm/close/{close_id}/workbook").status_code, 404)

    # --- the printed report ---

    def page(self, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.biller)
        data = {"report_type": "pdf"}
        content, _kind = report._render_qweb_html(REPORT, self.close.ids, data=data)
        return html.fromstring(content)

    def words(self, node):
        return " ".join(node.text_content().split())

    def table(self, page, name):
        rows = page.xpath(f"//table[@name='{name}']/tbody/tr")
        return [[self.words(cell) for cell in row] for row in rows]

    def test_summary(self):
        text = self.words(self.page())
        self.assertIn("Chronic Care in October 2026", text)
        self.assertIn(f"{self.company.name}. Printed by Biller on", text)
        self.assertIn("11/05/2026 10:00:00 AM", text, "the practice's clock")
        tables = self.page().xpath("//table[not(@name)]/tbody")
        by_state, by_payer, by_practitioner, by_code = [
            {self.words(row[0]): [self.words(cell) for cell in row[1:]] for row in body}
            for body in tables
        ]
        self.assertEqual(by_state["Invoiced"][0], "2")
        self.assertEqual(by_state["Blocked"][:2], ["1", "30"])
        self.assertEqual((by_payer["Insurer"][0], by_payer["The patient"][0]), ("2", "2"))
        self.assertEqual(by_practitioner["Doctor"][0], "3")
        lines = self.months.line_ids
        self.assertEqual(by_code["99439"][1], str(sum(lines.mapped("units")) - len(self.months)))
        # whichever way it is cut, the month's sum is one
        totals = {table["Total"][2] for table in (by_state, by_payer, by_practitioner)}
        expected = f"${sum(self.months.mapped('amount_total')):,.2f}"
        self.assertEqual({"".join(total.split()) for total in totals}, {expected})

    def test_page_numbers(self):
        """In the footer that Odoo gives every document; wkhtmltopdf fills in the numbers."""
        footer = self.page().xpath("//div[contains(@class, 'footer')]")[-1]
        for name in ("page", "topage"):
            self.assertTrue(footer.xpath(f".//span[contains(@class, '{name}')]"))

    def test_who_is_billed_and_who_is_not(self):
        page = self.page()
        billed = self.table(page, "billed")
        self.assertEqual([row[0] for row in billed], ["Patient <b>0</b>", "Patient <b>1</b>"])
        self.assertEqual(billed[1][1:5], ["MRN-1", "45", "99490 + 99439", "10/02/2026"])
        self.assertEqual(billed[1][5], self.months[1].move_id.name or "Draft")
        self.assertEqual("".join(billed[1][6].split()), f"${self.months[1].amount_total:.2f}")
        blocked = self.table(page, "blocked")
        self.assertEqual([row[0] for row in blocked], ["No Consent"])
        self.assertIn("no active enrollment", blocked[0][3])

    def test_a_long_list_is_cut_and_says_so(self):
        self.patch(ccm_close_report, "PRINTED", 1)
        page = self.page()
        self.assertEqual(len(self.table(page, "billed")), 1)
        said = "The first 1 of 2: the workbook of the month"
        self.assertEqual(self.words(page).count(said), 1, "of the blocked there is but one")
        self.months[2].write({"state": "cancelled", "cancel_reason": "Agreed"})
        self.assertEqual(self.words(self.page()).count(said), 2)

    def test_a_month_of_nobody(self):
        self.months.move_id.with_user(self.biller).button_cancel()
        self.months.move_id.unlink()
        close = self.env["ccm.close"].create({"company_id": self.company.id, "month": "2025-01-01"})
        self.close = close.with_user(self.biller)
        self.assertIn("Chronic Care in January 2025", self.words(self.page()))

    def test_report_is_the_billers_and_the_auditors(self):
        action = self.env.ref("ccm_module.ccm_close_report")
        self.assertEqual(action.binding_model_id.model, "ccm.close")
        readers = ("ccm_module.group_ccm_biller", "ccm_module.group_ccm_auditor")
        self.assertEqual(
            action.group_ids, self.env["res.groups"].union(*map(self.env.ref, readers))
        )
        with self.refused(AccessError):
            self.page(user=self.nurse)
