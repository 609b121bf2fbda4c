"""What a publisher's file name says: kind of file, release, first day."""

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def suggest(filename):
    """Return (kind, release, first day) as far as the name of the file says, else None.

    >>> suggest("icd10cm-codes-2027.txt")
    ('icd10cm', 'FY2027', datetime.date(2026, 10, 1))
    >>> suggest("icd10cm-order-April-2026.txt")
    ('icd10cm', 'FY2026 April', datetime.date(2026, 4, 1))
    >>> suggest("PPRRVU2026_Jul_nonQPP.csv")
    ('rvu', 'RVU 2026 July', datetime.date(2026, 7, 1))
    >>> suggest("GPCI2026.csv")
    ('gpci', 'GPCI 2026', datetime.date(2026, 1, 1))
    >>> suggest("CCIR_v2026-1.csv")
    ('ccir', 'CCIR v2026-1', datetime.date(2025, 10, 1))
    >>> suggest("budget.csv")
    """
    name = (filename or "").lower()
    month = next((month for month in MONTHS if re.search(rf"(?<![a-z]){month}", name)), None)
    if match := re.search(r"icd-?10-?cm\D*(20\d\d)", name):
        year = int(match[1])
        if month == "apr":
            return "icd10cm", f"FY{year} April", date(year, 4, 1)
        return "icd10cm", f"FY{year}", date(year - 1, 10, 1)
    if match := re.search(r"ccir\D*(20\d\d)-(\d)", name):
        year = int(match[1])
        return "ccir", f"CCIR v{year}-{match[2]}", date(year - 1, 10, 1)
    if match := re.search(r"pprrvu_?(?:20)?(\d\d)", name):
        year, number = 2000 + int(match[1]), MONTHS.index(month or "jan") + 1
        return "rvu", f"RVU {year} {date(year, number, 1):%B}", date(year, number, 1)
    if match := re.search(r"gpci\D*(20\d\d)", name):
        return "gpci", f"GPCI {match[1]}", date(int(match[1]), 1, 1)
    return None
