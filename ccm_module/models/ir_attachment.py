from odoo import api, models
from odoo.exceptions import UserError

CONTENT = {"raw", "datas", "db_datas", "store_fname", "url", "type", "res_model", "res_id"}


class IrAttachment(models.Model):
    """The copy of a care plan that a patient got stays what it was."""

    _inherit = "ir.attachment"

    # === CRUD === #

    def write(self, vals):
        if CONTENT & vals.keys():
            self._ccm_refuse_given_copies()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_copy(self):
        self._ccm_refuse_given_copies()

    # === HELPERS === #

    def _ccm_refuse_given_copies(self):
        candidates = self.filtered(lambda attachment: attachment.res_model == "ccm.care.plan")
        if not candidates:
            return
        # sudo: the copy is proof whoever may read the plan
        given = self.env["ccm.care.plan"].sudo()
        if given.search_count([("copy_attachment_id", "in", candidates.ids)], limit=1):
            raise UserError(
                self.env._("This is the copy that the patient was given. It is part of the record.")
            )
