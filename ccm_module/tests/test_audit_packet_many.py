"""Audit packets of many months: made in the background, gone on with, handed over as a ZIP."""

import hashlib
import io
import zipfile
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import ccm_audit_packet_make as make
from .packet_common import NAMES, PacketCommon, text_of


@tagged("post_install", "-at_install")
class TestAuditPacketMany(PacketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.months = cls.bill()

    def ask(self, user=None, months=None):
        """Ask for the packets as from the list; return the document that opens."""
        action = (months or self.months).with_user(user or self.auditor).action_make_packets()
        return self.env["ccm.audit.packet"].browse(action["res_id"])

    def opened(self, packet):
        """Return ``{name: bytes}`` of what is in the ZIP."""
        [attachment] = packet.file_ids
        with zipfile.ZipFile(io.BytesIO(attachment.raw)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    # --- the story ---

    def test_a_zip_with_an_index(self):
        invoices = self.months.move_id.with_user(self.auditor)
        action = invoices.action_make_ccm_packets()
        packet = self.env["ccm.audit.packet"].browse(action["res_id"])
        self.assertEqual((packet.state, packet.total_count, packet.percent), ("waiting", 3, 0))
        self.run_packets()
        self.assertEqual((packet.state, packet.done_count, packet.percent), ("done", 3, 100))
        self.assertGreaterEqual(packet.page_count, 9)
        files = self.opened(packet.with_user(self.auditor))
        index = files.pop("index.html").decode()
        for month, name, line in zip(self.months, NAMES, packet.line_ids, strict=True):
            pdf = files.pop(f"CCM-2026-10-{month.id:06d}.pdf")
            self.assertIn(name, text_of(pdf))
            self.assertEqual(hashlib.sha256(pdf).hexdigest(), line.digest)
            for words in (f"CCM-2026-10-{month.id:06d}.pdf", name, month.move_id.name, line.digest):
                self.assertIn(words, index)
        self.assertFalse(files)
        self.assertFalse(packet.line_ids.attachment_id, "each is kept once, in the ZIP")
        printed = self.env["ccm.access.log"].search([("kind", "=", "print")])
        self.assertEqual((printed.user_id, printed.partner_id), (self.auditor, self.patients))

        action = packet.with_user(self.auditor).action_download()
        self.assertIn(f"/web/content/{packet.file_ids.id}", action["url"])
        self.env["ir.binary"].with_user(self.auditor)._get_stream_from(packet.file_ids)
        taken = self.env["ccm.access.log"].search([("kind", "=", "download")])
        self.assertEqual((taken.user_id, taken.partner_id), (self.auditor, self.patients))

    def test_in_parts_of_a_handy_size(self):
        packet = self.ask()
        with patch.object(make, "PART_BYTES", 1):
            self.run_packets()
        self.assertEqual(len(packet.file_ids), 3)
        self.assertIn("-3-of-3.zip", packet.file_ids.sorted("id")[-1].name)
        action = packet.with_user(self.auditor).action_download()
        self.assertEqual(action["domain"], [("id", "in", packet.file_ids.ids)])

    # --- what goes wrong ---

    def test_goes_on_after_a_crash(self):
        packet = self.ask()
        with patch.object(make, "BATCH", 2):
            packet._make_batch()  # committed; then the process was killed
        self.assertEqual((packet.state, packet.done_count), ("running", 2))
        digests = packet.line_ids[:2].mapped("digest")
        self.run_packets()
        self.assertEqual((packet.state, packet.done_count), ("done", 3))
        self.assertEqual(packet.line_ids[:2].mapped("digest"), digests, "not made twice")
        self.assertEqual(len(self.opened(packet)), 4)

    def test_one_poisoned_month_stops_no_other(self):
        packet = self.ask()
        with self.damaged_decision(self.months[1]):
            with self.assertLogs("odoo.addons.ccm_module", "ERROR") as logs:
                self.run_packets()
            self.assertEqual((packet.state, packet.done_count), ("done", 2))
            self.assertEqual(packet.failed_count, 1)
            bad = packet.line_ids.filtered(lambda line: line.state == "failed")
            self.assertEqual(bad.month_id, self.months[1])
            self.assertIn("could not be printed", bad.message)
            files = self.opened(packet)
            self.assertEqual(len(files), 3)
            self.assertIn("Not in these files", files["index.html"].decode())
        said = " ".join(logs.output)
        self.assertIn(f"ccm.month {self.months[1].id}", said)
        self.assertNotIn("Ada", said)
        # mended, it is made with the others
        packet.with_user(self.auditor).action_make_again()
        self.run_packets()
        self.assertEqual((packet.done_count, packet.failed_count), (3, 0))
        self.assertEqual(len(self.opened(packet)), 4)

    def test_made_again_is_what_failed_or_changed(self):
        packet = self.ask()
        with (
            self.damaged_decision(self.months[1]),
            self.assertLogs("odoo.addons.ccm_module", "ERROR"),
        ):
            self.run_packets()
        same, failed, changed = packet.line_ids
        before = packet.line_ids.mapped("digest")
        changed.month_id.partner_id.ccm_mrn = "MRN-799"
        with freeze_time("2026-11-05 15:00:00"):  # which a page made anew says
            packet.with_user(self.auditor).action_make_again()
            self.run_packets()
        self.assertEqual((packet.state, packet.done_count), ("done", 3))
        self.assertEqual(same.digest, before[0])
        self.assertNotIn(changed.digest, before)
        files = self.opened(packet)
        for line in (same, failed, changed):
            pdf = files[f"{line.month_id._packet_number()}.pdf"]
            self.assertEqual(hashlib.sha256(pdf).hexdigest(), line.digest)
        self.assertIn("MRN-799", text_of(pdf))
        # a month that cannot be made any more takes its old pages along
        with (
            self.damaged_decision(self.months[0]),
            self.assertLogs("odoo.addons.ccm_module", "ERROR"),
        ):
            packet.with_user(self.auditor).action_make_again()
            self.run_packets()
        self.assertEqual(same.state, "failed")
        self.assertEqual(len(self.opened(packet)), 3)

    def test_a_damaged_file_is_made_anew(self):
        packet = self.ask(months=self.months[0])
        self.run_packets()
        packet.file_ids.raw = b"PK torn off"
        packet.with_user(self.auditor).action_make_again()
        self.run_packets()
        self.assertEqual(len(self.opened(packet)), 2)

    def test_nothing_could_be_made(self):
        packet = self.ask(months=self.months[1])
        with (
            self.damaged_decision(self.months[1]),
            self.assertLogs("odoo.addons.ccm_module", "ERROR"),
        ):
            self.run_packets()
        self.assertEqual(packet.state, "failed")
        self.assertFalse(packet.file_ids)

    def test_stopped_and_gone_on_with(self):
        packet = self.ask()
        packet.with_user(self.auditor).action_stop_making()
        self.run_packets()
        self.assertEqual((packet.state, packet.done_count), ("stopped", 0))
        packet.with_user(self.auditor).action_make_again()
        self.run_packets()
        self.assertEqual((packet.state, packet.done_count), ("done", 3))

    def test_files_are_not_kept_for_ever(self):
        packet = self.ask(months=self.months[0])
        self.run_packets()
        packet._gc_files()
        self.assertTrue(packet.file_ids)
        packet.ended_on = fields.Datetime.now() - timedelta(days=31)
        packet._gc_files()
        self.assertTrue(packet.is_expired)
        with self.refused(UserError, "not any more"):
            packet.with_user(self.auditor).action_download()
        packet.with_user(self.auditor).action_make_again()
        self.run_packets()
        self.assertEqual(len(self.opened(packet)), 2)

    # --- who may ---

    def test_what_was_never_billed_is_left_out(self):
        unbilled = self.env["ccm.month"]._refresh("2026-09-01", self.patient)
        packet = self.ask(months=self.months | unbilled)
        self.assertEqual((packet.total_count, packet.left_out_count), (3, 1))
        with self.refused(UserError, "never billed"):
            self.ask(months=unbilled)

    def test_who_may(self):
        packet = self.ask(user=self.manager)
        for user in (self.nurse, self.doctor, self.outsider):
            with self.refused(AccessError):
                self.ask(user=user)
            for name in ("action_stop_making", "action_make_again", "action_download"):
                with self.refused(AccessError):
                    getattr(packet.with_user(user), name)()
        with self.refused(AccessError):
            packet.with_user(self.auditor).write({"state": "done"})

    def test_another_practice(self):
        packet = self.ask(user=self.biller)
        self.run_packets()
        other = self.env["res.company"].create({"name": "Other Practice"})
        self.biller.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        stranger = packet.with_user(self.biller).with_company(other)
        for name in ("action_stop_making", "action_make_again", "action_download"):
            with self.refused(AccessError):
                getattr(stranger, name)()
        with self.refused(AccessError):
            _content = packet.file_ids.with_user(self.biller).with_company(other).raw
