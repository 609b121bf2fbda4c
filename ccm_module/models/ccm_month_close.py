"""The nightly close of last month, and its resumption after whatever stopped it."""

import logging
from datetime import UTC, datetime

import psycopg2

from odoo import api, models
from odoo.tools import split_every

from ..billing import months
from .ccm_month import FIXED_STATES
from .ccm_month_invoice import RETRY_CODES

_logger = logging.getLogger(__name__)

BATCH = 200
ATTEMPTS = 5


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    @api.model
    def _cron_close_month(self):
        """Decide last month of every company, and bill it where the close day has come.

        So a biller sees from the first night on what is ready and what is to be mended, also where
        months are billed by hand.

        Works in batches that commit, so that a stop at any moment loses nothing: what is done is
        in the months' own states, and the next run goes on from there.
        """
        for company in self.env["res.company"].search([("active", "=", True)], order="id"):
            month_model = self.with_company(company)
            if not month_model._decide_last_month():
                return
            is_due = 0 < company.ccm_close_day <= company._ccm_today().day
            if is_due and not month_model._close_last_month():
                return
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _decide_last_month(self):
        """Refresh last month of the current company; return False when out of time."""
        company = self.env.company
        month = months.previous_month(company._ccm_today())
        partners = self.sudo()._find_patients_to_decide(month, company)
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(partners) + 1)
        for ids in split_every(BATCH, partners.ids):
            batch = partners.browse(ids)
            self._retry(lambda batch=batch: self._refresh(month, batch))
            if not progress._commit_progress(len(batch)):
                return False
        return True

    def _close_last_month(self):
        """Invoice last month of the current company; return False when out of time."""
        company = self.env.company
        month = months.previous_month(company._ccm_today())
        progress = self.env["ir.cron"]
        domain = self._to_invoice_domain(month, company)
        progress._commit_progress(remaining=self.search_count(domain) + 1)
        while ready := self.search(domain, limit=BATCH):
            moves, failed = self._retry(lambda ready=ready: ready._invoice())
            if not moves and not failed:
                # Another run holds all of them, or a change has just unmade them.
                return True
            if not progress._commit_progress(len(moves) + len(failed)):
                return False
        return True

    @api.model
    def _to_invoice_domain(self, month, company):
        today = company._ccm_today()
        return [
            ("company_id", "=", company.id),
            ("month", "=", month),
            ("state", "=", "ready"),
            # What failed today is tried again tomorrow, or by the button.
            "|",
            ("error_on", "=", False),
            ("error_on", "<", today),
        ]

    @api.model
    def _find_patients_to_decide(self, month, company):
        """Return the patients whose month was not decided yet today.

        A change of the record decides its months at once. The passing of time does not, nor do
        new fees, codes and pricelists: they are taken in here.
        """
        midnight = months.midnight(company._ccm_today(), company._ccm_zone())
        today = datetime.fromtimestamp(midnight, UTC).replace(tzinfo=None)
        patients = self._find_patients(month, company)
        decided = self.search(
            [
                ("partner_id", "in", patients.ids),
                ("month", "=", month),
                "|",
                ("state", "in", FIXED_STATES),
                ("decided_on", ">=", today),
            ]
        )
        return patients - decided.partner_id

    def _retry(self, work):
        """Run one batch; when PostgreSQL says two transactions met, again in a fresh one."""
        for attempt in range(ATTEMPTS):
            try:
                result = work()
                self.env.flush_all()
                return result
            except psycopg2.OperationalError as error:
                if error.pgcode not in RETRY_CODES or attempt == ATTEMPTS - 1:
                    raise
                _logger.info("CCM close: met another transaction, trying again")
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
        return None
