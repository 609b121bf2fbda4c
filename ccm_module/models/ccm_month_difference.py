"""A billed month against today's record: what would now be billed, against what was."""

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import float_repr, format_amount

from ..billing import months
from ..billing.decision import decide
from .ccm_month import MONEY
from .ccm_wording import as_json, say

_logger = logging.getLogger(__name__)


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    has_difference = fields.Boolean(
        "Differs from Its Bill",
        readonly=True,
        copy=False,
        tracking=True,
        help="By today's record something else would be billed than was, and nobody has settled it.",
    )
    difference_amount = fields.Monetary(
        "Difference",
        readonly=True,
        copy=False,
        groups=MONEY,
        help="What would now be billed, less what was.",
    )
    # {"was": [[code, units, amount]], "now": [...], "minutes": [was, now],
    #  "blockers": [[code, params]], "undecided": bool}; amounts as text
    difference = fields.Json("Proposed Bill", readonly=True, copy=False, groups=MONEY)
    difference_table = fields.Html(
        compute="_compute_difference_table", sanitize=False, groups=MONEY
    )
    difference_minutes = fields.Char(
        "Minutes Since", compute="_compute_difference_minutes", compute_sudo=True
    )
    # What was proposed when somebody kept the bill: the same is not proposed again.
    difference_kept = fields.Json(readonly=True, copy=False, groups=MONEY)
    difference_kept_reason = fields.Char("Why the Bill Was Kept", readonly=True, copy=False)

    # === SQL OBJECTS === #
    _difference_index = models.Index("(company_id, month) WHERE has_difference")

    # === COMPUTE === #
    @api.depends("difference")
    def _compute_difference_table(self):
        for record in self:
            record.difference_table = bool(record.difference) and record.env["ir.qweb"]._render(
                "ccm_module.ccm_month_difference_table", record._explain_difference()
            )

    @api.depends("difference")
    def _compute_difference_minutes(self):
        for record in self:
            was, now = (record.difference or {}).get("minutes", (0, 0))
            record.difference_minutes = was != now and self.env._(
                "%(now)s minutes count by now; the bill rests on %(was)s.", now=now, was=was
            )

    # === HELPERS === #
    @api.model
    def _refresh_billed(self, partners):
        """Compare what was billed to ``partners`` with their record; their facts have changed.

        As long as a claim may still be sent or mended: a year and the month past.
        """
        since = months.year_before(months.previous_month(self.env.company._ccm_today()))
        billed = self.search(
            [
                ("partner_id", "in", partners.ids),
                ("state", "=", "invoiced"),
                ("month", ">=", since),
            ]
        )
        billed._touch()
        billed._compare()

    def _compare(self):
        """Store how the bills of these months differ from what would now be billed."""
        billed = self.filtered(lambda m: m.state == "invoiced")
        if not billed:
            return
        rules = self.env["ccm.service.code"]._catalogue()._as_rules()
        collected = billed._collect_facts()
        for month in billed:
            try:
                result = decide(collected[month.id], rules, month.company_id.ccm_code_choice)
                proposal = month._proposal(result)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                # Never a reason to refuse somebody's time: the biller is shown that it is unknown.
                _logger.exception("CCM month %s could not be compared with its bill", month.id)
                proposal = month._proposal(None)
            values = month._difference_values(proposal)
            changed = {
                name: value
                for name, value in values.items()
                if (month[name] or False) != (value or False)
            }
            if changed:
                month.write(changed)

    def _proposal(self, result):
        """Return what the record would now bill beside what was billed, fit for a Json field.

        :param Decision result: None where it could not be decided
        """
        self.ensure_one()
        is_ready = bool(result) and result.state == "ready"
        return {
            "was": [self._proposed_line(line) for line in self.line_ids],
            "now": [self._proposed_line(line) for line in result.lines] if is_ready else [],
            "minutes": [self.total_minutes, result.combined_seconds // 60 if result else 0],
            "blockers": [
                [reason.code, as_json(reason.params)]
                for reason in (result.blockers if result and not is_ready else ())
            ],
            "undecided": not result,
        }

    def _proposed_line(self, line):
        return [line.code, line.units, self._amount_text(line.amount)]

    def _amount_text(self, amount):
        currency = self.company_id.currency_id
        return float_repr(currency.round(float(amount or 0)), currency.decimal_places)

    def _difference_values(self, proposal):
        was, now = proposal["was"], proposal["now"]
        if was == now:
            same_minutes = proposal["minutes"][0] == proposal["minutes"][1]
            return {**self._no_difference(), "difference": not same_minutes and proposal}
        is_settled = (self.difference_kept or {}).get("now") == now
        total = sum(float(amount) for *_line, amount in now) - self.amount_total
        return {
            "has_difference": not is_settled,
            "difference_amount": 0 if is_settled else self.company_id.currency_id.round(total),
            "difference": proposal,
        }

    @staticmethod
    def _no_difference():
        return {
            "has_difference": False,
            "difference_amount": 0,
            "difference": False,
            "difference_kept": False,
            "difference_kept_reason": False,
        }

    def _take_in_late(self):
        """Let the late time of these months be like any other: their bill is undone."""
        late = self.env["ccm.activity"].search(
            [("partner_id", "in", self.partner_id.ids), ("is_late", "=", True)]
        )
        late._mark_late(self._lock_patient_months(late._month_keys()), late._month_keys())

    def _explain_difference(self):
        """Return the difference by code, in the reader's words, for the form."""
        self.ensure_one()
        was, now = (
            {code: (units, float(amount)) for code, units, amount in self.difference[side]}
            for side in ("was", "now")
        )
        rows = [(code, *was.get(code, (0, 0)), *now.get(code, (0, 0))) for code in {**was, **now}]
        rows.append((False, 0, sum(row[2] for row in rows), 0, sum(row[4] for row in rows)))
        return {
            "rows": [
                {
                    "code": code,
                    "was_units": was_units,
                    "was": format_amount(self.env, was_amount, self.currency_id),
                    "now_units": now_units,
                    "now": format_amount(self.env, now_amount, self.currency_id),
                    "difference": format_amount(
                        self.env, now_amount - was_amount, self.currency_id
                    ),
                }
                for code, was_units, was_amount, now_units, now_amount in rows
            ],
            "blockers": [
                say(self.env, code, params) for code, params in self.difference["blockers"]
            ],
            "is_short": not now
            and not self.difference["blockers"]
            and not self.difference["undecided"],
            "undecided": self.difference["undecided"],
        }
