from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..billing import months
from .ccm_unique import refuse_second

TOLD = ("told_available", "told_cost_sharing", "told_one_practitioner", "told_may_stop")
# What was agreed, with whom, and when: fixed once given.
AGREED = (
    "partner_id",
    "company_id",
    "practitioner_id",
    "method",
    "given_at",
    "given_by",
    "given_by_name",
    "obtained_by_id",
    "text_id",
    "backdated_reason",
    "note",
    *TOLD,
)
REVOCATION = ("revoked_on", "revoked_reason")
# Set here, never by a caller.
SYSTEM = ("recorded_at", "revoked_by_id")
STEPS = {("draft", "given"), ("given", "revoked")}
ONE_GIVEN = ("partner_id", "practitioner_id", "state")


def _already_given(env, _diag=None):
    return env._(
        "Practitioner: the patient's consent to this practitioner stands. It is given once; a"
        " new one is needed only when the billing practitioner changes."
    )


class CcmConsent(models.Model):
    """The patient's consent to CCM by one practitioner.

    Spoken or written, recorded before CCM starts, with four things said; given once, and again only
    when the billing practitioner changes (MLN909188 June 2025 p. 6; CMS CCM FAQ). The patient may
    stop at any time: that takes effect at the end of the calendar month (NGS Medicare). A patient
    who declines is recorded on the enrollment.
    """

    _name = "ccm.consent"
    _description = "CCM consent"
    _inherit = ["ccm.patient.mixin", "ccm.fact.mixin", "ccm.history.mixin"]
    _order = "given_at desc, id desc"

    # === FIELDS === #

    practitioner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_ccm_practitioner', '=', True)]",
        tracking=True,
        help="The billing practitioner this consent is for.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("given", "Given"), ("revoked", "Revoked")],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )

    # What was said
    text_id = fields.Many2one(
        "ccm.consent.text",
        "Text Read",
        ondelete="restrict",
        help="The version read aloud or signed.",
    )
    text_body = fields.Html(related="text_id.body", string="To Read Aloud")
    told_available = fields.Boolean("CCM is available, and what it is")
    told_cost_sharing = fields.Boolean("Cost sharing applies")
    told_one_practitioner = fields.Boolean("Only one practitioner a month can be paid for it")
    told_may_stop = fields.Boolean("The patient may stop at any time, from the month's end")

    # How it was given
    method = fields.Selection(
        [("verbal", "Spoken"), ("written", "Written"), ("electronic", "Electronic")],
        required=True,
        default="verbal",
        tracking=True,
    )
    given_at = fields.Datetime("Given On", default=fields.Datetime.now, tracking=True)
    given_by = fields.Selection(
        [("patient", "Patient"), ("representative", "Representative")],
        required=True,
        default="patient",
    )
    given_by_name = fields.Char("Representative", help="Name, and how related to the patient.")
    obtained_by_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, ondelete="restrict"
    )
    note = fields.Text("Questions and Answers", help="What the patient asked, and was told.")
    scan = fields.Binary("Signed Paper", attachment=True, copy=False)
    scan_filename = fields.Char(copy=False)

    # When it was recorded
    recorded_at = fields.Datetime(
        readonly=True, copy=False, help="When the consent was put on record as given."
    )
    is_backdated = fields.Boolean(
        compute="_compute_is_backdated", help="Given on an earlier day than it was recorded."
    )
    backdated_reason = fields.Char("Why Recorded Later", copy=False, tracking=True)

    # Revocation
    revoked_on = fields.Date(copy=False, tracking=True)
    revoked_reason = fields.Text(copy=False)
    revoked_by_id = fields.Many2one(
        "res.users", "Revocation Recorded By", readonly=True, copy=False
    )
    valid_until = fields.Date(
        compute="_compute_valid_until",
        store=True,
        help="Last day of the month of revocation; empty while the consent stands.",
    )

    _given_unique = models.UniqueIndex(
        "(partner_id, practitioner_id) WHERE state = 'given'",
        _already_given,
    )

    # === COMPUTE === #

    @api.depends("given_at", "recorded_at", "company_id")
    def _compute_is_backdated(self):
        for consent in self:
            recorded = consent.recorded_at or fields.Datetime.now()
            consent.is_backdated = bool(consent.given_at) and (
                consent._local_date(consent.given_at) < consent._local_date(recorded)
            )

    @api.depends("revoked_on")
    def _compute_valid_until(self):
        for consent in self:
            revoked = consent.revoked_on
            consent.valid_until = revoked and months.last_day(revoked)

    @api.depends("practitioner_id", "given_at", "state")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for consent in self:
            consent.display_name = self.env._(
                "Consent to %(practitioner)s (%(state)s)",
                practitioner=consent.practitioner_id.name or "",
                state=states.get(consent.state, ""),
            )

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id and not self.practitioner_id:
            self.practitioner_id = self.partner_id._ccm_default_practitioner(self.company_id)
        if self.partner_id and not self.text_id:
            self.text_id = self.env["ccm.consent.text"]._text_for(self.partner_id)

    @api.constrains("practitioner_id")
    def _check_practitioner_is_one(self):
        self._check_practitioner()

    @api.constrains("given_at")
    def _check_not_in_future(self):
        now = fields.Datetime.now()
        for consent in self:
            if consent.given_at and consent.given_at > now:
                raise ValidationError(
                    self.env._("Given On: a consent cannot be given in the future.")
                )

    @api.constrains("state", "given_by", *AGREED)
    def _check_complete(self):
        """Refuse a given consent that would not stand up: whatever way it is written."""
        for consent in self.filtered(lambda record: record.state != "draft"):
            untold = [name for name in TOLD if not consent[name]]
            if untold:
                raise ValidationError(
                    self.env._(
                        "Consent: the patient must have been told all four points. Missing:"
                        " %(points)s.",
                        points=self._labels(untold),
                    )
                )
            missing = [name for name in ("given_at", "obtained_by_id") if not consent[name]]
            if consent.given_by == "representative" and not consent.given_by_name:
                missing.append("given_by_name")
            if missing:
                raise ValidationError(
                    self.env._("Consent: fill in %(fields)s.", fields=self._labels(missing))
                )
            if consent.is_backdated and not consent.backdated_reason:
                raise ValidationError(
                    self.env._(
                        "Why Recorded Later: the consent was given on an earlier day, %(day)s. Say"
                        " why it is recorded only now.",
                        day=consent._local_date(consent.given_at),
                    )
                )

    @api.constrains("state", "revoked_on", "given_at")
    def _check_revocation(self):
        for consent in self:
            revoked, given = consent.revoked_on, consent._local_date(consent.given_at)
            if (consent.state == "revoked") != bool(revoked):
                raise ValidationError(
                    self.env._("Revoked On: a revoked consent has a day of revocation, no other.")
                )
            if revoked and revoked > consent._today():
                raise ValidationError(
                    self.env._("Revoked On: enter today or an earlier day, not a future one.")
                )
            if revoked and given and revoked < given:
                raise ValidationError(
                    self.env._(
                        "Revoked On: the consent was given on %(day)s; enter that day or later.",
                        day=given,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._without_system(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("state", "draft") != "draft":
                vals["recorded_at"] = fields.Datetime.now()
            if vals.get("state") == "revoked":
                vals["revoked_by_id"] = self.env.uid
        model = self.browse()._ccm_with_own_defaults(("state", *REVOCATION, *SYSTEM))
        model._refuse_second(vals_list)
        consents = super(CcmConsent, model).create(vals_list)
        consents.filtered(lambda consent: consent.state == "given")._after_given()
        consents.filtered(lambda consent: consent.state == "revoked")._after_revoked()
        return consents

    def write(self, vals):
        vals = self._without_system(vals)
        self._refuse_change(vals)
        if not vals.keys().isdisjoint(ONE_GIVEN):
            self._refuse_second([vals])
        state = vals.get("state")
        moving = self.filtered(lambda consent: state and consent.state != state)
        if state == "given":
            vals["recorded_at"] = fields.Datetime.now()
        elif state == "revoked":
            vals["revoked_by_id"] = self.env.uid
        if moving != self:
            # recorded_at belongs to the step, not to a repeated write
            rest = {key: value for key, value in vals.items() if key not in SYSTEM}
            super(CcmConsent, self - moving).write(rest)
        if moving:
            super(CcmConsent, moving).write(vals)
            moving.flush_recordset(["state"])  # the unique index counts those that stand now
            moving._after_given() if state == "given" else moving._after_revoked()
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(consent.state != "draft" for consent in self):
            raise UserError(
                self.env._("A consent on record cannot be deleted. Revoke it if it ended.")
            )

    @staticmethod
    def _without_system(vals):
        return {key: value for key, value in vals.items() if key not in SYSTEM}

    def _is_evidence(self):
        return self.state != "draft"

    def _refuse_second(self, vals_list):
        message = _already_given(self.env)
        refuse_second(self, vals_list, ONE_GIVEN, lambda row: row["state"] == "given", message)

    def _refuse_change(self, vals):
        """Keep given and revoked consents as they are, but for the steps between states."""
        for consent in self:
            frozen = {"draft": (), "given": AGREED}.get(consent.state, AGREED + REVOCATION)
            changed = consent._changed_fields(vals, frozen)
            # the signed paper often comes days later, but is not replaced
            if consent.state != "draft" and consent.scan:
                changed += consent._changed_fields(vals, ("scan",))
            if changed:
                raise UserError(
                    self.env._(
                        "%(fields)s cannot be changed once the consent is given. If it is wrong,"
                        " revoke it and record a new one.",
                        fields=self._labels(changed),
                    )
                )
            state = vals.get("state", consent.state)
            if state != consent.state and (consent.state, state) not in STEPS:
                raise UserError(
                    self.env._(
                        "State: a consent goes from Draft to Given to Revoked, never back. Record a"
                        " new consent instead."
                    )
                )
