"""How ready months become invoices. Cron and button both come through ``_invoice``."""

import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing import months
from .ccm_unlogged import unlogged

_logger = logging.getLogger(__name__)

ERROR_ACTIVITY = "ccm_module.mail_activity_type_error"


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === ACTIONS === #
    def action_invoice(self):
        """Invoice these months, as the nightly close would.

        :raises UserError: none of them is ready
        :return: an action that shows the invoices, or tells what failed
        """
        self._check_biller()
        ready = self.filtered(lambda m: m.state == "ready")
        if not ready:
            raise UserError(
                self.env._(
                    "None of the chosen months is ready to be invoiced: see the reasons on each."
                )
            )
        moves = self.env["account.move"]
        failed = self.browse()
        for company, group in ready.grouped("company_id").items():
            made, bad = group.with_company(company)._invoice()
            moves |= made
            failed |= bad
        if len(ready) == 1 and failed:
            return self._notify_failed(failed)
        if failed and not moves:
            return self._notify_failed(failed)
        if not moves:
            return self._notify(
                "warning",
                self.env._("Nothing was invoiced"),
                self.env._(
                    "Somebody else is at these months, or has just changed them: look at them again."
                ),
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("id", "in", moves.ids)]
        if len(moves) == 1:
            action["views"] = [(self.env.ref("account.view_move_form").id, "form")]
            action["res_id"] = moves.id
        if failed:
            return self._notify_failed(failed, next_action=action)
        return action

    def _notify_failed(self, failed, next_action=None):
        title = self.env._("%s month(s) could not be invoiced", len(failed))
        return self._notify("danger", title, failed[:1].error_message, next_action)

    def _notify(self, kind, title, message, next_action=None):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "sticky": True,
                "title": title,
                "message": message,
                "next": next_action or {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === HELPERS === #
    def _invoice(self):
        """Invoice the ready ones among these months of one company.

        All at once in one savepoint; when that fails one by one, so that a bad patient never
        stops the rest: the error stays on that month, with one open activity.

        :return: ``(moves, failed months)``
        """
        locked = self.sudo().try_lock_for_update()
        locked.invalidate_recordset()
        # The record may have changed since the months were decided.
        decided = locked._decide()
        ready = locked.filtered(lambda m: m.state == "ready")
        if not ready:
            return self.env["account.move"], self.browse()
        failed = self.browse()
        for month, words in ready._find_problems().items():
            month._register_error(UserError(words))
            failed |= month.with_env(self.env)
        ready -= failed
        moves = self.env["account.move"]
        if not ready:
            return moves, failed
        try:
            with self.env.cr.savepoint():
                return ready._make_moves(decided).with_env(self.env), failed
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.info("A batch of CCM months is invoiced one by one, since one of them failed")
        for month in ready:
            try:
                with self.env.cr.savepoint():
                    moves |= month._make_moves(decided).with_env(self.env)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise  # two transactions met: no month is to blame, the whole one is run again
            except Exception as error:
                month._register_error(error)
                failed |= month.with_env(self.env)
        return moves, failed

    def _make_moves(self, decided):
        """Create the invoices of these months, post them if the practice says so, link them.

        :param decided: what ``_decide`` returned, for the record of each decision
        """
        company = self.company_id.ensure_one()
        months_ = self.with_company(company)
        moves = months_._create_moves()
        linked = months_.with_context(tracking_disable=True)
        linked.write({"state": "invoiced"})
        for month, move in zip(linked, moves, strict=True):
            month.move_id = move
        self.env["ccm.decision"]._keep(moves, decided)
        self._clear_error()
        if company.ccm_invoice_state == "posted":
            # Odoo wants to know of each payer who it is: all are fetched at once.
            (moves.partner_id | moves.commercial_partner_id).fetch(["user_ids"])
            moves.with_context(ccm_number_together=True)._post(soft=False)
        months_._message_log_batch(
            {m.id: self.env._("Invoiced: %s", m.move_id.display_name) for m in months_}
        )
        # Constraints and their messages belong to this month's savepoint.
        self.env.flush_all()
        return moves

    def _find_journal(self):
        """Return the sales journal of these months of one company.

        :raises UserError: it has none
        """
        company = self.company_id.ensure_one()
        journal_model = self.env["account.journal"]
        journal = company.ccm_journal_id or journal_model.search(
            [*journal_model._check_company_domain(company), ("type", "=", "sale")], limit=1
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no sales journal: install a chart of accounts, then bill again.",
                    company.name,
                )
            )
        return journal

    def _prepare_move_values(self, journal):
        self.ensure_one()
        company = self.company_id
        last = months.last_day(self.month)
        return {
            "move_type": "out_invoice",
            "company_id": company.id,
            "journal_id": journal.id,
            "partner_id": self.payer_id.id,
            "currency_id": company.currency_id.id,
            "invoice_date": min(last, company._ccm_today())
            if company.ccm_invoice_date == "month_end"
            else company._ccm_today(),
            "invoice_origin": self.env._("CCM %s", self.month.strftime("%Y-%m")),
            "ccm_month_id": self.id,
            "ccm_patient_id": self.partner_id.id,
            "ccm_practitioner_id": self.practitioner_id.id,
            "ccm_service_date": self.service_date,
            "ccm_place_of_service": company.ccm_place_of_service,
            "ccm_diagnosis_ids": [fields.Command.set(self.diagnosis_ids.ids)],
            "invoice_line_ids": [
                fields.Command.create(line._prepare_move_line_values()) for line in self.line_ids
            ],
        }

    def _register_error(self, error):
        """Keep on the month what went wrong, with one open activity for the biller."""
        self.ensure_one()
        if isinstance(error, UserError):
            message = str(error)
        else:
            _logger.exception("CCM month %s failed", self.id, exc_info=error)
            message = self.env._(
                "An unexpected error stopped this month (%s). The server log has the details.",
                type(error).__name__,
            )
        self.write({"error_message": message, "error_on": self._local_today()})
        if not self.activity_search([ERROR_ACTIVITY]):
            responsible = self.company_id.ccm_biller_id or self._default_biller()
            # No e-mail: it would carry the patient's name.
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                ERROR_ACTIVITY, user_id=responsible.id
            )

    def _clear_error(self):
        """Take back what ``_register_error`` said."""
        flagged = self.filtered("error_on")
        flagged.write({"error_message": False, "error_on": False})
        flagged.activity_unlink([ERROR_ACTIVITY])

    def _default_biller(self):
        group = self.env.ref("ccm_module.group_ccm_biller")
        users = group.all_user_ids.filtered(
            lambda u: u.active and self.company_id in u.company_ids and u._is_internal()
        )
        people = users.filtered(lambda u: u != self.env.ref("base.user_root"))
        return people[:1] or self.env.user

    def _release(self, why):
        """Free invoiced months to be billed again; the invoice stays in their history."""
        for month in self.sudo().filtered(lambda m: m.state == "invoiced"):
            month.message_post(
                body=self.env._(
                    "%(move)s %(why)s; the month may be billed again.",
                    move=month.move_id.display_name,
                    why=why,
                )
            )
            month.write({"state": "open", "move_id": False, **month._no_difference()})
            month._take_in_late()
            month._decide()

    def _claim(self, move):
        """Take an invoice that came back to life as the month's invoice again.

        :raises UserError: the month is billed by another invoice by now
        """
        self.ensure_one()
        month = self.sudo()
        if month.move_id and month.move_id != move:
            raise unlogged(
                UserError(
                    self.env._(
                        "%(month)s is billed by %(other)s now: cancel or reverse that one first.",
                        month=month.display_name,
                        other=month.move_id.display_name,
                    )
                )
            )
        if month.state != "invoiced":
            month._recall_bill(move)
            month.write({"state": "invoiced", "move_id": move.id})
            month._compare()
