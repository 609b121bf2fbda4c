from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..billing import audit, months


class CcmAudit(models.Model):
    """A mock audit: some patients' months of one calendar month, looked at as an auditor would."""

    _name = "ccm.audit"
    _description = "Mock Audit"
    _inherit = ["ccm.month.name.mixin", "mail.thread"]
    _order = "month desc, id desc"

    # === FIELDS === #
    company_id = fields.Many2one(
        "res.company",
        "Practice",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    month = fields.Date(
        required=True,
        index=True,
        default=lambda self: months.previous_month(self.env.company._ccm_today()),
        help="Any day of it.",
    )
    state = fields.Selection(
        [("draft", "To begin"), ("done", "Done")], required=True, readonly=True, default="draft"
    )
    # The sample
    percent = fields.Integer(
        "Sample, Percent",
        required=True,
        default=lambda self: self.env.company.ccm_audit_percent,
        help="Of the patients billed, or about to be billed, in this month.",
    )
    least = fields.Integer(
        "At Least",
        required=True,
        default=lambda self: self.env.company.ccm_audit_least,
        help="So many patients, where there are so many.",
    )
    seed = fields.Integer(
        "Draw Number",
        required=True,
        default=lambda self: int(self.env.company._ccm_today().strftime("%Y%m%d")),
        help="Draws the sample: the same number draws the same patients of the same again.",
    )
    population_count = fields.Integer("Patients to Draw From", readonly=True)
    month_ids = fields.Many2many("ccm.month", string="Drawn", readonly=True)
    # What came out
    made_on = fields.Datetime(readonly=True)
    made_by_id = fields.Many2one("res.users", readonly=True, help="OdooBot: the monthly job.")
    finding_ids = fields.One2many("ccm.audit.finding", "audit_id", "Findings", readonly=True)
    failed_ids = fields.One2many(
        "ccm.audit.finding",
        "audit_id",
        "Not Met",
        domain=[("is_met", "=", False)],
        readonly=True,
    )
    month_count = fields.Integer("Patients", readonly=True)
    score = fields.Float(
        "Score (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="The share of the requirements that are met. Warnings do not lower it.",
    )
    failed_count = fields.Integer("To Mend", readonly=True)
    warning_count = fields.Integer("Warnings", readonly=True)

    # === SQL OBJECTS === #
    _percent_range = models.Constraint(
        "CHECK (percent BETWEEN 0 AND 100)", "Sample, Percent: enter a number from 0 to 100."
    )
    _least_range = models.Constraint(
        "CHECK (least BETWEEN 1 AND 1000)", "At Least: enter a number from 1 to 1000."
    )

    # === COMPUTE === #
    @api.depends("month")
    def _compute_display_name(self):
        for record in self:
            month = record.month.strftime("%Y-%m") if record.month else ""
            record.display_name = self.env._("Mock audit of %s", month)

    # === CONSTRAINTS === #
    @api.constrains("month")
    def _check_month(self):
        for record in self:
            if record.month > record.company_id._ccm_today():
                raise ValidationError(
                    self.env._("Month: choose this month or an earlier one, not a future one.")
                )

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("month"):
                vals["month"] = months.first_day(fields.Date.to_date(vals["month"]))
        return super().create(vals_list)

    def write(self, vals):
        facts = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if facts and not self.env.su and any(record.state == "done" for record in self):
            raise UserError(self.env._("What an audit found is not changed: make a new one."))
        if vals.get("month"):
            vals = {**vals, "month": months.first_day(fields.Date.to_date(vals["month"]))}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(record.state == "done" for record in self):
            raise UserError(self.env._("An audit that was made is kept: it is part of the trend."))

    # === ACTIONS === #
    def action_run(self):
        """Draw the sample and look at each of its months.

        :raises UserError: nothing to draw from
        """
        self._check_manager()
        for record in self:
            if record.state == "done":
                raise UserError(self.env._("This audit was made already: make a new one."))
            if not record.sudo()._run():
                raise UserError(
                    self.env._(
                        "No patient is billed, or about to be billed, in %s.", record.month_name
                    )
                )

    def action_view_findings(self):
        """Open all findings of this audit."""
        return self._view_findings(
            self.env._("Findings"), {"group_by": "requirement", "ccm_with_score": True}
        )

    def action_view_to_mend(self):
        """Open what is not met, each with the way to where it is mended."""
        return self._view_findings(self.env._("To Mend"), {"search_default_failed": 1})

    # === CRON === #
    @api.model
    def _cron_audit(self):
        """Audit the last month of each practice, once, as soon as all of it is decided."""
        for company in self.env["res.company"].search([("ccm_audit_percent", ">", 0)], order="id"):
            model = self.with_company(company)
            month = months.previous_month(company._ccm_today())
            of_month = [("company_id", "=", company.id), ("month", "=", month)]
            if self.search_count([*of_month, ("state", "=", "done")], limit=1):
                continue
            if self.env["ccm.month"].search_count([*of_month, ("state", "=", "open")], limit=1):
                continue  # tomorrow
            if model._find_population(company, month):
                model.create({"month": month})._run()
            self.env["ir.cron"]._commit_progress(1)

    # === HELPERS === #
    def _check_manager(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_manager"):
            raise AccessError(self.env._("Only a manager may do this."))

    def _view_findings(self, name, context):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ccm.audit.finding",
            "view_mode": "list,kanban,pivot,graph",
            "domain": [("audit_id", "=", self.id)],
            "context": context,
        }

    @api.model
    def _find_population(self, company, month):
        """Return the months that are billed, or are to be: whatever still blocks them."""
        return self.env["ccm.month"].search(
            [
                ("company_id", "=", company.id),
                ("month", "=", month),
                ("state", "in", ("open", "ready", "blocked", "invoiced")),
                ("line_ids", "!=", False),
            ]
        )

    def _run(self):
        """Make this audit; return whether there was anything to draw from."""
        self.ensure_one()
        population = self._find_population(self.company_id, self.month)
        if not population:
            return False
        drawn = audit.sample(population.ids, self.seed, self.percent, self.least)
        drawn = self.env["ccm.month"].browse(drawn)
        by_month = drawn._audit()
        findings = self.env["ccm.audit.finding"].create(
            [
                self.env["ccm.audit.finding"]._prepare(self, month, finding)
                for month, found in by_month.items()
                for finding in found
            ]
        )
        judged = [finding for found in by_month.values() for finding in found]
        failed = findings.filtered(lambda finding: not finding.is_met)
        warnings = failed.filtered(lambda finding: finding.severity == audit.WARNING)
        self.write(
            {
                "state": "done",
                "made_on": fields.Datetime.now(),
                "made_by_id": self.env.uid,
                "population_count": len(population),
                "month_ids": [fields.Command.set(drawn.ids)],
                "month_count": len(drawn),
                "score": audit.score(judged) or 0,
                "failed_count": len(failed - warnings),
                "warning_count": len(warnings),
            }
        )
        self.message_post(
            body=self.env._(
                "%(drawn)s of %(population)s patients looked at: %(score).1f %% of the requirements are"
                " met, %(failed)s to mend, %(warnings)s warnings.",
                drawn=len(drawn),
                population=len(population),
                score=self.score,
                failed=self.failed_count,
                warnings=self.warning_count,
            )
        )
        return True
