from odoo import models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def modify_moves(self):
        """Refuse to copy a CCM invoice: its month would be billed by the copy and by the close."""
        if self.move_ids.sudo().ccm_month_id:
            raise UserError(
                self.env._(
                    "Choose Reverse: the credit note frees the patient's month, and its new invoice "
                    "is made from the month itself."
                )
            )
        return super().modify_moves()
