from odoo import models

from .base import SHOWN


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    # === CRUD === #
    def unlink(self):
        """Let the record itself say why it is kept, and not its history, which Odoo deletes first."""
        if not self._name.startswith("ccm."):
            return super().unlink()
        return super(MailThread, self.with_context(ccm_whole=SHOWN)).unlink()

    # === HELPERS === #
    def _check_can_update_message_content(self, messages):
        messages._ccm_refuse_change()
        return super()._check_can_update_message_content(messages)
