from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..billing import months
from .ccm_unique import refuse_second

IN_TALKS = ("candidate", "contacted", "considering")
CLOSED = ("declined", "ended")
CONSENT_REVOKED = "consent_revoked"
ONE_ACTIVE = ("partner_id", "program_id", "state")
ONE_IN_TALKS = ("partner_id", "program_id", "company_id")


def _already_enrolled(env, _diag=None):
    return env._(
        "State: the patient is already enrolled in this program. End that enrollment first."
    )


def _already_in_talks(env, _diag=None):
    return env._(
        "State: the patient is being asked already. Go on with that enrollment instead of another."
    )


class CcmEnrollment(models.Model):
    """A patient's way into a program and out of it: candidate, contacted, considering, active.

    Only one practitioner can be paid for a patient's month (MLN909188), so one active enrollment a
    program, over all practices of the database.
    """

    _name = "ccm.enrollment"
    _description = "Enrollment"
    _inherit = ["ccm.patient.mixin", "ccm.fact.mixin", "ccm.history.mixin", "mail.activity.mixin"]
    _order = "state, date_start desc, id desc"
    _decides_eligibility = True

    # === FIELDS === #

    program_id = fields.Many2one(
        "ccm.program",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("ccm_module.ccm_program_ccm", raise_if_not_found=False),
    )
    practitioner_id = fields.Many2one(
        "res.partner",
        "Billing Practitioner",
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_ccm_practitioner', '=', True)]",
        tracking=True,
    )
    coordinator_id = fields.Many2one(
        "res.users",
        index=True,
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
        tracking=True,
        help="Who on the care team looks after this patient.",
    )
    state = fields.Selection(
        [
            ("candidate", "Candidate"),
            ("contacted", "Contacted"),
            ("considering", "Considering"),
            ("active", "Active"),
            ("declined", "Declined"),
            ("ended", "Ended"),
        ],
        required=True,
        default="candidate",
        copy=False,
        index=True,
        group_expand=True,
        tracking=True,
    )
    state_since = fields.Date(
        "Since",
        copy=False,
        index="btree_not_null",
        help="Day on which the enrollment came to its present state.",
    )
    date_start = fields.Date("Start", copy=False, tracking=True, help="First day of CCM.")
    date_end = fields.Date(
        "End", copy=False, tracking=True, help="Last day, included. Empty: goes on."
    )
    reason_id = fields.Many2one(
        "ccm.enrollment.reason", ondelete="restrict", copy=False, tracking=True
    )
    last_seen_on = fields.Date(
        "Last Seen",
        help="Day the billing practitioner last saw the patient, from the chart, where that visit is"
        " not recorded here.",
    )
    note = fields.Text()
    consent_id = fields.Many2one(
        "ccm.consent",
        compute="_compute_consent_id",
        help="The standing consent to this practitioner, if there is one.",
    )

    _active_unique = models.UniqueIndex(
        "(partner_id, program_id) WHERE state = 'active'",
        _already_enrolled,
    )
    _in_talks_unique = models.UniqueIndex(
        "(partner_id, program_id, company_id) WHERE state IN ('candidate', 'contacted', 'considering')",
        _already_in_talks,
    )

    # === COMPUTE === #

    @api.depends("practitioner_id", "partner_id.ccm_consent_ids.state")
    def _compute_consent_id(self):
        for enrollment in self:
            given = enrollment.partner_id.ccm_consent_ids.filtered(
                lambda c, enrollment=enrollment: (
                    c.state == "given" and c.practitioner_id == enrollment.practitioner_id
                )
            )
            enrollment.consent_id = given[:1]

    @api.depends("partner_id", "program_id")
    def _compute_display_name(self):
        for enrollment in self:
            enrollment.display_name = self.env._(
                "%(patient)s in %(program)s",
                patient=enrollment.partner_id.name or "",
                program=enrollment.program_id.code or "",
            )

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id and not self.practitioner_id:
            self.practitioner_id = self.partner_id._ccm_default_practitioner(self.company_id)

    @api.constrains("practitioner_id")
    def _check_practitioner_is_one(self):
        self._check_practitioner()

    @api.constrains("state", "practitioner_id", "date_start", "date_end", "reason_id")
    def _check_state(self):
        for enrollment in self:
            state = enrollment.state
            missing = []
            if state == "active":
                missing = [n for n in ("practitioner_id", "date_start") if not enrollment[n]]
            elif state in CLOSED and not enrollment.reason_id:
                missing = ["reason_id"]
            elif state == "ended" and not enrollment.date_end:
                missing = ["date_end"]
            if missing:
                raise ValidationError(
                    self.env._(
                        "Enrollment: fill in %(fields)s for the state %(state)s.",
                        fields=self._labels(missing),
                        state=enrollment._state_label(),
                    )
                )
            if state in CLOSED and enrollment.reason_id.applies_to not in (state, "both"):
                raise ValidationError(
                    self.env._(
                        "Reason: %(reason)s is not a reason for the state %(state)s. Choose"
                        " another.",
                        reason=enrollment.reason_id.name,
                        state=enrollment._state_label(),
                    )
                )

    @api.constrains("date_start", "date_end", "last_seen_on", "state")
    def _check_dates(self):
        for enrollment in self:
            start, end, today = enrollment.date_start, enrollment.date_end, enrollment._today()
            if start and end and end < start:
                raise ValidationError(
                    self.env._(
                        "End: the enrollment began on %(day)s; enter that day or later.", day=start
                    )
                )
            if enrollment.state == "ended" and end and end > today:
                raise ValidationError(
                    self.env._(
                        "End: %(day)s is still to come. Keep the enrollment active with that last"
                        " day; it ends by itself.",
                        day=end,
                    )
                )
            if enrollment.last_seen_on and enrollment.last_seen_on > today:
                raise ValidationError(self.env._("Last Seen: enter today or an earlier day."))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        today = self._today()
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            vals.setdefault("state_since", today)
            if vals.get("state") == "active":
                vals.setdefault("date_start", today)
            elif vals.get("state") == "ended":
                vals.setdefault("date_end", today)
        self.browse()._refuse_second(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not vals.keys().isdisjoint((*ONE_ACTIVE, *ONE_IN_TALKS)):
            self._refuse_second([vals])
        self._refuse_other_practitioner(vals)
        state = vals.get("state")
        if not state:
            return super().write(vals)
        for enrollment in self:
            enrollment._check_step(state)
            step = dict(vals)
            if state != enrollment.state:
                step.setdefault("state_since", enrollment._today())
            if state == "active" and not enrollment.date_start:
                step.setdefault("date_start", enrollment._today())
            elif state == "ended" and not enrollment.date_end:
                step.setdefault("date_end", enrollment._today())
            if enrollment.state in CLOSED and state not in CLOSED:
                step.setdefault("reason_id", False)
                step.setdefault("date_end", False)
            super(CcmEnrollment, enrollment).write(step)
            enrollment.flush_recordset(
                ["state"]
            )  # one is active at each moment, not only at the end
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(enrollment.date_start for enrollment in self):
            raise UserError(
                self.env._("An enrollment that has started cannot be deleted. End it instead.")
            )

    def _is_evidence(self):
        return self.state in ("active", "ended")

    def _refuse_second(self, vals_list):
        message = _already_enrolled(self.env)
        refuse_second(self, vals_list, ONE_ACTIVE, lambda row: row["state"] == "active", message)
        message = _already_in_talks(self.env)
        refuse_second(
            self, vals_list, ONE_IN_TALKS, lambda row: row["state"] in IN_TALKS, message, ("state",)
        )

    def _refuse_other_practitioner(self, vals):
        """Keep whom past months were cared for, and billed, by: consent and visits named them."""
        for enrollment in self:
            if enrollment._changed_fields(vals, ["practitioner_id"]) and enrollment._has_past():
                raise UserError(
                    self.env._(
                        "Billing Practitioner: this enrollment has time of earlier months with"
                        " %(name)s. End this enrollment and start a new one.",
                        name=enrollment.practitioner_id.name,
                    )
                )

    def _has_past(self):
        """Tell whether a month before this one has minutes in this enrollment."""
        self.ensure_one()
        if not self.date_start:
            return False
        this_month = months.first_day(self._today())
        # sudo: another practice's month of the patient is a month of this enrollment, too
        return bool(
            self.env["ccm.month"]
            .sudo()
            .search_count(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("program_id", "=", self.program_id.id),
                    ("month", ">=", months.first_day(self.date_start)),
                    ("month", "<=", min(self.date_end or this_month, this_month)),
                    ("month", "!=", this_month),
                    ("total_minutes", ">", 0),
                ],
                limit=1,
            )
        )

    def _check_step(self, state):
        """Refuse to reopen what was active: its months refer to it. A manager mends mistakes."""
        reopening = self.state in ("active", "ended") and state not in (self.state, "ended")
        if reopening and not (
            self.env.su or self.env.user.has_group("ccm_module.group_ccm_manager")
        ):
            raise UserError(
                self.env._(
                    "State: an enrollment that was active can only end. Start a new enrollment, or"
                    " ask a manager to correct this one."
                )
            )

    # === ACTIONS === #

    def action_contact(self):
        """Note that the patient has been contacted."""
        self.check_access("write")
        self.write({"state": "contacted"})
        return True

    def action_consider(self):
        """Note that the patient is thinking about it."""
        self.check_access("write")
        self.write({"state": "considering"})
        return True

    def action_activate(self):
        """Enroll; the first day is today unless Start says otherwise.

        This month begins with it, so that the patient's form tells at once what is still missing.

        :raises ValidationError: without a billing practitioner, or if enrolled already
        """
        self.write({"state": "active"})
        for enrollment in self:
            today = enrollment._today()
            if enrollment.date_start <= today:
                self.env["ccm.month"]._refresh(today, enrollment.partner_id)
        return True

    def action_decline(self):
        """Ask why; see ccm.enrollment.close."""
        return self._ask_reason("declined")

    def action_end(self):
        """Ask why and when; see ccm.enrollment.close."""
        return self._ask_reason("ended")

    def _ask_reason(self, state):
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Declined") if state == "declined" else self.env._("End Enrollment"),
            "res_model": "ccm.enrollment.close",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_enrollment_id": self.id, "default_state": state},
        }

    # === HELPERS === #

    def _state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]
