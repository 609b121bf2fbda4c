from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..billing import eligibility
from .ccm_wording import say

# Whom "Start Enrollment" takes: also who said no a while ago, if the nurse chooses to ask.
CAN_START = (eligibility.ELIGIBLE, eligibility.ALMOST, eligibility.CLOSED)


class CcmEligibility(models.Model):
    """One patient in one practice: eligible or not, and why.

    A copy of what the record of care says, brought up to date whenever a fact changes (see
    ccm.fact.mixin) and every night, because time passes. Nobody writes it by hand.
    """

    _name = "ccm.eligibility"
    _description = "Eligibility for Chronic Care"
    _order = "last_seen_on desc nulls last, id"
    _rec_name = "partner_id"

    # === FIELDS === #

    partner_id = fields.Many2one(
        "res.partner", "Patient", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", "Practice", required=True, readonly=True, index=True, ondelete="cascade"
    )
    active = fields.Boolean(related="partner_id.active", store=True)
    standing = fields.Selection(
        [
            (eligibility.ELIGIBLE, "Eligible"),
            (eligibility.ALMOST, "Almost"),
            (eligibility.CLOSED, "Declined or Left"),
            (eligibility.IN_TALKS, "Being Asked"),
            (eligibility.ENROLLED, "Enrolled"),
            (eligibility.OUT, "Not Eligible"),
        ],
        required=True,
        default=eligibility.OUT,
        readonly=True,
        index=True,
    )
    lacks = fields.Selection(
        [
            (eligibility.CONDITIONS, "One condition short"),
            (eligibility.SEEN, "Not seen for a year"),
            (eligibility.PAYER, "Payer not known"),
        ],
        readonly=True,
        help="The one thing that a patient who is almost eligible lacks.",
    )
    condition_count = fields.Integer(
        "Conditions", readonly=True, help="Different diagnoses that count for CCM today."
    )
    last_seen_on = fields.Date(
        "Last Seen", readonly=True, help="The last visit on record, or the day from the chart."
    )
    practitioner_id = fields.Many2one(
        "res.partner", "Seen By", readonly=True, help="The practitioner of the last visit."
    )
    payer_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null")
    closed_on = fields.Date("Declined or Left On", readonly=True)
    closed_reason_id = fields.Many2one("ccm.enrollment.reason", "Reason", readonly=True)
    reasons = fields.Json(readonly=True)  # {"for": …, "against": …, "notes": [[code, params], …]}
    why = fields.Text(compute="_compute_why", help="What speaks for it, and what is lacking.")
    decided_on = fields.Datetime(readonly=True, index=True)
    birthdate = fields.Date(related="partner_id.ccm_birthdate")
    phone = fields.Char(related="partner_id.phone")

    # === SQL OBJECTS === #

    _partner_unique = models.UniqueIndex("(partner_id, company_id)")

    # === COMPUTE === #

    @api.depends("reasons", "payer_id", "closed_reason_id")
    @api.depends_context("lang")
    def _compute_why(self):
        codes = {code for row in self for code in row._codes()}
        diagnoses = self.env["ccm.diagnosis"].with_context(active_test=False)
        names = {
            diagnosis.code: diagnosis.display_name
            for diagnosis in diagnoses.search([("code", "in", list(codes))])
        }
        for row in self:
            found = row.reasons or {}
            row.why = " ".join(
                row._say(code, params, names)
                for part in ("against", "for", "notes")
                for code, params in found.get(part, ())
            )

    def _codes(self):
        """Return the ICD-10-CM codes that the reasons name."""
        return [
            code
            for reasons in (self.reasons or {}).values()
            for _code, params in reasons
            for code in params.get("codes", ())
        ]

    def _say(self, code, params, names):
        """Return one sentence; who pays and why she left are named as they are called now."""
        shown = dict(params)
        if "codes" in shown:
            shown["names"] = ", ".join(names.get(each, each) for each in shown["codes"])
        if code.startswith("eligible_payer"):
            if not self.payer_id:
                code = {"eligible_payer": "eligible_medicare_number"}.get(code, "eligible_no_payer")
            shown["payer"] = self.payer_id.display_name or ""
        if code == "eligible_closed":
            shown["reason"] = self.closed_reason_id.display_name or ""
        return say(self.env, code, shown)

    # === ACTIONS === #

    def action_open_patient(self):
        """Open the patient, on the care."""
        self.ensure_one()
        return self.partner_id._ccm_open_form()

    def action_guide(self):
        """Read the consent text to this patient; see ccm.consent.guide."""
        self.ensure_one()
        return self.env["ccm.consent.guide"]._open(self.partner_id, self.company_id)

    def action_start_enrollment(self):
        """Make candidates of these patients, but of those who are in the program or on their way.

        :return: the action that shows the new candidates, or a message if there are none
        """
        enrollments = self.env["ccm.enrollment"]
        if not enrollments.has_access("create"):
            raise AccessError(self.env._("Only the care team can start an enrollment."))
        self.check_access("read")
        self._refresh(self.partner_id)  # a colleague may just have started one
        chosen = self.filtered(lambda row: row.standing in CAN_START)
        created = enrollments.create(
            [
                {
                    "partner_id": row.partner_id.id,
                    "company_id": row.company_id.id,
                    "practitioner_id": row._practitioner().id,
                }
                for row in chosen
            ]
        )
        skipped = len(self) - len(chosen)
        text = self.env._("%(count)s new candidate(s).", count=len(created))
        if skipped:
            text = self.env._(
                "%(count)s new candidate(s). Left out: %(skipped)s, who are enrolled, being asked"
                " or not eligible.",
                count=len(created),
                skipped=skipped,
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_enrollment_action")
        shown = {**action, "domain": [("id", "in", created.ids)], "context": {}}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if created else "warning",
                "message": text,
                "next": shown if created else {"type": "ir.actions.act_window_close"},
            },
        }

    def _practitioner(self):
        """Return who would bill: whoever saw the patient last, if still a practitioner here."""
        self.ensure_one()
        seen_by = self.practitioner_id.filtered("is_ccm_practitioner")
        return seen_by or self.partner_id._ccm_default_practitioner(self.company_id)
