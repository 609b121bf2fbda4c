"""How audit packets are made in the background: month by month, committed, resumed, zipped."""

import contextlib
import hashlib
import io
import logging
import tempfile
import zipfile
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .ccm_audit_packet import KEPT_DAYS
from .ccm_batch import retry

_logger = logging.getLogger(__name__)

BATCH = 5  # months of one transaction: a few seconds
# What one ZIP holds at most: Odoo takes some six times a file's size of memory to keep it.
PART_BYTES = 40 * 1024 * 1024


class CcmAuditPacket(models.Model):
    _inherit = "ccm.audit.packet"

    # === CRON === #
    @api.model
    def _cron_make(self):
        """Make what was asked for, the oldest first; after any stop the next run goes on from there."""
        progress = self.env["ir.cron"]
        todo = self.search([("state", "in", ("waiting", "running"))], order="id")
        lines = self.env["ccm.audit.packet.line"]
        progress._commit_progress(
            remaining=lines.search_count([("packet_id", "in", todo.ids), ("state", "=", "waiting")])
            + len(todo)
        )
        for packet in todo:
            while packet.state in ("waiting", "running"):
                made = retry(self.env, packet._make_batch)
                packet._tell_browser()
                if not progress._commit_progress(made):
                    return
                self.env.invalidate_all()  # what others wrote meanwhile; and memory

    @api.autovacuum
    def _gc_files(self):
        """Delete files that nobody is to keep here for ever: health data, made anew in minutes."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("ended_on", "<", limit), ("file_ids", "!=", False)])
        old.file_ids.unlink()

    # === HELPERS === #
    def _make_batch(self):
        """Make the next months of this document, or finish it; return how much was done."""
        self.ensure_one()
        if self.state == "waiting":
            self.write({"state": "running", "begun_on": self.begun_on or fields.Datetime.now()})
            self._unzip()
        lines = self.line_ids.filtered(lambda line: line.state == "waiting")[:BATCH]
        try:
            self.env["ccm.month"]._check_wkhtmltopdf()
        except UserError as error:
            self.write({"state": "failed", "message": str(error)})
            return 1
        for line in lines:
            line._make()
        if not lines:
            try:
                with self.env.cr.savepoint():
                    self._finish()
            except UserError as error:  # the disk is full
                self.write({"state": "failed", "message": str(error)})
        return len(lines) or 1

    def _unzip(self):
        """Take the PDFs out of an earlier ZIP: those that are still right go into the next one."""
        lines = {f"{line.month_id._packet_number()}.pdf": line for line in self.line_ids}
        for file in self.file_ids:
            # a file that was lost, or is damaged, is made anew
            with (
                contextlib.suppress(zipfile.BadZipFile),
                zipfile.ZipFile(io.BytesIO(file.raw)) as archive,
            ):
                for name in lines.keys() & archive.namelist():
                    line, pdf = lines[name], archive.read(name)
                    if hashlib.sha256(pdf).hexdigest() == line.digest:
                        line.attachment_id = line._keep_file(name, pdf)
                        line.attachment_id.invalidate_recordset(["raw"])
            file.invalidate_recordset(["raw"])
        self.file_ids.unlink()

    def _finish(self):
        """Put what was made into ZIP files, with an index in each, and let go of the single ones."""
        done = self.line_ids.filtered("attachment_id")
        parts = self._parts(done)
        attachments = self.env["ir.attachment"]
        for number, lines in enumerate(parts, start=1):
            suffix = f"-{number}-of-{len(parts)}" if len(parts) > 1 else ""
            attachments |= attachments.create(
                {
                    "name": f"CCM-audit-packets-{self.id:05d}{suffix}.zip",
                    "raw": self._zip(lines),
                    "mimetype": "application/zip",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        self.file_ids |= attachments
        done.attachment_id.unlink()
        self.write(
            {
                "state": "done" if done else "failed",
                "ended_on": fields.Datetime.now(),
                "message": not done and self.env._("None of these months could be made: see each."),
            }
        )

    def _parts(self, lines):
        """Return ``lines`` in as many groups as it takes for each to be a file of a handy size."""
        parts, size = [], PART_BYTES
        for line in lines:
            if size + line.attachment_id.file_size > PART_BYTES:
                parts.append(lines.browse())
                size = 0
            parts[-1] |= line
            size += line.attachment_id.file_size
        return parts

    def _zip(self, lines):
        with tempfile.TemporaryFile() as file:
            # a PDF is compressed already
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr("index.html", self._index(lines))
                for line in lines:
                    pdf = line.attachment_id
                    archive.writestr(f"{line.month_id._packet_number()}.pdf", pdf.raw)
                    pdf.invalidate_recordset(["raw"])
            file.seek(0)
            return file.read()

    def _index(self, lines):
        """Return the page that says which file is whose; the names of the files do not."""
        reader = self.with_user(self.requested_by_id)
        reader = reader.with_context(lang=self.requested_by_id.lang)
        failed = self.line_ids.filtered(lambda line: line.state == "failed")
        html = reader.env["ir.qweb"]._render(
            "ccm_module.ccm_audit_packet_index",
            {"packet": reader.sudo(), "lines": lines, "failed": failed},
        )
        return str(html).strip()

    def _tell_browser(self):
        # The id alone: what it stands for is fetched by who may see it.
        self.requested_by_id._bus_send("ccm_audit_packet", {"id": self.id})


class CcmAuditPacketLine(models.Model):
    _inherit = "ccm.audit.packet.line"

    # === HELPERS === #
    def _make(self):
        """Make the PDF as whoever asked for it may have it; a month that fails stops no other.

        One that is there and proves what there is to prove is kept.

        The words of an error may be health data: those meant for people are kept on the line, the
        server's log gets the record's id and the kind of the error.
        """
        self.ensure_one()
        user = self.packet_id.requested_by_id
        # alone, so that nothing is read ahead for all the others
        month = self.month_id.browse(self.month_id.id).with_user(user).with_company(self.company_id)
        month = month.with_context(lang=user.lang, allowed_company_ids=self.company_id.ids)
        try:
            with self.env.cr.savepoint():
                made = month._make_packet(known=self.proof if self.attachment_id else None)
                if made:
                    self.attachment_id.unlink()
                    file = self._keep_file(f"{month._packet_number()}.pdf", made.pdf)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            kind = type(error).__name__
            known = isinstance(error, UserError)
            _logger.log(
                logging.INFO if known else logging.ERROR,
                "Audit packet of ccm.month %s is left out: %s",
                self.month_id.id,
                kind,
            )
            message = self.env._(
                "This month's record could not be printed (%s). Open the month and look at its"
                " decision record, then go on.",
                kind,
            )
            self.attachment_id.unlink()
            self.write({"state": "failed", "message": str(error) if known else message})
            return
        self.write({"state": "done", "message": False})
        if not made:
            return
        self.write(
            {
                "page_count": made.pages,
                "proof": made.proof,
                "digest": hashlib.sha256(made.pdf).hexdigest(),
                "attachment_id": file.id,
            }
        )

    def _keep_file(self, name, content):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
