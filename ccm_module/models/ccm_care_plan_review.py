"""When a plan is looked at as a whole again: a year on, unless the practice says sooner."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..care_plan.elements import REVIEW_MONTHS

REVIEW_ACTIVITY = "ccm_module.mail_activity_type_plan_review"
NOTICE_DAYS = 30
BATCH = 200  # plans a cron run; each is one activity


class CcmCarePlan(models.Model):
    _inherit = "ccm.care.plan"

    # === FIELDS === #

    review_due = fields.Date(
        "Next Review",
        default=lambda self: self._review_after(self._today()),
        copy=False,
        tracking=True,
        help="A year after approval, unless another day is entered.",
    )
    review_reminded = fields.Boolean(readonly=True, copy=False)

    # === SQL OBJECTS === #

    _review_due_idx = models.Index("(review_due) WHERE state = 'approved'")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # A plan approved elsewhere comes with its own day; its year began then.
        vals_list = [
            {"review_due": self._review_after(fields.Date.to_date(vals["approved_on"])), **vals}
            if vals.get("approved_on")
            else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        if "review_due" in vals and "review_reminded" not in vals:
            moved = self.filtered(lambda plan: plan._changed_fields(vals, ["review_due"]))
            moved._forget_reminder()
        result = super().write(vals)
        if vals.get("state") == "superseded":
            self._forget_reminder()
        return result

    # === HELPERS === #

    @api.model
    def _review_after(self, day):
        return day + relativedelta(months=REVIEW_MONTHS)

    def _approval_values(self, vals):
        values = super()._approval_values(vals)
        if not self.review_due or self.review_due <= values["approved_on"]:
            values["review_due"] = self._review_after(values["approved_on"])
        return values

    def _forget_reminder(self):
        reminded = self.filtered("review_reminded")
        reminded.activity_unlink([REVIEW_ACTIVITY])
        reminded.review_reminded = False

    # === CRON === #

    @api.model
    def _cron_review_due(self):
        """Ask the coordinators, once, for the reviews due within the next thirty days; run daily.

        Only for patients who are enrolled: a plan that nobody works by needs no review.
        """
        due = (
            Domain("state", "=", "approved")
            & Domain("review_due", "<=", f"+{NOTICE_DAYS}d")
            & Domain("review_reminded", "=", False)
            & Domain("partner_id.ccm_enrollment_ids", "any", [("state", "=", "active")])
        )
        remaining = self.search_count(due)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while remaining:
            batch = self.search(due, order="review_due, id", limit=BATCH).try_lock_for_update()
            if not batch:
                break
            batch._remind_of_review()
            remaining -= len(batch)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _remind_of_review(self):
        for plan in self:
            coordinator = plan.partner_id.ccm_coordinator_id
            # No e-mail: it would carry the patient's name.
            plan.with_context(mail_activity_quick_update=True).activity_schedule(
                REVIEW_ACTIVITY,
                date_deadline=max(plan.review_due, plan._today()),
                user_id=(coordinator or plan.approved_by_id).id,
            )
        self.review_reminded = True
