"""The accountant's month in Chromium."""

from datetime import timedelta
from io import BytesIO

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestCloseTour(CcmCommon, HttpCase):
    def test_a_month_is_closed(self):
        """Preview, mend, close, workbook, undo, bill again; told of last month, whichever it is."""
        self.manager.tz = self.company.ccm_tz
        if "odoobot_state" in self.manager._fields:
            self.manager.odoobot_state = "disabled"
        self.company.ccm_invoice_state = "posted"
        now = fields.Datetime.now().replace(day=2, hour=15, minute=0, second=0, microsecond=0)
        last = now - relativedelta(months=1)
        # Medicare's amounts of a coming year may not be known yet; the story needs some.
        schedule = self.env["ccm.fee.schedule"].search([], order="date_from desc", limit=1)
        if schedule.date_to and schedule.date_to < now.date():
            schedule.date_to = now
        begin = (last - relativedelta(months=1)).date().isoformat()
        rosa = self.make_ready_patient(day=begin, name="Rosa Alvarez")
        walter = self.make_ready_patient(day=begin, name="Walter Kim", ccm_mrn="MRN-2")
        diabetes = walter.ccm_condition_ids.filtered(lambda c: c.diagnosis_id == self.diabetes)
        diabetes.significant_risk = False
        self.log(rosa, last, minutes=25)
        self.log(walter, last + timedelta(hours=1), minutes=25)
        with freeze_time(now, tick=True):
            months = self.env["ccm.month"]._refresh(last, rosa | walter)
            self.start_tour("/odoo", "ccm_close_tour", login="ccm_manager")
            self.env.invalidate_all()
            self.assertEqual(months.mapped("state"), ["invoiced"] * 2)
            [close] = self.env["ccm.close"].search([("month", "=", months[0].month)])
            self.assertEqual((close.state, close.run, close.total_count), ("done", 1, 2))
            self.assertEqual(close.started_by_id, self.manager)
            # Undone by a credit note, and billed anew
            walter_s = months.filtered(lambda m: m.partner_id == walter)
            self.assertEqual(len(walter_s.move_ids), 2)
            self.assertEqual((walter_s.move_ids - walter_s.move_id).payment_state, "reversed")
            self.assertEqual(len((months - walter_s).move_ids), 1)
            # What the button downloads
            self.authenticate("ccm_manager", "ccm_manager")
            response = self.url_open(close.action_workbook()["url"])
            book = load_workbook(BytesIO(response.content))
            cells = [cell.value for sheet in book for line in sheet for cell in line]
            self.assertIn("Walter Kim", cells)
