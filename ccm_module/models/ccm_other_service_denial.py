"""What a payer's denial says of other care: somebody else is paid, so the patient is not billed."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

DENIAL_ACTIVITY = "ccm_module.mail_activity_type_denial"
# What the payer said, and what of the record keeps the patient from being billed.
DENIAL_FIELDS = {"denied_month_id", "denied_on", "denial_code"}
STOPPING_FIELDS = {
    *("active", "partner_id", "kind", "same_practitioner"),
    *("date_from", "date_to"),
}


class CcmOtherService(models.Model):
    _inherit = "ccm.other.service"

    # === FIELDS === #
    active = fields.Boolean(default=True, help="Off: it was not so, and bears on no month.")
    denied_month_id = fields.Many2one(
        "ccm.month",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The month whose bill the payer denied because of this care.",
    )
    denied_on = fields.Date(readonly=True, copy=False)
    denial_code = fields.Char("Payer's Code", readonly=True, copy=False)
    is_denial_open = fields.Boolean(
        "Stops Billing", compute="_compute_is_denial_open", search="_search_is_denial_open"
    )

    # === COMPUTE === #
    @api.depends("active", "denied_month_id", "date_to")
    def _compute_is_denial_open(self):
        for service in self:
            service.is_denial_open = (
                service.active and service.denied_month_id and not service.date_to
            )

    def _search_is_denial_open(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("denied_month_id", "!=", False), ("date_to", "=", False)]

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_denial(vals)
        return super(CcmOtherService, self._ccm_with_own_defaults(DENIAL_FIELDS)).create(vals_list)

    def write(self, vals):
        self._check_denial(vals)
        if STOPPING_FIELDS & vals.keys() and not self.env.su and self.filtered("denied_month_id"):
            raise AccessError(
                self.env._(
                    "This follows from a payer's denial: a biller resolves it by Resolve Denial."
                )
            )
        return super().write(vals)

    # === ACTIONS === #
    def action_resolve_denial(self):
        """Open the dialog that lets billing go on."""
        self.ensure_one()
        self.denied_month_id._check_biller()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resolve Denial"),
            "res_model": "ccm.denial.resolve",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_service_id": self.id},
        }

    # === HELPERS === #
    def _check_denial(self, vals):
        if not self.env.su and DENIAL_FIELDS & vals.keys():
            raise AccessError(self.env._("A denial is recorded from the billed month it denies."))

    def _ask_biller(self):
        """Ask the biller to settle the denial, by one activity for the patient."""
        self.ensure_one()
        month = self.denied_month_id
        known = self.search(
            [("partner_id", "=", self.partner_id.id), ("is_denial_open", "=", True)]
        )
        if not known.denied_month_id.activity_search([DENIAL_ACTIVITY]):
            responsible = month.company_id.ccm_biller_id or month._default_biller()
            # No e-mail: it would carry the patient's name.
            month.with_context(mail_activity_quick_update=True).activity_schedule(
                DENIAL_ACTIVITY, user_id=responsible.id
            )
