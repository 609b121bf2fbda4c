from odoo import api, fields, models

from ..billing import audit
from .ccm_mend_mixin import TOPIC_OF, TOPICS
from .ccm_wording import as_json, say


class CcmAuditFinding(models.Model):
    """Whether one patient's month met one requirement of a mock audit."""

    _name = "ccm.audit.finding"
    _description = "Finding of a Mock Audit"
    _inherit = ["ccm.mend.mixin"]
    _order = "audit_id desc, is_met, severity, sequence, id"

    # === FIELDS === #
    audit_id = fields.Many2one(
        "ccm.audit", required=True, readonly=True, index=True, ondelete="cascade"
    )
    month_id = fields.Many2one(
        "ccm.month",
        "Patient's Month",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="audit_id.company_id", store=True, index=True)
    month = fields.Date(related="audit_id.month", store=True, index=True)
    partner_id = fields.Many2one(
        related="month_id.partner_id", string="Patient", store=True, index=True
    )
    requirement = fields.Selection(
        [
            (audit.CONSENT, "Consent before the first minute"),
            (audit.EARLY, "No time before the consent"),
            (audit.TOLD, "Told the four things"),
            (audit.CONDITIONS, "Two chronic conditions on the day of service"),
            (audit.VISIT, "Initiating visit in time"),
            (audit.PLAN, "Care plan approved"),
            (audit.COPY, "Copy of the plan given"),
            (audit.NOTES, "Notes say something"),
            (audit.COPIED, "Notes are not copies"),
            (audit.OVERLAP, "Nobody in two places"),
            (audit.UNITS, "Minutes carry the codes"),
            (audit.BILLER, "One practitioner bills"),
        ],
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(readonly=True)
    severity = fields.Selection(
        [(audit.BLOCKING, "Required"), (audit.WARNING, "Warning")], required=True, readonly=True
    )
    is_met = fields.Boolean("Met", readonly=True)
    score = fields.Float(
        "Score (%)", readonly=True, aggregator="avg", help="100 where it is met, else 0."
    )
    reasons = fields.Json(readonly=True)
    text = fields.Text("Why Not", compute="_compute_text")
    code = fields.Char(readonly=True)
    topic = fields.Selection(TOPICS, "Where to Mend", compute="_compute_topic")
    month_state = fields.Selection(related="month_id.state", string="Bill")

    # === COMPUTE === #
    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_text(self):
        for finding in self:
            finding.text = "\n".join(
                say(finding.env, code, params) for code, params in finding.reasons or ()
            )

    @api.depends("code")
    def _compute_topic(self):
        for finding in self:
            finding.topic = TOPIC_OF.get(finding.code)

    # === HELPERS === #
    @api.model
    def _prepare(self, document, month, finding):
        """Return the values of a row.

        :param document: the ccm.audit
        :param month: the patient's month
        :param Finding finding: see ``billing.audit``
        """
        return {
            "audit_id": document.id,
            "month_id": month.id,
            "requirement": finding.requirement,
            "sequence": list(audit.REQUIREMENTS).index(finding.requirement),
            "severity": finding.severity,
            "is_met": finding.passed,
            "score": 100 * finding.passed,
            "reasons": [[reason.code, as_json(reason.params)] for reason in finding.reasons],
            "code": finding.reasons[0].code if finding.reasons else False,
        }
