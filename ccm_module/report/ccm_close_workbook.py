"""A practice's month as a workbook, for whoever checks it with a spreadsheet.

``CloseWorkbook(months, month, company).build()`` returns the bytes of an .xlsx file: what is billed,
what is not and why, and the time behind it. It reads as the user of ``months`` does, and batch by
batch, so that fifty thousand patients take no more memory than a thousand.
"""

import io
from collections import defaultdict
from datetime import UTC, datetime

import xlsxwriter

from odoo import fields
from odoo.tools import split_every

from ..billing import months as calendar
from .workbook_sheet import Column, Formats, Sheet, clean, write

BATCH = 500


class CloseWorkbook:
    """The workbook of one month of one company."""

    def __init__(self, months, month, company):
        self.months, self.month, self.company = months, month, company
        self.env = months.env
        self.zone = company._ccm_zone()
        self.by_patient = self.env._("The patient")
        self.nobody = self.env._("Nobody yet")

    def build(self):
        """Return the file."""
        file = io.BytesIO()
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(file, options) as workbook:
            self.formats = Formats(workbook, self.company.currency_id.decimal_places)
            self.summary = workbook.add_worksheet(self.env._("Summary"))
            self.groups = defaultdict(dict)
            self.patients = self._sheet(workbook, self.env._("Patients"), self._patient_columns())
            self.lines = self._sheet(workbook, self.env._("Lines"), self._line_columns())
            self.blocked = self._sheet(workbook, self.env._("Blocked"), self._blocked_columns())
            self.time = self._sheet(workbook, self.env._("Time Log"), self._time_columns())
            for ids in split_every(BATCH, self.months.ids):
                self._write_batch(self.months.browse(ids))
                # read once; kept, they would be the memory this takes
                self.env.invalidate_all()
            for sheet in (self.patients, self.lines, self.blocked, self.time):
                sheet.finish()
            self._write_summary()
        return file.getvalue()

    def _sheet(self, workbook, name, columns):
        return Sheet(workbook, self.formats, name, columns, self.env._("Total"))

    # === COLUMNS === #
    def _whose_columns(self):
        return [
            Column("patient", self.env._("Patient")),
            Column("mrn", self.env._("MRN")),
            Column("month", self.env._("Month"), "month"),
        ]

    def _patient_columns(self):
        currency = self.company.currency_id.name
        return [
            *self._whose_columns(),
            Column("born", self.env._("Birth Date"), "date"),
            Column("mbi", self.env._("Medicare Number")),
            Column("practitioner", self.env._("Billing Practitioner")),
            Column("coordinator", self.env._("Care Coordinator")),
            Column("payer", self.env._("Payer")),
            Column("state", self.env._("State")),
            Column("staff", self.env._("Staff Minutes"), "number", True),
            Column("own", self.env._("Practitioner Minutes"), "number", True),
            Column("minutes", self.env._("Minutes"), "number", True),
            Column("codes", self.env._("Codes")),
            Column("service_date", self.env._("Date of Service"), "date"),
            Column("diagnoses", self.env._("Diagnoses")),
            Column("amount", self.env._("Amount (%s)", currency), "money", True),
            Column("invoice", self.env._("Invoice")),
            Column("invoice_date", self.env._("Invoice Date"), "date"),
            Column("invoiced", self.env._("Invoiced (%s)", currency), "money", True),
        ]

    def _line_columns(self):
        currency = self.company.currency_id.name
        return [
            *self._whose_columns(),
            Column("state", self.env._("State")),
            Column("practitioner", self.env._("Billing Practitioner")),
            Column("payer", self.env._("Payer")),
            Column("service_date", self.env._("Date of Service"), "date"),
            Column("code", self.env._("Code")),
            Column("description", self.env._("Description")),
            Column("units", self.env._("Units"), "number", True),
            Column("price", self.env._("Unit Price (%s)", currency), "money"),
            Column("amount", self.env._("Amount (%s)", currency), "money", True),
            Column("why", self.env._("Why")),
        ]

    def _blocked_columns(self):
        return [
            *self._whose_columns(),
            Column("state", self.env._("State")),
            Column("practitioner", self.env._("Billing Practitioner")),
            Column("coordinator", self.env._("Care Coordinator")),
            Column("minutes", self.env._("Minutes"), "number"),
            Column("kind", self.env._("Kind")),
            Column("why", self.env._("Why")),
        ]

    def _time_columns(self):
        return [
            *self._whose_columns(),
            Column("start", self.env._("Start"), "moment"),
            Column("stop", self.env._("Stop"), "moment"),
            Column("minutes", self.env._("Minutes in the Month"), "minutes", True),
            Column("person", self.env._("Done By")),
            Column("performer", self.env._("As")),
            Column("kind", self.env._("Kind")),
            Column("counts", self.env._("Counts")),
            Column("state", self.env._("State")),
            Column("source", self.env._("Logged")),
            Column("reason", self.env._("Why by Hand")),
        ]

    # === ROWS === #
    def _write_batch(self, batch):
        self.labels = {
            name: dict(self.env[model]._fields[name]._description_selection(self.env))
            for model, names in (
                ("ccm.month", ["state"]),
                ("ccm.month.blocker", ["severity"]),
                ("ccm.activity", ["performer", "source"]),
            )
            for name in names
        }
        people = batch.partner_id | batch.payer_id | batch.practitioner_id
        people.fetch(["name", "ccm_mrn", "ccm_mbi", "ccm_birthdate"])
        spent = self._collect_time(batch.partner_id)
        for month in batch:
            whose = self._whose(month)
            self._write_month(month, whose)
            for values in self._reasons(month):
                self.blocked.add({**whose, **values})
            for entry in spent[month.partner_id]:
                self.time.add({**whose, **self._time_values(entry)})

    def _whose(self, month):
        patient = month.partner_id
        payer = month.payer_id
        return {
            "patient": patient.name,
            "mrn": patient.ccm_mrn,
            "month": month.month,
            "state": self.labels["state"][month.state],
            "practitioner": clean(month.practitioner_id.name or self.nobody),
            "coordinator": month.coordinator_id.name,
            "payer": self.by_patient if payer in (patient, payer.browse()) else clean(payer.name),
            "minutes": month.total_minutes,
        }

    def _write_month(self, month, whose):
        patient, move = month.partner_id, month.move_id
        self.patients.add(
            {
                **whose,
                "born": patient.ccm_birthdate,
                "mbi": patient.ccm_mbi,
                "staff": month.staff_minutes,
                "own": month.practitioner_minutes,
                "codes": month.codes,
                "service_date": month.service_date,
                "diagnoses": ", ".join(month.diagnosis_ids.mapped("code")),
                "amount": month.amount_total,
                "invoice": (move.name or self.env._("Draft")) if move else None,
                "invoice_date": move.invoice_date,
                "invoiced": move.amount_untaxed if move else None,
            }
        )
        for key in ("state", "practitioner", "payer"):
            self._count(key, whose[key], whose["minutes"], month.amount_total)
        for line in month.line_ids:
            self.lines.add(
                {
                    **whose,
                    "service_date": line.service_date,
                    "code": line.code,
                    "description": line.code_id.name,
                    "units": line.units,
                    "price": line.price,
                    "amount": line.amount,
                    "why": line.reason,
                }
            )
            self._count("code", line.code, line.units, line.amount)

    def _reasons(self, month):
        """Yield why a month is not billed, or what is worth a look before it is."""
        if month.state == "invoiced":
            return
        if month.error_message:
            yield {"kind": self.env._("Could not be invoiced"), "why": month.error_message}
        if month.state == "cancelled":
            yield {"kind": self.labels["state"]["cancelled"], "why": month.cancel_reason}
            return
        for blocker in month.blocker_ids:
            yield {"kind": self.labels["severity"][blocker.severity], "why": blocker.name}
        if month.state == "short":
            yield {"kind": self.labels["state"]["short"], "why": month.next_text}

    def _collect_time(self, partners):
        start, stop = self._bounds()
        entries = self.env["ccm.activity"].search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", self.company.id),
                ("start", "<", stop),
                ("stop", ">", start),
                ("state", "=", "done"),
            ],
            order="start, id",
        )
        return defaultdict(entries.browse, entries.grouped("partner_id"))

    def _bounds(self):
        """Return the month's first moment and that after its last, as Odoo keeps times."""
        return [
            datetime.fromtimestamp(second, UTC).replace(tzinfo=None)
            for second in calendar.bounds(self.month, self.zone)
        ]

    def _time_values(self, entry):
        first, last = self._bounds()
        part = min(entry.stop, last) - max(entry.start, first)
        return {
            "start": self._local(entry.start),
            "stop": self._local(entry.stop),
            "minutes": round(part.total_seconds() / 60, 2),
            "person": entry.user_id.name,
            "performer": self.labels["performer"][entry.performer],
            "kind": entry.type_id.name,
            "counts": self.env._("Yes") if entry.counts else self.env._("No"),
            "state": self.env._("To check") if entry.to_review else None,
            "source": self.labels["source"][entry.source],
            "reason": entry.reason,
        }

    def _local(self, moment):
        return moment.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)

    # === SUMMARY === #
    def _count(self, key, label, quantity, amount):
        """Add to what the summary says of a state, practitioner, payer or code.

        A spreadsheet takes two names that differ by case for one, and so does this.
        """
        row = self.groups[key].setdefault(label.casefold(), [label, 0, 0, 0.0])
        row[1:] = row[1] + 1, row[2] + quantity, row[3] + amount

    def _write_summary(self):
        sheet, cell = self.summary, self.formats.cell
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 3, 16)
        sheet.fit_to_pages(1, 0)
        title = self.env._("Month Close")
        sheet.write_string(0, 0, title, self.formats.title)
        now = self._local(fields.Datetime.now().replace(microsecond=0))
        for row, (label, kind, value) in enumerate(
            [
                (self.env._("Practice"), "text", self.company.name),
                (self.env._("Month"), "month", self.month),
                (self.env._("Made On"), "moment", now),
                (self.env._("Made By"), "text", self.env.user.name),
            ],
            start=1,
        ):
            sheet.write_string(row, 0, label, cell["text"])
            write(sheet, row, 1, kind, value, cell[kind])
        row = 6
        patients, minutes = self.env._("Patients"), self.env._("Minutes")
        for table, key, titles in (
            (self.patients, "state", [self.env._("State"), patients, minutes]),
            (self.patients, "payer", [self.env._("Payer"), patients, minutes]),
            (self.patients, "practitioner", [self.env._("Practitioner"), patients, minutes]),
            (self.lines, "code", [self.env._("Code"), self.env._("Lines"), self.env._("Units")]),
        ):
            row = self._write_group(row, table, key, titles) + 1

    def _write_group(self, row, table, key, titles):
        """Write one table of the summary, each figure a formula over the sheet behind it.

        SUMPRODUCT, because SUMIF would take a payer named ``>5`` or ``A*`` for a condition.
        """
        sheet, cell, total = self.summary, self.formats.cell, self.formats.total
        quantity = "minutes" if table is self.patients else "units"
        kinds = ["number", "number", "money"]
        titles = [*titles, self.env._("Amount (%s)", self.company.currency_id.name)]
        for column, title in enumerate(titles):
            sheet.write_string(row, column, title, self.formats.header)
        first = row + 1
        sums = [0, 0, 0.0]
        for label, *values in sorted(self.groups[key].values(), key=lambda group: -group[3]):
            row += 1
            sheet.write_string(row, 0, label, cell["text"])
            match = f"--({table.range(key)}=$A{row + 1})"
            summed = [None, quantity, "amount"]
            for index, kind in enumerate(kinds):
                name = summed[index]
                of = f",{table.range(name)}" if name else ""
                formula = f"=SUMPRODUCT({match}{of})"
                value = round(values[index], 2)
                sheet.write_formula(row, index + 1, formula, cell[kind], value)
                sums[index] += value
        row += 1
        sheet.write_string(row, 0, self.env._("Total"), total["text"])
        for index, kind in enumerate(kinds):
            name = "BCD"[index]
            formula = f"=SUM({name}{first + 1}:{name}{row})" if row > first else "=0"
            sheet.write_formula(row, index + 1, formula, total[kind], round(sums[index], 2))
        return row + 1
