"""Time without the timer: shared among patients, or taken out again."""

import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import intervals
from .ccm_activity import epoch
from .ccm_argument import is_id_or_nothing, is_ids, takes


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === ACTIONS === #
    def action_void(self):
        """Open the dialog that asks why this entry is taken out."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void Time"),
            "res_model": "ccm.activity.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_activity_ids": self.ids},
        }

    @api.model
    @takes(partner_ids=is_ids, type_id=is_id_or_nothing)
    def action_log_shared(self, partner_ids, start, stop, type_id, note=None, reason=None):
        """Log one stretch of the current user's time for several patients and return the ids.

        Each patient gets an equal, consecutive part of it (CMS: the minutes are divided), so that
        the parts add up to the second.
        """
        self.check_access("create")
        start, stop = self._read_moment("start", start), self._read_moment("stop", stop)
        partners = self.env["res.partner"].browse(partner_ids).exists().sorted("id")
        if len(partners) < 2:
            raise UserError(self.env._("Choose at least two patients to share the time among."))
        if not start or not stop or stop <= start:
            raise UserError(self.env._("Stop must be later than Start: correct one of the two."))
        parts = intervals.share(epoch(start), epoch(stop), len(partners))
        entries = self.create(
            [
                {
                    "partner_id": partner.id,
                    "start": start + timedelta(seconds=a - epoch(start)),
                    "stop": start + timedelta(seconds=b - epoch(start)),
                    "type_id": type_id,
                    "note": note,
                    "reason": reason,
                }
                for partner, (a, b) in zip(partners, parts, strict=True)
            ]
        )
        entries.sudo().write({"shared_key": str(uuid.uuid4()), "shared_count": len(entries)})
        return entries.ids

    # === HELPERS === #
    def _void(self, why):
        """Take entries out of every count; they stay on record with the reason."""
        for record in self:
            self._check_may_log_for(record.user_id)
            record.check_access("write")
            values = {
                "state": "void",
                "void_reason": why,
                "to_review": False,
                "to_describe": False,
            }
            if not record.stop:
                values["stop"] = fields.Datetime.now()
            record.sudo().write(values)
