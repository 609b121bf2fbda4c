from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CcmCarePlanStart(models.TransientModel):
    """Asks which templates a patient's new plan is to be filled from."""

    _name = "ccm.care.plan.start"
    _description = "Fill a care plan from templates"

    # === FIELDS === #

    partner_id = fields.Many2one("res.partner", "Patient", required=True, ondelete="cascade")
    plan_id = fields.Many2one(
        "ccm.care.plan",
        "Draft",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        ondelete="cascade",
        help="The draft that what is chosen is added to. Empty: a new one is made.",
    )
    current_plan_id = fields.Many2one("ccm.care.plan", compute="_compute_current_plan_id")
    start_from = fields.Selection(
        [("current", "The plan in force, as a new version"), ("blank", "A blank plan")],
        compute="_compute_start_from",
        store=True,
        readonly=False,
    )
    template_ids = fields.Many2many(
        "ccm.care.plan.template",
        string="Templates",
        compute="_compute_template_ids",
        store=True,
        readonly=False,
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language of the Plan",
        compute="_compute_lang",
        store=True,
        readonly=False,
        help="The patient gets a copy: the patient's own language, where the practice has it.",
    )
    several_langs = fields.Boolean(compute="_compute_several_langs")

    # === COMPUTE === #

    @api.depends("partner_id")
    def _compute_plan_id(self):
        for start in self:
            start.plan_id = start._plan_in("draft")

    @api.depends("partner_id")
    def _compute_current_plan_id(self):
        for start in self:
            start.current_plan_id = start._plan_in("approved")

    @api.depends("partner_id")
    def _compute_start_from(self):
        for start in self:
            start.start_from = "current" if start.current_plan_id else "blank"

    @api.depends("partner_id")
    def _compute_template_ids(self):
        templates = self.env["ccm.care.plan.template"]
        for start in self:
            start.template_ids = templates._for_patient(start.partner_id)

    @api.depends("partner_id")
    def _compute_lang(self):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for start in self:
            theirs = start.partner_id.lang
            start.lang = theirs if theirs in installed else self.env.lang or "en_US"

    def _compute_several_langs(self):
        self.several_langs = len(self.env["res.lang"].get_installed()) > 1

    # === CONSTRAINTS === #

    @api.constrains("partner_id", "plan_id")
    def _check_plan(self):
        for start in self:
            if start.plan_id and start.plan_id.partner_id != start.partner_id:
                raise ValidationError(self.env._("Draft: it is another patient's."))

    # === ACTIONS === #

    def action_create(self):
        """Fill the draft, or make it first, and open it."""
        self.ensure_one()
        plan = self.plan_id
        if not plan and self.start_from == "current" and self.current_plan_id:
            plan = self.current_plan_id.copy()
        elif not plan:
            plan = plan.create({"partner_id": self.partner_id.id})
        templates = self.template_ids.with_context(lang=self.lang or self.env.lang)
        plan.with_context(lang=self.lang or self.env.lang)._fill_from(templates)
        return plan.action_open()

    # === HELPERS === #

    def _plan_in(self, state):
        return self.env["ccm.care.plan"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.env.company.id),
                ("state", "=", state),
            ],
            limit=1,
        )
