"""The day begins: this month's rows, its planned activities, and the calls that fall due."""

from odoo import api, fields, models
from odoo.tools import split_every

from ..billing import months, worklist
from .ccm_batch import sparing
from .ccm_month import FIXED_STATES
from .ccm_month_close import BATCH


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    plan_on = fields.Date(
        "Plan Launched On",
        readonly=True,
        copy=False,
        help="The day this month's plan of activities was launched for the patient; once only.",
    )

    # === ACTIONS === #
    def action_launch_plan(self):
        """Launch the practice's monthly plan where it was not launched yet."""
        self.check_access("read")
        if not self.env.su:
            self.env.user._ccm_check_works()
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_user"):
            return self._notify("warning", "", self.env._("Only the care team launches a plan."))
        if not self.company_id.ccm_plan_id:
            return self._notify(
                "warning",
                self.env._("No monthly plan"),
                self.env._("Choose the Monthly Plan in the settings of Chronic Care first."),
            )
        launched = self.sudo()._launch_plan()
        return self._notify(
            "success",
            "",
            self.env._(
                "The plan was launched for %(count)s of %(all)s patients; the others have it.",
                count=len(launched),
                all=len(self),
            ),
        )

    # === HELPERS === #
    def _launch_plan(self):
        """Plan the activities of these months and return those they were planned for.

        Never twice for a month, whoever starts it: the row is locked and keeps the day. What is
        still open of the same kind is not planned again.
        """
        locked = self.try_lock_for_update()
        locked.invalidate_recordset(["plan_on", "state"])
        todo = locked.filtered(
            lambda m: (
                not m.plan_on
                and m.state not in FIXED_STATES
                and m.practitioner_id
                and m.company_id.ccm_plan_id
            )
        )
        open_kinds = {
            (res_id, kind.id)
            for res_id, kind in self.env["mail.activity"]._read_group(
                [("res_model", "=", "res.partner"), ("res_id", "in", todo.partner_id.ids)],
                ["res_id", "activity_type_id"],
            )
        }
        values = []
        for month in todo:
            today = month._local_today()
            for template in month.company_id.ccm_plan_id.template_ids:
                if (month.partner_id.id, template.activity_type_id.id) not in open_kinds:
                    values.append(month._prepare_plan_activity(template, today))
            month.plan_on = today
        self.env["mail.activity"].create(values)
        return todo

    def _prepare_plan_activity(self, template, today):
        self.ensure_one()
        user = (
            template.responsible_id if template.responsible_type == "other" else self.coordinator_id
        )
        return {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.partner_id.id,
            "activity_type_id": template.activity_type_id.id,
            "summary": template.summary,
            "note": template.note,
            "user_id": user.id,
            "date_deadline": template._get_date_deadline(today),
            "automated": True,
        }

    # === CRON === #
    @api.model
    def _cron_begin_day(self):
        """Begin the month, launch its plan and bring the due calls forward, in every practice.

        Hourly, because midnight comes at another hour in each zone; when nothing is due it is a
        few searches.
        """
        for company in self.env["res.company"].search([("active", "=", True)], order="id"):
            if not self.with_company(company)._begin_day():
                return
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _begin_day(self):
        """Do so in the current company; False when out of time."""
        company = self.env.company
        month = months.first_day(company._ccm_today())
        running = [("company_id", "=", company.id), ("month", "=", month)]
        begun = self.search([*running, ("decided_on", "!=", False)])
        waiting = self._find_patients(month, company) - begun.partner_id
        jobs = [(waiting, lambda batch: self._refresh(month, batch))]
        # Ranks of yesterday, as after a night: their day has come
        due = self.search(
            [
                *running,
                ("next_call_on", "<=", company._ccm_today()),
                ("work_rank", "<", worklist.DUE * worklist.TIER),
            ]
        )
        jobs.append((due, lambda batch: self._refresh_calls(batch.partner_id)))
        progress = self.env["ir.cron"]
        # Out of time, Odoo goes on with what remains at once, and not in an hour.
        progress._commit_progress(remaining=sum(len(records) for records, _work in jobs) + 1)
        for records, work in jobs:
            for ids in split_every(BATCH, records.ids):
                batch = records.browse(ids)
                self._retry(lambda work=work, batch=batch: sparing(batch, work))
                if not progress._commit_progress(len(batch)):
                    return False
        if company.ccm_plan_id:
            unplanned = self.search(
                [*running, ("plan_on", "=", False), ("state", "not in", FIXED_STATES)]
            ).filtered("practitioner_id")
            progress._commit_progress(remaining=len(unplanned) + 1)
            for ids in split_every(BATCH, unplanned.ids):
                batch = self.browse(ids)
                self._retry(lambda batch=batch: sparing(batch, type(self)._launch_plan))
                if not progress._commit_progress(len(batch)):
                    return False
        return True
