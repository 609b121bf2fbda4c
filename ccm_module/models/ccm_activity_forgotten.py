"""Forgotten timers: the person is asked what really happened, and nothing is guessed."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..billing import months
from .ccm_activity import epoch
from .ccm_batch import sparing

ASK_TYPE = "ccm_module.mail_activity_type_timer"


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === FIELDS === #
    is_forgotten = fields.Boolean(
        string="To Answer",
        compute="_compute_is_forgotten",
        search="_search_is_forgotten",
        help="The timer ran past the practice's limit, and nobody has said what really happened.",
    )

    # === COMPUTE === #
    @api.depends("state", "start", "to_review")
    def _compute_is_forgotten(self):
        now = fields.Datetime.now()
        for record in self:
            record.is_forgotten = record.to_review or (
                record.state == "running" and record._is_past_limit(now)
            )

    def _search_is_forgotten(self, operator, value):
        if operator != "in":
            return NotImplemented
        asked = self._forgotten_domain()
        return Domain.OR(asked if wanted else ~asked for wanted in value)

    # === CRUD === #
    def write(self, vals):
        pending = self.filtered(lambda entry: entry._is_pending())
        result = super().write(vals)
        if settled := pending.filtered(lambda entry: not entry._is_pending()):
            settled._settle_question()
        return result

    # === ACTIONS === #
    def action_ask(self):
        """Open the dialog that asks what really happened while this timer ran."""
        self.ensure_one()
        entry = self._checked()
        if not entry.is_forgotten:
            raise UserError(self.env._("This time is settled already."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What really happened?"),
            "res_model": "ccm.activity.answer",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_activity_id": self.id},
        }

    def action_answer(self, answer, until=None, why=None):
        """Settle a timer that ran past the limit.

        :param str answer: ``until`` (worked until the UTC moment ``until``), ``right`` (worked all
            the time; ``why`` is required) or ``nothing`` (did not work on this)
        """
        self.ensure_one()
        entry = self._checked()
        if not entry.is_forgotten:
            raise UserError(self.env._("This time is settled already."))
        why = why.strip() if isinstance(why, str) else ""
        if answer == "until":
            entry._answer_until(self._moment(until) if until else None, why)
        elif answer == "right":
            if not why:
                raise ValidationError(self.env._("Why is missing: say why it took so long."))
            if entry.state == "running":
                entry.with_env(self.env).action_stop_timer()
            entry.write({"to_review": False, "reason": why})
        elif answer == "nothing":
            entry._void(why or self.env._("The timer ran, but nobody worked on this."))
        else:
            raise UserError(self.env._("Choose one of the answers."))
        entry._settle_question()
        return True

    # === HELPERS === #
    def _answer_until(self, until, why):
        if not until:
            raise ValidationError(self.env._("Worked Until is missing: enter when you stopped."))
        latest = self.stop or fields.Datetime.now()
        if not self.start < until <= latest:
            raise ValidationError(
                self.env._(
                    "Worked Until must lie between %(start)s and %(stop)s, while the timer ran.",
                    start=self._local_time(self.start),
                    stop=self._local_time(latest),
                )
            )
        why = why or self.env._("The timer was not stopped in time.")
        if self.state == "running":
            # The words it may have keep nothing: what the person says is the time.
            self.action_stop_timer(until)
        self.write(
            {
                "stop": until,
                "source": "manual",
                "reason": why,
                "to_review": False,
                "correction_reason": why,
            }
        )

    @api.model
    def _forgotten_domain(self):
        """Return the domain of what the practice has to ask about."""
        now = fields.Datetime.now()
        companies = self.env["res.company"].sudo().search([("ccm_timer_limit", ">", 0)])
        past_limit = Domain.OR(
            Domain("company_id", "in", group.ids)
            & Domain("start", "<", now - timedelta(hours=hours))
            for hours, group in companies.grouped("ccm_timer_limit").items()
        )
        running = Domain("state", "=", "running") & past_limit
        return Domain("state", "!=", "void") & (Domain("to_review", "=", True) | running)

    def _settle_question(self):
        """Take back the activity that asks, once it is answered."""
        self.sudo().activity_feedback([ASK_TYPE])

    # === CRON === #
    @api.model
    def _cron_ask_forgotten(self):
        """Ask each person, by an activity, what became of a timer: at most once a day.

        That is a timer that ran past the limit, and on the next day also one that is still paused
        or that nobody has described: each of them holds the month's bill back.
        """
        questions = self._questions()
        asked = self._asked(list(questions))
        for entry, summary in questions.items():
            is_open, last = asked.get(entry.id, (False, None))
            today = entry.company_id._ccm_today()
            if is_open or (last and last >= today):
                continue
            sparing(entry, lambda one, today=today, summary=summary: one._ask(today, summary))

    def _questions(self):
        """Return ``{entry: summary}`` of what is to be asked; an empty one is the type's own."""
        pending = self.search(self._pending_domain(), order="start, id")
        questions = dict.fromkeys(self.search(self._forgotten_domain()), "")
        for session in pending.grouped(lambda entry: entry.session_id or entry).values():
            last = session[-1]
            if last in questions or last.state == "running":
                continue
            company = last.company_id
            if epoch(last.start) >= months.midnight(company._ccm_today(), company._ccm_zone()):
                continue
            questions[last] = (
                self.env._("A timer is still paused: go on with it or stop it")
                if last.state == "paused"
                else self.env._("Time without a note: say what was done")
            )
        return questions

    @api.model
    def _asked(self, entries):
        """Return ``{entry id: (is a question open, last day of one)}``, with those answered."""
        rows = (
            self.env["mail.activity"]
            .with_context(active_test=False)
            ._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", [entry.id for entry in entries]),
                    ("activity_type_id", "=", self.env.ref(ASK_TYPE).id),
                ],
                ["res_id"],
                ["active:bool_or", "date_deadline:max"],
            )
        )
        return {res_id: (is_open, last) for res_id, is_open, last in rows}

    def _ask(self, today, summary):
        person = self.user_id if self.user_id.active else self._manager_to_ask()
        if person:
            self.activity_schedule(
                ASK_TYPE, date_deadline=today, summary=summary, user_id=person.id
            )

    def _manager_to_ask(self):
        """Return somebody who may answer for a person who left."""
        managers = self.env.ref("ccm_module.group_ccm_manager").all_user_ids
        return managers.filtered(
            lambda user: (
                user.active and not user._is_superuser() and self.company_id in user.company_ids
            )
        )[:1]
