"""What an invoice bills, in words, from the record of its decision; and the proof of it all."""

from odoo import api, fields, models

from .res_partner import CLINICAL


class AccountMove(models.Model):
    _inherit = "account.move"

    # === FIELDS === #
    # Minutes of care are health data, as the rest of the claim.
    ccm_decision_ids = fields.One2many("ccm.decision", "move_id", readonly=True, groups=CLINICAL)
    ccm_bill_words = fields.Text("Bills", compute="_compute_ccm_bill_words", groups=CLINICAL)

    # === COMPUTE === #
    @api.depends("ccm_decision_ids")
    @api.depends_context("lang")
    def _compute_ccm_bill_words(self):
        for move in self:
            # sudo: the words hold no money, and so are for the whole care team
            move.ccm_bill_words = move.sudo().ccm_decision_ids.words or False

    # === ACTIONS === #
    def action_view_ccm_decision(self):
        """Open the record of what this invoice was decided from."""
        self.ensure_one()
        self.check_access("read")
        self.ccm_decision_ids.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision Record"),
            "res_model": "ccm.decision",
            "res_id": self.ccm_decision_ids.id,
            "view_mode": "form",
        }

    def action_print_ccm_packet(self):
        """Return the audit packet of the patient's month that this invoice bills, as a PDF."""
        self.ensure_one()
        self.check_access("read")
        return self.ccm_month_id.action_print_packet()

    def action_make_ccm_packets(self):
        """Have the audit packets of these invoices' months made in the background."""
        self.check_access("read")
        return self.ccm_month_id.action_make_packets()
