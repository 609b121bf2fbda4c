from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.ccm_consent import TOLD
from ..models.ccm_enrollment import IN_TALKS

# What the consent itself keeps of the conversation.
KEPT = (
    "practitioner_id",
    "obtained_by_id",
    "text_id",
    *TOLD,
    "method",
    "given_at",
    "given_by",
    "given_by_name",
    "backdated_reason",
    "note",
    "scan",
    "scan_filename",
)


class CcmConsentGuide(models.TransientModel):
    """The talk in which a patient is asked for consent, from the first word to what came of it.

    Read down: who asks for whom, the text with its four points, the answer. One button then puts
    everything on record or, if a check fails, nothing. The rules are those of ccm.consent and
    ccm.enrollment; nothing is checked here that they check.
    """

    _name = "ccm.consent.guide"
    _description = "Get Consent"

    # === FIELDS === #

    # Who asks, and for whom
    partner_id = fields.Many2one(
        "res.partner", "Patient", required=True, domain="[('is_ccm_patient', '=', True)]"
    )
    company_id = fields.Many2one(
        "res.company", "Practice", required=True, default=lambda self: self.env.company
    )
    enrollment_id = fields.Many2one("ccm.enrollment", compute="_compute_under_way")
    draft_id = fields.Many2one("ccm.consent", compute="_compute_under_way")
    practitioner_id = fields.Many2one(
        "res.partner",
        "Billing Practitioner",
        compute="_compute_from_patient",
        store=True,
        readonly=False,
        domain="[('is_ccm_practitioner', '=', True), ('company_id', 'in', (False, company_id))]",
    )
    obtained_by_id = fields.Many2one(
        "res.users",
        "Asked By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    consent_id = fields.Many2one("ccm.consent", "Standing Consent", compute="_compute_consent_id")
    is_enrolled = fields.Boolean(compute="_compute_is_enrolled")

    # What is said
    text_ids = fields.Many2many(
        "ccm.consent.text", string="Texts in Use", compute="_compute_text_ids"
    )
    text_id = fields.Many2one(
        "ccm.consent.text",
        compute="_compute_from_patient",
        store=True,
        readonly=False,
        domain="[('id', 'in', text_ids)]",
    )
    text_before = fields.Html(compute="_compute_text", sanitize=False)
    text_available = fields.Html(compute="_compute_text", sanitize=False)
    text_cost_sharing = fields.Html(compute="_compute_text", sanitize=False)
    text_one_practitioner = fields.Html(compute="_compute_text", sanitize=False)
    text_may_stop = fields.Html(compute="_compute_text", sanitize=False)
    text_after = fields.Html(compute="_compute_text", sanitize=False)
    told_available = fields.Boolean("Told: CCM is available, and what it is")
    told_cost_sharing = fields.Boolean("Told: cost sharing applies")
    told_one_practitioner = fields.Boolean("Told: only one practitioner a month can be paid for it")
    told_may_stop = fields.Boolean("Told: the patient may stop at any time, from the month's end")

    # What the patient says
    answer = fields.Selection(
        [
            ("agrees", "Agrees"),
            ("considers", "Wants to think about it"),
            ("declines", "Declines"),
        ],
        "The Patient",
        required=True,
        default="agrees",
    )
    method = fields.Selection(
        lambda self: self.env["ccm.consent"]._fields["method"].selection,
        "Consent Is",
        required=True,
        default="verbal",
    )
    given_at = fields.Datetime("Given On", default=fields.Datetime.now)
    is_backdated = fields.Boolean(compute="_compute_is_backdated")
    backdated_reason = fields.Char("Why Recorded Later")
    given_by = fields.Selection(
        lambda self: self.env["ccm.consent"]._fields["given_by"].selection,
        required=True,
        default="patient",
    )
    given_by_name = fields.Char("Representative")
    scan = fields.Binary("Signed Paper", attachment=False)
    scan_filename = fields.Char()
    note = fields.Text("Questions and Answers")
    reason_id = fields.Many2one(
        "ccm.enrollment.reason", domain="[('applies_to', 'in', ('declined', 'both'))]"
    )

    # What follows
    enroll = fields.Boolean("Enroll Now", default=True)
    coordinator_id = fields.Many2one(
        "res.users",
        compute="_compute_from_patient",
        store=True,
        readonly=False,
        domain="[('share', '=', False)]",
    )
    date_start = fields.Date(
        "Care Starts", default=lambda self: self.env["ccm.enrollment"]._today()
    )

    # === COMPUTE === #

    @api.depends("partner_id", "company_id")
    def _compute_under_way(self):
        for guide in self:
            patient, company = guide.partner_id, guide.company_id
            guide.enrollment_id = patient.ccm_enrollment_ids.filtered(
                lambda e, company=company: e.state in IN_TALKS and e.company_id == company
            )[:1]
            guide.draft_id = patient.ccm_consent_ids.filtered(
                lambda c, company=company: c.state == "draft" and c.company_id == company
            )[:1]

    @api.depends("partner_id", "company_id")
    def _compute_from_patient(self):
        for guide in self:
            patient = guide.partner_id
            row = patient.ccm_eligibility_id
            guide.practitioner_id = (
                patient.ccm_practitioner_id
                or guide.enrollment_id.practitioner_id
                or guide.draft_id.practitioner_id
                or patient.ccm_enrollment_ids.sorted("id")[-1:].practitioner_id
                or (row and row._practitioner())
                or patient._ccm_default_practitioner(guide.company_id)
            )
            guide.coordinator_id = guide.enrollment_id.coordinator_id or self.env.user
            guide.text_id = patient and self.env["ccm.consent.text"]._text_for(patient)

    @api.depends("partner_id", "practitioner_id")
    def _compute_consent_id(self):
        for guide in self:
            guide.consent_id = guide.partner_id.ccm_consent_ids.filtered(
                lambda c, guide=guide: (
                    c.state == "given" and c.practitioner_id == guide.practitioner_id
                )
            )[:1]

    @api.depends("partner_id")
    def _compute_is_enrolled(self):
        for guide in self:
            guide.is_enrolled = bool(guide.partner_id.ccm_enrollment_id)

    @api.depends("partner_id")
    def _compute_text_ids(self):
        self.text_ids = self.env["ccm.consent.text"]._newest()

    @api.depends("text_id")
    def _compute_text(self):
        for guide in self:
            before, points, after = guide.text_id._parts()
            guide.text_before = before
            guide.text_after = after
            for name, text in zip(TOLD, points, strict=True):
                guide[name.replace("told_", "text_")] = text

    @api.depends("given_at", "company_id")
    def _compute_is_backdated(self):
        consents = self.env["ccm.consent"]
        for guide in self:
            local = consents.new({"company_id": guide.company_id.id})._local_date
            today = local(fields.Datetime.now())
            guide.is_backdated = bool(guide.given_at) and local(guide.given_at) < today

    # === ACTIONS === #

    @api.model
    def _open(self, partner, company=None):
        """Return the action that opens the guide for ``partner``, in the practice ``company``."""
        self.check_access("create")
        partner.check_access("read")
        context = {"default_partner_id": partner.id}
        if company and company != self.env.company:
            context["default_company_id"] = company.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Get Consent"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def action_record(self):
        """Put on record what came of the talk: all of it, or nothing.

        :raises ValidationError: whatever ccm.consent and ccm.enrollment do not accept
        """
        self.ensure_one()
        said = self.env._("The answer is recorded.")
        if self.answer == "agrees":
            if not self.consent_id:
                self._record_consent()
            if self.enroll and not self.is_enrolled:
                self._enroll()
                said = self.env._(
                    "%s is enrolled. Next comes the care plan, on the patient's page.",
                    self.partner_id.name,
                )
        else:
            self._record_no()
        # The patient leaves the list that the dialog was opened from: say where the work goes on.
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": said,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === HELPERS === #

    def _record_consent(self):
        if not self.practitioner_id:
            raise ValidationError(
                self.env._("Billing Practitioner: choose for whom the patient consents.")
            )
        values = {name: self._fields[name].convert_to_write(self[name], self) for name in KEPT}
        if not self.is_backdated:
            values["backdated_reason"] = False
        if self.given_by == "patient":
            values["given_by_name"] = False
        consent = self.draft_id
        if consent:
            consent.write(values)
        else:
            consent = consent.create(
                {**values, "partner_id": self.partner_id.id, "company_id": self.company_id.id}
            )
        consent.action_give()

    def _enroll(self):
        enrollment = self._enrollment()
        enrollment.write(
            {
                "practitioner_id": self.practitioner_id.id,
                "coordinator_id": self.coordinator_id.id,
                "date_start": self.date_start,
            }
        )
        enrollment.action_activate()

    def _record_no(self):
        """Keep on the enrollment that the patient thinks about it, or declined and why."""
        if self.is_enrolled:
            raise UserError(
                self.env._(
                    "The patient is enrolled: to stop, use Revoke on the consent, or End on the"
                    " enrollment."
                )
            )
        enrollment = self._enrollment()
        if self.note:
            enrollment.note = "\n".join(filter(None, (enrollment.note, self.note)))
        if self.answer == "considers":
            enrollment.action_consider()
        elif not self.reason_id:
            raise ValidationError(self.env._("Reason: choose why the patient declined."))
        else:
            enrollment.write({"state": "declined", "reason_id": self.reason_id.id})

    def _enrollment(self):
        """Return the enrollment under way, or a new one."""
        return self.enrollment_id or self.enrollment_id.create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "practitioner_id": self.practitioner_id.id,
                "coordinator_id": self.coordinator_id.id,
            }
        )
