from odoo import api, fields, models

from ..billing.identifiers import npi_is_valid


class CcmSetupStep(models.Model):
    """A step on a practice's way from the install to its first bill.

    Whether it is done is read off the practice itself, so the list is right whoever did it, and
    however.
    """

    _name = "ccm.setup.step"
    _description = "Set-up Step"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    action_xmlid = fields.Char(required=True)
    is_done = fields.Boolean(string="Done", compute="_compute_is_done")
    can_open = fields.Boolean(
        compute="_compute_can_open", help="Whether the screen of this step is open to this user."
    )

    _code_unique = models.UniqueIndex("(code)", "There is already a step with this code.")

    # === COMPUTE === #
    def _compute_is_done(self):
        for step in self:
            step.is_done = getattr(step, f"_is_done_{step.code}")()

    @api.depends("action_xmlid")
    @api.depends_context("uid")
    def _compute_can_open(self):
        for step in self:
            # sudo: what an action is of is no secret; whether its records are open is asked then
            model = self.env.ref(step.action_xmlid).sudo().res_model
            step.can_open = self.env[model].has_access("read")

    # === ACTIONS === #
    def action_open(self):
        """Open the screen where this step is done."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(self.action_xmlid)

    # === HELPERS === #
    def _has(self, model, *domain):
        return bool(self.env[model].search_count(list(domain), limit=1))

    def _in_company(self, model, *domain):
        return self._has(model, ("company_id", "=", self.env.company.id), *domain)

    def _is_done_practice(self):
        return npi_is_valid(self.env.company.partner_id.npi or "")

    def _is_done_practitioner(self):
        return self._has("res.partner", ("is_ccm_practitioner", "=", True), ("npi", "!=", False))

    def _is_done_team(self):
        return self._has("res.users", ("ccm_performer", "in", ("staff", "practitioner")))

    def _is_done_accounting(self):
        # sudo: a manager of the program need not read journals
        return bool(
            self.env["account.journal"]
            .sudo()
            .search_count(
                [("company_id", "=", self.env.company.id), ("type", "=", "sale")], limit=1
            )
        )

    def _is_done_fees(self):
        today = self.env.company._ccm_today()
        price = self.env["ccm.fee.schedule"]._get_amounts(self.env.company, {"99490"}, today)
        return bool(price)

    def _is_done_diagnoses(self):
        return self._has("ccm.diagnosis")

    def _is_done_payer(self):
        return self._has(
            "res.partner", ("is_ccm_patient", "=", True), ("ccm_payer_id", "!=", False)
        )

    def _is_done_patient(self):
        return self._in_company("ccm.enrollment", ("state", "=", "active"))

    def _is_done_plan(self):
        return self._in_company("ccm.care.plan", ("copy_given_on", "!=", False))

    def _is_done_time(self):
        return self._in_company("ccm.activity", ("state", "=", "done"))

    def _is_done_bill(self):
        return self._in_company("ccm.month", ("state", "=", "invoiced"))
