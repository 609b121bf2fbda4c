from odoo import fields, models

from odoo.addons.queue_job.delay import group

BATCH = 200  # months of a job, as in the nightly close
ATTEMPTS = 20  # of a job that meets other transactions


class CcmClose(models.Model):
    """The same close, its batches called for by jobs: one batch, one job, one transaction.

    The queue retries what met another transaction, and hands a job whose worker died to another one.
    What is billed stands on the months, so that a job that runs twice, too late, or beside the
    browser or the nightly close bills nothing twice.
    """

    _inherit = "ccm.close"

    # === FIELDS === #
    waiting_job_count = fields.Integer("Waiting Jobs", compute="_compute_jobs")
    failed_job_count = fields.Integer("Failed Jobs", compute="_compute_jobs")

    # === COMPUTE === #
    def _compute_jobs(self):
        for close in self:
            rows = (
                self.env["queue.job"]
                .sudo()
                ._read_group(
                    [("identity_key", "=like", f"{close._job_key()}-%")], ["state"], ["__count"]
                )
            )
            count = dict(rows)
            close.failed_job_count = count.get("failed", 0)
            close.waiting_job_count = sum(
                count.get(state, 0)
                for state in ("wait_dependencies", "pending", "enqueued", "started")
            )

    # === ACTIONS === #
    def action_start_jobs(self):
        """Begin to bill what is ready, or go on with it, by jobs.

        :raises UserError: nothing is ready
        """
        if self.state == "stopped":
            self.action_resume()
        else:
            self.action_start()
        self.sudo()._delay_batches()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # === HELPERS === #
    def _job_key(self):
        return f"ccm_close-{self.id}-{self.run}"

    def _delay_batches(self):
        """Queue a job for each batch of the run, and one that ends it when they are done.

        A job that waits already is not queued again.
        """
        self.ensure_one()
        left = self.env["ccm.month"].search_count(self._ready_domain())
        jobs = [
            self.delayable(
                max_retries=ATTEMPTS,
                identity_key=f"{self._job_key()}-{number}",
                description=self.env._("Close of %s", self.month_name),
            )._job_batch(self.run)
            for number in range(-(-left // BATCH))
        ]
        end = self.delayable(
            max_retries=ATTEMPTS,
            identity_key=f"{self._job_key()}-end",
            description=self.env._("End of the close of %s", self.month_name),
        )._job_end(self.run)
        group(*jobs).on_done(end).delay()

    # === JOBS === #
    def _job_batch(self, run):
        """Bill one batch of that run; of a run that is over or stopped, nothing."""
        self.ensure_one()
        return self._run_batch(BATCH) if self.run == run else 0

    def _job_end(self, run):
        """Bill what the others left behind, which had it locked, and say that the run is over."""
        done = 0
        while self.run == run and (count := self._run_batch(BATCH)):
            done += count
        return done
