"""CDC/NCHS, ICD-10-CM: ``icd10cm-codes-YYYY.txt`` and ``icd10cm-order-YYYY.txt``."""

import re

from odoo.tools import LazyTranslate

from .base import ICD_CODE, FileProblem, Problem, Reading, ascii_text

_lt = LazyTranslate(__name__)

# order file: number (5), code (7), billable 0/1, short name (60), long name, blanks between
ORDER_LINE = re.compile(r"\d{5} (?P<code>.{7}) (?P<billable>.) .{60} (?P<name>.*)")
CODES_LINE = re.compile(r"(?P<code>\S+)\s+(?P<name>\S.*)")
LONGEST_NAME = 400  # CDC's longest has 228 characters


def read(lines):
    """Read one release of the billable codes: rows are (code without dot, None, name)."""
    head = [line for line in lines[:50] if line.strip()]
    is_order_file = any(ORDER_LINE.fullmatch(line) for line in head)
    shape = ORDER_LINE if is_order_file else CODES_LINE
    if not any(_row(shape, line) for line in head):
        raise FileProblem(
            _lt(
                "This is neither CDC's icd10cm-codes file (code, blanks, description) "
                "nor its icd10cm-order file."
            )
        )
    reading, first_line = Reading(), {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _row(shape, line)
        if not row:
            reading.problems.append(Problem(number, _lt("not a code and its description")))
            continue
        code, name, billable = row
        if not billable:
            continue  # a heading
        if len(name) > LONGEST_NAME:
            problem = _lt("the description of %(code)s is too long", code=code)
            reading.problems.append(Problem(number, problem))
        elif code in first_line:
            problem = _lt("%(code)s is in line %(line)s already", code=code, line=first_line[code])
            reading.problems.append(Problem(number, problem))
        else:
            first_line[code] = number
            reading.rows.append((code, None, name))
    return reading


def _row(shape, line):
    """Return (code, name, billable), or None for a line of another shape."""
    match = shape.fullmatch(line.rstrip())
    if not match:
        return None
    code, name = match["code"].strip(), ascii_text(" ".join(match["name"].split()))
    billable = match.groupdict().get("billable", "1")
    if not ICD_CODE.fullmatch(code) or not name or billable not in ("0", "1"):
        return None
    return code, name, billable == "1"
