"""The nightly close of past months, and its resumption after whatever stopped it."""

from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.tools import split_every

from ..billing import months
from .ccm_batch import retry
from .ccm_month import FIXED_STATES

BATCH = 200


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    failed_batch_id = fields.Many2one(
        "ccm.close.batch",
        "Failed in Batch",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The last batch of a close in which this month could not be billed.",
    )

    # === SQL OBJECTS === #
    # The next batch of a close, however many are ready.
    _ready_index = models.Index("(company_id, month, id) WHERE state = 'ready'")

    # === CRON === #
    @api.model
    def _cron_close_month(self):
        """Decide the months that are over, and bill the ready from the close day on.

        So a biller sees from the first night on what is ready and what is to be mended, also where
        months are billed by hand. Last month is looked at whole; of the year before it, what is not
        billed yet, so that neither a late mend nor an outage loses a month. The month that runs is
        the worklist's: see ``_cron_begin_day``.

        Works in batches that commit, so that a stop at any moment loses nothing: what is done is
        in the months' own states, and the next run goes on from there.
        """
        for company in self.env["res.company"].search([("active", "=", True)], order="id"):
            month_model = self.with_company(company)
            if not month_model._decide_months() or not month_model._close_past_months():
                return
        self.env["ir.cron"]._commit_progress(remaining=0)

    # === HELPERS === #
    def _decide_months(self):
        """Decide the past anew, in one company; False when out of time."""
        company = self.env.company
        month = months.previous_month(company._ccm_today())
        partners = self.sudo()._find_patients_to_decide(month, company)
        older = self.search(
            [
                *self._past_domain(company),
                ("month", "<", month),
                ("state", "not in", FIXED_STATES),
                ("decided_on", "<", self._local_midnight(company)),
            ]
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(partners) + len(older) + 1)
        for records, decide in (
            (partners, lambda batch: self._refresh(month, batch)),
            (older, lambda batch: batch._decide()),
        ):
            for ids in split_every(BATCH, records.ids):
                batch = records.browse(ids)
                self._retry(lambda decide=decide, batch=batch: decide(batch))
                if not progress._commit_progress(len(batch)):
                    return False
        return True

    def _close_past_months(self):
        """Bill the current company's ready past months; return False when out of time.

        Each month through its document, as by the button. A run that somebody began and left is
        gone on with on any day; what somebody stopped waits for that person.
        """
        closes = self._retry(self._begin_closes)
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=sum(closes.mapped("ready_count")) + 1)
        for close in closes:
            taken = BATCH
            while taken:
                taken = self._retry(lambda close=close: close._run_batch(BATCH))
                if not progress._commit_progress(taken):
                    return False
        return True

    def _begin_closes(self):
        """Begin what is due in the current company; return the documents of all runs at work."""
        company = self.env.company
        closes = self.env["ccm.close"].search(
            [("company_id", "=", company.id), ("state", "=", "running")]
        )
        if 0 < company.ccm_close_day <= company._ccm_today().day:
            ready = self._read_group(self._to_invoice_domain(company), ["month:month"])
            due = closes._ensure(company, [month for [month] in ready])
            for close in due.filtered(lambda close: close.state in ("open", "done")):
                close._begin_run()
                closes |= close
        return closes.sorted("month")

    @api.model
    def _past_domain(self, company):
        """Return the domain of the months that may still be billed: Medicare pays for a year."""
        last = months.previous_month(company._ccm_today())
        return [
            ("company_id", "=", company.id),
            ("month", "<=", last),
            ("month", ">=", months.year_before(last)),
        ]

    @api.model
    def _to_invoice_domain(self, company):
        return [
            *self._past_domain(company),
            ("state", "=", "ready"),
            # What failed today is tried again tomorrow, or by the button.
            "|",
            ("error_on", "=", False),
            ("error_on", "<", company._ccm_today()),
        ]

    @api.model
    def _find_patients_to_decide(self, month, company):
        """Return the patients whose month was not decided yet today.

        A change of the record decides its months at once. The passing of time does not, nor do
        new fees, codes and pricelists: they are taken in here.
        """
        patients = self._find_patients(month, company)
        decided = self.search(
            [
                ("partner_id", "in", patients.ids),
                ("month", "=", month),
                "|",
                ("state", "in", FIXED_STATES),
                ("decided_on", ">=", self._local_midnight(company)),
            ]
        )
        return patients - decided.partner_id

    @api.model
    def _local_midnight(self, company):
        """Return today's midnight where the practice is, as Odoo keeps times: naive, in UTC."""
        midnight = months.midnight(company._ccm_today(), company._ccm_zone())
        return datetime.fromtimestamp(midnight, UTC).replace(tzinfo=None)

    def _retry(self, work):
        """Run one batch; when PostgreSQL says that two transactions met, again in a fresh one."""
        return retry(self.env, work)
