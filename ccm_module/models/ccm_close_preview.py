"""The month before and after it is billed: its totals, what is missing, and the lists behind them."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .ccm_argument import is_text, takes
from .ccm_close import STATES
from .ccm_month import FIXED_STATES, MONEY

BILLABLE = ("ready", "invoiced")
SHOWN = 10  # payers, practitioners: the largest, then the rest in one line
REACH = (5, 10, 20)  # minutes to the next code


class CcmClose(models.Model):
    _inherit = "ccm.close"

    # === FIELDS === #
    totals = fields.Json("Preview", compute="_compute_totals", groups=MONEY)

    # === COMPUTE === #
    @api.depends("month", "company_id")
    @api.depends_context("lang", "uid")
    def _compute_totals(self):
        for close in self:
            sections = [
                close._by_state(),
                close._by_topic(),
                *([] if close.is_over else [close._by_reach()]),
                close._by_code(),
                close._by_partner("payer", self.env._("By Payer"), "payer_id"),
                close._by_partner("practitioner", self.env._("By Practitioner"), "practitioner_id"),
            ]
            close.totals = [section for section in sections if section["rows"]]

    # === ACTIONS === #
    @takes(key=is_text)
    def action_view(self, key="open", value=False):
        """Open what a line of the preview stands for.

        :param key: of a section of ``totals``, or ``failed``
        :param value: of a row of it
        """
        self._check_reader()
        self.ensure_one()
        if key == "topic":
            return self._view_blockers(value)
        domains = {
            "state": [("state", "=", value)],
            "open": [("state", "not in", FIXED_STATES)],
            "failed": [("error_on", "!=", False)],
            "code": [("line_ids.code", "=", value), ("state", "in", BILLABLE)],
            "payer": [("payer_id", "=", value), ("state", "in", BILLABLE)],
            "practitioner": [("practitioner_id", "=", value), ("state", "in", BILLABLE)],
            "reach": self._reach_domain(value) if key == "reach" else [],
        }
        if key not in domains:
            raise UserError(self.env._("There is no list called %s.", key))
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_close_action_months")
        return {
            **action,
            "display_name": self.month_name,
            "domain": [*self._months_domain(), *domains[key]],
            "context": {},
        }

    # === HELPERS === #
    def _view_blockers(self, topic=False):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ccm_module.ccm_close_action_blockers"
        )
        domain = [*self._blockers_domain()]
        if topic:
            domain.append(("topic", "=", topic))
        return {**action, "domain": domain}

    def _months_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.month)]

    def _blockers_domain(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("month_id.month", "=", self.month),
            ("month_id.state", "in", ("open", "blocked")),
            ("severity", "=", "blocker"),
        ]

    @staticmethod
    def _reach_domain(minutes):
        return [
            ("state", "=", "open"),
            ("next_code", "!=", False),
            ("next_seconds", "<=", int(minutes) * 60),
        ]

    def _by_state(self):
        labels = dict(self.env["ccm.month"]._fields["state"]._description_selection(self.env))
        return {
            "key": "state",
            "title": self.env._("By State"),
            "columns": [self.env._("Patients"), self.env._("Amount")],
            "rows": [
                {
                    "value": state,
                    "label": labels[state],
                    "cells": [
                        self[f"{state}_count"],
                        self._money(self[f"{state}_amount"])
                        if f"{state}_amount" in self._fields
                        else "",
                    ],
                }
                for state in STATES
                if self[f"{state}_count"]
            ],
        }

    def _by_code(self):
        rows = self.env["ccm.month.line"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("month_id.month", "=", self.month),
                ("month_id.state", "in", BILLABLE),
            ],
            ["code", "month_id.state"],
            ["units:sum", "amount:sum"],
        )
        sums = {(code, state): found for code, state, *found in rows}
        return {
            "key": "code",
            "title": self.env._("By Code"),
            "columns": self._columns(self.env._("units")),
            "rows": [
                {"value": code, "label": code, "cells": self._cells(sums, code)}
                for code in sorted({code for code, _state in sums})
            ],
        }

    def _by_partner(self, key, title, name):
        """Total by payer or practitioner: the largest ones by name, the others together."""
        month_model = self.env["ccm.month"]
        domain = [*self._months_domain(), ("state", "in", BILLABLE)]
        largest = month_model._read_group(
            domain, [name], ["amount_total:sum"], order="amount_total:sum desc", limit=SHOWN
        )
        partners = self.env["res.partner"].union(*(partner for partner, _amount in largest))
        aggregates = ["__count", "amount_total:sum"]
        rows = month_model._read_group(
            [*domain, (name, "in", partners.ids)], [name, "state"], aggregates
        )
        others = month_model._read_group(
            [*domain, (name, "not in", partners.ids)], ["state"], aggregates
        )
        sums = {(partner.id, state): found for partner, state, *found in rows}
        sums |= {(False, state): found for state, *found in others}
        shown = [
            {
                "value": partner.id,
                "label": partner.display_name,
                "cells": self._cells(sums, partner.id),
            }
            for partner in partners
        ]
        if others:
            cells = self._cells(sums, False)
            shown.append({"value": False, "label": self.env._("All others"), "cells": cells})
        return {
            "key": key,
            "title": title,
            "columns": self._columns(self.env._("patients")),
            "rows": shown,
        }

    def _by_topic(self):
        blockers = self.env["ccm.month.blocker"]
        rows = blockers._read_group(
            self._blockers_domain(), ["topic"], ["month_id:array_agg_distinct"]
        )
        labels = dict(blockers._fields["topic"]._description_selection(self.env))
        month_model = self.env["ccm.month"]
        held = month_model.browse({month_id for _topic, ids in rows for month_id in ids})
        held.fetch(["amount_total"])
        return {
            "key": "topic",
            "title": self.env._("To Mend"),
            "columns": [self.env._("Patients"), self.env._("Held back")],
            "rows": [
                {
                    "value": topic,
                    "label": labels.get(topic, topic),
                    "cells": [
                        len(ids),
                        self._money(sum(month_model.browse(ids).mapped("amount_total"))),
                    ],
                }
                for topic, ids in sorted(rows, key=lambda row: -len(row[1]))
            ],
        }

    def _by_reach(self):
        """What a few more minutes bring before the month ends."""
        rows = []
        for minutes in REACH:
            [(count, amount)] = self.env["ccm.month"]._read_group(
                Domain(self._months_domain()) & Domain(self._reach_domain(minutes)),
                [],
                ["__count", "next_amount:sum"],
            )
            rows.append(
                {
                    "value": minutes,
                    "label": self.env._("At most %s minutes to the next code", minutes),
                    "cells": [count, self._money(amount)],
                }
            )
        return {
            "key": "reach",
            "title": self.env._("Within Reach Before the Month Ends"),
            "columns": [self.env._("Patients"), self.env._("Would add")],
            "rows": rows,
        }

    def _columns(self, what):
        return [
            self.env._("Ready, %s", what),
            self.env._("Amount ready"),
            self.env._("Billed, %s", what),
            self.env._("Amount billed"),
        ]

    def _cells(self, sums, key):
        cells = []
        for state in BILLABLE:
            count, amount = sums.get((key, state), (0, 0))
            cells += [count, self._money(amount)]
        return cells

    def _money(self, amount):
        return {"amount": self.currency_id.round(amount or 0)}
