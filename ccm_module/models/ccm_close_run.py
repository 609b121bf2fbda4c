"""A run of the close: begun, stopped, gone on with, and billed batch by batch."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

from .ccm_argument import is_count, takes

# Months of one call of the browser, so that it is answered within seconds; nobody bills more at once.
BROWSER_BATCH, MAX_BATCH = 50, 1000


class CcmClose(models.Model):
    _inherit = "ccm.close"

    # === ACTIONS === #
    def action_start(self):
        """Begin to bill what is ready in this month; the batches are called for one by one.

        :raises UserError: nothing is ready
        :return: see ``get_progress``
        """
        self._check_biller()
        self.ensure_one()
        if self.state != "running" and not self.ready_count:
            raise UserError(
                self.env._(
                    "Nothing of %s is ready to be billed: see what is missing, under To Mend.",
                    self.month_name,
                )
            )
        self.sudo()._begin_run()
        return self.get_progress()

    @takes(limit=is_count)
    def action_run_batch(self, limit=BROWSER_BATCH):
        """Bill the next months of the run; see ``get_progress`` for what is returned."""
        self._check_biller()
        self._run_batch(min(max(limit, 1), MAX_BATCH))
        return self.get_progress()

    def action_stop(self):
        """Stop the run after the batch that is at work; what is billed stays billed."""
        self._check_biller()
        self.ensure_one()
        if self.state == "running":
            self.sudo()._set_state("stopped")
        return self.get_progress()

    def action_resume(self):
        """Go on with a run that was stopped or interrupted."""
        self._check_biller()
        self.ensure_one()
        if self.state == "stopped":
            self.sudo()._set_state("running")
        return self.get_progress()

    # === HELPERS === #
    def _begin_run(self):
        """Begin a run, if none is at work; two who begin at once meet at this row."""
        self.ensure_one()
        if self.state == "running":
            return
        self.write(
            {
                "state": "running",
                "run": self.run + 1,
                "total_count": self.ready_count,
                "started_on": fields.Datetime.now(),
                "started_by_id": self.env.uid,
                "ended_on": False,
            }
        )
        self._tell(
            self.env._(
                "Close begun: %(count)s patients are ready, %(amount)s.",
                count=self.ready_count,
                amount=format_amount(self.env, self.ready_amount, self.currency_id),
            )
        )

    def _set_state(self, state):
        """Stop the run, go on with it, or end it, and say in the history how far it is."""
        self.ensure_one()
        over = state != "running"
        self.write({"state": state, "ended_on": over and fields.Datetime.now()})
        said = {
            "running": self.env._("Close resumed"),
            "stopped": self.env._("Close stopped"),
            "done": self.env._("Close ended"),
        }
        self._tell(
            self.env._(
                "%(what)s: %(done)s of %(total)s billed, %(amount)s; %(failed)s could not be billed.",
                what=said[state],
                done=self.done_count,
                total=self.total_count,
                amount=format_amount(self.env, self.amount, self.currency_id),
                failed=self.failed_count,
            )
        )

    def _tell(self, words):
        """Write it into the history, and let every browser that shows this month look again."""
        self.message_post(body=words)
        self._tell_browsers()

    def _tell_browsers(self):
        # The id alone: what it stands for is fetched by who may see it.
        self.env.ref("ccm_module.group_ccm_biller")._bus_send("ccm_close", {"id": self.id})

    def _run_batch(self, limit):
        """Bill up to ``limit`` ready months of the run that is at work, in this transaction.

        Several may do so at once: each takes months that nobody else has locked. Who meets another
        transaction all the same is told so by PostgreSQL, and is to be run again as a whole.

        :return: how many months were looked at; 0 when this run has no more for the caller
        """
        self.ensure_one()
        close = self.sudo().with_company(self.company_id)
        if close.state != "running":
            return 0
        begun = fields.Datetime.now()
        chosen = close._take(limit)
        if not chosen:
            if not close._left():
                close._set_state("done")
            return 0
        moves, failed = chosen._invoice()
        billed = chosen.filtered(lambda m: m.move_id in moves)
        batch = self.env["ccm.close.batch"].sudo()
        failed.sudo().failed_batch_id = batch.create(
            {
                "close_id": close.id,
                "run": close.run,
                "done_count": len(billed),
                "failed_count": len(failed),
                "amount": sum(billed.mapped("amount_total")),
                "begun_on": begun,
                "ended_on": fields.Datetime.now(),
            }
        )
        close._tell_browsers()
        return len(chosen)

    def _ready_domain(self):
        """Return the domain of what the run has still to bill: no month fails twice in a run."""
        bad = self.env["ccm.close.batch"].search(
            [("close_id", "=", self.id), ("run", "=", self.run), ("failed_count", ">", 0)]
        )
        return [
            ("company_id", "=", self.company_id.id),
            ("month", "=", self.month),
            ("state", "=", "ready"),
            ("failed_batch_id", "not in", bad.ids),
        ]

    def _take(self, limit):
        """Return the next months of the run, locked, without those that somebody else has locked."""
        month_model = self.env["ccm.month"]
        query = month_model._search(self._ready_domain(), order="id", limit=limit)
        rows = self.env.execute_query(SQL("%s FOR UPDATE SKIP LOCKED", query.select()))
        return month_model.browse(row_id for [row_id] in rows)

    def _left(self):
        """Tell whether the run has months to bill, those included that another batch has locked."""
        return bool(self.env["ccm.month"].search_count(self._ready_domain(), limit=1))
