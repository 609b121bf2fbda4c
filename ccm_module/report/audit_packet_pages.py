"""The pages of an audit packet: who it is about and which page it is, in the body of each.

Odoo has wkhtmltopdf put headers and footers on pages, which the build of most distributions
(without patched Qt) cannot. So they are drawn over the pages once it is known how many there are.
"""

import io
import unicodedata
from functools import cache
from typing import NamedTuple

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen import canvas

from odoo.tools.misc import file_path
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

WIDTH, HEIGHT = LETTER
SIDE, TOP, BOTTOM = 40, 36, 34  # points, from the paper's edge to the stamp's text
FRAME = (SIDE, 52, WIDTH - SIDE, HEIGHT - 58)  # what the stamp leaves to the page
SIZE = 8
GREY = 0.35


class Stamp(NamedTuple):
    name: str  # shortened, should there be no room
    born: str
    what: str
    made: str
    page: str  # with %(page)s and %(pages)s


def assemble(content, annexes, stamp):
    """Return one PDF of ``content`` and what is annexed to it, each page stamped.

    :param bytes content: the packet's own pages, with margins for the stamp
    :param annexes: what ``framed`` made of papers that follow
    :param Stamp stamp: what each page says
    :return: ``(pdf, pages)``
    """
    writer = PdfFileWriter()
    for part in (content, *annexes):
        for page in PdfFileReader(io.BytesIO(part), strict=False).pages:
            writer.addPage(page)
    pages = writer.getNumPages()
    stamps = PdfFileReader(io.BytesIO(_draw(stamp, pages)))
    for number in range(pages):
        page = writer.getPage(number)
        page.mergePage(stamps.getPage(number))
        page.compress_content_streams()
    with io.BytesIO() as buffer:
        writer.write(buffer)
        return buffer.getvalue(), pages


def framed(paper):
    """Return the PDF ``paper`` (bytes) with its pages shrunk into the stamp's frame.

    :return: None where that cannot be done: a paper from outside may be torn, locked or forged
    """
    try:
        writer = PdfFileWriter()
        for page in PdfFileReader(io.BytesIO(paper), strict=False).pages:
            _add_framed(writer, page)
        with io.BytesIO() as buffer:
            writer.write(buffer)
            return writer.getNumPages() and buffer.getvalue()
    except Exception:
        return None


def _add_framed(writer, page):
    """Add a page of any size, shrunk into the frame and never enlarged."""
    if page.get("/Rotate") and hasattr(page, "transfer_rotation_to_content"):
        page.transfer_rotation_to_content()
    box = page.mediabox
    left, bottom, right, top = FRAME
    scale = min((right - left) / float(box.width), (top - bottom) / float(box.height), 1)
    x = (WIDTH - scale * float(box.width)) / 2 - scale * float(box.left)
    y = top - scale * float(box.height) - scale * float(box.bottom)
    sheet = writer.addBlankPage(WIDTH, HEIGHT)
    sheet.merge_transformed_page(page, (scale, 0, 0, scale, x, y))


def _draw(stamp, pages):
    """Return a PDF of as many pages as there are, with nothing on them but the stamp."""
    font = _font()
    buffer = io.BytesIO()
    paper = canvas.Canvas(buffer, pagesize=LETTER)
    for page in range(1, pages + 1):
        paper.setFont(font, SIZE)
        paper.setFillGray(GREY)
        paper.setStrokeGray(0.75)
        paper.setLineWidth(0.5)
        number = stamp.page % {"page": page, "pages": pages}
        for left, kept, right, height, line in (
            (stamp.name, stamp.born, stamp.what, HEIGHT - TOP, HEIGHT - TOP - 6),
            (stamp.made, "", number, BOTTOM, BOTTOM + SIZE + 4),
        ):
            left, kept, right = map(_plain, (left, kept, right))
            taken = pdfmetrics.stringWidth(kept + right, font, SIZE) + 12
            left = _shortened(left, font, WIDTH - 2 * SIDE - taken)
            paper.drawString(SIDE, height, left + kept)
            paper.drawRightString(WIDTH - SIDE, height, right)
            paper.line(SIDE, line, WIDTH - SIDE, line)
        paper.showPage()
    paper.save()
    return buffer.getvalue()


@cache
def _font():
    """Return the name of a font with more than the Latin letters; Odoo brings one."""
    try:
        pdfmetrics.registerFont(
            TTFont("ccm_stamp", file_path("web/static/fonts/sign/NotoSans-Reg.ttf"))
        )
    except (OSError, TTFError):
        return "Helvetica"
    return "ccm_stamp"


def _plain(text):
    """Return ``text`` on one line, without the marks that turn or hide what follows them."""
    return "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )


def _shortened(text, font, room):
    if pdfmetrics.stringWidth(text, font, SIZE) <= room:
        return text
    while text and pdfmetrics.stringWidth(f"{text}…", font, SIZE) > room:
        text = text[:-1]
    return f"{text}…"
