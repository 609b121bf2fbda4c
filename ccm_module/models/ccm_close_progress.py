"""How far a close is, for those who look on in the browser."""

from datetime import timedelta

from odoo import fields, models

WINDOW = timedelta(minutes=2)  # the rate is that of the last minutes
SHOWN = 5  # failed patients that are named; the others are a click away


class CcmClose(models.Model):
    _inherit = "ccm.close"

    def get_progress(self):
        """Return how far the run is; in a constant number of queries."""
        self._check_reader()
        self.ensure_one()
        self.invalidate_recordset()
        failed = self.env["ccm.month"].search(
            [("failed_batch_id.close_id", "=", self.id), ("failed_batch_id.run", "=", self.run)],
            limit=SHOWN,
        )
        return {
            "id": self.id,
            "run": self.run,
            "state": self.state,
            "total": self.total_count,
            "done": self.done_count,
            "failed": self.failed_count,
            "amount": self.amount,
            "rate": self._rate(),
            "is_interrupted": self.is_interrupted,
            "may_bill": self._may_bill(),
            "failures": [
                {"id": month.id, "name": month.partner_id.name, "message": month.error_message}
                for month in failed
            ],
        }

    def _rate(self):
        """Return months per second, of all who are at work together."""
        now = fields.Datetime.now()
        [(begun, done, failed)] = self.env["ccm.close.batch"]._read_group(
            [("close_id", "=", self.id), ("run", "=", self.run), ("ended_on", ">", now - WINDOW)],
            [],
            ["begun_on:min", "done_count:sum", "failed_count:sum"],
        )
        if not begun:
            return 0
        return (done + failed) / max((now - begun).total_seconds(), 1)
