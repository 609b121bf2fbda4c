from odoo import api, models
from odoo.exceptions import UserError

from .base import SHOWN

WORDS = {"body", "subject", "date", "author_id", "email_from", "model", "res_id"}


class MailMessage(models.Model):
    """The history of what a bill rests on stays as it was written."""

    _inherit = "mail.message"

    # === CRUD === #
    def write(self, vals):
        if not self.env.su and WORDS & vals.keys():
            self._ccm_refuse_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        # with its record, of which the record decides
        if self.env.context.get("ccm_whole") is not SHOWN:
            self._ccm_refuse_change()

    # === HELPERS === #
    def _ccm_refuse_change(self):
        data = self.env["ccm.patient.data"]
        # sudo: whose message it is decides, and not who may read it
        ours = self.sudo().filtered(lambda message: (message.model or "").startswith("ccm."))
        for name, messages in ours.grouped("model").items():
            if data._proof(name, messages.mapped("res_id")):
                raise UserError(
                    self.env._(
                        "This is in the history of a month that is billed, and part of its proof:"
                        " it is kept as it is. Write another message to correct it."
                    )
                )
