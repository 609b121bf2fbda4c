from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date

from ..billing import months
from .ccm_month import MONEY

STATES = ("open", "short", "blocked", "ready", "invoiced", "cancelled")
# A run of which nothing was heard for longer is not at work any more: its tab was closed.
SILENCE = timedelta(minutes=1)
# Months of one call of the browser, so that it is answered within seconds; nobody bills more at once.
BROWSER_BATCH, MAX_BATCH = 50, 1000


class CcmClose(models.Model):
    """The close of one calendar month in one practice: what the accountant opens, bills and keeps.

    A run bills in batches, each in a transaction of its own, whoever calls for the next one: the
    browser, the nightly job or a queue. What is billed stands on the months themselves and what a
    batch did in its own row, so no two batches wait for each other and none is lost.
    """

    _name = "ccm.close"
    _description = "Month Close"
    _inherit = ["mail.thread"]
    _order = "month desc, company_id"
    _rec_name = "month_name"
    _mail_post_access = "read"

    # === FIELDS === #
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    month_name = fields.Char("In Month", compute="_compute_month_name")
    is_over = fields.Boolean(compute="_compute_is_over", help="By the practice's own calendar.")
    # The present run, or the last one
    state = fields.Selection(
        [
            ("open", "To close"),
            ("running", "Closing"),
            ("stopped", "Stopped"),
            ("done", "Closed"),
        ],
        required=True,
        default="open",
        readonly=True,
    )
    run = fields.Integer("Runs", readonly=True, help="How often this month was closed so far.")
    total_count = fields.Integer("To Bill", readonly=True, help="Ready as the run began.")
    started_on = fields.Datetime("Begun On", readonly=True)
    started_by_id = fields.Many2one("res.users", "Begun By", readonly=True)
    ended_on = fields.Datetime(readonly=True)
    batch_ids = fields.One2many("ccm.close.batch", "close_id", readonly=True)
    done_count = fields.Integer("Billed in This Run", compute="_compute_run")
    failed_count = fields.Integer("Failed in This Run", compute="_compute_run")
    amount = fields.Monetary("Billed Amount of This Run", compute="_compute_run", groups=MONEY)
    last_batch_on = fields.Datetime("Last Heard Of", compute="_compute_run")
    is_interrupted = fields.Boolean("Interrupted", compute="_compute_run")
    # The months
    month_count = fields.Integer("Patients", compute="_compute_states")
    open_count = fields.Integer("Still Open", compute="_compute_states")
    short_count = fields.Integer("Too Few Minutes", compute="_compute_states")
    blocked_count = fields.Integer("Blocked", compute="_compute_states")
    ready_count = fields.Integer("Ready", compute="_compute_states")
    invoiced_count = fields.Integer("Billed", compute="_compute_states")
    cancelled_count = fields.Integer("Not to Be Billed", compute="_compute_states")
    unbilled_count = fields.Integer("Not Billed", compute="_compute_states")
    mend_count = fields.Integer(
        "To Mend",
        compute="_compute_mend_count",
        help="Patients for whom something is missing, so far also in a month that is not over.",
    )
    open_amount = fields.Monetary("Amount So Far", compute="_compute_states", groups=MONEY)
    blocked_amount = fields.Monetary("Held Back", compute="_compute_states", groups=MONEY)
    ready_amount = fields.Monetary("Amount Ready", compute="_compute_states", groups=MONEY)
    invoiced_amount = fields.Monetary("Amount Billed", compute="_compute_states", groups=MONEY)

    # === SQL OBJECTS === #
    _company_month_unique = models.UniqueIndex(
        "(company_id, month)", "This month has its document already: open the one that exists."
    )
    _first_day = models.Constraint(
        "CHECK (EXTRACT(DAY FROM month) = 1)", "A month is named by its first day."
    )

    # === COMPUTE === #
    @api.depends("month")
    @api.depends_context("lang")
    def _compute_month_name(self):
        for close in self:
            close.month_name = close.month and format_date(
                self.env, close.month, date_format="MMMM yyyy"
            )

    @api.depends("month", "company_id")
    def _compute_is_over(self):
        for close in self:
            close.is_over = months.last_day(close.month) < close.company_id._ccm_today()

    @api.depends("run", "state", "started_on", "batch_ids.ended_on")
    def _compute_run(self):
        rows = self.env["ccm.close.batch"]._read_group(
            [("close_id", "in", self.ids)],
            ["close_id", "run"],
            ["done_count:sum", "failed_count:sum", "amount:sum", "ended_on:max"],
        )
        found = {(close, run): sums for close, run, *sums in rows}
        now = fields.Datetime.now()
        for close in self:
            done, failed, amount, last = found.get((close, close.run), (0, 0, 0, False))
            close.done_count, close.failed_count, close.amount = done, failed, amount
            close.last_batch_on = last
            heard = last or close.started_on
            close.is_interrupted = close.state == "running" and now - heard > SILENCE

    @api.depends("month", "company_id")
    def _compute_states(self):
        rows = self.env["ccm.month"]._read_group(
            [("company_id", "in", self.company_id.ids), ("month", "in", self.mapped("month"))],
            ["company_id", "month:month", "state"],
            ["__count", "amount_total:sum"],
        )
        found = {(company, month, state): sums for company, month, state, *sums in rows}
        for close in self:
            total = 0
            for state in STATES:
                count, amount = found.get((close.company_id, close.month, state), (0, 0))
                close[f"{state}_count"] = count
                total += count
                if f"{state}_amount" in close._fields:
                    close[f"{state}_amount"] = amount
            close.month_count = total
            close.unbilled_count = total - close.invoiced_count - close.cancelled_count

    @api.depends("month", "company_id")
    def _compute_mend_count(self):
        rows = self.env["ccm.month"]._read_group(
            [
                ("company_id", "in", self.company_id.ids),
                ("month", "in", self.mapped("month")),
                ("state", "in", ("open", "blocked")),
                ("blocker_count", ">", 0),
            ],
            ["company_id", "month:month"],
            ["__count"],
        )
        found = {(company, month): count for company, month, count in rows}
        for close in self:
            close.mend_count = found.get((close.company_id, close.month), 0)

    # === ACTIONS === #
    @api.model
    def action_open_list(self):
        """Open the list of months to close, each with its document."""
        self._check_biller()
        for company in self.env.companies:
            rows = self.env["ccm.month"]._read_group(
                [("company_id", "=", company.id)], ["month:month"]
            )
            self._ensure(company, [month for [month] in rows])
        return self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_close_action")

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

    def action_run_batch(self, limit=BROWSER_BATCH):
        """Bill the next months of the run; see ``get_progress`` for what is returned."""
        self._check_biller()
        self._run_batch(min(max(int(limit), 1), MAX_BATCH))
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
    def _check_biller(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_biller"):
            raise AccessError(self.env._("Only a biller may do this."))

    @api.model
    def _ensure(self, company, month_dates):
        """Return the documents of these months, made where missing.

        INSERT … ON CONFLICT, so that two who open a month at once both get the same one.
        """
        if month_dates:
            self.env.cr.execute(
                """
                INSERT INTO ccm_close (company_id, month, state, run,
                                       create_uid, create_date, write_uid, write_date)
                SELECT %s, month, 'open', 0, %s, now, %s, now
                  FROM unnest(%s::date[]) AS month,
                       (SELECT now() AT TIME ZONE 'UTC' AS now) AS clock
                ON CONFLICT (company_id, month) DO NOTHING
                """,
                (company.id, self.env.uid, self.env.uid, list(month_dates)),
            )
        return self.search([("company_id", "=", company.id), ("month", "in", month_dates)])

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
