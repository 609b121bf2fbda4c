from odoo import api, fields, models
from odoo.tools import format_datetime


class CcmSealCheck(models.TransientModel):
    """What a check of the seal found, on the screen and on paper."""

    _name = "ccm.seal.check"
    _description = "Check of the Seal"

    # === FIELDS === #
    company_id = fields.Many2one("res.company", "Practice", required=True, readonly=True)
    checked_on = fields.Datetime(required=True, readonly=True)
    checked_by_id = fields.Many2one("res.users", required=True, readonly=True)
    is_whole = fields.Boolean(readonly=True)
    link_count = fields.Integer("Links Found Whole", readonly=True)
    waiting_count = fields.Integer("Bills Waiting to Be Sealed", readonly=True)
    last_hash = fields.Char("Hash of the Last of Them", readonly=True)
    broken_sequence = fields.Integer("First Broken Link", readonly=True)
    broken_id = fields.Many2one("ccm.seal", "Broken Link", readonly=True)
    words = fields.Char("What Is Broken", readonly=True)

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        """Check; what a check found is nobody's to say."""
        self.env["ccm.seal"]._check_may_check()
        return super().create([self._find(self.env.company) for _vals in vals_list])

    # === COMPUTE === #
    @api.depends("checked_on")
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._("Check of %s", check._said_on())

    # === ACTIONS === #
    @api.model
    def action_run(self):
        """Check the chain of the current practice and show what was found."""
        check = self.create({})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check the Seal"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
        }

    def action_print(self):
        """Print what was found: kept outside, its hash proves later that nothing was made anew."""
        self.env["ccm.seal"]._check_may_check()
        return self.env.ref("ccm_module.ccm_seal_report").report_action(self)

    def action_open_broken(self):
        """Open the first broken link."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "ccm.seal",
            "res_id": self.broken_id.id,
            "view_mode": "form",
        }

    # === HELPERS === #
    def _find(self, company):
        found = self.env["ccm.seal"]._check_chain(company)
        broken = found["broken"] or {}
        return {
            "company_id": company.id,
            "checked_on": fields.Datetime.now(),
            "checked_by_id": self.env.uid,
            "is_whole": found["ok"],
            "link_count": found["links"],
            "waiting_count": found["waiting"],
            "last_hash": found["hash"],
            "broken_sequence": broken.get("sequence"),
            "broken_id": broken.get("link_id"),
            "words": broken.get("words"),
        }

    def _said_on(self):
        """Return when it was checked, by the practice's clock."""
        return format_datetime(self.env, self.checked_on, tz=self.company_id.ccm_tz)
