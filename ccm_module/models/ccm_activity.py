from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..billing import months

# Written by the system alone, and what fixes an entry in place.
SYSTEM_FIELDS = {
    "company_id",
    "performer",
    "counts",
    "seconds",
    "source",
    "state",
    "to_review",
    "to_describe",
    "is_late",
    "session_id",
    "shared_key",
    "shared_count",
    "void_reason",
}
PLACE_FIELDS = {"partner_id", "user_id", "start", "stop"}
DRAFT_FIELDS = {"type_id", "outcome", "note"}
UNFINISHED = ("running", "paused")
LONGEST_MANUAL_HOURS = 12
# How an attempt to reach the patient ended
OUTCOMES = [
    ("reached", "Reached"),
    ("left_message", "Left a message"),
    ("no_answer", "No answer"),
    ("refused", "Did not want to talk"),
    ("wrong_number", "Wrong number"),
]


def epoch(moment):
    """Return the UTC epoch second of one of Odoo's naive UTC datetimes."""
    return int(moment.replace(tzinfo=UTC).timestamp())


class CcmActivity(models.Model):
    """One stretch of care time of one person for one patient, in whole seconds."""

    _name = "ccm.activity"
    _description = "Care Activity"
    _inherit = ["ccm.history.mixin", "mail.activity.mixin"]
    _order = "start desc, id desc"

    # === FIELDS === #
    partner_id = fields.Many2one(
        "res.partner",
        string="Patient",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_ccm_patient", "=", True)],
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
    )
    counts = fields.Boolean(compute="_compute_counts", store=True)
    start = fields.Datetime(required=True, index=True, default=fields.Datetime.now)
    stop = fields.Datetime(tracking=True)
    seconds = fields.Integer(compute="_compute_seconds", store=True)
    duration = fields.Float(
        compute="_compute_duration", string="Time", help="The seconds, shown as hours."
    )
    note = fields.Text(help="What was done. Part of the patient's record.")
    outcome = fields.Selection(
        OUTCOMES,
        help="Of a call or message: how the attempt to reach the patient ended.",
    )
    source = fields.Selection(
        [("timer", "Timer"), ("manual", "By hand")], required=True, default="manual", readonly=True
    )
    reason = fields.Char(string="Why by Hand", help="Why the timer was not used. Auditors ask.")
    state = fields.Selection(
        [("running", "Running"), ("paused", "Paused"), ("done", "Done"), ("void", "Void")],
        required=True,
        default="done",
        readonly=True,
        index=True,
    )
    to_review = fields.Boolean(
        readonly=True,
        help="A timer that ran past the practice's limit: its time counts only after the person "
        "has said what really happened.",
    )
    to_describe = fields.Boolean(
        readonly=True, help="The timer was stopped, and nobody has said yet what was done."
    )
    session_id = fields.Many2one(
        "ccm.activity",
        string="Continues",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The first stretch of the same work, which was paused and taken up again.",
    )
    revision_ids = fields.One2many("ccm.activity.revision", "activity_id", string="Corrections")
    correction_reason = fields.Char(
        string="Why Corrected", store=False, help="Kept with the old values of a correction."
    )
    void_reason = fields.Char(readonly=True)
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
    _pending = models.Index(
        "(user_id) WHERE state IN ('running', 'paused') OR to_review OR to_describe"
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
            if record.stop - record.start > timedelta(hours=LONGEST_MANUAL_HOURS):
                raise ValidationError(
                    self.env._(
                        "One entry may be %s hours long at most: check the dates of Start and "
                        "Stop, or make an entry for each day.",
                        LONGEST_MANUAL_HOURS,
                    )
                )

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_vals(vals) for vals in vals_list]
        self._check_placements(vals_list)
        # The note follows in a statement of its own: PostgreSQL's refusal of an overlap is logged
        # with the whole statement, and a note is health data.
        notes = [vals.pop("note", None) for vals in vals_list]
        # The entry is its own log; a message for each would double the table.
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        records = super(CcmActivity, quiet).create(vals_list).with_env(self.env)
        for record, note in zip(records, notes, strict=True):
            if note:
                # past the checks of ``write``, which come once for the whole entry, below
                super(CcmActivity, record).write({"note": note})  # pylint: disable=super-method-mismatch
        records._check_manual_reason()
        months_ = records._bring_months_up_to_date(records._month_keys())
        records._mark_late(months_)
        return records

    def write(self, vals):
        if all(name.startswith(("message_", "activity_")) for name in vals):
            return super().write(vals)
        vals = dict(vals)
        why = vals.pop("correction_reason", None)
        self._check_may_change(vals)
        if vals.keys() == {"is_late"}:
            # says nothing of the work, and changes no month
            return super().write(vals)
        is_correction = self._is_correction(vals, why)
        if all(record.state in UNFINISHED for record in self) and vals.keys() <= DRAFT_FIELDS:
            # nothing of it counts yet, so that no month has to be decided anew
            return super().write(vals)
        is_moved = {"partner_id", "start"} & vals.keys() and "company_id" not in vals
        if is_moved and len(self) > 1:  # each to the practice of its own
            for record in self:
                record.write({**vals, "correction_reason": why})
            return True
        if not self.env.su:
            vals = self._prepare_correction(vals, why)
        if is_moved and self:
            vals = {**vals, "company_id": self._company_after(vals).id}
        if "user_id" in vals:
            user = self.env["res.users"].browse(vals["user_id"])
            vals["performer"] = user.sudo().ccm_performer or "none"
        before = self._month_keys()
        spared = self._spared_keys(vals, before)
        self._forbid_billed(before - spared, is_correction)
        if {"user_id", "start", "stop", "state"} & vals.keys():
            self._check_placements(
                [{**record._placement(), **vals} for record in self], ignore=self
            )
        old = self._shown_values()
        if "note" in vals:
            super().write({"note": vals.pop("note")})
            self.flush_recordset(["note"])
        result = super().write(vals)
        self._check_manual_reason()
        months_ = self._bring_months_up_to_date((before | self._month_keys()) - spared)
        if {"partner_id", "start", "stop"} & vals.keys():
            self._mark_late(months_, before)
        self._keep_revisions(old, why or vals.get("void_reason"))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        # No role may delete time at all (void it instead); this holds for the system as well.
        self._forbid_billed(self._month_keys())

    # === HELPERS === #
    def _prepare_vals(self, vals):
        """Complete the values of a new entry; what only the system may say, a client does not."""
        user = self.env["res.users"].browse(vals.get("user_id") or self.env.uid)
        self._check_may_log_for(user)
        vals = {**self.default_get(["partner_id"]), "start": fields.Datetime.now(), **vals}
        if not self.env.su:
            if not vals.get("stop"):
                raise ValidationError(
                    self.env._("Fill in Start and Stop, or start the timer on the patient instead.")
                )
            # Said here, so that neither values nor context defaults of a client say otherwise.
            vals |= {
                "source": "manual",
                "state": "done",
                "to_review": False,
                "to_describe": False,
                "is_late": False,
                "session_id": False,
                "shared_key": False,
                "shared_count": 0,
                "void_reason": False,
                "performer": False,
            }
            vals["company_id"] = self._company_for(vals).id
        return {
            "state": "done" if vals.get("stop") else "running",
            "company_id": vals.get("company_id") or self._company_for(vals).id,
            **vals,
            "user_id": user.id,
            # An import by the system may bring what the person was at the time.
            "performer": vals.get("performer") or user.sudo().ccm_performer or "none",
        }

    def _company_for(self, vals, default=None):
        """Return the practice an entry belongs to: the one whose program the patient is in.

        :param default: where the patient belongs to none; else the current one
        :raises AccessError: the user does not work there
        """
        partner = self.env["res.partner"].browse(vals.get("partner_id")).sudo()
        if not partner:
            raise ValidationError(self.env._("Fill in Patient."))
        day = fields.Datetime.to_datetime(vals["start"]).date()
        company = partner._ccm_company(default or self.env.company, day)
        if not self.env.su and company not in self.env.companies:
            raise AccessError(
                self.env._("This patient is in the care of another practice: log no time here.")
            )
        return company

    def _company_after(self, vals):
        """Return the practice this entry belongs to once ``vals`` are written."""
        placed = {"partner_id": self.partner_id.id, "start": self.start, **vals}
        return self._company_for(placed, self.company_id)

    def _check_manual_reason(self):
        for record in self:
            words = record.reason or record.note or ""
            if record.source == "manual" and record.state != "void" and not words.strip():
                raise ValidationError(
                    self.env._("Time entered by hand needs a reason: fill in Why by Hand.")
                )

    def _check_may_log_for(self, user):
        """One logs one's own time; a manager may mend another's."""
        if self.env.su or user == self.env.user:
            return
        if not self.env.user.has_group("ccm_module.group_ccm_manager"):
            raise AccessError(
                self.env._("You may log and change your own time only; ask a manager to mend this.")
            )

    def _check_may_change(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise AccessError(
                self.env._("Who worked, and how it was logged, is not changed by hand.")
            )
        if self.filtered("shared_key") and PLACE_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "This time is shared among several patients: void it and enter it again."
                )
            )
        for user in self.user_id | self.env["res.users"].browse(vals.get("user_id") or []):
            self._check_may_log_for(user)

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

    def _bring_months_up_to_date(self, keys):
        """Decide these patient-months anew, compare those billed with their bill; return them.

        The month's row is made first and always written to, so that it is where two transactions
        on the same patient-month meet: a close cannot miss an entry that is just being written.
        """
        if self.env.su and self.env.context.get("ccm_no_refresh"):
            return self.env["ccm.month"]
        self.flush_model()
        months_ = self.env["ccm.month"].sudo()._lock_patient_months(keys, make=True)
        months_._decide()
        months_._compare()
        return months_
