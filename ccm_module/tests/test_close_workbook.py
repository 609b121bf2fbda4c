"""The month as a workbook: real numbers and dates, totals by formula, and text that stays text."""

import io
from datetime import date

from freezegun import freeze_time
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from odoo.fields import Datetime
from odoo.tests import tagged

from ..report import ccm_close_workbook, workbook_sheet
from ..report.ccm_close_workbook import CloseWorkbook
from .common import CcmCommon

moment = Datetime.to_datetime
OCTOBER = date(2026, 10, 1)
HOSTILE = [
    '=HYPERLINK("http://evil","Ann")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "{=1}",
    "http://evil.example",
    "<r><t>x</t></r>",
    "_x0041_ & <b>",
    "Line one\nline two",
    "Ann " + "x" * 296,
    "00123",
]


@tagged("post_install", "-at_install")
class TestCloseWorkbook(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ccm_biller_id = cls.biller
        cls.insurer = cls.env["res.partner"].create({"name": "A*", "is_company": True})
        cls.patients = cls.env["res.partner"]
        for number, minutes in enumerate((10, 25, 45, 65)):
            cls.patients |= cls.make_ready_patient(
                day="2026-09-01",
                name=f"Patient {number}",
                ccm_mrn=f"00{number}",
                ccm_payer_id=number > 1 and cls.insurer.id,
            )
            cls.log(cls.patients[-1], f"2026-10-0{number + 1} 15:00:00", minutes=minutes)
        cls.blocked = cls.make_patient(name="No Consent", ccm_mrn="009")
        cls.log(cls.blocked, "2026-10-09 15:00:00", minutes=30)
        with freeze_time("2026-11-05 12:00:00"):
            cls.months = cls.env["ccm.month"]._refresh(OCTOBER, cls.patients | cls.blocked)

    def open(self, **options):
        months = self.months.with_user(self.biller)
        with freeze_time("2026-11-05 12:00:00"):
            content = CloseWorkbook(months, OCTOBER, self.company).build()
        return load_workbook(io.BytesIO(content), **options)

    def rows(self, sheet):
        """Return the rows of a table as dicts, the totals apart."""
        titles, *rows = sheet.iter_rows(values_only=True)
        rows = [dict(zip(titles, row, strict=True)) for row in rows]
        total = rows.pop() if rows and rows[-1]["Patient"] == "Total" else None
        return rows, total

    def test_sheets_types_and_layout(self):
        book = self.open()
        self.assertEqual(book.sheetnames, ["Summary", "Patients", "Lines", "Blocked", "Time Log"])
        rows, _total = self.rows(book["Patients"])
        self.assertEqual(len(rows), 5)
        row = next(row for row in rows if row["Patient"] == "Patient 3")
        self.assertEqual(row["MRN"], "003", "an identifier is no number")
        self.assertEqual(row["Month"], moment("2026-10-01"))
        self.assertEqual(row["Date of Service"], moment("2026-10-04"))
        self.assertEqual(row["Birth Date"], moment("1950-03-14"))
        self.assertEqual((row["Minutes"], row["Codes"]), (65, "99490 + 99439 ×2"))
        month = self.months.filtered(lambda m: m.partner_id == self.patients[3])
        self.assertEqual(row["Amount (USD)"], month.amount_total)
        self.assertEqual((row["State"], row["Payer"]), ("Ready", "A*"))
        for name in book.sheetnames[1:]:
            sheet = book[name]
            self.assertEqual(sheet.freeze_panes, "B2")
            self.assertEqual(sheet.auto_filter.ref.split(":")[0], "A1")
            self.assertEqual(sheet.print_title_rows, "$1:$1")
        widths = {key: column.width for key, column in book["Patients"].column_dimensions.items()}
        self.assertTrue(all(8 <= width <= 61 for width in widths.values()), widths)

    def test_time_log_in_the_practice_s_zone_and_month(self):
        """An entry across the month's end shows whole, and counts for its part."""
        self.log(self.patients[0], "2026-11-01 03:50:00", minutes=30)
        rows, total = self.rows(self.open(data_only=True)["Time Log"])
        across = max(rows, key=lambda row: row["Start"])
        self.assertEqual(across["Start"], moment("2026-10-31 23:50:00"))
        self.assertEqual(across["Stop"], moment("2026-11-01 00:20:00"))
        self.assertEqual(across["Minutes in the Month"], 10)
        self.assertEqual(total["Minutes in the Month"], 10 + 25 + 45 + 65 + 30 + 10)
        self.assertEqual((across["Done By"], across["As"]), ("Nurse", "Clinical staff"))

    def test_blocked_says_why(self):
        rows, total = self.rows(self.open()["Blocked"])
        self.assertIsNone(total, "nothing to sum")
        why = {row["Why"] for row in rows if row["Patient"] == "No Consent"}
        self.assertTrue(any("no active enrollment" in text for text in why), why)
        short = [row for row in rows if row["Patient"] == "Patient 0"]
        self.assertEqual(short[-1]["Kind"], "Too few minutes")
        self.assertIn("min 0 s to 99490", short[-1]["Why"])
        ready = [row for row in rows if row["Patient"] == "Patient 3"]
        self.assertEqual({row["Kind"] for row in ready}, {"Please check"})

    def test_totals_are_formulas_with_the_months_sums(self):
        formulas, values = self.open(), self.open(data_only=True)
        months = self.months
        for sheet, title, expected in (
            ("Patients", "Amount (USD)", sum(months.mapped("amount_total"))),
            ("Patients", "Minutes", sum(months.mapped("total_minutes"))),
            ("Lines", "Amount (USD)", sum(months.line_ids.mapped("amount"))),
            ("Lines", "Units", sum(months.line_ids.mapped("units"))),
        ):
            rows, total = self.rows(values[sheet])
            self.assertAlmostEqual(total[title], expected, 2)
            self.assertAlmostEqual(sum(row[title] for row in rows), expected, 2)
            _rows, total = self.rows(formulas[sheet])
            self.assertRegex(total[title], rf"^=SUBTOTAL\(9,[A-Z]+2:[A-Z]+{len(rows) + 1}\)$")

    def test_summary_s_formulas_say_what_stands_beside_them(self):
        """Each SUMPRODUCT is worked out here from the cells that it names."""
        formulas, values = self.open(), self.open(data_only=True)
        seen = 0
        for row in formulas["Summary"].iter_rows(min_row=7):
            for cell in row[1:]:
                if not str(cell.value).startswith("=SUMPRODUCT"):
                    continue
                sheet, label, summed = self._parse(cell.value)
                self.assertEqual(label, f"$A{cell.row}")
                wanted = values["Summary"][label.replace("$", "")].value.casefold()
                table = values[sheet]
                keys = [c[0].value for c in table[summed[0]]]
                amounts = [c[0].value for c in table[summed[1]]] if summed[1] else [1] * len(keys)
                expected = sum(
                    amount or 0
                    for key, amount in zip(keys, amounts, strict=True)
                    if key.casefold() == wanted
                )
                self.assertAlmostEqual(values["Summary"][cell.coordinate].value, expected, 2)
                seen += 1
        self.assertGreater(seen, 20)
        names = [cell.value for cell in values["Summary"]["A"]]
        self.assertEqual({"A*", "The patient", "99490", "Ready"} - set(names), set())

    @staticmethod
    def _parse(formula):
        """Return ``(sheet, label's cell, (range of keys, range to sum))`` of a SUMPRODUCT."""
        inside = formula.removeprefix("=SUMPRODUCT(--(").removesuffix(")")
        match, _paren, of = inside.partition(")")
        keys, label = match.split("=")
        sheet, keys = keys.split("!")
        summed = of.partition("!")[2]
        return sheet.strip("'"), label, (keys.replace("$", ""), summed.replace("$", ""))

    def test_hostile_text_stays_text(self):
        for number, name in enumerate(HOSTILE):
            self.months |= self.months.create(
                {
                    "partner_id": self.make_patient(name=name, ccm_mrn=f"H-{number}").id,
                    "month": OCTOBER,
                    "program_id": self.months[0].program_id.id,
                    "company_id": self.company.id,
                }
            )
        sheet = self.open()["Patients"]
        cells = {row[1].value: row[0] for row in sheet.iter_rows(min_row=2)}
        for number, name in enumerate(HOSTILE):
            cell = cells[f"H-{number}"]
            self.assertEqual(unescape(cell.value).strip(), name)
            self.assertEqual((cell.data_type, cell.number_format), ("s", "@"))
            self.assertIsNone(cell.hyperlink)

    def test_what_xml_forbids_is_removed(self):
        clean = workbook_sheet.clean
        self.assertEqual(clean("a\x00b\x08\x1f\ufffe\ud800c"), "abc")
        self.assertEqual(clean("\t=1+1\r\nx\ry"), "\t=1+1\nx\ny")
        self.assertEqual(len(clean("x" * 40000)), 32767)
        self.months[0].sudo().write({"state": "cancelled", "cancel_reason": "\r=2+2\x07\x1b"})
        rows, _total = self.rows(self.open()["Blocked"])
        self.assertIn("=2+2", [(row["Why"] or "").strip() for row in rows])

    def test_a_month_of_nobody(self):
        self.months = self.months.browse()
        book = self.open()
        self.assertEqual(book["Patients"].max_row, 1)
        self.assertIn("=0", [cell.value for row in book["Summary"] for cell in row])

    def test_more_time_than_a_sheet_holds(self):
        self.patch(workbook_sheet, "LAST_ROW", 4)
        book = self.open()
        self.assertIn("Time Log 3", book.sheetnames)
        minutes = [
            row[5]
            for name in book.sheetnames
            if name.startswith("Time Log")
            for row in book[name].iter_rows(min_row=2, values_only=True)
            if isinstance(row[5], (int, float))
        ]
        self.assertEqual(sorted(minutes), [10, 25, 30, 45, 65])

    def test_written_in_batches(self):
        whole = self.rows(self.open()["Patients"])
        self.patch(ccm_close_workbook, "BATCH", 2)
        self.assertEqual(self.rows(self.open()["Patients"]), whole)
