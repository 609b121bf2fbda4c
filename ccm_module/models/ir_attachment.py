import errno
import os

from odoo import api, models
from odoo.exceptions import UserError

CONTENT = {"raw", "datas", "db_datas", "store_fname", "url", "type", "res_model", "res_id"}
# Of a consent that is given, nothing of its signed paper is changed.
SIGNED = CONTENT | {"res_field", "mimetype", "name", "public", "access_token"}


class IrAttachment(models.Model):
    """What a bill rests on stays what it was, and so does the copy of a plan that a patient got."""

    _inherit = "ir.attachment"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        # The paper comes by the field of the consent, which takes one and no second.
        if not self.env.su:
            attachments._ccm_refuse_signed()
        return attachments

    def write(self, vals):
        if SIGNED & vals.keys():
            self._ccm_refuse_signed()
        if CONTENT & vals.keys():
            self._ccm_refuse_given_copies()
            self._ccm_refuse_proof()
        result = super().write(vals)
        if not self.env.su and {"res_model", "res_id", "res_field"} & vals.keys():
            self._ccm_refuse_signed()  # nor is another put in its place
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._ccm_refuse_signed()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_copy(self):
        self._ccm_refuse_given_copies()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._ccm_refuse_proof()

    # === HELPERS === #

    @api.model
    def _file_write(self, bin_value, checksum):
        """Say what to do when the disk does not take a file; the transaction is undone with it."""
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            self._ccm_remove_half(bin_value, checksum)
            reason = (
                self.env._("its disk is full")
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
                else error.strerror or type(error).__name__
            )
            raise UserError(
                self.env._(
                    "The server could not store a file: %s. Nothing of this step was saved, nothing"
                    " saved before is lost. Ask whoever looks after the server to make room for"
                    " Odoo's files; then do it again.",
                    reason,
                )
            ) from error

    def _ccm_remove_half(self, bin_value, checksum):
        """Take a half-written file away: the whole one would be refused as another of its name."""
        path = self._full_path(f"{checksum[:2]}/{checksum}")
        try:
            if os.path.getsize(path) < len(bin_value):
                os.unlink(path)
        except FileNotFoundError:
            return

    def _ccm_refuse_signed(self):
        """Refuse where a file is, in the record, the signed paper of a consent that is given."""
        # sudo: the paper is proof whoever may read the consent
        papers = self.sudo().filtered(
            lambda file: file.res_model == "ccm.consent" and file.res_field == "scan"
        )
        consents = self.env["ccm.consent"].sudo().browse(papers.mapped("res_id")).exists()
        if any(consent.state != "draft" for consent in consents):
            raise UserError(
                self.env._(
                    "Signed Paper: the consent is given, and its paper is kept as it is. If it is"
                    " wrong, revoke the consent and record a new one."
                )
            )

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
