"""How to reach the patient: when, in whose name, and the calls that are planned."""

from datetime import timedelta

from odoo import api, fields, models

from .res_partner import CLINICAL

# What message_post looks for in the context. No client can send it: a call over RPC brings values, and
# this is an object of the server's own.
PRIVATE_POST = object()
CALL_TYPE = "ccm_module.mail_activity_type_call"
SATURDAY = 5


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === FIELDS === #
    ccm_call_time = fields.Selection(
        [
            ("morning", "Morning"),
            ("noon", "Midday"),
            ("afternoon", "Afternoon"),
            ("evening", "Evening"),
        ],
        "Best Time to Call",
        copy=False,
        groups=CLINICAL,
    )
    ccm_call_note = fields.Char(
        "Calling Hints",
        copy=False,
        groups=CLINICAL,
        help="Such as: not on Tuesdays, let it ring long.",
    )
    ccm_caregiver_id = fields.Many2one(
        "res.partner",
        "Caregiver",
        ondelete="restrict",
        copy=False,
        groups=CLINICAL,
        domain="[('is_company', '=', False), ('id', '!=', id)]",
        help="Who may be called in the patient's place.",
    )
    ccm_caregiver_relation = fields.Selection(
        [
            ("spouse", "Spouse or partner"),
            ("child", "Son or daughter"),
            ("parent", "Parent"),
            ("sibling", "Brother or sister"),
            ("relative", "Other relative"),
            ("friend", "Friend or neighbor"),
            ("paid", "Paid caregiver"),
            ("guardian", "Legal guardian"),
        ],
        "Relation",
        copy=False,
        groups=CLINICAL,
    )
    ccm_caregiver_phone = fields.Char(
        "Caregiver's Phone", related="ccm_caregiver_id.phone", groups=CLINICAL
    )
    ccm_next_call_on = fields.Date(
        "Next Call", compute="_compute_ccm_next_call_on", groups=CLINICAL
    )

    # === COMPUTE === #
    @api.depends("activity_ids.date_deadline", "activity_ids.active")
    def _compute_ccm_next_call_on(self):
        on_worklist = [
            ("res_model", "=", "res.partner"),
            ("res_id", "in", self._origin.ids),
            ("activity_type_id.ccm_worklist", "=", True),
        ]
        calls = dict(
            self.env["mail.activity"]._read_group(on_worklist, ["res_id"], ["date_deadline:min"])
        )
        for partner in self:
            partner.ccm_next_call_on = calls.get(partner._origin.id, False)

    # === CRUD === #
    def message_post(self, **kwargs):
        """Note what concerns care where only the care team reads; every employee reads a contact."""
        if self.env.context.get("ccm_private_post") is PRIVATE_POST:
            record = self.sudo().ccm_enrollment_ids[:1] or self.sudo().ccm_month_ids[:1]
            if record:
                record.with_env(self.env).check_access("read")
                return record.message_post(**kwargs)
        return super().message_post(**kwargs)

    # === ACTIONS === #
    def action_ccm_log_attempt(self):
        """Open the dialog for an attempt to reach the patient."""
        self.ensure_one()
        self._ccm_check("ccm.attempt", "create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Attempt"),
            "res_model": "ccm.attempt",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    # === HELPERS === #
    def _ccm_call_domain(self):
        """Return the domain of the patients' open calls, and of no other work on them."""
        return [
            ("res_model", "=", "res.partner"),
            ("res_id", "in", self._origin.ids),
            ("activity_type_id.ccm_private", "=", True),
            ("activity_type_id.category", "=", "phonecall"),
        ]

    def _ccm_schedule_call(self, day):
        """Plan the next call of each patient: move the open one, or schedule one.

        It is the coordinator's, or else the current user's.
        """
        calls = self.env["mail.activity"].search(self._ccm_call_domain(), order="date_deadline")
        planned = {call.res_id: call for call in calls.sorted("date_deadline", reverse=True)}
        for partner in self:
            if call := planned.get(partner.id):
                call.date_deadline = day
            else:
                user = partner.ccm_coordinator_id or self.env.user
                partner.activity_schedule(CALL_TYPE, date_deadline=day, user_id=user.id)

    def _ccm_finish_calls(self):
        """Mark the calls done that were due up to today: the patient was reached."""
        today = self.env.company._ccm_today()
        due = [*self._ccm_call_domain(), ("date_deadline", "<=", today)]
        self.env["mail.activity"].search(due).action_feedback()

    def _ccm_put_off_calls(self):
        """Plan the call that was tried today anew for the next working day."""
        later = [
            *self._ccm_call_domain(),
            ("date_deadline", ">", self.env.company._ccm_today()),
        ]
        planned = set(self.env["mail.activity"].search(later).mapped("res_id"))
        missed = self.filtered(lambda partner: partner.id not in planned)
        missed._ccm_schedule_call(self._ccm_next_working_day())

    @api.model
    def _ccm_next_working_day(self):
        """Return the first day from Monday to Friday after today, where the practice is."""
        day = self.env.company._ccm_today() + timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return day
