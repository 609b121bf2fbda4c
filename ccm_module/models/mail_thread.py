from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _check_can_update_message_content(self, messages):
        messages._ccm_refuse_change()
        return super()._check_can_update_message_content(messages)
