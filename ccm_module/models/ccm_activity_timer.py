"""How time gets logged: the timer, the dialogs, and time for several patients at once."""

import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import intervals
from .ccm_activity import epoch


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === ACTIONS === #
    @api.model
    def action_start_timer(self, partner_id):
        """Start the current user's timer for a patient and return the new entry's id.

        :raises UserError: a timer of this user runs already
        """
        self.check_access("create")
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise UserError(self.env._("This patient no longer exists: reload the page."))
        partner.check_access("read")
        if running := self._running_of_user():
            raise UserError(
                self.env._(
                    "Your timer is still running for %s: stop it first.",
                    running.partner_id.display_name,
                )
            )
        values = {
            "partner_id": partner.id,
            "user_id": self.env.uid,
            "start": fields.Datetime.now(),
            "source": "timer",
            "state": "running",
        }
        values["company_id"] = self._company_for(values).id
        # sudo: only here is an entry the timer's (see ``_prepare_vals``)
        return self.sudo().create(values).id

    def action_stop_timer(self):
        """Stop these timers, or the current user's when called on none; return their ids.

        A timer that ran longer than the practice allows is kept for review: nothing is guessed,
        and nothing of it counts until then.
        """
        timers = (self or self._running_of_user()).filtered(lambda t: t.state == "running")
        if not timers:
            raise UserError(self.env._("No timer is running."))
        timers.check_access("write")
        now = fields.Datetime.now()
        for timer in timers:
            self._check_may_log_for(timer.user_id)
            limit = timedelta(hours=timer.company_id.ccm_timer_limit)
            timer.sudo().write(
                {
                    "stop": max(now, timer.start),
                    "state": "done",
                    "to_review": now - timer.start > limit,
                }
            )
        return timers.ids

    def action_stop_and_describe(self):
        """Stop the timer and open the entry to say what was done."""
        stopped = self.browse(self.action_stop_timer())
        return stopped._open_form()

    def action_reviewed(self):
        """Confirm that the times of an entry kept for review are right."""
        self.write({"to_review": False})

    def action_void(self):
        """Open the dialog that asks why this entry is taken out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void Time"),
            "res_model": "ccm.activity.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_activity_ids": self.ids},
        }

    @api.model
    def action_log_shared(self, partner_ids, start, stop, type_id, note=None, reason=None):
        """Log one stretch of the current user's time for several patients and return the ids.

        Each patient gets an equal, consecutive part of it (CMS: the minutes are divided), so that
        the parts add up to the second.
        """
        start, stop = fields.Datetime.to_datetime(start), fields.Datetime.to_datetime(stop)
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
    @api.model
    def _running_of_user(self):
        return self.search([("user_id", "=", self.env.uid), ("state", "=", "running")], limit=1)

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Time"),
            "res_model": self._name,
            "res_id": self[:1].id,
            "view_mode": "form",
            "views": [(self.env.ref("ccm_module.ccm_activity_view_form_dialog").id, "form")],
            "target": "new",
        }

    def _void(self, why):
        """Take entries out of every count; they stay on record with the reason."""
        for record in self:
            self._check_may_log_for(record.user_id)
            record.check_access("write")
            values = {"state": "void", "void_reason": why}
            if not record.stop:
                values["stop"] = fields.Datetime.now()
            record.sudo().write(values)
