"""The timer: start, pause, resume, stop, and the words afterwards.

A pause ends the running stretch of time and keeps it ``paused``; taking the work up again begins
another that names the first as ``session_id``. The draft of the note moves along, so that it is
always on the last stretch. Stopping finishes all of them.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .ccm_activity import DRAFT_FIELDS, UNFINISHED
from .ccm_argument import is_id, is_id_or_nothing, is_text, takes
from .ccm_unlogged import unlogged


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === ACTIONS === #
    @api.model
    @takes(partner_id=is_id, running=is_text)
    def action_start_timer(self, partner_id, running="refuse"):
        """Start the current user's timer for a patient and return the new entry's id.

        :param str running: what becomes of a timer that runs already: ``refuse`` raises, ``keep``
            leaves it (and returns its id), ``pause`` and ``stop`` do that to it first
        :raises UserError: a timer of this user runs already, or this role logs by hand
        """
        self.check_access("create")
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise UserError(self.env._("This patient no longer exists: reload the page."))
        partner.check_access("read")
        partner._ccm_refuse_hidden()
        kept = self._make_way(running, partner)
        if kept:
            return kept.id
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

    def action_pause_timer(self, at=None):
        """Pause these timers, or the current user's when called on none; return their ids.

        :param str at: as for ``action_stop_timer``
        """
        timers = self._checked_timers(("running",))
        moment = self._moment(at)
        for timer in timers:
            timer._end_stretch(moment, "paused")
        return timers.exists().ids

    @takes(running=is_text)
    def action_resume_timer(self, running="refuse"):
        """Take paused work up again and return the id of the stretch that now runs.

        :param str running: as for ``action_start_timer``
        """
        self.ensure_one()
        last = self._checked()._session()[-1:]
        if last.user_id != self.env.user:
            raise AccessError(self.env._("Only the person whose timer it is can go on with it."))
        if last.state == "running":
            return last.id
        if last.state != "paused":
            raise UserError(self.env._("This timer was stopped meanwhile: start a new one."))
        kept = self._make_way(running)
        if kept:
            return kept.id
        fresh = self.sudo().create(
            {
                "partner_id": last.partner_id.id,
                "company_id": last.company_id.id,
                "user_id": self.env.uid,
                "type_id": last.type_id.id,
                "outcome": last.outcome,
                "note": last.note,
                "start": fields.Datetime.now(),
                "session_id": (last.session_id or last).id,
                "source": "timer",
                "state": "running",
            }
        )
        last.write({"note": False, "outcome": False})
        return fresh.id

    def action_stop_timer(self, at=None):
        """Stop these timers, or the current user's when called on none; return their ids.

        A timer that ran longer than the practice allows is kept for review: nothing is guessed,
        and nothing of it counts until then. A stretch of no second and no word is not kept.

        :param str at: the UTC moment at which it was stopped, between its start and now; later
            ones are taken as now. So a slow network does not make the time longer.
        """
        if self and all(timer.state not in UNFINISHED for timer in self._checked()):
            return self.ids  # another tab was faster
        timers = self._checked_timers(UNFINISHED)
        moment = self._moment(at)
        for timer in timers:
            session = timer._session()
            session.filtered(lambda t: t.state == "running")._end_stretch(moment, "done")
            paused = session.exists().filtered(lambda t: t.state == "paused")
            if paused:
                paused.write({"state": "done", "to_describe": True})
        return timers.exists().ids

    @takes(type_id=is_id_or_nothing)
    def action_describe(self, type_id, note, outcome=None, at=None):
        """Say what was done in the time of this timer; stop it if it still runs.

        :param str outcome: needed for a contact with the patient
        :param str at: as for ``action_stop_timer``; it also shortens the stretch when somebody
            else stopped it meanwhile, as long as nobody has described it
        """
        self.ensure_one()
        session = self._checked()._session()
        kind = self.env["ccm.activity.type"].browse(type_id).exists()
        note = note.strip() if isinstance(note, str) else ""
        if not kind:
            raise ValidationError(self.env._("Kind is missing: choose what was done."))
        if kind.is_contact and not outcome:
            raise ValidationError(
                self.env._("Outcome is missing: choose how the attempt to reach the patient ended.")
            )
        if not note:
            raise ValidationError(self.env._("Note is missing: say in a few words what was done."))
        last = session[-1:]
        if last.state in UNFINISHED:
            last.write({"note": note})  # first: it keeps a stretch of no second
            last.with_env(self.env).action_stop_timer(at)
        said = {"type_id": kind.id, "outcome": outcome if kind.is_contact else False}
        values = {**said, "note": note}
        if last.to_describe:
            last._shorten(self._moment(at))
            (session - last).write({**said, "to_describe": False})
            last.write({**values, "to_describe": False})
        else:
            last.with_env(self.env).write(values)  # a correction, like any other
        return True

    def action_save_draft(self, values):
        """Keep what was typed so far about a timer that nobody has described yet.

        :param dict values: any of ``type_id``, ``outcome`` and ``note``
        :return: whether it was kept; not so when the work was described meanwhile
        """
        self.ensure_one()
        last = self._checked()._session()[-1:]
        if not isinstance(values, dict) or not values.keys() <= DRAFT_FIELDS:
            raise UserError(self.env._("A draft has a kind, an outcome and a note, nothing else."))
        if last.state in UNFINISHED:
            last.write(values)
        elif last.to_describe:
            last.write({**values, "to_describe": True})
        else:
            return False
        return True

    # === HELPERS === #
    @api.model
    def _running_of_user(self):
        # sudo: one's own timer is one's own, in whichever practice it runs
        return self.sudo().search(
            [("user_id", "=", self.env.uid), ("state", "=", "running")], limit=1
        )

    def _checked(self):
        """Return these entries as superuser, once the user is known to be allowed to change them.

        That is one's own time, in whichever practice, and for a manager that of others.
        """
        self.browse().check_access("write")
        for timer in self.exists():
            user = timer.sudo().user_id
            if user != self.env.user:
                timer.check_access("write")
                self._check_may_log_for(user)
        found = self.sudo().exists()
        if found != self:
            raise UserError(self.env._("This time is no longer there: reload the page."))
        return found

    def _checked_timers(self, states):
        """Return these timers, or the current user's running one, as ``_checked`` does."""
        if not self:
            self.check_access("write")
        timers = self._checked() if self else self._running_of_user()
        timers = timers.filtered(lambda timer: timer.state in states)
        if not timers:
            raise UserError(self.env._("No timer is running."))
        return timers

    @api.model
    def _make_way(self, running, partner=None):
        """Do with the user's running timer as told; return it where it stays."""
        if self.env.company._ccm_timer_mode(self.env.user) == "never":
            raise UserError(self.env._("In your role time is logged by hand, without the timer."))
        other = self._running_of_user()
        if not other:
            return other
        if running == "keep" or (running in ("pause", "stop") and other.partner_id == partner):
            return other
        if running == "pause":
            other.with_env(self.env).action_pause_timer()
        elif running == "stop":
            other.with_env(self.env).action_stop_timer()
        else:
            raise unlogged(
                UserError(
                    self.env._(
                        "Your timer is still running for %s: stop it first.",
                        other.partner_id.display_name,
                    )
                )
            )
        return self.browse()

    def _session(self):
        """Return the stretches of the same work that are not void, in the order of time.

        A session is one person's for one patient; a stretch corrected to another leaves it.
        """
        self.ensure_one()
        head = self.session_id or self
        return self.search(
            [
                ("state", "!=", "void"),
                ("user_id", "=", self.user_id.id),
                ("partner_id", "=", self.partner_id.id),
                *("|", ("id", "=", head.id), ("session_id", "=", head.id)),
            ],
            order="start, id",
        )

    @api.model
    def _moment(self, at):
        """Return ``at`` as a UTC datetime that is not later than now."""
        now = fields.Datetime.now()
        moment = self._read_moment("stop", at)
        return min(moment.replace(microsecond=0), now) if moment else now

    @api.model
    def _read_moment(self, name, at):
        """Return what a client gave as a UTC moment, or None where it gave nothing."""
        try:
            return fields.Datetime.to_datetime(at) if at else None
        except (TypeError, ValueError):
            label = self._fields[name]._description_string(self.env)
            raise UserError(
                self.env._("%(field)s is not a moment: %(said)s", field=label, said=str(at)[:30])
            ) from None

    def _end_stretch(self, moment, state):
        """Close the running stretch, if there is one, at ``moment``."""
        for stretch in self:
            if moment < stretch.start:
                raise ValidationError(
                    self.env._("Stop must not be before Start: correct one of the two.")
                )
            if moment == stretch.start and not stretch.note and not stretch.session_id:
                # Nothing was done: no role deletes time, but this is none.
                keys = stretch._month_keys()
                stretch.unlink()
                self._bring_months_up_to_date(keys)
                continue
            stretch.write(
                {
                    "stop": moment,
                    "state": state,
                    "to_describe": state == "done",
                    "to_review": stretch._is_past_limit(moment),
                }
            )

    def _shorten(self, moment):
        """Let this stretch, which nobody has described yet, end at ``moment`` if that is earlier.

        The person had stopped it then, but the word of it came late.
        """
        self.ensure_one()
        if self.source != "timer" or not self.start <= moment < self.stop:
            return
        if self._spared_keys({}, self._month_keys()):
            return  # on an invoice already; the words are welcome all the same
        values = {"stop": moment, "correction_reason": self.env._("Stopped before it was saved.")}
        if self.to_review and not self._is_past_limit(moment):
            values["to_review"] = False
            self._settle_question()
        self.write(values)

    def _is_past_limit(self, moment):
        self.ensure_one()
        return moment - self.start > timedelta(hours=self.company_id.ccm_timer_limit)
