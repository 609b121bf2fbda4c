"""Undoing a bill, and billing anew what differs: in one transaction, never two live bills."""

from odoo import models
from odoo.exceptions import UserError

from ..billing.record import decide_again, facts_from
from .ccm_activity import epoch
from .ccm_unlogged import unlogged


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === ACTIONS === #
    def action_rebill(self):
        """Undo the bill of this month and make the one that its record now asks for.

        :return: an action that shows the new invoice, or tells why there is none
        """
        self._check_biller()
        self.ensure_one()
        month = self._take_billed()
        month._compare()
        if not month.has_difference:
            raise unlogged(
                UserError(
                    self.env._(
                        "%s needs no other bill: its difference is settled, or gone by now. Reload the "
                        "page.",
                        month.display_name,
                    )
                )
            )
        old = month.move_id
        self._undo_bills(self.env._("What the record now bills differs."))
        if month.state != "ready":
            return self._notify(
                "warning",
                self.env._("The old bill is undone; there is no new one yet"),
                month.reason or self.env._("There are too few minutes for a code."),
            )
        moves, failed = self.with_company(month.company_id)._invoice()
        if failed or not moves:
            # Nothing is left half: this takes the credit note back as well.
            raise UserError(month.error_message or self.env._("The new invoice was not made."))
        body = self.env._(
            "%(old)s is replaced by %(new)s.",
            old=old._get_html_link(),
            new=moves._get_html_link(),
        )
        for record in (month, old, moves):
            record._message_log(body=body)
        return self.action_view_move()

    def action_undo_bill(self):
        """Open the dialog that undoes the bills of these months."""
        return self._ask_about_bill("ccm.month.undo", self.env._("Undo the Bill"))

    def action_keep_bill(self):
        """Open the dialog that settles the difference of these months."""
        return self._ask_about_bill("ccm.month.keep", self.env._("Keep the Bill"))

    def action_record_denial(self):
        """Open the dialog that records that another practitioner is paid."""
        self.ensure_one()
        return self._ask_about_bill(
            "ccm.month.denial", self.env._("Another Practitioner Is Paid"), month_id=self.id
        )

    # === HELPERS === #
    def _ask_about_bill(self, dialog, title, **defaults):
        self._check_biller()
        self._refuse_unbilled()
        defaults = defaults or {"month_ids": self.ids}
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": dialog,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {f"default_{name}": value for name, value in defaults.items()},
        }

    def _refuse_unbilled(self):
        """Refuse where there is no bill (any more).

        :raises UserError: one of these months is not invoiced
        """
        unbilled = self.filtered(lambda m: m.state != "invoiced")
        if unbilled or not self:
            names = ", ".join(unbilled[:5].mapped("display_name"))
            raise unlogged(
                UserError(self.env._("Choose invoiced months only; these are not: %s", names))
            )

    def _take_billed(self):
        """Lock these billed months and return them as superuser, fresh from the database.

        :raises UserError: one is in other hands, or has no bill by now
        """
        locked = self.sudo().try_lock_for_update()
        if locked != self:
            raise UserError(
                self.env._("Somebody else is at these months just now: try again in a moment.")
            )
        locked.invalidate_recordset()
        locked._refuse_unbilled()
        return locked

    def _undo_bills(self, reason):
        """Undo the whole bill of each of these months; who, what and why go into the history."""
        for month in self._take_billed():
            # as the user: Odoo's rights and lock dates hold for them
            move = month.move_id.sudo(self.env.su)
            credit = move._ccm_undo()
            if month.state == "invoiced":
                raise UserError(
                    self.env._("%s is still the month's bill: undo it by hand.", move.display_name)
                )
            if credit:
                body = self.env._(
                    "%(move)s is undone by %(credit)s: %(reason)s",
                    move=move._get_html_link(),
                    credit=credit._get_html_link(),
                    reason=reason,
                )
            else:
                body = self.env._(
                    "%(move)s is cancelled: %(reason)s", move=move._get_html_link(), reason=reason
                )
            month._message_log(body=body)
            for record in move | credit:
                record._message_log(body=body)

    def _recall_bill(self, move):
        """Say of this month again what its old invoice bills, which has come back to life.

        Its record may have changed meanwhile: time that is not in that bill is late.
        """
        self.ensure_one()
        kept = self.decision_ids.filtered(lambda decision: decision.move_id == move)
        if not kept:
            return
        record = kept._as_record()
        known, result = facts_from(record), decide_again(record)
        by_code = self.env["ccm.service.code"]._catalogue().grouped("code")
        self._replace_rows("line_ids", {self: self._line_values(result, by_code)})
        self._replace_rows("blocker_ids", {self: self._note_values(result)})
        self.write(self._decision_values(result, known))
        billed = {(work.start, work.stop) for work in known.work}
        key = (self.company_id, self.partner_id.id, self.month)
        for entry in self.partner_id.ccm_activity_ids.filtered(lambda a: a.state == "done"):
            if key in entry._month_keys():
                entry.write({"is_late": (epoch(entry.start), epoch(entry.stop)) not in billed})
