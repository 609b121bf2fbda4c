"""One worksheet of a table: typed columns, a header that stays, filters, and totals by formula.

Rows are written as they come and never read back (xlsxwriter's constant memory), so a sheet of a
million rows takes no more memory than one of ten.
"""

import re
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

# Excel's own limits.
LAST_ROW = 1048576
LONGEST_TEXT = 32767
NARROWEST, WIDEST = 8, 60
# XML 1.0 has no way to say these; Excel calls a file with one of them damaged.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Column:
    """``kind`` is the name of a number format of ``Formats``; ``text`` has none."""

    key: str
    title: str
    kind: str = "text"
    is_summed: bool = False


class Formats:
    """The looks of a workbook's cells, by kind."""

    NUMBERS = {
        "text": "@",
        "number": "#,##0",
        "minutes": "#,##0.00",
        "date": "yyyy-mm-dd",
        "month": "mmm yyyy",
        "moment": "yyyy-mm-dd hh:mm",
    }
    WIDTHS = {"date": 11, "month": 10, "moment": 17}

    def __init__(self, workbook, decimals):
        numbers = {**self.NUMBERS, "money": f"#,##0.{'0' * decimals}".rstrip(".")}
        self.cell = {
            kind: workbook.add_format(
                {"num_format": number, "valign": "top", "text_wrap": kind == "text"}
            )
            for kind, number in numbers.items()
        }
        self.total = {
            kind: workbook.add_format({"num_format": number, "bold": True, "top": 1})
            for kind, number in numbers.items()
        }
        self.header = workbook.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E7E9ED", "text_wrap": True, "valign": "top"}
        )
        self.title = workbook.add_format({"bold": True, "font_size": 14})


def clean(value):
    """Return ``value`` as text that any reader of the file takes for text, whole."""
    text = FORBIDDEN.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT]
    # xlsxwriter takes this for markup of its own, and would write it as such.
    return f" {text}"[:LONGEST_TEXT] if text.startswith("<r>") else text


def write(sheet, row, column, kind, value, cell_format):
    """Write one cell by its kind; nothing for what is empty."""
    if value is None or value is False or value == "":
        return
    if kind == "text":
        sheet.write_string(row, column, clean(value), cell_format)
    elif kind in Formats.WIDTHS:
        sheet.write_datetime(row, column, value, cell_format)
    else:
        sheet.write_number(row, column, value, cell_format)


def width_of(kind, value):
    """Return how many characters wide a column has to be to show ``value``."""
    if value is None or value is False:
        return 0
    if kind == "text":
        return max(map(len, str(value)[: 10 * WIDEST].splitlines()), default=0) + 2
    return Formats.WIDTHS.get(kind) or len(f"{value:,.2f}") + 2


class Sheet:
    """A table, written row by row; more rows than a worksheet holds go on in a further one."""

    def __init__(self, workbook, formats, name, columns, total_word):
        self.workbook, self.formats, self.name = workbook, formats, name
        self.columns, self.total_word = columns, total_word
        self.parts = 0
        self._begin()

    def _begin(self):
        self.parts += 1
        name = self.name if self.parts == 1 else f"{self.name} {self.parts}"
        self.sheet = self.workbook.add_worksheet(name)
        self.sheet.freeze_panes(1, 1)
        self.sheet.repeat_rows(0)
        # codes and numbers of patients are text on purpose
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{LAST_ROW}"})
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&L&A&R&P / &N")
        for index, column in enumerate(self.columns):
            self.sheet.write_string(0, index, column.title, self.formats.header)
        self.rows = 0
        self.sums = {column.key: 0 for column in self.columns if column.is_summed}
        # a filter's arrow stands beside the title
        self.widths = [len(column.title) + 4 for column in self.columns]

    def add(self, values):
        """Write the next row from ``values``, by the columns' keys."""
        if self.rows + 2 >= LAST_ROW:
            self.finish()
            self._begin()
        self.rows += 1
        for index, column in enumerate(self.columns):
            value = values.get(column.key)
            write(self.sheet, self.rows, index, column.kind, value, self.formats.cell[column.kind])
            self.widths[index] = max(self.widths[index], width_of(column.kind, value))
            if column.is_summed:
                self.sums[column.key] += value or 0

    def finish(self):
        """Write the totals, and what is known only now: the filters' range and the widths."""
        if self.rows:
            self.sheet.autofilter(0, 0, self.rows, len(self.columns) - 1)
            if self.sums:
                self._write_totals()
        for index, width in enumerate(self.widths):
            self.sheet.set_column(index, index, min(max(width, NARROWEST), WIDEST))

    def _write_totals(self):
        row, total = self.rows + 1, self.formats.total
        for index, column in enumerate(self.columns):
            if column.is_summed:
                name = xl_col_to_name(index)
                value = round(self.sums[column.key], 2)
                self.widths[index] = max(self.widths[index], width_of(column.kind, value))
                # of what the filters let through
                formula = f"=SUBTOTAL(9,{name}2:{name}{row})"
                self.sheet.write_formula(row, index, formula, total[column.kind], value)
            else:
                self.sheet.write_string(row, index, "" if index else self.total_word, total["text"])

    def range(self, key):
        """Return the cells of a column, as a formula on another sheet names them."""
        index = next(i for i, column in enumerate(self.columns) if column.key == key)
        name = xl_col_to_name(index)
        sheet = self.name.replace("'", "''")
        return f"'{sheet}'!${name}$2:${name}${max(self.rows, 1) + 1}"
