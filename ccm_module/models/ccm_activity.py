import uuid
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..billing import intervals, months

# What a change of must reach the month, and what a billed month forbids to change.
FACT_FIELDS = {"partner_id", "user_id", "performer", "type_id", "counts", "start", "stop", "state"}
LOCKED_FIELDS = FACT_FIELDS | {"note", "source", "to_review"}
LONGEST_MANUAL_HOURS = 12


def epoch(moment):
    """Return the UTC epoch second of one of Odoo's naive UTC datetimes."""
    return int(moment.replace(tzinfo=UTC).timestamp())


class CcmActivity(models.Model):
    """One stretch of care time of one person for one patient, in whole seconds."""

    _name = "ccm.activity"
    _description = "Care Activity"
    _inherit = ["mail.thread"]
    _order = "start desc, id desc"

    # === FIELDS === #
    partner_id = fields.Many2one(
        "res.partner",
        string="Patient",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_ccm_patient", "=", True)],
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Done By",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        tracking=True,
    )
    performer = fields.Selection(
        [
            ("staff", "Clinical staff"),
            ("practitioner", "Practitioner"),
            ("none", "Does not count"),
        ],
        required=True,
        readonly=True,
        help="What the person was when the work was done; a later change of role keeps this.",
    )
    type_id = fields.Many2one(
        "ccm.activity.type",
        string="Kind",
        required=True,
        ondelete="restrict",
        default=lambda self: self._default_type(),
        tracking=True,
    )
    counts = fields.Boolean(compute="_compute_counts", store=True)
    start = fields.Datetime(
        required=True, index=True, default=fields.Datetime.now, tracking=True
    )
    stop = fields.Datetime(tracking=True)
    seconds = fields.Integer(compute="_compute_seconds", store=True)
    duration = fields.Float(
        compute="_compute_duration", string="Time", help="The seconds, shown as hours."
    )
    note = fields.Text(help="What was done. Part of the patient's record.")
    source = fields.Selection(
        [("timer", "Timer"), ("manual", "By hand")], required=True, default="manual", readonly=True
    )
    reason = fields.Char(
        string="Why by Hand", tracking=True, help="Why the timer was not used. Auditors ask."
    )
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("void", "Void")],
        required=True,
        default="done",
        readonly=True,
        index=True,
        tracking=True,
    )
    to_review = fields.Boolean(
        help="A timer that ran past the practice's limit: its time counts only after someone has "
        "looked at it."
    )
    void_reason = fields.Char(readonly=True, tracking=True)
    shared_key = fields.Char(readonly=True, index="btree_not_null", copy=False)
    shared_count = fields.Integer(string="Shared Among", readonly=True, copy=False)

    # === SQL OBJECTS === #
    _stop_after_start = models.Constraint(
        "CHECK (stop IS NULL OR stop >= start)",
        "Stop must not be before Start: correct one of the two.",
    )
    _running_has_no_stop = models.Constraint(
        "CHECK ((state = 'running') = (stop IS NULL))",
        "Fill in Stop, or start the timer instead.",
    )
    _one_timer = models.UniqueIndex(
        "(user_id) WHERE state = 'running'",
        "You have a timer running already: stop it first.",
    )
    # Nobody is in two places: PostgreSQL refuses it, whatever the way in. A running timer has no
    # end yet, so nothing later may be entered beside it.
    _one_place = models.Constraint(
        "EXCLUDE USING gist (user_id WITH =, tsrange(start, stop) WITH &&) WHERE (state <> 'void')",
        "This time overlaps other time of the same person: nobody can be in two places. "
        "Change Start or Stop.",
    )
    _patient_start = models.Index("(partner_id, start)")

    # === COMPUTE === #
    @api.model
    def _default_type(self):
        return self.env["ccm.activity.type"].search([("counts", "=", True)], limit=1)

    # On purpose not on type_id.counts: what counted when it was entered stays counted.
    @api.depends("type_id")
    def _compute_counts(self):
        for record in self:
            record.counts = record.type_id.counts

    @api.depends("start", "stop")
    def _compute_seconds(self):
        for record in self:
            record.seconds = (
                int((record.stop - record.start).total_seconds())
                if record.start and record.stop
                else 0
            )

    @api.depends("seconds")
    def _compute_duration(self):
        for record in self:
            record.duration = record.seconds / 3600

    @api.depends("partner_id", "start", "type_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = (
                f"{record.type_id.name or ''} · {fields.Datetime.to_string(record.start)[:16]}"
                if record.start
                else record.type_id.name
            )

    # === CONSTRAINTS === #
    @api.constrains("start", "stop", "state", "source")
    def _check_times(self):
        now = fields.Datetime.now()
        for record in self.filtered(lambda r: r.state != "void"):
            if record.start > now or (record.stop and record.stop > now):
                raise ValidationError(
                    self.env._("Start and Stop must not lie in the future: correct the time.")
                )
            if record.source != "manual" or record.state == "running":
                continue
            if record.stop <= record.start:
                raise ValidationError(
                    self.env._("Stop must be later than Start: correct one of the two.")
                )
            if record.stop - record.start > timedelta(hours=LONGEST_MANUAL_HOURS):
                raise ValidationError(
                    self.env._(
                        "One entry may be %s hours long at most: check the dates of Start and "
                        "Stop, or make an entry for each day.",
                        LONGEST_MANUAL_HOURS,
                    )
                )

    @api.constrains("source", "reason", "note")
    def _check_manual_reason(self):
        for record in self:
            words = record.reason or record.note or ""
            if record.source == "manual" and record.state != "void" and not words.strip():
                raise ValidationError(
                    self.env._("Time entered by hand needs a reason: fill in Why by Hand.")
                )

    @api.constrains("user_id", "start", "stop", "state")
    def _check_one_place(self):
        """Say in words what the exclusion constraint would refuse, before it does."""
        for record in self.filtered(lambda r: r.state != "void"):
            domain = [
                ("id", "!=", record.id),
                ("user_id", "=", record.user_id.id),
                ("state", "!=", "void"),
                "|",
                ("stop", "=", False),
                ("stop", ">", record.start),
            ]
            if record.stop:
                domain.append(("start", "<", record.stop))
                if record.stop == record.start:
                    continue
            other = self.sudo().search(domain, limit=1)
            if not other:
                continue
            if not record.stop and not other.stop:
                raise ValidationError(
                    self.env._("%s has a timer running already: stop it first.", record.user_id.name)
                )
            raise ValidationError(
                self.env._(
                    "This time overlaps other time of %(person)s, %(start)s to %(stop)s: nobody can "
                    "be in two places. Change Start or Stop.",
                    person=record.user_id.name,
                    start=record._local_time(other.start),
                    stop=record._local_time(other.stop) if other.stop else self.env._("running"),
                )
            )

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        users = self.env["res.users"]
        for vals in vals_list:
            user = users.browse(vals.get("user_id") or self.env.uid)
            self._check_may_log_for(user)
            vals["performer"] = user.sudo().ccm_performer or "none"
            if vals.get("start") and not vals.get("stop") and "state" not in vals:
                vals["state"] = "running"
        # The entry is its own log; a message for each would double the table.
        records = super(
            CcmActivity, self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        ).create(vals_list)
        records = records.with_env(self.env)
        records._bring_months_up_to_date(records._month_keys())
        return records

    def write(self, vals):
        if not LOCKED_FIELDS & vals.keys():
            return super().write(vals)
        if not self.env.su and {"performer", "counts", "source", "shared_key"} & vals.keys():
            raise AccessError(self.env._("Who worked, and how it was logged, is not changed by hand."))
        if self.filtered("shared_key") and {"start", "stop", "partner_id", "user_id"} & vals.keys():
            raise UserError(
                self.env._(
                    "This time is shared among several patients: void it and enter it again."
                )
            )
        for user in self.user_id | self.env["res.users"].browse(vals.get("user_id") or []):
            self._check_may_log_for(user)
        if "user_id" in vals:
            user = self.env["res.users"].browse(vals["user_id"])
            vals = {**vals, "performer": user.sudo().ccm_performer or "none"}
        before = self._month_keys()
        self._forbid_billed(before)
        result = super().write(vals)
        self._bring_months_up_to_date(before | self._month_keys())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        if not self.env.su:
            raise UserError(
                self.env._("Logged time is part of the record and is not deleted: void it instead.")
            )
        self._forbid_billed(self._month_keys())

    # === ACTIONS === #
    @api.model
    def action_start_timer(self, partner_id):
        """Start the current user's timer for a patient and return the new entry's id.

        :raises UserError: a timer of this user runs already
        """
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise UserError(self.env._("This patient no longer exists: reload the page."))
        if running := self._running_of_user():
            raise UserError(
                self.env._(
                    "Your timer is still running for %s: stop it first.",
                    running.partner_id.display_name,
                )
            )
        now = fields.Datetime.now()
        return self.create(
            {
                "partner_id": partner.id,
                "company_id": (partner.company_id or self.env.company).id,
                "start": now,
                "source": "timer",
                "state": "running",
            }
        ).id

    def action_stop_timer(self):
        """Stop these timers, or the current user's when called on none; return their ids.

        A timer that ran longer than the practice allows is kept for review: nothing is guessed,
        and nothing of it counts until then.
        """
        timers = self or self._running_of_user()
        if not timers.filtered(lambda t: t.state == "running"):
            raise UserError(self.env._("No timer is running."))
        now = fields.Datetime.now()
        for timer in timers.filtered(lambda t: t.state == "running"):
            limit = timedelta(hours=timer.company_id.ccm_timer_limit)
            timer.write(
                {
                    "stop": max(now, timer.start),
                    "state": "done",
                    "to_review": now - timer.start > limit,
                }
            )
        return timers.ids

    def action_stop_and_describe(self):
        """Stop the timer and open the entry to say what was done."""
        self.action_stop_timer()
        return self._open_form()

    def action_reviewed(self):
        """Confirm that the times of an entry kept for review are right."""
        self.write({"to_review": False})

    def action_void(self):
        """Open the dialog that asks why this entry is taken out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void Time"),
            "res_model": "ccm.activity.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_activity_ids": self.ids},
        }

    @api.model
    def action_log_shared(self, partner_ids, start, stop, type_id, note=None, reason=None):
        """Log one stretch of the current user's time for several patients and return the ids.

        Each patient gets an equal, consecutive part of it (CMS: the minutes are divided), so that
        the parts add up to the second.
        """
        start, stop = fields.Datetime.to_datetime(start), fields.Datetime.to_datetime(stop)
        partners = self.env["res.partner"].browse(partner_ids).exists().sorted("id")
        if len(partners) < 2:
            raise UserError(self.env._("Choose at least two patients to share the time among."))
        if not start or not stop or stop <= start:
            raise UserError(self.env._("Stop must be later than Start: correct one of the two."))
        parts = intervals.share(epoch(start), epoch(stop), len(partners))
        key = str(uuid.uuid4())
        return self.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": (partner.company_id or self.env.company).id,
                    "start": start + timedelta(seconds=a - epoch(start)),
                    "stop": start + timedelta(seconds=b - epoch(start)),
                    "type_id": type_id,
                    "note": note,
                    "reason": reason,
                    "shared_key": key,
                    "shared_count": len(partners),
                }
                for partner, (a, b) in zip(partners, parts, strict=True)
            ]
        ).ids

    # === HELPERS === #
    @api.model
    def _running_of_user(self):
        return self.search([("user_id", "=", self.env.uid), ("state", "=", "running")], limit=1)

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Time"),
            "res_model": self._name,
            "res_id": self[:1].id,
            "view_mode": "form",
            "views": [(self.env.ref("ccm_module.ccm_activity_view_form_dialog").id, "form")],
            "target": "new",
        }

    def _void(self, why):
        """Take entries out of every count; they stay on record with the reason."""
        for record in self:
            record.write(
                {"state": "void", "void_reason": why, "stop": record.stop or fields.Datetime.now()}
            )

    def _check_may_log_for(self, user):
        """One logs one's own time; a manager may mend another's."""
        if self.env.su or user == self.env.user:
            return
        if not self.env.user.has_group("ccm_module.group_ccm_manager"):
            raise AccessError(
                self.env._("You may log and change your own time only; ask a manager to mend this.")
            )

    def _local_time(self, moment):
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=self.company_id.ccm_tz or "UTC"), moment
        )
        return local.strftime("%Y-%m-%d %H:%M")

    def _month_keys(self):
        """Return the patient-months these entries touch: ``{(company, partner_id, month)}``."""
        keys = set()
        for record in self:
            start = epoch(record.start)
            stop = epoch(record.stop) if record.stop else start
            zone = record.company_id._ccm_zone()
            for month in months.months_between(start, stop, zone):
                keys.add((record.company_id, record.partner_id.id, month))
        return keys

    def _forbid_billed(self, keys):
        self.env["ccm.month"].sudo()._lock_patient_months(keys)

    def _bring_months_up_to_date(self, keys):
        """Refuse what touches a billed month, then decide the others anew.

        The month's row is made first and always written to, so that it is where two transactions
        on the same patient-month meet: a close cannot miss an entry that is just being written.
        """
        if self.env.su and self.env.context.get("ccm_no_refresh"):
            return
        self.flush_model()
        months_ = self.env["ccm.month"].sudo()._lock_patient_months(keys, make=True)
        months_._decide()
