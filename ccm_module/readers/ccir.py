"""AHRQ HCUP, Chronic Condition Indicator Refined (CCIR) for ICD-10-CM diagnoses."""

from odoo.tools import LazyTranslate

from .base import ICD_CODE, FileProblem, Problem, Reading, cell, csv_rows

_lt = LazyTranslate(__name__)


def read(lines):
    """Read the flags: rows are (code without dot, "0", "1" or "9", None).

    AHRQ's layout (title lines, then 'ICD-10-CM CODE', …, 'CHRONIC INDICATOR', all with
    apostrophes) or a plain one (code, ccir…). A code with an empty flag says nothing: left out.
    """
    rows = csv_rows(lines)
    code_column, flag_column = _header(rows)
    reading, first_line = Reading(), {}
    for number, cells in rows:
        if not any(cells):
            continue
        code = cell(cells, code_column).strip("'")
        flag = cell(cells, flag_column).strip("'")
        if not ICD_CODE.fullmatch(code):
            problem = _lt("“%(code)s” is not a diagnosis code", code=code[:20])
        elif flag not in ("0", "1", "9", ""):
            problem = _lt("the flag of %(code)s is “%(flag)s”, not 0, 1 or 9", code=code, flag=flag)
        elif code in first_line:
            problem = _lt("%(code)s is in line %(line)s already", code=code, line=first_line[code])
        else:
            first_line[code] = number
            if flag:
                reading.rows.append((code, flag, None))
            continue
        reading.problems.append(Problem(number, problem))
    return reading


def _header(rows):
    for number, cells in rows:
        names = [name.strip("'").lower() for name in cells]
        if names and names[0] in ("icd-10-cm code", "code"):
            for column, name in enumerate(names):
                if name == "chronic indicator" or name.startswith("ccir"):
                    return 0, column
        if number > 10:
            break
    raise FileProblem(
        _lt("This is not AHRQ's CCIR file: no line has ICD-10-CM CODE and CHRONIC INDICATOR.")
    )
