import hashlib
import json

from odoo import api, fields, models
from odoo.modules import Manifest

from ..billing.record import as_record, as_result, decide_again
from .ccm_month import MONEY
from .ccm_wording import codes_text

# Who reads what a bill was decided from: the whole record of the month. The practitioner, whose
# name is on the bill, sees all of it but the amounts.
READERS = f"{MONEY},ccm_module.group_ccm_practitioner"
# What ``billing.record`` keeps, each in the Json field of that name.
PARTS = ("facts", "rules", "prices", "result")


class CcmDecision(models.Model):
    """What one bill was decided from, and what came out. Made with the bill, and never changed."""

    _name = "ccm.decision"
    _inherit = ["ccm.append.only.mixin", "ccm.month.name.mixin"]
    _description = "Decision Record"
    _order = "month desc, id desc"
    _rec_names_search = ["partner_id"]
    # an invoice that is deleted while it is a draft clears its link
    _append_only_except = ("move_id",)

    # === FIELDS === #
    month_id = fields.Many2one(
        "ccm.month", "CCM Month", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Patient", required=True, readonly=True, index=True, ondelete="restrict"
    )
    month = fields.Date(required=True, readonly=True, index=True, help="Its first day.")
    # An invoice may be deleted while it is a draft; the record of it stays.
    move_id = fields.Many2one(
        "account.move", "Invoice", readonly=True, ondelete="set null", index="btree_not_null"
    )
    made_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    made_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        help="Who billed the month. OdooBot: the nightly close.",
    )
    rule_release = fields.Char(
        "Rules",
        readonly=True,
        help="Version of the rules, the youngest code they knew, and a fingerprint of all codes.",
    )
    fee_release = fields.Char(
        "Fees", readonly=True, help="The fee schedule, and which of its fees."
    )
    choice = fields.Selection(
        selection=lambda self: (
            self.env["res.company"]._fields["ccm_code_choice"]._description_selection(self.env)
        ),
        string="Where Several Codes Fit",
        required=True,
        readonly=True,
        help="The practice's setting at that time.",
    )
    is_present = fields.Boolean(
        "Stands",
        compute="_compute_is_present",
        search="_search_is_present",
        help="Off: the bill was undone since.",
    )
    codes = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True, groups=MONEY)
    facts = fields.Json(required=True, readonly=True)
    rules = fields.Json("Rule Pack", required=True, readonly=True)
    prices = fields.Json(required=True, readonly=True, groups=MONEY)
    result = fields.Json(required=True, readonly=True, groups=MONEY)
    seal_ids = fields.One2many(
        "ccm.seal", "decision_id", "Links of the Seal", readonly=True, groups=MONEY
    )
    seal_words = fields.Char("Seal", compute="_compute_seal_words", compute_sudo=True)

    # === SQL OBJECTS === #
    _move_unique = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL", "This invoice has its decision record already."
    )

    # === COMPUTE === #
    @api.depends("partner_id", "month")
    def _compute_display_name(self):
        for record in self:
            month = record.month.strftime("%Y-%m") if record.month else ""
            record.display_name = f"{record.partner_id.name or ''} · {month}"

    @api.depends("move_id", "month_id.move_id")
    def _compute_is_present(self):
        for record in self:
            record.is_present = record.move_id and record.move_id == record.month_id.move_id

    @api.depends("seal_ids")
    def _compute_seal_words(self):
        for record in self:
            link = record.seal_ids
            record.seal_words = (
                self.env._("Link %(number)s · %(hash)s", number=link.sequence, hash=link.hash)
                if link
                else self.env._("Waiting to be sealed")
            )

    def _search_is_present(self, operator, value):
        if operator != "in":
            return NotImplemented
        billed = self.env["ccm.month"]._search([("move_id", "!=", False)])
        return [("move_id", "in", billed.subselect("move_id"))]

    # === ACTIONS === #
    def action_check(self):
        """Decide these bills again, each from its record alone, and tell whether they are the same."""
        self = self.exists()
        self.check_access("read")
        equal = self._rerun()
        different = self.filtered(lambda record: not equal[record])
        if different:
            message = self.env._(
                "%(count)s of %(total)s come out differently now: %(names)s. Their rules were %(rules)s.",
                count=len(different),
                total=len(self),
                names=", ".join(different[:5].mapped("display_name")),
                rules=", ".join(sorted(set(different.mapped("rule_release")))),
            )
        else:
            message = self.env._("Decided again from the record alone: the same lines and amounts.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if different else "success",
                "sticky": bool(different),
                "message": message,
            },
        }

    # === HELPERS === #
    def _append_only_message(self, operation):
        if operation == "write":
            return self.env._("A decision record is never changed: it is the proof of a bill.")
        return self.env._("A decision record is never deleted: it is the proof of a bill.")

    def _as_record(self):
        """Return the record as ``billing.record`` reads it."""
        self.ensure_one()
        return {"choice": self.choice, **{name: self[name] for name in PARTS}}

    def _rerun(self):
        """Return ``{record: whether deciding again from it alone gives the very same result}``."""
        return {
            record: as_result(decide_again(record._as_record()), record.choice) == record.result
            for record in self.sudo()  # the amounts are compared, and not told
        }

    @api.model
    def _keep(self, moves, decided):
        """Write down, for each of these new bills of one company, what it was decided from.

        :param moves: the invoices, each with its ``ccm_month_id``
        :param decided: what ``ccm.month._decide`` returned
        """
        company = moves.company_id.ensure_one()
        choice = company.ccm_code_choice
        codes = self.env["ccm.service.code"]._catalogue()._as_rules()
        days = {decided[month][1].service_date for month in moves.ccm_month_id}
        rule_releases, fee_releases = {}, self._fee_releases(company, days)
        vals_list = []
        for move in moves:
            month = move.ccm_month_id
            known, result = decided[month]
            kept = as_record(known, codes, choice, result)
            if month.month not in rule_releases:
                rule_releases[month.month] = self._rule_release(kept["rules"])
            vals_list.append(
                {
                    "month_id": month.id,
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "partner_id": month.partner_id.id,
                    "month": month.month,
                    "move_id": move.id,
                    "rule_release": rule_releases[month.month],
                    "fee_release": fee_releases[result.service_date],
                    "codes": codes_text(
                        (line["code"], line["units"]) for line in kept["result"]["lines"]
                    ),
                    "amount": float(result.amount),
                    **{name: kept[name] for name in ("choice", *PARTS)},
                }
            )
        self.env["ccm.seal"]._trigger()
        return self.sudo().create(vals_list)

    def _rule_release(self, rules):
        """Return what names a rule pack: the addon's version, its youngest code, a fingerprint."""
        print_of = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:8]
        youngest = max((code["date_from"] for code in rules if "date_from" in code), default="")
        version = Manifest.for_addon("ccm_module").version
        return " · ".join(part for part in (version, youngest, print_of) if part)

    def _fee_releases(self, company, days):
        """Return ``{day: name}`` of the fee schedules, and which of their fees ``company`` is paid."""
        schedules = self.env["ccm.fee.schedule"].sudo().search([("date_from", "<=", max(days))])
        place = company.ccm_locality_id.display_name or self.env._("national")
        factors = dict(company._fields["ccm_conversion"]._description_selection(self.env))
        names = {}
        for day in days:
            valid = schedules.filtered(
                lambda s, day=day: s.date_from <= day and (not s.date_to or day <= s.date_to)
            )
            paid = (valid.name, place, factors[company.ccm_conversion])
            names[day] = " · ".join(paid) if valid else False
        return names
