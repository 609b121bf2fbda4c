from odoo import api, models
from odoo.fields import Domain

from .ccm_enrollment import CONSENT_REVOKED

BATCH = 200  # enrollments a cron run; each is a small write


class CcmEnrollment(models.Model):
    """The ends of an enrollment that nobody clicks: with the consent, and by the calendar."""

    _inherit = "ccm.enrollment"

    # === HELPERS === #

    def _end_with_consent(self, last_day):
        """Let active enrollments end on ``last_day`` because the consent was revoked.

        An end that was set before and comes earlier stays.
        """
        reason = self.env["ccm.enrollment.reason"]._by_code(CONSENT_REVOKED)
        for enrollment in self:
            if enrollment.date_end and enrollment.date_end <= last_day:
                continue
            # revoked before it began: nothing of it can stand
            end = max(last_day, enrollment.date_start)
            enrollment.write({"date_end": end, "reason_id": reason.id})
        self._end_if_past()

    def _undo_end_with_consent(self):
        """Let active enrollments go on again that only a revoked consent would have ended."""
        self.filtered(lambda enrollment: enrollment.reason_id.code == CONSENT_REVOKED).write(
            {"date_end": False, "reason_id": False}
        )

    def _end_if_past(self):
        """End those whose last day is over where the practice is."""
        other = self.env["ccm.enrollment.reason"]._by_code("other")
        for enrollment in self:
            if enrollment.date_end and enrollment.date_end < enrollment._today():
                reason = enrollment.reason_id
                if reason.applies_to not in ("ended", "both"):
                    reason = other
                enrollment.write({"state": "ended", "reason_id": reason.id})

    # === CRON === #

    @api.model
    def _cron_end_past(self):
        """End the enrollments whose last day has passed; run daily."""
        # A practice west of Greenwich may still be in yesterday: _end_if_past looks again, so the
        # id cursor, not the domain, is what moves the batches on.
        domain = Domain("state", "=", "active") & Domain("date_end", "<", "today")
        last_id = 0
        while True:
            batch = self.search(domain & Domain("id", ">", last_id), order="id", limit=BATCH)
            if not batch:
                break
            last_id = batch[-1].id
            batch.try_lock_for_update()._end_if_past()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
