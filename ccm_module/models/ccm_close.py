from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..billing import months
from .ccm_month import MONEY

RUN_STATES = [
    ("open", "To close"),
    ("running", "Closing"),
    ("stopped", "Stopped"),
    ("done", "Closed"),
]
STATES = ("open", "short", "blocked", "ready", "invoiced", "cancelled")
# A run of which nothing was heard for longer is not at work any more: its tab was closed.
SILENCE = timedelta(minutes=1)


class CcmClose(models.Model):
    """The close of one calendar month in one practice: what the accountant opens, bills and keeps.

    A run bills in batches, each in a transaction of its own, whoever calls for the next one: the
    browser, the nightly job or a queue. What is billed stands on the months themselves and what a
    batch did in its own row, so no two batches wait for each other and none is lost.
    """

    _name = "ccm.close"
    _description = "Month Close"
    _inherit = ["mail.thread", "ccm.month.name.mixin"]
    _order = "month desc, company_id"
    _rec_name = "month_name"

    # === FIELDS === #
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    is_over = fields.Boolean(compute="_compute_is_over", help="By the practice's own calendar.")
    # The present run, or the last one
    state = fields.Selection(RUN_STATES, required=True, default="open", readonly=True)
    # What people are shown: a month that was billed by hand needs no run to be closed.
    standing = fields.Selection(RUN_STATES, compute="_compute_standing")
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

    @property
    def _mail_post_access(self):
        """Whoever closes months may talk about them; who only audits writes nothing."""
        return "read" if self.env.user._ccm_works() else "write"

    # === COMPUTE === #
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

    @api.depends("state", "is_over", "unbilled_count", "short_count", "invoiced_count")
    def _compute_standing(self):
        for close in self:
            nothing_left = close.is_over and close.unbilled_count == close.short_count
            by_hand = close.state == "open" and nothing_left and close.invoiced_count
            close.standing = "done" if by_hand else close.state

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
        """Open the list of months to close, each with its document; an auditor makes none."""
        self._check_reader()
        for company in self.env.companies if self._may_bill() else ():
            rows = self.env["ccm.month"]._read_group(
                [("company_id", "=", company.id)], ["month:month"]
            )
            self._ensure(company, [month for [month] in rows])
        return self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_close_action")

    # === HELPERS === #
    def _may_bill(self):
        return self.env.su or self.env.user.has_group("ccm_module.group_ccm_biller")

    def _check_biller(self):
        self.check_access("read")
        if not self._may_bill():
            raise AccessError(self.env._("Only a biller may do this."))

    def _check_reader(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(MONEY):
            raise AccessError(self.env._("Only a biller or an auditor may see this."))

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
