from odoo import api, models
from odoo.exceptions import UserError

CONTENT = {"raw", "datas", "db_datas", "store_fname", "url", "type", "res_model", "res_id"}


class IrAttachment(models.Model):
    """What a bill rests on stays what it was, and so does the copy of a plan that a patient got."""

    _inherit = "ir.attachment"

    # === CRUD === #

    def write(self, vals):
        if CONTENT & vals.keys():
            self._ccm_refuse_given_copies()
            self._ccm_refuse_proof()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_copy(self):
        self._ccm_refuse_given_copies()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._ccm_refuse_proof()

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

    def _ccm_refuse_proof(self):
        """Refuse where a file (a signature, a letter) belongs to what a billed month rests on."""
        # sudo: whose file it is decides, and not who may read it
        ours = self.sudo().filtered(
            lambda file: (file.res_model or "").startswith("ccm.") and file.res_id
        )
        for name, files in ours.grouped("res_model").items():
            if self.env["ccm.patient.data"]._proof(name, files.mapped("res_id")):
                raise UserError(
                    self.env._(
                        "This file is part of the proof of a month that is billed: it is kept as it"
                        " is. Add another beside it."
                    )
                )
