from odoo import models

from .base import SHOWN


class CcmHistoryMixin(models.AbstractModel):
    """A record with a history that is part of the proof, once a bill rests on the record.

    Not an extension of ``mail.thread`` itself: with the addon, Odoo would then remove what it keeps
    about the threads of others.
    """

    _name = "ccm.history.mixin"
    _description = "Record whose history is proof"
    _inherit = ["mail.thread"]

    # === CRUD === #
    def unlink(self):
        """Let the record itself say why it is kept, and not its history, which Odoo deletes first."""
        return super(CcmHistoryMixin, self.with_context(ccm_whole=SHOWN)).unlink()

    # === HELPERS === #
    def _check_can_update_message_content(self, messages):
        messages._ccm_refuse_change()
        return super()._check_can_update_message_content(messages)
