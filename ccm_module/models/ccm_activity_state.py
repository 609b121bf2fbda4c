"""Where a person's timers stand: one truth for every tab and device."""

import time

from odoo import api, models

from ..billing import months
from .ccm_activity import UNFINISHED, epoch

# What changes on the screens where the person looks at the timer.
WATCHED_FIELDS = {
    *("partner_id", "user_id", "start", "stop"),
    *("state", "to_review", "to_describe"),
}


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.filtered(lambda entry: entry.state == "running")._tell_devices()
        return records

    def write(self, vals):
        timers = self.filtered(lambda entry: entry._is_pending())
        result = super().write(vals)
        if WATCHED_FIELDS & vals.keys():
            (timers | self.filtered(lambda entry: entry._is_pending()))._tell_devices()
        return result

    def unlink(self):
        self.filtered(lambda entry: entry._is_pending())._tell_devices()
        return super().unlink()

    # === ACTIONS === #
    @api.model
    def get_timer_state(self):
        """Return where the current user's timers stand.

        All moments are milliseconds since 1970, all lengths seconds::

            {"now", "mode": "auto" | "manual" | "never", "limit",
             "running": entry or False, "paused": [entry], "to_describe": [entry],
             "to_answer": [entry], "kinds": [{"id", "name", "is_contact"}],
             "outcomes": [[value, label]]}

        where an entry is ``{"id", "partner_id", "partner", "start", "seconds" (of its stretches
        that are over), "type_id", "outcome", "note"}``, the running one with
        ``"progress": {"minutes", "next_seconds", "next_code"}`` of its patient's month.
        """
        self.browse().check_access("write")
        # sudo: one's own time, in whichever practice
        pending = self.sudo().search(
            [("user_id", "=", self.env.uid), *self._pending_domain()], order="start, id"
        )
        pending.partner_id.mapped("display_name")  # all names at once
        sessions = pending.grouped(lambda entry: entry.session_id or entry).values()
        lasts = [session[-1] for session in sessions]
        shown = {session[-1]: session[-1]._timer_values(session) for session in sessions}
        running = next((entry for entry in lasts if entry.state == "running"), self.browse())
        return {
            "now": int(time.time() * 1000),
            "mode": self.env.company._ccm_timer_mode(self.env.user),
            "limit": (running.company_id or self.env.company).ccm_timer_limit * 3600,
            "running": {**shown[running], "progress": running._month_progress()}
            if running
            else False,
            "paused": [shown[entry] for entry in lasts if entry.state == "paused"],
            "to_describe": [
                shown[entry] for entry in lasts if entry.state == "done" and entry.to_describe
            ],
            "to_answer": [entry._timer_values(entry) for entry in pending if entry.is_forgotten],
            "kinds": self.env["ccm.activity.type"].search_read(
                [("active", "=", True)], ["name", "is_contact"]
            ),
            "outcomes": self._fields["outcome"]._description_selection(self.env),
        }

    # === HELPERS === #
    @api.model
    def _pending_domain(self):
        """Return the domain of the entries that still wait for something: see ``_pending``."""
        return [
            ("state", "!=", "void"),
            *("|", "|", ("state", "in", UNFINISHED)),
            *(("to_review", "=", True), ("to_describe", "=", True)),
        ]

    def _is_pending(self):
        return self.state in UNFINISHED or self.to_review or self.to_describe

    def _timer_values(self, session):
        """Return what a browser needs to show this entry; ``session`` are its stretches."""
        self.ensure_one()
        return {
            "id": self.id,
            "partner_id": self.partner_id.id,
            "partner": self.partner_id.display_name,
            "start": epoch(self.start) * 1000,
            "seconds": sum(session.mapped("seconds")),
            "type_id": self.type_id.id,
            "outcome": self.outcome,
            "note": self.note or "",
        }

    def _month_progress(self):
        """Return what is counted this month for the patient of this timer."""
        today = self.company_id._ccm_today()
        month = self.env["ccm.month"].search_fetch(
            [("partner_id", "=", self.partner_id.id), ("month", "=", months.first_day(today))],
            ["total_minutes", "next_seconds", "next_code"],
            limit=1,
        )
        return {
            "minutes": month.total_minutes,
            "next_seconds": month.next_seconds,
            "next_code": month.next_code,
        }

    def _tell_devices(self):
        """Let every tab and device of the people whose time this is look again."""
        for user, entries in self.sudo().grouped("user_id").items():
            # Ids alone: the names and the words are fetched by who may see them.
            user._bus_send("ccm_timer", {"ids": entries.ids})
