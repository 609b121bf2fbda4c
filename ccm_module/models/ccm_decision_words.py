"""A decision record in words: what it says on the invoice, and the whole of it on its form."""

from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.tools import format_amount, format_date, format_datetime

from .ccm_month import MONEY
from .ccm_wording import codes_text, say


class CcmDecision(models.Model):
    _inherit = "ccm.decision"

    # === FIELDS === #
    # In sudo: what came out holds amounts, and the words leave them out for who sees no money.
    words = fields.Text(string="The Bill in Words", compute="_compute_words", compute_sudo=True)
    story = fields.Html(compute="_compute_story", compute_sudo=True, sanitize=False)

    # === COMPUTE === #
    @api.depends("result")
    @api.depends_context("lang")
    def _compute_words(self):
        for record in self:
            record.words = "\n".join(record._sentences())

    @api.depends("facts", "result")
    @api.depends_context("lang", "uid")
    def _compute_story(self):
        for record in self:
            record.story = self.env["ir.qweb"]._render(
                "ccm_module.ccm_decision_story", record._tell(), raise_if_not_found=False
            )

    # === HELPERS === #
    def _sentences(self):
        """Return one sentence for each reason on the bill, as "61 clinical-staff minutes …"."""
        self.ensure_one()
        by_reason = {}
        for line in self.result["lines"]:
            reason = line["reason"]
            about = reason["params"].get("minutes"), reason["params"].get("day")
            by_reason.setdefault((reason["code"], *about), []).append(line)
        return [
            say(
                self.env,
                f"bill_{code}",
                {
                    "minutes": minutes,
                    "day": day,
                    "month": self.month_name,
                    "codes": ", ".join(f"{line['code']} ×{line['units']}" for line in lines),
                },
            )
            for (code, minutes, day), lines in by_reason.items()
        ]

    def _tell(self):
        """Return what the template of the story shows."""
        self.ensure_one()
        result, facts = self.result, self.facts
        return {
            "record": self,
            "has_money": self.env.user._is_superuser() or self.env.user.has_groups(MONEY),
            "facts": facts,
            "day": lambda day: format_date(self.env, day),
            "moment": self._moment,
            "minutes": _minutes,
            "staff_seconds": result["staff_seconds"],
            "practitioner_seconds": result["practitioner_seconds"],
            "combined_seconds": result["combined_seconds"],
            "excluded": [
                {"time": _minutes(seconds), "text": say(self.env, code)}
                for code, seconds in result["excluded"].items()
            ],
            "options": [
                {
                    "code": option["code"],
                    "lines": codes_text((x["code"], x["units"]) for x in option["lines"]),
                    "amount": self._money(option.get("amount")) if option["lines"] else "",
                    "chosen": option["chosen"],
                    "text": self._say(option["reason"]),
                }
                for option in result["options"]
            ],
            "lines": [
                {
                    **line,
                    "price": self._money(line.get("price")),
                    "amount": self._money(line.get("amount")),
                    "text": self._say(line["reason"]),
                }
                for line in result["lines"]
            ],
            "warnings": [self._say(reason) for reason in result["warnings"]],
            "entries": self._entries(),
        }

    def _entries(self):
        """Return the time entries used, with the names of those who did the work."""
        work = self.facts["work"]
        # sudo: a record keeps the ids only; the names are of the practice's own people
        people = {
            entry.id: entry.user_id.name
            for entry in self.env["ccm.activity"].sudo().search([("id", "in", _ids(work))])
        }
        roles = dict(
            self.env["res.users"]._fields["ccm_performer"]._description_selection(self.env)
        )
        return [
            {
                "start": self._moment(part["start"]),
                "time": _minutes(part["stop"] - part["start"]),
                "who": people.get(part.get("id"), ""),
                "role": self.env._("Billing practitioner personally")
                if part["performer"] == "practitioner" and part["personal"]
                else roles.get(part["performer"], part["performer"]),
                "counts": part["counts"],
            }
            for part in sorted(work, key=lambda part: part["start"])
        ]

    def _say(self, reason):
        return say(self.env, reason["code"], reason["params"])

    def _money(self, text):
        """Return an amount that the record keeps as text, in the reader's way of writing it."""
        return "" if text is None else format_amount(self.env, float(text), self.currency_id)

    def _moment(self, second):
        """Return a UTC second as date and time of day where the practice is."""
        moment = datetime.fromtimestamp(second, UTC).replace(tzinfo=None)
        return format_datetime(self.env, moment, tz=self.facts["zone"], dt_format="short")


def _ids(work):
    return [part["id"] for part in work if "id" in part]


def _minutes(seconds):
    return f"{seconds // 60}:{seconds % 60:02d}"
