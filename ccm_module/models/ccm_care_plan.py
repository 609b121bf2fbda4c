from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..care_plan.elements import FIELDS, completeness

TEXTS = (
    "problem_list",
    "expected_outcome",
    "cognitive_functional",
    "symptom_management",
    "medication_management",
    "environment",
    "caregiver",
    "coordination",
)
ROWS = ("goal_ids", "intervention_ids", "medication_ids", "service_ids", "member_ids")
APPROVAL = ("state", "approved_by_id", "approved_on")
# What the practitioner signed; the rows guard their own words.
SIGNED = ("partner_id", "company_id", "version", "approved_by_id", "approved_on", *TEXTS)


class CcmCarePlan(models.Model):
    """A version of the patient's comprehensive care plan.

    Staff may write it; the practitioner approves it, and approving one supersedes the version
    before. A copy goes to the patient or caregiver (CMS CCM FAQ; Noridian Q&A 2017). The elements
    are typical, not all needed for every patient.
    """

    _name = "ccm.care.plan"
    _description = "Care Plan"
    _inherit = ["ccm.patient.mixin", "ccm.fact.mixin", "ccm.history.mixin", "mail.activity.mixin"]
    _order = "partner_id, version desc"

    # === FIELDS === #

    version = fields.Integer(readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("superseded", "Superseded")],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    approved_by_id = fields.Many2one("res.users", copy=False, tracking=True, ondelete="restrict")
    approved_on = fields.Date(copy=False, tracking=True)

    # The elements that CMS lists (care_plan/elements.py)
    problem_list = fields.Text(help="Empty: the active conditions on the day of approval.")
    expected_outcome = fields.Text("Expected Outcome and Prognosis")
    goal_ids = fields.One2many("ccm.care.plan.goal", "plan_id", "Treatment Goals", copy=True)
    cognitive_functional = fields.Text("Cognitive and Functional Assessment")
    symptom_management = fields.Text(help="What to watch for, and when to call whom.")
    intervention_ids = fields.One2many(
        "ccm.care.plan.intervention", "plan_id", "Planned Interventions", copy=True
    )
    medication_ids = fields.One2many(
        "ccm.care.plan.medication", "plan_id", "Medication Management", copy=True
    )
    medication_management = fields.Text(
        "How Medicines Are Managed",
        help="Allergies, pill box, refills, who helps. Or that the patient takes none.",
    )
    environment = fields.Text("Environmental Evaluation")
    caregiver = fields.Text("Caregiver Assessment")
    coordination = fields.Text(
        "Coordination with Others",
        help="With outside resources, practitioners and providers: who tells whom what.",
    )
    service_ids = fields.One2many(
        "ccm.care.plan.service", "plan_id", "Community and Social Services", copy=True
    )
    member_ids = fields.One2many("ccm.care.plan.member", "plan_id", "Care Team", copy=True)

    completeness = fields.Integer(
        "Complete",
        compute="_compute_completeness",
        store=True,
        copy=False,
        aggregator="avg",
        help="Percent of the elements that a care plan typically includes. Nothing hinges on it.",
    )
    missing_elements = fields.Char("Still Missing", compute="_compute_missing_elements")

    _version_unique = models.UniqueIndex(
        "(partner_id, company_id, version)",
        lambda env, diag: env._(
            "Version: somebody has just made that version. Open the newest plan and go on there."
        ),
    )
    _approved_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE state = 'approved'",
        lambda env, diag: env._("State: another version has just been approved. Reload the page."),
    )

    # === COMPUTE === #

    @api.depends("version", "partner_id")
    def _compute_display_name(self):
        for plan in self:
            if not plan.version:
                plan.display_name = self.env._("New care plan")
                continue
            plan.display_name = self.env._(
                "Care plan of %(patient)s, version %(version)s",
                patient=plan.partner_id.name or "",
                version=plan.version,
            )

    @api.depends(*FIELDS)
    def _compute_completeness(self):
        for plan in self:
            plan.completeness, _missing = plan._measure()

    @api.depends(*FIELDS)
    @api.depends_context("lang")
    def _compute_missing_elements(self):
        for plan in self:
            _percent, missing = plan._measure()
            plan.missing_elements = plan._labels(missing)

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id and not self.problem_list:
            self.problem_list = self._problems(self.partner_id)

    @api.constrains("state", "approved_by_id", "approved_on")
    def _check_approval(self):
        for plan in self:
            if plan.state == "draft" and (plan.approved_by_id or plan.approved_on):
                raise ValidationError(
                    self.env._("Approved By, Approved On: use the Approve button; this is a draft.")
                )
            if plan.state != "draft" and not (plan.approved_by_id and plan.approved_on):
                raise ValidationError(
                    self.env._("Approved By, Approved On: say who approved the plan, and when.")
                )
            approver = plan.approved_by_id.sudo()
            if approver and not approver.has_group("ccm_module.group_ccm_practitioner"):
                raise ValidationError(
                    self.env._("Approved By: %(name)s is not a practitioner.", name=approver.name)
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # Goals may be added to a draft only, so a plan that arrives approved is approved last.
        vals_list, approvals = [dict(vals) for vals in vals_list], []
        taken = {}
        self._meet_at_patients(vals_list)
        for vals in vals_list:
            approval = {name: vals.pop(name) for name in APPROVAL if name in vals}
            if approval.get("state", "draft") not in ("draft", "approved"):
                raise UserError(self.env._("State: a new care plan is a draft or approved."))
            approvals.append(approval)
            partner_id = vals.get("partner_id")
            number = taken.get(partner_id) or self._last_version(partner_id)
            vals["version"] = taken[partner_id] = number + 1
        plans = super(CcmCarePlan, self._ccm_with_own_defaults(APPROVAL)).create(vals_list)
        for plan, approval in zip(plans, approvals, strict=True):
            if any(approval.values()) and approval != {"state": "draft"}:
                plan._sudo_for_import().write(approval)
        return plans

    def write(self, vals):
        for plan in self:
            plan._refuse_change(vals)
        if vals.get("state") != "approved":
            return super().write(vals)
        result = super().write({key: vals[key] for key in vals if key not in APPROVAL})
        drafts = self.filtered(lambda record: record.state == "draft")
        # of two versions of one patient the newer is to be the one in force
        for plan in drafts.sorted("version"):
            plan._supersede_older()
            super(CcmCarePlan, plan).write(plan._approval_values(vals))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(plan.state != "draft" for plan in self):
            raise UserError(
                self.env._("An approved care plan is part of the record and cannot be deleted.")
            )

    def _is_evidence(self):
        return self.state != "draft"

    def _refuse_change(self, vals):
        """Keep signed content as it is, and the state to draft, approved, superseded."""
        self.ensure_one()
        state = vals.get("state", self.state)
        if state != self.state and (self.state, state) not in (
            ("draft", "approved"),
            ("approved", "superseded"),
        ):
            raise UserError(
                self.env._("State: a care plan cannot go back. Use New Version instead.")
            )
        if state != self.state:
            self._check_practitioner_acts()
        changed = self._changed_fields(vals, SIGNED) if self.state != "draft" else []
        if changed:
            raise UserError(
                self.env._(
                    "%(fields)s: version %(version)s is approved and cannot be changed. Use New"
                    " version.",
                    fields=self._labels(changed),
                    version=self.version,
                )
            )

    # === ACTIONS === #

    def action_approve(self):
        """Approve draft plans as the practitioner; versions approved before are superseded.

        :raises AccessError: for anybody who is not a practitioner
        """
        self._check_practitioner_acts()
        for plan in self:
            if plan.state != "draft":
                raise UserError(self.env._("State: only a draft can be approved."))
            plan._refuse_empty()
        self.write({"state": "approved"})
        return True

    def action_new_version(self):
        """Open a draft with the content of this version."""
        self.ensure_one()
        return self.copy().action_open()

    # === HELPERS === #

    def _measure(self):
        self.ensure_one()
        return completeness({name for name in FIELDS if self[name]})

    def _refuse_empty(self):
        if not any(self[name] for name in (*TEXTS, *ROWS)):
            raise UserError(
                self.env._("Care Plan: it is empty. Enter goals or other elements first.")
            )

    def _check_practitioner_acts(self):
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_practitioner"):
            raise AccessError(self.env._("Only a practitioner can approve a care plan."))

    def _sudo_for_import(self):
        """Return a new plan as one that may carry an approval given elsewhere.

        A manager brings older records along, with who approved them and when; a plan that is here
        is approved by a practitioner, in person and today.
        """
        is_manager = self.env.user.has_group("ccm_module.group_ccm_manager")
        return self.sudo() if is_manager else self

    def _supersede_older(self):
        """Free the place of the approved version for this one."""
        self.ensure_one()
        older = self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "approved"),
            ]
        )
        newer = older.filtered(lambda plan: plan.version > self.version)
        if newer:
            raise UserError(
                self.env._(
                    "Version: version %(newer)s is approved already. Make a new version of it"
                    " instead of approving version %(version)s.",
                    newer=newer.version,
                    version=self.version,
                )
            )
        older.write({"state": "superseded"})
        older.flush_recordset(["state"])

    def _approval_values(self, vals):
        """Return what approving writes. Only an import names another person or an earlier day."""
        self.ensure_one()
        given = vals if self.env.su else {}
        return {
            "state": "approved",
            "approved_by_id": given.get("approved_by_id") or self.env.uid,
            "approved_on": fields.Date.to_date(given.get("approved_on")) or self._today(),
            "problem_list": self.problem_list or self._problems(self.partner_id),
        }

    def _meet_at_patients(self, vals_list):
        """Let two who make a version at once meet at the patient's row: the later is retried.

        Else they meet at the unique index, whose refusal is logged with the text of the plan.
        """
        partners = self.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        )
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = write_date WHERE id = ANY(%s)",
            (partners.ids,),
        )

    def _last_version(self, partner_id):
        newest = self.sudo().search(
            [("partner_id", "=", partner_id)], order="version desc", limit=1
        )
        return newest.version

    @api.model
    def _problems(self, partner):
        """Return the active conditions, one a line, as the plan's problem list."""
        active = partner.ccm_condition_ids.filtered(lambda c: c.status == "active")
        return "\n".join(f"{c.diagnosis_id.code} {c.diagnosis_id.name}" for c in active)
