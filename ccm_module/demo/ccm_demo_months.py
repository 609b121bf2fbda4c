"""The demo practice's time, told by the same stories, and the bills of its older months."""

import re
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from . import texts
from .agenda import WORKDAYS
from .stories import COMPLEX_NOTE, CREDITED, FAILED, NOT_BILLED, SHARED, STORIES

ENTRY = re.compile(
    r"(?P<who>[a-z+]+) (?P<kind>[a-z]+) (?P<time>[\d:+]+)( @(?P<day>\d+))?"
    r"(?P<by_hand> by hand)?(?P<review> review)?"
)
MEDICARE_PAYS = 0.8  # the rest is the patient's share


class CcmDemo(models.AbstractModel):
    _inherit = "ccm.demo"

    # --- time --------------------------------------------------------------------------------------

    def _log_time(self, agenda):
        values = []
        for index, story in enumerate(STORIES):
            for back, entries in story.time.items():
                for number, entry in enumerate(entries.split("; ")):
                    # spreads entries over the month and picks their texts, the same way each time
                    mix = index * 11 + number * 7 + back
                    values += self._entry_values(story, back, entry, mix, agenda)
        self.env["ccm.activity"].create(values)
        back, workday, who, minutes, names = SHARED
        user, seconds = self._ref("user", who), minutes * 60
        start = agenda.book([who], agenda.workday(back, workday), [seconds])
        # with_user: the shared entries are the current user's own
        self.env["ccm.activity"].with_user(user).sudo().action_log_shared(
            self._ref("patient", *names).ids,
            start,
            start + timedelta(seconds=seconds),
            self._type("coordination").id,
            texts.SHARED_NOTE,
            "One conference about three patients.",
        )

    def _type(self, code):
        return self.env.ref(f"ccm_module.ccm_activity_type_{code}")

    def _entry_values(self, story, back, entry, mix, agenda):
        parts = ENTRY.fullmatch(entry)
        who = parts["who"].split("+")
        day = agenda.workday(back, int(parts["day"] or mix % WORKDAYS + 1))
        seconds = [_seconds(text) for text in parts["time"].split("+")]
        start = agenda.book(who, day, seconds, later=mix * 37 % 330)
        if not start:
            return []
        patient = self._ref("patient", story.patient)
        kind = self._type(parts["kind"])
        note = texts.note(parts["kind"], story.conditions.split(), mix)
        if patient.lang == "es_ES" and kind.is_contact:
            note += texts.SPANISH
        return [
            {
                "partner_id": patient.id,
                "company_id": self.env.company.id,
                "user_id": self._ref("user", person).id,
                "type_id": kind.id,
                "start": start,
                "stop": start + timedelta(seconds=length),
                "outcome": "reached" if parts["kind"] == "call" else False,
                "note": texts.REVIEW_NOTE if parts["review"] else note,
                "source": "manual" if parts["by_hand"] else "timer",
                "reason": parts["by_hand"] and texts.BY_HAND,
                "to_review": bool(parts["review"]),
            }
            for person, length in zip(who, seconds, strict=True)
        ]

    # --- the bills ---------------------------------------------------------------------------------

    def _bill(self, agenda):
        """Close the two older months, pay a part of them, and leave last month to the close."""
        for back in (3, 2, 1, 0):
            months = self._refresh(back, agenda)
            self._note_complexity(months, back, agenda)
            if back > 1:
                moves, _failed = months._invoice()
                moves.filtered(lambda move: move.state == "draft")._post(soft=False)
                self._pay(moves, agenda.workday(back - 1, 15), is_first=back == 3)
        month = self._month(*CREDITED[:2], agenda)
        refund = {
            "ref": CREDITED[2],
            "date": agenda.workday(1, 10),
            "invoice_date": agenda.workday(1, 10),
        }
        month.move_id._reverse_moves([refund], cancel=True)
        month._register_error(UserError(FAILED))
        self._month(*NOT_BILLED[:2], agenda).write(
            {"state": "cancelled", "cancel_reason": NOT_BILLED[2]}
        )

    def _audit(self, agenda):
        """Make the mock audits of the older months; the last one's is the monthly job's."""
        for back in (3, 2):
            audit = self.env["ccm.audit"].create({"month": agenda.month(back)})
            audit._run()
            audit.made_on = agenda.moment(agenda.workday(back - 1, 2), 6, 0)

    def _refresh(self, back, agenda):
        """Decide a month of the enrolled, and of those who have time in it all the same."""
        month, model = agenda.month(back), self.env["ccm.month"]
        strays = [story.patient for story in STORIES if story.time.get(back)]
        patients = model._find_patients(month, self.env.company) | self._ref("patient", *strays)
        return model._refresh(month, patients)

    def _month(self, name, back, agenda):
        patient = self._ref("patient", name)
        return patient.ccm_month_ids.filtered(lambda m: m.month == agenda.month(back))

    def _note_complexity(self, months, back, agenda):
        for story in STORIES:
            if back not in story.complex_months:
                continue
            month = months.filtered(
                lambda m, s=story: m.partner_id == self._ref("patient", s.patient)
            )
            month.write(
                {
                    "complex_mdm": True,
                    "complex_mdm_note": COMPLEX_NOTE,
                    "complex_mdm_by_id": self._ref("user", story.practitioner).id,
                    "complex_mdm_on": agenda.moment(agenda.workday(back, 18), 16, 30),
                }
            )
            month._decide()

    def _pay(self, moves, day, is_first):
        """Medicare pays its part of the first month's bills, the plan all of them, in one sum."""
        medicare, heron = self._ref("payer", "medicare", "heron")
        if is_first:
            self._pay_part(moves.filtered(lambda move: move.partner_id == medicare), day)
        else:
            moves = moves.filtered(lambda move: move.partner_id == heron)
        for payer, group in moves.grouped("partner_id").items():
            if payer != medicare:
                wizard = self.env["account.payment.register"].with_context(
                    active_model="account.move", active_ids=group.ids
                )
                wizard.create({"payment_date": day, "group_payment": True})._create_payments()

    def _pay_part(self, moves, day):
        payments = self.env["account.payment"].create(
            [
                {
                    "partner_id": move.partner_id.id,
                    "amount": move.currency_id.round(move.amount_total * MEDICARE_PAYS),
                    "date": day,
                    "memo": move.name,
                }
                for move in moves
            ]
        )
        payments.action_post()
        for payment, move in zip(payments, moves, strict=True):
            lines = payment.move_id.line_ids | move.line_ids
            lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
            move.matched_payment_ids += payment


def _seconds(text):
    """Return the seconds of ``14`` or ``14:20`` minutes."""
    minutes, _colon, seconds = text.partition(":")
    return int(minutes) * 60 + int(seconds or 0)
