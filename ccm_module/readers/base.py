import csv
import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

# CDC's largest file (icd10cm-order) has 14 MB; anything much larger is another file.
MAX_BYTES = 40_000_000
# A dict: Odoo's export of terms takes the parenthesis of a tuple after a ``_lt()`` for another call.
KNOWN_BINARY = {
    b"PK\x03\x04": _lt("This is a ZIP or Excel file: unpack it, or save the sheet as CSV."),
    b"\x1f\x8b": _lt("This is a gzip file: unpack it first."),
    b"%PDF": _lt("This is a PDF file; the publisher also has it as text or CSV."),
}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
ICD_CODE = re.compile(r"[A-Z][0-9A-Z]{2,6}")


class FileProblem(Exception):
    """The file as a whole cannot be read; the argument says why (lazily translated)."""


class Problem(NamedTuple):
    """What is wrong in one line of the file (counted from 1)."""

    line: int
    text: object  # str or lazily translated


@dataclass
class Reading:
    """What a reader found: rows (tuples, see the reader), problems, and facts of the whole file."""

    rows: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)


def ascii_text(text):
    """Take the accents off, as in CDC's own lists.

    >>> ascii_text("Sjögren")
    'Sjogren'
    """
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def decode(content):
    """Return the lines of a text file, given as bytes; raise FileProblem for anything else.

    UTF-8 with or without a byte order mark, or Windows-1252 (which CMS uses); any line ends.
    """
    if not content.strip():
        raise FileProblem(_lt("The file is empty."))
    if len(content) > MAX_BYTES:
        raise FileProblem(
            _lt(
                "The file has %(size)s MB; none of these files has more than %(limit)s MB.",
                size=len(content) // 1_000_000,
                limit=MAX_BYTES // 1_000_000,
            )
        )
    for mark, text in KNOWN_BINARY.items():
        if content.startswith(mark):
            raise FileProblem(text)
    if content.startswith(UTF16_MARKS):
        raise FileProblem(_lt("The file is saved as UTF-16 (“Unicode”); save it as UTF-8 or CSV."))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileProblem(_lt("This is not a text file."))
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n\x1a")  # DOS ended files so
    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise FileProblem(
            _lt("This is not a text file: line %(line)s has control characters.", line=line)
        )
    return text.split("\n")


def csv_rows(lines):
    """Yield (line number, list of stripped cells) of the CSV (or tab-separated) lines."""
    delimiter = "\t" if any(line.count("\t") > 2 for line in lines[:20]) else ","
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileProblem(
                _lt("Line %(line)s is not CSV: a quote is not closed.", line=start)
            ) from None
        yield start, [cell.strip() for cell in cells]


def cell(cells, index):
    """Return a cell's text; "" for a column that the file or the row does not have."""
    return cells[index] if index is not None and index < len(cells) else ""
