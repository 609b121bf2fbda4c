"""CMS, Physician Fee Schedule: geographic practice cost indices (GPCI) by locality, Addendum E."""

import re
from decimal import Decimal, InvalidOperation

from odoo.tools import LazyTranslate

from .base import FileProblem, Problem, Reading, cell, csv_rows

_lt = LazyTranslate(__name__)

# In early 2026 CMS printed the work index with and without its floor of 1.0, which Congress keeps
# renewing; Medicare pays by the one with the floor.
COLUMNS = {
    "mac": re.compile(r"medicare admin\w+ contractor.*|mac|contractor"),
    "state": re.compile(r"state"),
    "number": re.compile(r"locality number"),
    "name": re.compile(r"locality name"),
    "work": re.compile(r"(\d{4} )?pw gpci( \(with 1\.0 floor\))?\**"),
    "pe": re.compile(r"(\d{4} )?pe gpci\**"),
    "malpractice": re.compile(r"(\d{4} )?mp gpci\**"),
}
INDICES = ("work", "pe", "malpractice")
LARGEST = Decimal(5)  # New York's malpractice index, the highest, is below 3


def read(lines):
    """Read the indices: rows are (mac, state, number, name, work, pe, malpractice).

    The contractor has five digits, the locality two; a spreadsheet may have eaten leading zeros.
    Indices are Decimal. Footnotes (text in the first column only) are left out.
    """
    rows = csv_rows(lines)
    columns = _header(rows)
    reading, first_line = Reading(), {}
    for number, cells in rows:
        if not any(cells[1:]):
            continue
        mac, state, locality = (cell(cells, columns[name]) for name in ("mac", "state", "number"))
        mac, locality = mac.zfill(5), locality.zfill(2)
        key = (mac, state, locality)
        problem = None
        try:
            indices = [_index(cell(cells, columns[name])) for name in INDICES]
        except InvalidOperation:
            problem = _lt("an index is not a number above 0 and below %(limit)s", limit=LARGEST)
        if not (
            re.fullmatch(r"\d{5}", mac)
            and re.fullmatch(r"\d{2}", locality)
            and re.fullmatch(r"[A-Z]{2}", state)
        ):
            problem = _lt("not a contractor, a state and a locality number")
        elif key in first_line:
            problem = _lt("this locality is in line %(line)s already", line=first_line[key])
        if problem:
            reading.problems.append(Problem(number, problem))
            continue
        first_line[key] = number
        name = cell(cells, columns["name"]).strip("* ")
        reading.rows.append((mac, state, locality, name, *indices))
    return reading


def _index(text):
    index = Decimal(text)
    if not index.is_finite() or not 0 < index < LARGEST:
        raise InvalidOperation
    return index


def _header(rows):
    for number, cells in rows:
        titles = [" ".join(text.lower().split()) for text in cells]
        if any(COLUMNS["work"].fullmatch(title) for title in titles):
            found = {
                name: next((i for i, title in enumerate(titles) if shape.fullmatch(title)), None)
                for name, shape in COLUMNS.items()
            }
            missing = [name for name, column in found.items() if column is None]
            if missing:
                raise FileProblem(
                    _lt("The file lacks these columns: %(columns)s.", columns=", ".join(missing))
                )
            return found
        if number > 25:
            break
    raise FileProblem(_lt("This is not CMS's GPCI file: no line has the column “PW GPCI”."))
