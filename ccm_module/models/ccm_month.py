from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..billing import months
from .ccm_wording import codes_text, say

# Bills in these states are never decided anew.
FIXED_STATES = ("invoiced", "cancelled")
# What people may write on a month; everything else follows from the facts.
PRACTITIONER_FIELDS = {"complex_mdm", "complex_mdm_note"}
# Who sees what the practice earns.
MONEY = "ccm_module.group_ccm_biller,ccm_module.group_ccm_manager,ccm_module.group_ccm_auditor"


class CcmMonth(models.Model):
    """One patient in one calendar month: the unit of billing."""

    _name = "ccm.month"
    _description = "Patient's CCM Month"
    _inherit = ["ccm.history.mixin", "mail.activity.mixin", "ccm.month.name.mixin"]
    _order = "month desc, partner_id"

    # === FIELDS === #
    partner_id = fields.Many2one(
        "res.partner",
        string="Patient",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    month = fields.Date(required=True, index=True, readonly=True, help="Its first day.")
    program_id = fields.Many2one("ccm.program", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    practitioner_id = fields.Many2one(
        "res.partner", string="Billing Practitioner", readonly=True, index="btree_not_null"
    )
    coordinator_id = fields.Many2one("res.users", string="Care Coordinator", readonly=True)
    payer_id = fields.Many2one("res.partner", readonly=True)
    # Minutes: whole, floored, each second once
    staff_minutes = fields.Integer(readonly=True)
    practitioner_minutes = fields.Integer(
        readonly=True, help="The billing practitioner's own minutes."
    )
    total_minutes = fields.Integer(
        string="Minutes", readonly=True, help="Staff and practitioner together, each minute once."
    )
    # Medical decision making
    complex_mdm = fields.Boolean(
        string="Complex Decision Making",
        tracking=True,
        help="The billing practitioner made decisions of moderate or high complexity this month.",
    )
    complex_mdm_note = fields.Text(string="Decision Making Note")
    complex_mdm_by_id = fields.Many2one("res.users", readonly=True)
    complex_mdm_on = fields.Datetime(readonly=True)
    # Decision
    state = fields.Selection(
        [
            ("open", "Open"),
            ("short", "Too few minutes"),
            ("blocked", "Blocked"),
            ("ready", "Ready"),
            ("invoiced", "Invoiced"),
            ("cancelled", "Not to be billed"),
        ],
        required=True,
        default="open",
        readonly=True,
        index=True,
        group_expand=True,
        tracking=True,
    )
    line_ids = fields.One2many("ccm.month.line", "month_id", readonly=True)
    base_code = fields.Char(string="Code", readonly=True)
    codes = fields.Char(compute="_compute_codes")
    service_date = fields.Date(readonly=True)
    diagnosis_ids = fields.Many2many(
        "ccm.diagnosis", readonly=True, help="What supports the bill on the date of service."
    )
    plan_id = fields.Many2one(
        "ccm.care.plan",
        "Care Plan",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The version in force at the end of the month, or so far.",
    )
    amount_total = fields.Monetary(string="Amount", readonly=True, groups=MONEY)
    blocker_ids = fields.One2many("ccm.month.blocker", "month_id", readonly=True)
    blocker_count = fields.Integer(readonly=True)
    reason = fields.Text(compute="_compute_reason")
    details = fields.Json(readonly=True, help="Options, seconds left out and why, next steps.")
    option_amounts = fields.Json(
        readonly=True, groups=MONEY, help="What each option of the details would pay, in order."
    )
    next_code = fields.Char(readonly=True)
    next_seconds = fields.Integer(string="Seconds to Next Code", readonly=True)
    next_amount = fields.Monetary(
        string="Next Code Adds",
        readonly=True,
        groups=MONEY,
        help="What reaching the next code adds to this month's bill, what it replaces taken off.",
    )
    next_text = fields.Char(string="To Go", compute="_compute_next_text")
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)
    decided_on = fields.Datetime(readonly=True)
    # Bill
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True, copy=False)
    move_ids = fields.One2many(
        "account.move", "ccm_month_id", string="All Invoices", readonly=True, groups=MONEY
    )
    error_message = fields.Text(readonly=True, copy=False)
    error_on = fields.Date(readonly=True, copy=False)
    cancel_reason = fields.Char(readonly=True, tracking=True)

    # === SQL OBJECTS === #
    # One row, and so one bill, a patient-month and program: whoever starts it, however often.
    _patient_month_unique = models.UniqueIndex(
        "(partner_id, month, program_id)",
        "This patient has this month already: open the one that exists.",
    )
    _move_unique = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL", "This invoice already bills another month."
    )
    _first_day = models.Constraint(
        "CHECK (EXTRACT(DAY FROM month) = 1)", "A month is named by its first day."
    )
    _invoiced_has_move = models.Constraint(
        "CHECK ((state = 'invoiced') = (move_id IS NOT NULL))",
        "A month is invoiced when, and only when, it has an invoice.",
    )

    @property
    def _mail_post_access(self):
        """Whoever works with months may talk about them; who only audits writes nothing."""
        return "read" if self.env.user._ccm_works() else "write"

    # === COMPUTE === #
    @api.depends("partner_id", "month")
    @api.depends_context("ccm_by_patient")
    def _compute_display_name(self):
        for record in self:
            if self.env.context.get("ccm_by_patient"):  # all of one month, in a narrow calendar
                record.display_name = record.partner_id.name
                continue
            month = record.month.strftime("%Y-%m") if record.month else ""
            record.display_name = f"{record.partner_id.name or ''} · {month}"

    @api.depends("blocker_ids", "state", "cancel_reason")
    def _compute_reason(self):
        for record in self:
            if record.state == "cancelled":
                record.reason = record.cancel_reason
            else:
                missing = record.blocker_ids.filtered(lambda b: b.severity == "blocker")
                record.reason = "\n".join(missing.mapped("name"))

    @api.depends("line_ids.code", "line_ids.units")
    def _compute_codes(self):
        for record in self:
            record.codes = codes_text((line.code, line.units) for line in record.line_ids)

    @api.depends("next_code", "next_seconds")
    def _compute_next_text(self):
        for record in self:
            if not record.next_code:
                record.next_text = False
                continue
            minutes, seconds = divmod(record.next_seconds, 60)
            record.next_text = self.env._(
                "%(minutes)s min %(seconds)s s to %(code)s",
                minutes=minutes,
                seconds=seconds,
                code=record.next_code,
            )

    @api.depends("details")
    def _compute_explanation(self):
        for record in self:
            record.explanation = record.env["ir.qweb"]._render(
                "ccm_module.ccm_month_explanation", record._explain(), raise_if_not_found=False
            )

    # === CRUD === #
    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        facts = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if facts - PRACTITIONER_FIELDS:
            raise AccessError(
                self.env._("A patient's month follows from the record: change the facts instead.")
            )
        if not facts:
            return super().write(vals)
        if not self.env.user.has_group("ccm_module.group_ccm_practitioner"):
            raise AccessError(
                self.env._("Only a practitioner records the complexity of medical decision making.")
            )
        if any(record.state in FIXED_STATES for record in self):
            raise UserError(self.env._("This month is closed: undo its invoice first."))
        # First the row, then the note: PostgreSQL logs a statement that meets another transaction
        # whole, and a note is health data.
        self.sudo()._touch()
        self.sudo()._refuse_billed()
        result = super().write(vals)
        self.sudo().write(
            {"complex_mdm_by_id": self.env.uid, "complex_mdm_on": fields.Datetime.now()}
        )
        self.sudo()._decide()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        if any(record.state == "invoiced" or record.move_ids for record in self):
            raise UserError(
                self.env._("A month that was invoiced is kept: it is the proof of the bill.")
            )

    # === ACTIONS === #
    def action_refresh(self):
        """Decide these months anew from the record."""
        self.check_access("read")
        if not self.env.su:
            self.env.user._ccm_check_works()
        self.sudo()._decide()

    def action_cancel(self):
        """Open the dialog that asks why these months are not to be billed."""
        self._check_biller()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Do Not Bill"),
            "res_model": "ccm.month.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_month_ids": self.ids},
        }

    def action_reopen(self):
        """Take back the decision not to bill."""
        self._check_biller()
        cancelled = self.filtered(lambda m: m.state == "cancelled")
        cancelled.sudo().write({"state": "open", "cancel_reason": False})
        cancelled.sudo()._decide()

    def action_view_move(self):
        """Open the invoice of this month."""
        self.ensure_one()
        self.check_access("read")
        self.move_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(self.env.ref("account.view_move_form").id, "form")],
            "name": self.env._("Invoice"),
        }

    # === HELPERS === #
    def _check_biller(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_biller"):
            raise AccessError(self.env._("Only a biller may do this."))

    def _local_today(self):
        self.ensure_one()
        return self.company_id._ccm_today()

    def _is_over(self):
        """Tell whether the calendar month has ended in the practice's zone."""
        self.ensure_one()
        return months.last_day(self.month) < self._local_today()

    @api.model
    def _refresh(self, month_date, partners=None):
        """Bring the months of one calendar month up to date and return them.

        :param date month_date: any day of the month
        :param partners: patients to look at; by default all of the current company who are
            enrolled in that month or have time in it
        :return: their months, those already invoiced or cancelled (left untouched) included
        """
        month = months.first_day(fields.Date.to_date(month_date))
        self_sudo = self.sudo()
        if partners is None:
            partners = self_sudo._find_patients(month, self.env.company)
        keys = {
            (partner._ccm_company(self.env.company, month), partner.id, month)
            for partner in partners.sudo()
        }
        records = self_sudo._ensure(keys)
        records._decide()
        return records.with_env(self.env)

    @api.model
    def _refresh_open(self, partners):
        """Decide every month of ``partners`` that is not fixed; their facts have changed.

        What is billed stays as it is, and shows how it differs by now.
        """
        self.search(
            [("partner_id", "in", partners.ids), ("state", "not in", FIXED_STATES)]
        )._decide()
        self._refresh_billed(partners)

    @api.model
    def _refresh_practitioner(self, practitioners):
        """Decide every open month billed by ``practitioners``; their NPI has changed."""
        self.search(
            [("practitioner_id", "in", practitioners.ids), ("state", "not in", FIXED_STATES)]
        )._decide()

    @api.model
    def _refresh_company(self, company):
        """Decide this month and the last of ``company`` anew; its settings have changed."""
        since = months.previous_month(company._ccm_today())
        self.search(
            [
                ("company_id", "=", company.id),
                ("month", ">=", since),
                ("state", "not in", FIXED_STATES),
            ]
        )._decide()

    @api.model
    def _find_patients(self, month, company):
        last = months.last_day(month)
        enrolled = self.env["ccm.enrollment"].search(
            [
                ("company_id", "=", company.id),
                ("program_id.code", "=", "CCM"),
                ("state", "in", ("active", "ended")),
                ("date_start", "<=", last),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", month),
            ]
        )
        known = self.search([("company_id", "=", company.id), ("month", "=", month)])
        return enrolled.partner_id | known.partner_id

    @api.model
    def _ensure(self, keys):
        """Return the month rows for ``{(company, partner_id, month)}``, made where missing.

        A row made before the patient was enrolled elsewhere goes to the practice that has enrolled.

        INSERT … ON CONFLICT, so that two transactions that need the same row meet in PostgreSQL
        (one of them is retried) instead of one failing in the user's face.
        """
        if not keys:
            return self
        wanted = {key[1:] for key in keys}
        program = self.env.ref("ccm_module.ccm_program_ccm")
        # In one order everywhere, so that two transactions never wait for each other.
        rows = sorted(keys, key=lambda key: (key[1], key[2]))
        self.env.cr.execute(
            """
            INSERT INTO ccm_month (partner_id, month, company_id, program_id, state, work_state,
                                   create_uid, create_date, write_uid, write_date)
            SELECT patient, month, company, %s, 'open', 'not_contacted', %s, now, %s, now
              FROM unnest(%s::int[], %s::date[], %s::int[]) AS row(patient, month, company),
                   (SELECT now() AT TIME ZONE 'UTC' AS now) AS clock
            ON CONFLICT (partner_id, month, program_id) DO UPDATE
               SET company_id = EXCLUDED.company_id
             WHERE ccm_month.company_id <> EXCLUDED.company_id
               AND ccm_month.state NOT IN ('invoiced', 'cancelled')
            """,
            (
                *(program.id, self.env.uid, self.env.uid),
                *([row[1] for row in rows], [row[2] for row in rows], [row[0].id for row in rows]),
            ),
        )
        self.env["res.partner"].browse(key[1] for key in keys).invalidate_recordset(
            ["ccm_month_ids"], flush=False
        )
        self.invalidate_model(["company_id"], flush=False)
        return self.search(
            [
                ("partner_id", "in", [key[1] for key in keys]),
                ("month", "in", [key[2] for key in keys]),
                ("program_id", "=", program.id),
            ]
        ).filtered(lambda m: (m.partner_id.id, m.month) in wanted)

    @api.model
    def _lock_patient_months(self, keys, make=False):
        """Lock the rows of these patient-months and return them.

        :param keys: ``{(company, partner_id, month)}``
        :param make: make the rows that are missing
        """
        wanted = {key[1:] for key in keys}
        if make:
            records = self._ensure(keys)
        else:
            records = self.search(
                [
                    ("partner_id", "in", [key[1] for key in keys]),
                    ("month", "in", [key[2] for key in keys]),
                ]
            ).filtered(lambda m: (m.partner_id.id, m.month) in wanted)
        records._touch()
        return records

    def _touch(self):
        """Lock these rows as whoever changes their facts does."""
        if not self:
            return
        self.flush_recordset(["state"])
        # An UPDATE, not only a lock: a close whose snapshot is older then fails and is retried,
        # and cannot bill the month without this change. In turn, who comes after the close is
        # retried, and sees that the month is billed.
        self.env.cr.execute(
            "UPDATE ccm_month SET write_date = now() AT TIME ZONE 'UTC' WHERE id IN %s",
            (tuple(sorted(self.ids)),),
        )

    def _refuse_billed(self):
        """Refuse what would change a bill behind the biller's back.

        :raises UserError: one of these months is invoiced
        """
        billed = sorted({month.month for month in self if month.state == "invoiced"})
        if billed:
            raise UserError(
                self.env._(
                    "%(month)s is already invoiced for this patient, so this is locked. Correct the "
                    "time with a reason, or ask the biller to undo the bill.",
                    month=", ".join(day.strftime("%Y-%m") for day in billed),
                )
            )

    def _explain(self):
        """Return what the decision's details say, in words, for the form and for reports."""
        self.ensure_one()
        details = self.details or {}
        return {
            "options": [
                {
                    "code": option["code"],
                    "chosen": option["chosen"],
                    "lines": codes_text(option["lines"]),
                    "text": say(self.env, option["reason"], option["params"]),
                }
                for option in details.get("options", [])
            ],
            "excluded": [
                {"time": f"{seconds // 60}:{seconds % 60:02d}", "text": say(self.env, code)}
                for code, seconds in details.get("excluded", {}).items()
            ],
        }
