"""CMS, Physician Fee Schedule: the relative value file PPRRVU… of an RVU release."""

import re
from decimal import Decimal, InvalidOperation

from odoo.tools import LazyTranslate

from .base import FileProblem, Problem, Reading, cell, csv_rows

_lt = LazyTranslate(__name__)

# CCM, and the services that are billed beside or instead of it.
_CARE_MANAGEMENT = """
    99424 99425 99426 99427 99437 99439 99445 99453 99454 99457 99458 99470 99484 99487 99489 99490
    99491 99492 99493 99494 99495 99496 G0019 G0022 G0023 G0024 G0140 G0146 G0181 G0182 G0323 G0506
    G0556 G0557 G0558 G0568 G0569 G0570
"""
CARE_MANAGEMENT_CODES = frozenset(_CARE_MANAGEMENT.split())

HCPCS = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]")
# CMS splits a column's title over several rows; these are the rows put together.
COLUMNS = {
    "code": ("HCPCS", "CODE"),
    "modifier": ("MOD",),
    "status": ("STATUS CODE", "STATUS"),
    "work": ("WORK RVU", "WORK_RVU"),
    "pe_nonfacility": ("NON-FAC PE RVU", "NONFAC_PE"),
    "pe_facility": ("FACILITY PE RVU", "FAC_PE"),
    "malpractice": ("MP RVU", "MP"),
    "factor": ("CONV FACTOR", "CONV_FACTOR"),
}
OPTIONAL = {"modifier"}
FIGURES = ("work", "pe_nonfacility", "pe_facility", "malpractice")
LARGEST = Decimal(10_000)


def read(lines):
    """Read the relative value units of every code without a modifier.

    Rows are (code, status, work, pe_nonfacility, pe_facility, malpractice), figures as Decimal.
    ``facts["factor"]``: the conversion factor (dollars a unit, Decimal) that all rows share, or
    None.
    """
    rows = csv_rows(lines)
    columns = _header(rows)
    reading, first_line, factors = Reading(), {}, {}
    for number, cells in rows:
        code = cell(cells, columns["code"])
        if not any(cells) or cell(cells, columns["modifier"]):
            continue
        problem = None
        try:
            figures = [_number(cell(cells, columns[name])) for name in FIGURES]
            factor = _number(cell(cells, columns["factor"]))
        except InvalidOperation:
            problem = _lt("%(code)s has a figure that is not a number", code=code[:20])
        if not HCPCS.fullmatch(code):
            problem = _lt("“%(code)s” is not a procedure code", code=code[:20])
        elif code in first_line:
            problem = _lt("%(code)s is in line %(line)s already", code=code, line=first_line[code])
        if problem:
            reading.problems.append(Problem(number, problem))
            continue
        first_line[code] = number
        factors.setdefault(factor, number)
        reading.rows.append((code, cell(cells, columns["status"]), *figures))
    factors.pop(Decimal(0), None)
    if len(factors) > 1:
        problem = _lt("the conversion factor differs from that of the lines above")
        reading.problems += [Problem(line, problem) for line in sorted(factors.values())[1:]]
    reading.facts["factor"] = next(iter(factors), None)
    return reading


def _number(text):
    """Return the Decimal ("" is 0); raise InvalidOperation for what no RVU can be."""
    number = Decimal(text or 0)
    if not number.is_finite() or not 0 <= number < LARGEST:
        raise InvalidOperation
    return number


def _header(rows):
    """Return {our name: column} from the title rows above the data."""
    above = []
    for number, cells in rows:
        above.append([text.upper() for text in cells])
        if cells and cells[0].upper() in COLUMNS["code"]:
            return _columns(above)
        if number > 25:
            break
    raise FileProblem(_lt("This is not CMS's PPRRVU file: no line begins with HCPCS."))


def _columns(above):
    """Match each wanted column with the lowest title rows of a column, joined: WORK + RVU."""
    last = above[-1]
    titles = [
        {
            " ".join(filter(None, (cell(row, index) for row in above[-depth:])))
            for depth in range(1, 6)
        }
        for index in range(len(last))
    ]
    found = {
        name: next((i for i, title in enumerate(titles) if title & set(wanted)), None)
        for name, wanted in COLUMNS.items()
    }
    missing = [COLUMNS[name][0] for name, i in found.items() if i is None and name not in OPTIONAL]
    if missing:
        raise FileProblem(
            _lt("The file lacks these columns: %(columns)s.", columns=", ".join(missing))
        )
    return found
